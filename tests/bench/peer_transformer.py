#!/usr/bin/env python3
"""The net of examples/transformer.net in PyTorch, as a peer of compare.py.

  tests/bench/compare.py --models transformer --peer tests/bench/peer_transformer.py --configs plain,fused
  tests/bench/peer_transformer.py --check WEIGHTS.safetensors IMAGES.gz LABELS.gz    accuracy and loss with a trainer's weights

Configurations: "plain" multiplies matrices as the net is written; "fused" calls scaled_dot_product_attention.
"""
import argparse
import gzip
import json
import os
import resource
import statistics
import struct
import sys
import time

PARSER = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
PARSER.add_argument("--threads", type=int, default=1)
PARSER.add_argument("--models", default="transformer")
PARSER.add_argument("--configs", default="plain")
PARSER.add_argument("--modes", default="train")
PARSER.add_argument("--reps", type=int, default=5)
PARSER.add_argument("--rep-time", type=float, default=0.5)
PARSER.add_argument("--json", default="")
PARSER.add_argument("--check", nargs=3, metavar=("WEIGHTS", "IMAGES", "LABELS"))
ARGS = PARSER.parse_args()
os.environ["OMP_NUM_THREADS"] = str(ARGS.threads)

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(ARGS.threads)
ROWS, WIDTH, HEADS, BATCH, CLASSES = 28, 32, 4, 64, 10


class Attention(nn.Module):
    def __init__(self, fused):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.fused = fused

    def forward(self, x):
        q, k, v = (f(x).view(-1, ROWS, HEADS, WIDTH // HEADS).transpose(1, 2) for f in (self.query, self.key, self.value))
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            y = torch.softmax(q @ k.transpose(-2, -1) * (WIDTH // HEADS) ** -0.5, -1) @ v
        return self.out(y.transpose(1, 2).reshape(-1, ROWS, WIDTH))


class Encoder(nn.Module):
    def __init__(self, fused):
        super().__init__()
        self.norm1, self.attention, self.norm2 = nn.LayerNorm(WIDTH), Attention(fused), nn.LayerNorm(WIDTH)
        self.wide, self.narrow = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.narrow(F.gelu(self.wide(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, fused):
        super().__init__()
        self.embed, self.positions = nn.Linear(ROWS, WIDTH), nn.LayerNorm((ROWS, WIDTH))
        self.repeat1 = nn.ModuleList(nn.ModuleDict({"encoder1": Encoder(fused)}) for _ in range(2))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        x = self.positions(self.embed(x))
        for layer in self.repeat1:
            x = layer["encoder1"](x)
        return self.head(self.norm(x).mean(1))


def read_weights(path):
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header, data = json.loads(file.read(length)), file.read()
    weights = {}
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["dtype"] == "F32":
            begin, end = tensor["data_offsets"]
            weights[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32).reshape(tensor["shape"])
    return weights


def check(weights_path, images_path, labels_path):
    """Loss and accuracy over a data set: those that the trainer printed."""
    net, weights = Transformer(False), read_weights(weights_path)
    state = {name: weights[name].reshape(p.shape) for name, p in net.state_dict().items()}
    net.load_state_dict(state)
    images = torch.frombuffer(bytearray(gzip.open(images_path).read()[16:]), dtype=torch.uint8).reshape(-1, ROWS, ROWS)
    labels = torch.frombuffer(bytearray(gzip.open(labels_path).read()[8:]), dtype=torch.uint8).long()
    with torch.no_grad():
        logits = net((images / 255 - 0.1307) / 0.3081)
        right = (logits.argmax(1) == labels).float().mean().item()
        print(f"loss {F.cross_entropy(logits, labels).item():.7f} accuracy {right:.4f}")


def measure(config):
    torch.manual_seed(1)
    net = Transformer(config == "fused")
    optimizer = torch.optim.Adam(net.parameters(), 1e-3, foreach=True)
    images, labels = torch.rand(BATCH, ROWS, ROWS), torch.randint(CLASSES, (BATCH,))

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()

    for _ in range(5):
        step()
    begin = time.perf_counter()
    for _ in range(10):
        step()
    count = max(1, round(ARGS.rep_time * 10 / (time.perf_counter() - begin)))
    seconds, used, began = [], resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    for _ in range(ARGS.reps):
        begin = time.perf_counter()
        for _ in range(count):
            step()
        seconds.append((time.perf_counter() - begin) / count)
    after, passed = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - began
    busy = (after.ru_utime - used.ru_utime + after.ru_stime - used.ru_stime) / passed
    return {"model": "transformer", "mode": "train", "threads": ARGS.threads, "config": config, "batch": BATCH,
            "ms": statistics.median(seconds) * 1e3, "ms_min": min(seconds) * 1e3, "cpu": busy}


def main():
    if ARGS.check:
        return check(*ARGS.check)
    if ARGS.models != "transformer" or ARGS.modes != "train":
        sys.exit("peer_transformer.py: it knows --models transformer and --modes train")
    for config in ARGS.configs.split(","):
        record = measure(config)
        print(json.dumps(record))
        if ARGS.json:
            with open(ARGS.json, "a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
    return None


if __name__ == "__main__":
    main()
