"""Holds the weights of examples/cnn_bn.net against a module of PyTorch with layers of the same names.

    load_cnn_bn.py WEIGHTS PICTURES PREDICTIONS

The names and shapes are checked in any case. Where PyTorch is installed the module loads them, and in evaluation it must find the
probabilities that `predict` wrote as PREDICTIONS for the IDX file PICTURES."""
import json
import struct
import sys

import tensor_file

STATISTICS = {"weight", "bias", "running_mean", "running_var"}
SHAPES = {"stage1.conv1.weight": [16, 1, 3, 3], "stage2.conv1.weight": [32, 16, 3, 3], "hidden.weight": [64, 1568],
          "out.weight": [10, 64], "out.bias": [10]}
for layer, channels in (("stage1.batchnorm1", 16), ("stage2.batchnorm1", 32), ("bn", 64)):
    SHAPES.update({f"{layer}.{name}": [channels] for name in STATISTICS})


def read_weights(path):
    tensors = tensor_file.read_with_shapes(path)
    shapes = {name: shape for name, (shape, _) in tensors.items()}
    if shapes != SHAPES:
        sys.exit(f"{path} holds {shapes}, not {SHAPES}")
    return {name: numbers for name, (_, numbers) in tensors.items()}


def module(torch, weights):
    def stage(channels, filters):
        return torch.nn.ModuleDict({"conv1": torch.nn.Conv2d(channels, filters, 3, padding=1, bias=False),
                                    "batchnorm1": torch.nn.BatchNorm2d(filters)})

    net = torch.nn.ModuleDict({"stage1": stage(1, 16), "stage2": stage(16, 32), "hidden": torch.nn.Linear(1568, 64, bias=False),
                               "bn": torch.nn.BatchNorm1d(64), "out": torch.nn.Linear(64, 10)})
    tensors = {name: torch.tensor(numbers).reshape(SHAPES[name]) for name, numbers in weights.items()}
    missing, unexpected = net.load_state_dict(tensors, strict=False)
    if unexpected or any(not name.endswith("num_batches_tracked") for name in missing):
        sys.exit(f"the module lacks {unexpected}, the file lacks {missing}")
    return net.eval()


def probabilities(torch, net, pictures):
    with open(pictures, "rb") as file:
        data = file.read()
    count = struct.unpack(">I", data[4:8])[0]
    x = torch.tensor(list(data[20:]), dtype=torch.float32).reshape(count, 1, 28, 28) / 255
    for name in ("stage1", "stage2"):
        x = torch.relu(net[name]["batchnorm1"](net[name]["conv1"](x)))
        x = torch.nn.functional.max_pool2d(x, 2)
    return net["out"](torch.relu(net["bn"](net["hidden"](x.flatten(1))))).softmax(1)


def main():
    weights = read_weights(sys.argv[1])
    print(f"{len(weights)} tensors with PyTorch's names and shapes")
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed: what the weights compute is not compared")
        return
    with open(sys.argv[3], encoding="utf-8") as file:
        ours = torch.tensor([json.loads(line)["probabilities"] for line in file])
    with torch.no_grad():
        theirs = probabilities(torch, module(torch, weights), sys.argv[2])
    error = (ours - theirs).abs().max().item()
    print(f"{len(ours)} pictures, largest difference of a probability {error:.2g}")
    if ours.shape != theirs.shape or not error <= 1e-5:
        sys.exit("PyTorch finds other probabilities")


main()
