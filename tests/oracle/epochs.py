"""What the trainer of epochs.net does, by PyTorch: epochs over shuffled pictures, whose last batch is not full, and what is measured."""
import os
import struct
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

import generator

SEED, BATCH, EPOCHS, CLASSES = 7, 16, 3, 3
WEIGHTS, IGNORED = [1, 2.5, 0.5], 0
PARTS = {"train": 37, "val": 21}    # tests/training/test_epochs.sh makes the same

NET = f"""# epochs: made by make_references.py
net epochs {{
    input image: 2x6x6;
    output logits = image -> c: conv(6, 3x3, padding = 1, bias = false) -> n: batchnorm -> relu -> maxpool(2x2)
        -> flatten -> out: dense({CLASSES});
}}
data {{
    train   = idx("train-images", "train-labels");
    val     = idx("val-images", "val-labels");
    prepare = scale(1/255) -> normalize(mean = 0.4, std = 0.3);
}}
regularize {{ l2(0.01); clip(norm = 0.5); }}
train {{
    loss      = cross_entropy(logits, label, smoothing = 0.1, class_weights = {WEIGHTS}, ignore = {IGNORED});
    metrics   = [accuracy, top(2)];
    optimizer = adam(lr = 0.01, weight_decay = 0.02);
    batch     = {BATCH};
    epochs    = {EPOCHS};
    seed      = {SEED};
}}
"""


def read_idx(path):
    with open(path, "rb") as file:
        data = file.read()
    shape = struct.unpack(f">{data[3]}I", data[4:4 + 4 * data[3]])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def pictures(count):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support", "pictures.py")
    with tempfile.TemporaryDirectory() as folder:
        files = [os.path.join(folder, name) for name in ("images", "labels")]
        subprocess.run([sys.executable, script, "2x6x6", str(count), *files, str(CLASSES)], check=True)
        images, labels = map(read_idx, files)
    return torch.tensor((images / 255 - 0.4) / 0.3), torch.tensor(labels.astype(np.int64))


def initial(w):
    """The parameters, with statistics as the trainer begins."""
    w("c.weight", 6, 2, 3, 3)
    w("n.weight", 6)
    w("n.bias", 6)
    w["n.running_mean"], w["n.running_var"] = torch.zeros(6), torch.ones(6)
    w("out.weight", CLASSES, 54)
    w("out.bias", CLASSES)
    return {name: p.detach().numpy().copy() for name, p in w.items()}


def forward(w, x, training):
    x = F.conv2d(x, w["c.weight"], padding=1)
    x = F.batch_norm(x, w["n.running_mean"], w["n.running_var"], w["n.weight"], w["n.bias"], training=training)
    return F.linear(F.max_pool2d(F.relu(x), 2).flatten(1), w["out.weight"], w["out.bias"])


class Measured:
    """Sums over what counts of a part."""

    def __init__(self):
        self.weight, self.counted, self.sums = 0, 0, {"loss": 0, "accuracy": 0, "top2": 0}

    def add(self, y, label, loss):
        counts = label != IGNORED
        best = (y.topk(2, 1).indices == label[:, None])[counts]
        weight = float(torch.tensor(WEIGHTS)[label[counts]].sum())
        self.weight += weight
        self.counted += int(counts.sum())
        for name, total in (("loss", loss * weight), ("accuracy", best[:, 0].sum()), ("top2", best.sum())):
            self.sums[name] += float(total)

    def means(self):
        return {name: total / (self.weight if name == "loss" else self.counted) for name, total in self.sums.items()}


def loss_of(y, label):
    return F.cross_entropy(y, label, torch.tensor(WEIGHTS), ignore_index=IGNORED, label_smoothing=0.1)


def penalty(w):
    return 0.01 * sum((w[name] ** 2).sum() for name in ("c.weight", "out.weight"))


def train_epoch(w, optimizer, images, labels, epoch):
    measured, order = Measured(), generator.permutation(SEED, epoch, len(labels))
    for first in range(0, len(order), BATCH):
        at = order[first:first + BATCH]
        y = forward(w, images[at], True)
        loss = loss_of(y, labels[at])
        measured.add(y.detach(), labels[at], loss.item())
        optimizer.zero_grad()
        (loss + penalty(w)).backward()
        torch.nn.utils.clip_grad_norm_(w.trained().values(), 0.5)
        optimizer.step()
    return measured.means()


def run(w):
    """The lines of metrics.jsonl: what each epoch measures. `w` is trained."""
    train, val = pictures(PARTS["train"]), pictures(PARTS["val"])
    optimizer, lines = torch.optim.Adam(w.trained().values(), lr=0.01, weight_decay=0.02), []
    for epoch in range(EPOCHS):
        line = {"train": train_epoch(w, optimizer, *train, epoch)}
        line["train"]["penalty"] = penalty(w).item()
        with torch.no_grad():
            measured, y = Measured(), forward(w, val[0], False)
            measured.add(y, val[1], loss_of(y, val[1]))
        line["val"] = measured.means()
        lines.append(line)
    return lines
