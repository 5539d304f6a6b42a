"""The settings under which each operator is held against PyTorch: at least twelve of each."""
from dataclasses import dataclass
from typing import Callable, Optional

import torch
import torch.nn.functional as F

import generator


@dataclass
class Case:
    """`text` makes y from {x}, with a layer labelled {op}; `compute(weight, x)` is the same in PyTorch, where
    weight(suffix, *shape) is a parameter of the layer; `loss(i, y, samples)` gives a term of the loss in both languages."""
    shape: tuple
    text: str
    compute: Callable
    loss: Optional[Callable] = None


def sizes(values):
    return "x".join(map(str, values))


def pad(x, pairs, value=0.0):
    flat = [n for pair in reversed(pairs) for n in pair]
    return F.pad(x, flat, value=value)


def same_pairs(space, kernel, stride, dilation):
    pairs = []
    for n, k, s, d in zip(space, kernel, stride, dilation):
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        pairs.append((total // 2, total - total // 2))
    return pairs


# ---- Windows ---------------------------------------------------------------------------------------------


def arguments(rank, kernel, stride, padding, dilation, rest):
    """The text of a window's arguments, and its padding as pairs (None: same)."""
    parts = [sizes(kernel)]
    if stride:
        parts.append("stride = " + sizes(stride))
    if dilation:
        parts.append("dilation = " + sizes(dilation))
    pairs = [(0, 0)] * rank
    if padding == "same":
        parts.append("padding = same")
        pairs = None
    elif isinstance(padding, int):
        parts.append(f"padding = {padding}")
        pairs = [(padding, padding)] * rank
    elif padding:
        parts.append("padding = [" + ", ".join(f"[{b}, {e}]" for b, e in padding) + "]")
        pairs = padding
    return ", ".join(parts + rest), pairs


def conv(shape, filters, kernel, stride=None, padding=0, dilation=None, groups=1, bias=True):
    rank = len(kernel)
    rest = ([f"groups = {groups}"] if groups > 1 else []) + ([] if bias else ["bias = false"])
    text, pairs = arguments(rank, kernel, stride, padding, dilation, rest)
    s, d = stride or (1,) * rank, dilation or (1,) * rank
    pairs = pairs if pairs is not None else same_pairs(shape[1:], kernel, s, d)

    def compute(weight, x):
        k = weight("weight", filters, shape[0] // groups, *kernel)
        b = weight("bias", filters) if bias else None
        return (F.conv1d, F.conv2d)[rank - 1](pad(x, pairs), k, b, stride=s, dilation=d, groups=groups)

    return Case(shape, f"{{x}} -> {{op}}: conv({filters}, {text})", compute)


def maxpool(shape, kernel, stride=None, padding=0, dilation=None, ceil=False):
    rank = len(kernel)
    text, pairs = arguments(rank, kernel, stride, padding, dilation, ["ceil = true"] if ceil else [])

    def compute(_, x):
        pool = (F.max_pool1d, F.max_pool2d)[rank - 1]
        if isinstance(padding, int):
            return pool(x, kernel, stride or kernel, padding=padding, dilation=dilation or 1, ceil_mode=ceil)
        return pool(pad(x, pairs, -torch.inf), kernel, stride or kernel, dilation=dilation or 1)

    return Case(shape, f"{{x}} -> maxpool({text})", compute)


def avgpool(shape, kernel, stride=None, padding=0, ceil=False, include=False):
    rank = len(kernel)
    rest = (["ceil = true"] if ceil else []) + (["count_include_pad = true"] if include else [])
    text, pairs = arguments(rank, kernel, stride, padding, None, rest)
    s = stride or kernel
    pairs = pairs if pairs is not None else same_pairs(shape[1:], kernel, s, (1,) * rank)

    def compute(_, x):
        pool = (F.avg_pool1d, F.avg_pool2d)[rank - 1]
        if isinstance(padding, int):
            return pool(x, kernel, s, padding=padding, ceil_mode=ceil, count_include_pad=include)
        return pool(pad(x, pairs), kernel, s) / pool(pad(torch.ones_like(x), pairs), kernel, s)

    return Case(shape, f"{{x}} -> avgpool({text})", compute)


CONV = [
    conv((2, 4, 3), 3, (1, 1)),
    conv((1, 3, 2), 2, (3, 2)),
    conv((2, 5, 4), 3, (3, 3), padding=1),
    conv((1, 5, 4), 2, (3, 3), padding="same"),
    conv((1, 5, 4), 2, (2, 2), stride=(2, 1), padding="same"),
    conv((1, 5, 4), 2, (3, 3), padding=[(2, 0), (0, 1)]),
    conv((1, 7, 8), 2, (2, 3), stride=(3, 2)),
    conv((1, 7, 7), 2, (2, 2), stride=(3, 3)),
    conv((2, 7, 6), 2, (3, 3), stride=(2, 2), padding=1),
    conv((1, 7, 6), 2, (3, 2), dilation=(2, 3), padding=2),
    conv((1, 8, 7), 2, (3, 2), dilation=(2, 3), stride=(2, 2), padding=1),
    conv((4, 4, 3), 4, (2, 2), groups=2),
    conv((3, 4, 4), 6, (3, 3), groups=3, padding=1, stride=(2, 1)),
    conv((2, 4, 4), 3, (2, 3), bias=False),
    conv((1, 1, 1), 2, (3, 3), padding=1),
    conv((2, 7), 3, (3,)),
    conv((1, 6), 2, (6,)),
    conv((2, 9), 3, (2,), stride=(3,)),
    conv((2, 9), 2, (3,), stride=(2,), padding="same"),
    conv((4, 6), 4, (3,), groups=2, padding=1),
    conv((2, 9), 2, (3,), dilation=(3,), padding=[(2, 1)]),
]

MAXPOOL = [
    maxpool((2, 4, 6), (2, 2)),
    maxpool((1, 4, 4), (4, 4)),
    maxpool((1, 5, 5), (3, 3), stride=(2, 2)),
    maxpool((1, 5, 5), (3, 3), stride=(1, 1), padding=1),
    maxpool((1, 5, 4), (2, 2), ceil=True),
    maxpool((1, 7, 7), (2, 2), stride=(3, 3)),
    maxpool((1, 6, 6), (3, 2), stride=(2, 1), padding=[(1, 0), (0, 1)]),
    maxpool((1, 6, 6), (2, 2), stride=(2, 2), dilation=(2, 2)),
    maxpool((2, 5, 7), (3, 2), stride=(2, 3), padding=1, ceil=True),
    maxpool((1, 6, 5), (1, 1), stride=(2, 2)),
    maxpool((2, 8), (2,)),
    maxpool((2, 7), (3,), stride=(2,), padding=1, ceil=True),
    maxpool((1, 9), (3,), stride=(2,), dilation=(2,)),
]

AVGPOOL = [
    avgpool((2, 4, 6), (2, 2)),
    avgpool((1, 4, 3), (4, 3)),
    avgpool((1, 5, 5), (3, 3), stride=(2, 2)),
    avgpool((1, 5, 5), (3, 3), stride=(1, 1), padding=1),
    avgpool((1, 5, 5), (3, 3), stride=(2, 2), padding=1, include=True),
    avgpool((1, 5, 4), (2, 2), ceil=True),
    avgpool((1, 5, 5), (2, 2), padding=1, ceil=True, include=True),
    avgpool((1, 6, 5), (3, 3), stride=(2, 2), padding=1, ceil=True, include=True),
    avgpool((1, 7, 7), (2, 2), stride=(3, 2)),
    avgpool((1, 5, 6), (3, 2), stride=(1, 2), padding="same"),
    avgpool((1, 6, 6), (3, 2), stride=(2, 1), padding=[(1, 0), (0, 1)]),
    avgpool((2, 8), (2,)),
    avgpool((1, 9), (4,), stride=(3,), padding=2, ceil=True),
]

# ---- One element from one, shapes -------------------------------------------------------------------------

SHAPES = [(1,), (5,), (17,), (1, 4), (3, 2), (2, 7), (1, 1, 1), (2, 3, 3), (3, 1, 4), (1, 5, 2), (4, 2, 2), (2, 4, 3)]


def plain(text, function, shapes=None):
    return [Case(shape, "{x} -> " + text, lambda _, x, f=function: f(x)) for shape in shapes or SHAPES]


def softmax():
    axes = [((1,), 0), ((5,), 0), ((17,), 0), ((3, 4), 0), ((3, 4), 1), ((1, 6), 1), ((6, 1), 0), ((3, 2, 2), 0), ((3, 2, 2), 1),
            ((3, 2, 2), 2), ((2, 3, 4), 2), ((1, 2, 5), 0)]
    return [Case(s, f"{{x}} -> softmax(axis = {a})", lambda _, x, a=a: x.softmax(a + 1)) for s, a in axes]


def leaky_relu():
    slopes = [0, 0.01, 0.2, 0.5, 1, 1.5, 0.3, 0.05, 0.7, 2, 0.9, 0.1]
    return [Case(s, f"{{x}} -> leaky_relu({a})", lambda _, x, a=a: F.leaky_relu(x, a)) for s, a in zip(SHAPES, slopes)]


def dense(shape, units, bias=True):
    def compute(weight, x):
        k = weight("weight", units, shape[-1])
        return F.linear(x, k, weight("bias", units) if bias else None)

    return Case(shape, f"{{x}} -> {{op}}: dense({units}{'' if bias else ', bias = false'})", compute)


DENSE = [dense((5,), 3), dense((5,), 3, False), dense((1,), 1), dense((1,), 7), dense((17,), 18), dense((16,), 16), dense((33,), 2),
         dense((4, 3), 2), dense((1, 3), 2), dense((7, 1), 4, False), dense((3, 9), 5), dense((2, 2), 1)]


def reshape():
    to = [((1,), "1x1", (1, 1)), ((6,), "2x3", (2, 3)), ((12,), "2x3x2", (2, 3, 2)), ((3, 4), "12", (12,)), ((3, 4), "4x3", (4, 3)),
          ((3, 4), "2x2x3", (2, 2, 3)), ((2, 3, 2), "12", (12,)), ((2, 3, 2), "3x4", (3, 4)), ((2, 3, 2), "2x2x3", (2, 2, 3)),
          ((2, 3, 2), "size(-1, 4)", (3, 4)), ((8,), "size(2, -1)", (2, 4)), ((5, 2), "1x10", (1, 10))]
    return [Case(s, f"{{x}} -> reshape({t}) -> tanh", lambda _, x, d=d: torch.tanh(x.reshape(-1, *d))) for s, t, d in to]


# ---- Joins -----------------------------------------------------------------------------------------------


def add():
    two = [Case(s, "add({x}, ({x} -> tanh))", lambda _, x: x + torch.tanh(x)) for s in SHAPES[1::2]]
    three = [Case(s, "{x} -> add {{ | tanh | identity | sigmoid }}", lambda _, x: torch.tanh(x) + x + torch.sigmoid(x))
             for s in SHAPES[::3]]
    mean = lambda x: x.mean(dim=tuple(range(2, x.dim())))
    return two + three + [
        Case((2, 3, 4), "{x} + ({x} -> global_avgpool -> reshape(2x1x1))", lambda _, x: x + mean(x)[:, :, None, None]),
        Case((3, 4), "{x} - ({x} -> global_avgpool -> reshape(3x1)) / 2", lambda _, x: x - mean(x)[:, :, None] / 2),
        Case((4,), "2 - {x} * 3", lambda _, x: 2 - x * 3),
    ]


def mul():
    two = [Case(s, "mul({x}, ({x} -> tanh))", lambda _, x: x * torch.tanh(x)) for s in SHAPES[::2]]
    three = [Case(s, "{x} -> mul {{ | tanh | identity | sigmoid }}", lambda _, x: torch.tanh(x) * x * torch.sigmoid(x))
             for s in SHAPES[1::3]]
    mean = lambda x: x.mean(dim=tuple(range(2, x.dim())))
    return two + three + [
        Case((2, 3, 4), "{x} * ({x} -> global_avgpool -> sigmoid -> reshape(2x1x1))",
             lambda _, x: x * torch.sigmoid(mean(x))[:, :, None, None]),
        Case((3, 4), "{x} / ({x} * {x} + 2)", lambda _, x: x / (x * x + 2)),
        Case((2, 3), "({x} -> softmax(axis = 1)) * {x} / 4", lambda _, x: x.softmax(2) * x / 4),
    ]


def concat():
    axes = [(s, a) for s in SHAPES[1:] for a in range(len(s))]
    return [Case(s, f"concat({{x}}, ({{x}} -> tanh), {{x}}, axis = {a})", lambda _, x, a=a: torch.cat([x, torch.tanh(x), x], a + 1))
            for s, a in axes]


# ---- Losses ----------------------------------------------------------------------------------------------


def squares(name, factor):
    def loss(i, y, samples):
        t = torch.tensor(generator.batch(f"t{i}", y.shape[1:], samples))
        if name == "half_mse":
            value = ((y - t) ** 2).sum() / 2 / samples
        else:
            value = F.mse_loss(y, t)
        return f"{factor} * {name}(y{i}, t{i})", factor * value

    return loss


def entropy(factor):
    def loss(i, y, samples):
        label = torch.tensor(generator.classes(f"l{i}", y.shape[1], samples))
        return f"{factor} * cross_entropy(y{i}, l{i})", factor * F.cross_entropy(y, label)

    return loss


def losses(make, shapes, text="{x}", function=lambda _, x: x):
    return [Case(s, text, function, make(1 + 0.25 * (i % 3))) for i, s in enumerate(shapes)]


def all_cases():
    tanh = lambda _, x: torch.tanh(x)
    spaces = [(1, 1), (1, 6), (3, 4), (5, 1), (2, 17), (1, 1, 1), (2, 3, 3), (3, 1, 4), (4, 5, 1), (1, 4, 4), (2, 2, 5), (3, 3, 2)]
    return {
        "conv": CONV,
        "maxpool": MAXPOOL,
        "avgpool": AVGPOOL,
        "global_avgpool": plain("global_avgpool", lambda x: x.mean(dim=tuple(range(2, x.dim()))), spaces),
        "dense": DENSE,
        "flatten": plain("flatten -> tanh", lambda x: torch.tanh(x.flatten(1))),
        "reshape": reshape(),
        "identity": plain("identity", lambda x: x),
        "add": add(),
        "mul": mul(),
        "concat": concat(),
        "relu": plain("relu", F.relu),
        "leaky_relu": leaky_relu(),
        "sigmoid": plain("sigmoid", torch.sigmoid),
        "tanh": plain("tanh", torch.tanh),
        "softmax": softmax(),
        "cross_entropy": losses(entropy, [(n,) for n in (2, 3, 4, 5, 7, 10, 15, 16, 17, 20, 33, 40)]),
        "mse": losses(lambda f: squares("mse", f), SHAPES, "{x} -> tanh", tanh),
        "half_mse": losses(lambda f: squares("half_mse", f), SHAPES, "{x} -> tanh", tanh),
    }
