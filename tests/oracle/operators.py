"""The settings under which each operator is held against PyTorch: at least twelve of each."""
from dataclasses import dataclass
from typing import Callable, Optional

import torch
import torch.nn.functional as F

import generator


@dataclass
class Case:
    """`text` makes y from {x}, with a layer labelled {op}; `compute(weight, x)` is the same in PyTorch, where
    weight(suffix, *shape) is a parameter of the layer; `loss(i, y, samples)` gives a term of the loss in both languages;
    `before` are statements in front of it."""
    shape: tuple
    text: str
    compute: Callable
    loss: Optional[Callable] = None
    before: str = ""


@dataclass
class Run:
    """How the cases of an operator run: behind dense layers over `width` numbers a sample. After several steps the references hold
    the operator's parameters and what an evaluation gives, too."""
    samples: int = 3
    width: int = 1
    steps: int = 1


# Statistics of a batch: lanes that are dead, and a single sample.
RUNS = {"embedding": Run(samples=20), "dropout": Run(samples=20), "spatial_dropout": Run(samples=20), "gaussian_noise": Run(samples=20),
        "batchnorm": Run(samples=20, width=4, steps=3), "batchnorm_of_one": Run(samples=1, width=4, steps=3), "cross_entropy_of_what_counts": Run(samples=20)}


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
    # Groups so wide that the gradients of their weights run along channels.
    conv((18, 2, 3), 6, (1, 1), groups=2),
    conv((3, 3, 4), 6, (3, 4), groups=3),
    conv((4, 2, 2), 20, (1, 1), groups=2),
    conv((20, 4), 4, (2,), groups=2, padding=1),
]



def connected_conv(shape, table, kernel, stride=None, padding=0, bias=True):
    rank, filters = len(kernel), len(table)
    rest = [f"connections = {[list(row) for row in table]}"] + ([] if bias else ["bias = false"])
    text, pairs = arguments(rank, kernel, stride, padding, None, rest)
    pairs = pairs if pairs is not None else same_pairs(shape[1:], kernel, stride or (1,) * rank, (1,) * rank)
    mask = torch.zeros(filters, shape[0], *(1,) * rank)
    for o, row in enumerate(table):
        for channel in row:
            mask[o, channel] = 1

    def compute(weight, x):
        k = weight("weight", filters, shape[0], *kernel) * mask
        b = weight("bias", filters) if bias else None
        return (F.conv1d, F.conv2d)[rank - 1](pad(x, pairs), k, b, stride=stride or 1)

    return Case(shape, f"{{x}} -> {{op}}: conv({filters}, {text})", compute)


# Table I of LeCun et al. (1998).
LENET_C3 = [[o % 6, (o + 1) % 6, (o + 2) % 6] for o in range(6)] + [[o % 6, (o + 1) % 6, (o + 2) % 6, (o + 3) % 6] for o in range(6)]
LENET_C3 += [[0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]

CONV += [
    connected_conv((6, 6, 6), LENET_C3, (5, 5)),
    connected_conv((3, 4, 4), [[0], [1], [2]], (3, 3), padding=1),
    connected_conv((3, 4, 4), [[2, 0], [1]], (2, 2), stride=(2, 2)),
    connected_conv((4, 5), [[0, 1], [0, 1], [3], [0, 2, 3]], (3,), bias=False),
    connected_conv((2, 3, 3), [[1], [1]], (2, 2), padding="same"),
]


def depthwise_conv(shape, kernel, multiplier=1, stride=None, padding=0, dilation=None, bias=True):
    rank, filters = len(kernel), shape[0] * multiplier
    rest = ([f"multiplier = {multiplier}"] if multiplier > 1 else []) + ([] if bias else ["bias = false"])
    text, pairs = arguments(rank, kernel, stride, padding, dilation, rest)
    s, d = stride or (1,) * rank, dilation or (1,) * rank
    pairs = pairs if pairs is not None else same_pairs(shape[1:], kernel, s, d)

    def compute(weight, x):
        k = weight("weight", filters, 1, *kernel)
        b = weight("bias", filters) if bias else None
        return (F.conv1d, F.conv2d)[rank - 1](pad(x, pairs), k, b, stride=s, dilation=d, groups=shape[0])

    return Case(shape, f"{{x}} -> {{op}}: depthwise_conv({text})", compute)


DEPTHWISE_CONV = [
    depthwise_conv((1, 3, 2), (3, 2)),
    depthwise_conv((3, 4, 4), (3, 3), padding=1),
    depthwise_conv((2, 5, 4), (2, 3), multiplier=3),
    depthwise_conv((4, 6, 5), (3, 3), stride=(2, 2), padding="same"),
    depthwise_conv((3, 5, 5), (2, 2), multiplier=2, stride=(2, 1)),
    depthwise_conv((2, 7, 6), (3, 2), dilation=(2, 3), padding=2),
    depthwise_conv((17, 3, 3), (3, 3), padding=1, bias=False),
    depthwise_conv((2, 5, 4), (3, 3), multiplier=2, padding=[(2, 0), (0, 1)]),
    depthwise_conv((3, 1, 1), (1, 1), multiplier=2),
    depthwise_conv((3, 6), (3,)),
    depthwise_conv((2, 9), (2,), multiplier=2, stride=(3,)),
    depthwise_conv((4, 7), (3,), dilation=(2,), padding="same", bias=False),
    depthwise_conv((5, 3, 4), (3, 4), multiplier=2),
]


def conv_transpose(name, shape, filters, kernel, stride=None, padding=0, extra=None, dilation=None, groups=1, bias=True):
    rank = len(kernel)
    rest = ([f"output_padding = {sizes(extra)}"] if extra else []) + ([f"groups = {groups}"] if groups > 1 else [])
    text, pairs = arguments(rank, kernel, stride, padding, dilation, rest + ([] if bias else ["bias = false"]))
    s, d, e = stride or (1,) * rank, dilation or (1,) * rank, extra or (0,) * rank

    def compute(weight, x):
        k = weight("weight", shape[0], filters // groups, *kernel)
        b = weight("bias", filters) if bias else None
        # Whole, with what output_padding or `same` want beyond it; then cut. Bias reaches all of it.
        y = (F.conv_transpose1d, F.conv_transpose2d)[rank - 1](x, k, None, stride=s, dilation=d, groups=groups)
        y = F.pad(y, [n for extra_rows in reversed(e) for n in (0, extra_rows)])
        cut = pairs
        if cut is None:
            excess = [n - m * t for n, m, t in zip(y.shape[2:], shape[1:], s)]
            cut = [(max(n, 0) // 2, n - max(n, 0) // 2) for n in excess]
        y = F.pad(y, [-n for pair in reversed(cut) for n in pair])
        if isinstance(padding, int):
            mine, b0 = y, b
            y = (F.conv_transpose1d, F.conv_transpose2d)[rank - 1](x, k, b0, stride=s, dilation=d, groups=groups, padding=padding,
                                                                 output_padding=e)
            assert torch.allclose(mine + (b0.reshape(-1, *(1,) * rank) if bias else 0), y)
            return y
        return y + b.reshape(-1, *(1,) * rank) if bias else y

    return Case(shape, f"{{x}} -> {{op}}: {name}({filters}, {text})", compute)


def unreached(name):
    """The padding takes away all that the input reaches: the bias alone is left, and the weight has no gradient."""
    text = "3, 1x1, stride = 3, output_padding = 2, padding = [[1, 0], [1, 0]]"

    def compute(weight, x):
        bias = weight("bias", 3)
        y = F.conv_transpose2d(x, torch.ones(2, 3, 1, 1, dtype=x.dtype), bias, stride=3, output_padding=2)[:, :, 1:, 1:]
        return torch.cat([y.flatten(1), x.flatten(1)], 1)

    return Case((2, 1, 1), f"concat(({{x}} -> {{op}}: {name}({text}) -> flatten), ({{x}} -> flatten))", compute)


def transposes(name):
    make = lambda *args, **options: conv_transpose(name, *args, **options)
    return [
        make((2, 3, 2), 3, (1, 1)),
        make((1, 3, 2), 2, (3, 2)),
        make((2, 4, 3), 3, (3, 3), padding=1),
        make((2, 3, 3), 3, (2, 2), stride=(2, 2)),
        make((3, 3, 4), 2, (4, 4), stride=(2, 2), padding=1),
        make((2, 3, 3), 2, (3, 3), stride=(2, 2), padding=1, extra=(1, 1)),
        make((1, 3, 3), 2, (2, 2), stride=(3, 2)),
        make((2, 3, 2), 2, (3, 2), stride=(3, 1), extra=(2, 0)),
        make((1, 4, 3), 2, (3, 2), dilation=(2, 3)),
        make((2, 3, 4), 2, (3, 2), stride=(2, 3), dilation=(3, 2), padding=1),
        make((4, 3, 3), 4, (3, 3), stride=(2, 1), groups=2, padding=1),
        make((3, 2, 3), 6, (2, 3), groups=3, bias=False),
        make((2, 3, 3), 2, (3, 3), stride=(2, 2), padding=[(0, 1), (2, 0)]),
        make((2, 3, 4), 2, (3, 3), stride=(2, 2), padding="same"),
        make((1, 2, 3), 2, (2, 2), stride=(3, 3), padding="same"),
        make((17, 1, 1), 3, (4, 3)),
        make((2, 5), 3, (3,)),
        make((2, 4), 3, (2,), stride=(3,), extra=(1,)),
        make((4, 5), 2, (4,), stride=(2,), padding=1, groups=2),
        make((2, 1), 3, (3,), stride=(2,), bias=False),
        make((18, 2, 2), 4, (2, 2), groups=2),
        make((4, 1, 1), 6, (3, 4), groups=2),
        unreached(name),
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



def lppool(shape, kernel, power=2, stride=None, padding=0, ceil=False):
    rank = len(kernel)
    rest = ([f"power = {power}"] if power != 2 else []) + (["ceil = true"] if ceil else [])
    text, pairs = arguments(rank, kernel, stride, padding, None, rest)
    s = stride or kernel
    pairs = pairs if pairs is not None else same_pairs(shape[1:], kernel, s, (1,) * rank)

    def compute(_, x):
        pool = (F.lp_pool1d, F.lp_pool2d)[rank - 1]
        flat = (lambda t: t[0]) if rank == 1 else tuple
        if not ceil:
            return pool(pad(x, pairs).abs(), power, flat(kernel), flat(s))
        # A last, partial window with zeros in it.
        wide = [(b, e + t) for (b, e), t in zip(pairs, s)]
        y = pool(pad(x, wide).abs(), power, flat(kernel), flat(s))
        like = (F.max_pool1d, F.max_pool2d)[rank - 1](pad(x, pairs), kernel, s, ceil_mode=True)
        return y[(...,) + tuple(slice(0, n) for n in like.shape[2:])]

    return Case(shape, f"{{x}} -> lppool({text})", compute)


LPPOOL = [
    lppool((2, 4, 6), (2, 2)),
    lppool((1, 4, 3), (4, 3)),
    lppool((1, 5, 5), (3, 3), stride=(2, 2)),
    lppool((2, 5, 5), (3, 3), power=4, stride=(1, 1), padding=1),
    lppool((1, 6, 6), (2, 3), power=3),
    lppool((1, 6, 6), (2, 2), power=1),
    lppool((1, 5, 4), (2, 2), power=2.5, ceil=True),
    lppool((1, 7, 7), (2, 2), power=1.5, stride=(3, 2)),
    lppool((2, 5, 6), (3, 2), power=6, stride=(1, 2), padding=[(1, 0), (0, 1)]),
    lppool((1, 5, 6), (3, 2), stride=(2, 2), padding="same"),
    lppool((2, 8), (2,)),
    lppool((1, 9), (4,), power=3, stride=(3,), padding=2),
    lppool((2, 7), (3,), power=8, ceil=True),
    lppool((1, 5), (1,), power=3),
]


def adaptive_avgpool(shape, *size):
    def compute(_, x):
        return (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d)[len(shape) - 2](x, size if len(size) == len(shape) - 1 else size[0])

    return Case(shape, f"{{x}} -> adaptive_avgpool({sizes(size)})", compute)


ADAPTIVE_AVGPOOL = [adaptive_avgpool((2, 6, 4), 3, 2), adaptive_avgpool((1, 7, 5), 3, 3), adaptive_avgpool((1, 7, 7), 5, 4),
                    adaptive_avgpool((2, 8, 8), 7, 7), adaptive_avgpool((1, 10, 3), 4, 3), adaptive_avgpool((1, 5, 6), 1, 1),
                    adaptive_avgpool((2, 3, 4), 5, 9), adaptive_avgpool((1, 5, 5), 3), adaptive_avgpool((2, 1, 1), 2, 3),
                    adaptive_avgpool((2, 9), 4), adaptive_avgpool((1, 11), 8), adaptive_avgpool((3, 5), 5),
                    adaptive_avgpool((1, 3), 7), adaptive_avgpool((1, 12, 5), 1, 5)]

# ---- Norms -------------------------------------------------------------------------------------------------------------------------


def norm(shape, text, parameters, function):
    """`parameters`: the shape of weight and bias, or None; function(x, weight, bias)."""
    def compute(weight, x):
        if parameters is None:
            return function(x, None, None)
        return function(x, weight("weight", *parameters), weight("bias", *parameters))

    return Case(shape, "{x} -> {op}: " + text, compute)


def layernorm(shape, axis=None, eps=None, affine=True):
    named = ([f"axis = {axis}"] if axis is not None else []) + ([f"eps = {eps}"] if eps else []) + ([] if affine else ["affine = false"])
    axes = sorted(a % len(shape) for a in ([axis] if isinstance(axis, int) else axis or range(len(shape))))
    of, last = tuple(shape[a] for a in axes), list(range(-len(axes), 0))

    def function(x, w, b):
        first = [a + 1 for a in axes]
        return F.layer_norm(x.movedim(first, last), of, w, b, eps or 1e-5).movedim(last, first)

    return norm(shape, f"layernorm({', '.join(named)})" if named else "layernorm", of if affine else None, function)


LAYERNORM = [layernorm((5,)), layernorm((17,), eps=0.1), layernorm((4,), affine=False), layernorm((2, 3, 4)), layernorm((3, 2, 2), eps=1e-3),
             layernorm((2, 3, 3), affine=False), layernorm((3, 4), 1), layernorm((3, 4), 0), layernorm((1, 6), 1, 1e-3),
             layernorm((4, 2, 3), 0), layernorm((2, 3, 5), 2), layernorm((2, 5, 3), 1, affine=False), layernorm((6, 1), 0),
             layernorm((2, 3, 4), [-2, -1]), layernorm((2, 3, 4), [2, 0], 0.1), layernorm((3, 4), [0, 1])]


def groupnorm(shape, groups, eps=None, affine=True):
    rest = (f", eps = {eps}" if eps else "") + ("" if affine else ", affine = false")
    return norm(shape, f"groupnorm({groups}{rest})", shape[:1] if affine else None,
                lambda x, w, b: F.group_norm(x, groups, w, b, eps or 1e-5))


GROUPNORM = [groupnorm((4, 3, 3), 2), groupnorm((6, 2, 3), 3), groupnorm((6, 2, 3), 1), groupnorm((3, 4, 2), 3), groupnorm((4, 5), 2),
             groupnorm((4, 5), 4, eps=1e-3), groupnorm((8,), 2), groupnorm((6,), 1, affine=False), groupnorm((2, 3, 3), 2, affine=False),
             groupnorm((9, 1, 2), 3), groupnorm((1, 4, 4), 1), groupnorm((16, 2, 2), 4, eps=0.1)]


def instancenorm(shape, eps=None, affine=True):
    named = ([f"eps = {eps}"] if eps else []) + ([] if affine else ["affine = false"])
    return norm(shape, f"instancenorm({', '.join(named)})" if named else "instancenorm", shape[:1] if affine else None,
                lambda x, w, b: F.instance_norm(x, weight=w, bias=b, eps=eps or 1e-5))


INSTANCENORM = [instancenorm((2, 3, 3)), instancenorm((1, 4, 2)), instancenorm((3, 1, 5)), instancenorm((3, 5, 1), eps=1e-3),
                instancenorm((4, 2, 2), affine=False), instancenorm((2, 5)), instancenorm((1, 7), eps=0.1), instancenorm((6, 3)),
                instancenorm((3, 4), affine=False), instancenorm((17, 2, 3)), instancenorm((2, 6, 5)), instancenorm((5, 3, 4), eps=1e-2)]


def batchnorm(shape, eps=None, momentum=None, affine=True):
    named = [f"{n} = {v}" for n, v in (("eps", eps), ("momentum", momentum)) if v is not None] + ([] if affine else ["affine = false"])

    def compute(weight, x):
        c = shape[0]
        w, b = (weight("weight", c), weight("bias", c)) if affine else (None, None)
        return F.batch_norm(x, weight("running_mean", c), weight("running_var", c), w, b, training=weight.training,
                            momentum=0.1 if momentum is None else momentum, eps=eps or 1e-5)

    return Case(shape, "{x} -> {op}: batchnorm" + (f"({', '.join(named)})" if named else ""), compute)


BATCHNORM = [batchnorm((2, 3, 3)), batchnorm((1, 4, 2)), batchnorm((3, 1, 1)), batchnorm((3, 1, 5), eps=1e-3),
             batchnorm((4, 2, 2), affine=False), batchnorm((2, 5)), batchnorm((1, 7), eps=0.1), batchnorm((6, 1)),
             batchnorm((5,)), batchnorm((17,), momentum=0.5), batchnorm((1,)), batchnorm((4,), affine=False, eps=1e-2),
             batchnorm((2, 2, 3), momentum=0), batchnorm((2, 3, 2), momentum=1), batchnorm((17, 2, 2), eps=1e-2, momentum=0.3)]

BATCHNORM_OF_ONE = [batchnorm((2, 3, 3)), batchnorm((1, 4, 2)), batchnorm((3, 1, 5), eps=1e-3), batchnorm((2, 3, 2), affine=False),
                    batchnorm((2, 5)), batchnorm((1, 2), eps=0.1), batchnorm((4, 6), momentum=0.5), batchnorm((3, 4), eps=0.1),
                    batchnorm((17, 2, 2)), batchnorm((2, 1, 2), eps=1e-2), batchnorm((5, 4, 4), momentum=1), batchnorm((3, 7, 1))]


def lrn(shape, size=None, alpha=None, beta=None, k=None):
    named = [f"{n} = {v}" for n, v in (("size", size), ("alpha", alpha), ("beta", beta), ("k", k)) if v is not None]
    value = lambda v, default: default if v is None else v

    def compute(_, x):
        return F.local_response_norm(x, value(size, 5), value(alpha, 1e-4), value(beta, 0.75), value(k, 1))

    return Case(shape, f"{{x}} -> lrn({', '.join(named)})" if named else "{x} -> lrn", compute)


LRN = [lrn((7, 2, 3)), lrn((5, 3, 3), 3, 0.5), lrn((4, 2, 2), 2, 1), lrn((6, 3, 1), 4, 0.3, 0.5), lrn((3, 2, 2), 5, 0.7, 1, 2),
       lrn((6, 2, 2), 1, 2), lrn((3, 3, 2), 7, 0.9, 0.6, 1.5), lrn((8, 5)), lrn((5, 4), 3, 0.4, 2), lrn((4, 3), 2, 0.8, 0.33),
       lrn((1, 4, 4), 3, 1), lrn((5, 2, 2), 3, 0.5, 0), lrn((4, 2, 2), 3, 0.5, 1.25, 0.5), lrn((9, 6), 5, 10, 0.75, 2)]

# ---- One element from one, shapes -------------------------------------------------------------------------

SHAPES = [(1,), (5,), (17,), (1, 4), (3, 2), (2, 7), (1, 1, 1), (2, 3, 3), (3, 1, 4), (1, 5, 2), (4, 2, 2), (2, 4, 3)]


def plain(text, function, shapes=None):
    return [Case(shape, "{x} -> " + text, lambda _, x, f=function: f(x)) for shape in shapes or SHAPES]


def scaled(text, function, factors):
    """The same on multiples of x, so that both sides of a corner and the flat ends are reached."""
    return [Case(s, f"{{x}} * {k} -> {text}", lambda _, x, k=k: function(x * k))
            for s, k in zip(SHAPES, (factors * len(SHAPES))[:len(SHAPES)])]


def elu():
    alphas = [1, 0.5, 2, 0.1, 1.5, 0, 0.7, 1, 3, 0.3, 1.2, 0.9]
    return [Case(s, f"{{x}} * {k} -> elu({a})", lambda _, x, a=a, k=k: F.elu(x * k, a))
            for s, a, k in zip(SHAPES, alphas, [1, 4, 20, 0.001] * 3)]


def prelu(shape, per_channel):
    def compute(weight, x):
        return F.prelu(x, weight("weight", shape[0] if per_channel else 1))

    return Case(shape, f"{{x}} -> {{op}}: prelu({'per_channel = true' if per_channel else ''})", compute)


def positive(text, function):
    """On numbers from 0.1 on."""
    return [Case(s, f"{{x}} * {{x}} * {k} + 0.1 -> {text}", lambda _, x, k=k: function(x * x * k + 0.1))
            for s, k in zip(SHAPES, [1, 100, 0.01] * 4)]


def along_axis(text, function):
    """Twelve pairs of a shape and an axis."""
    axes = [((1,), 0), ((7,), 0), ((3, 4), 0), ((3, 4), 1), ((5, 1), 1), ((1, 6), 0), ((2, 3, 4), 0), ((2, 3, 4), 1),
            ((2, 3, 4), 2), ((3, 1, 2), 1), ((17, 2), 0), ((2, 2, 5), -1)]
    return [Case(s, f"{{x}} -> {text.format(axis=a)}", lambda _, x, a=a: function(x, a + 1 if a >= 0 else a)) for s, a in axes]


SPACES = [(1, 1), (1, 6), (3, 4), (5, 1), (2, 17), (1, 1, 1), (2, 3, 3), (3, 1, 4), (4, 5, 1), (1, 4, 4), (2, 2, 5), (3, 3, 2)]


def transpose():
    orders = [((4,), [0]), ((3, 4), [1, 0]), ((3, 4), [0, 1]), ((1, 5), [1, 0]), ((2, 3, 4), [0, 2, 1]), ((2, 3, 4), [1, 0, 2]),
              ((2, 3, 4), [1, 2, 0]), ((2, 3, 4), [2, 0, 1]), ((2, 3, 4), [2, 1, 0]), ((1, 3, 2), [2, 1, 0]),
              ((2, 3, 1), [1, 2, 0]), ((2, 3, 4), [-1, 0, 1])]
    return [Case(s, f"{{x}} -> transpose({o}) -> tanh",
                 lambda _, x, o=o: torch.tanh(x.permute(0, *[a % (x.dim() - 1) + 1 for a in o]))) for s, o in orders]


def matmul():
    """Of a tensor and what is made of it; the last ones are attention, with heads and without."""
    def case(shape, arguments, compute, before=""):
        return Case(shape, f"matmul({arguments})", lambda _, x: compute(x), before=before)

    def heads(x, count):
        return x.reshape(x.shape[0], x.shape[1], count, -1).transpose(1, 2)

    def attention(x):
        return (torch.softmax(x @ torch.tanh(x).mT * 0.5, -1)) @ x

    def with_heads(x):
        q, k = heads(x, 2), heads(torch.tanh(x), 2)
        return torch.softmax(q @ k.mT, -1) @ k

    turned = "({x} -> tanh)"
    rows = "{x} -> reshape(5x2x3) -> transpose([1, 0, 2])"
    return [
        case((3, 4), "{x}, " + turned + ", transpose_b = true", lambda x: x @ torch.tanh(x).mT),
        case((3, 4), "{x}, " + turned + ", transpose_a = true", lambda x: x.mT @ torch.tanh(x)),
        case((4, 4), "{x}, " + turned, lambda x: x @ torch.tanh(x)),
        case((4, 4), "{x}, " + turned + ", transpose_a = true, transpose_b = true", lambda x: x.mT @ torch.tanh(x).mT),
        case((2, 3, 5), "{x}, " + turned + ", transpose_b = true, scale = 0.25", lambda x: x @ torch.tanh(x).mT * 0.25),
        case((2, 3, 5), "{x}, " + turned + ", true, scale = -3", lambda x: x.mT @ torch.tanh(x) * -3),
        case((1, 6), "{x}, {x}, transpose_b = true", lambda x: x @ x.mT),
        case((9, 1), "{x}, {x}, transpose_b = true", lambda x: x @ x.mT),
        case((3, 2, 4), "{x}, ({x} -> slice(0, 1)), transpose_b = true", lambda x: x @ x[:, :1].mT),
        case((2, 3, 4), "({x} -> reshape(6x4)), {x}, transpose_b = true",
             lambda x: x.reshape(x.shape[0], 1, 6, 4) @ x.mT),
        case((5, 4), "a_{x}, {x}", attention,
             "a_{x} = matmul({x}, " + turned + ", transpose_b = true, scale = 0.5) -> softmax(axis = 1);"),
        case((5, 6), "a_{x}, k_{x}", with_heads,
             "q_{x} = " + rows + "; k_{x} = {x} -> tanh -> reshape(5x2x3) -> transpose([1, 0, 2]);"
             " a_{x} = matmul(q_{x}, k_{x}, transpose_b = true) -> softmax(axis = 2);"),
    ]


def slices():
    parts = [((1,), 0, 1, 0), ((7,), 2, 5, 0), ((7,), 0, 4, 0), ((7,), 4, 7, 0), ((7,), -3, -1, 0), ((3, 4), 1, 2, 0),
             ((3, 4), 0, 3, 1), ((3, 4), -2, 4, 1), ((4, 3, 2), 1, 3, 0), ((4, 3, 2), 0, 2, 1), ((4, 3, 2), 1, 2, 2),
             ((2, 3, 4), -3, -1, -1)]

    def compute(x, begin, end, axis):
        size = x.shape[axis + 1 if axis >= 0 else axis]
        begin, end = begin + (size if begin < 0 else 0), end + (size if end < 0 else 0)
        return x.narrow(axis + 1 if axis >= 0 else axis, begin, end - begin)

    return [Case(s, f"{{x}} -> slice({b}, {e}, axis = {a})", lambda _, x, b=b, e=e, a=a: compute(x, b, e, a))
            for s, b, e, a in parts]


def split():
    """The parts come back in another order, the second one through a layer of its own."""
    forms = [((2,), 2, 0), ((6,), 2, 0), ((6,), 3, 0), ((6, 2), 2, 0), ((3, 4), 2, 1), ((3, 6), 3, 1), ((4, 3, 2), 2, 0),
             ((4, 3, 2), 4, 0), ((2, 4, 3), 2, 1), ((2, 3, 4), 2, 2), ((2, 2, 6), 3, 2), ((2, 3, 4), 4, -1)]

    def case(i, shape, parts, axis):
        names = [f"p{i}{chr(97 + k)}" for k in range(parts)]
        joined = ", ".join([f"({names[1]} -> tanh)", names[0], *names[2:]])

        def compute(_, x):
            torch_axis = axis + 1 if axis >= 0 else axis
            pieces = x.chunk(parts, torch_axis)
            return torch.cat([torch.tanh(pieces[1]), pieces[0], *pieces[2:]], torch_axis)

        return Case(shape, f"concat({joined}, axis = {axis})", compute,
                    before=f"{', '.join(names)} = {{x}} -> split({parts}, axis = {axis});")

    return [case(i, *f) for i, f in enumerate(forms)]


def borders(space, p):
    """The text of borders, and their pairs."""
    if isinstance(p, int):
        return str(p), [(p, p)] * space
    if isinstance(p[0], int):
        return sizes(p), [(n, n) for n in p]
    return "[" + ", ".join(f"[{b}, {e}]" for b, e in p) + "]", p


def pads():
    forms = [((2, 3), 1, 0), ((1, 1), 4, 2.5), ((3, 4), [(2, 0)], 0), ((2, 5), [(0, 3)], -1), ((2, 3, 3), 1, 0), ((1, 1, 1), 2, 0.5),
             ((2, 2, 3), (1, 2), 0), ((1, 4, 2), (0, 3), -0.25), ((2, 3, 2), [(1, 0), (0, 2)], 0), ((1, 2, 2), [(0, 0), (3, 1)], 7),
             ((3, 2, 2), 0, 1), ((1, 3, 3), 5, 0)]
    made = []
    for shape, p, value in forms:
        text, pairs = borders(len(shape) - 1, p)
        made.append(Case(shape, f"{{x}} -> pad({text}{f', value = {value}' if value else ''})",
                         lambda _, x, pairs=pairs, value=value: pad(x, pairs, value)))
    return made


def crops():
    forms = [((2, 3), 1), ((1, 9), [(4, 4)]), ((3, 4), [(2, 0)]), ((2, 5), [(0, 3)]), ((2, 3, 3), 1), ((1, 5, 5), 2), ((2, 3, 5), (1, 2)),
             ((1, 4, 7), (0, 3)), ((2, 3, 4), [(1, 0), (0, 2)]), ((1, 2, 5), [(0, 0), (3, 1)]), ((3, 2, 2), 0), ((1, 6, 3), (2, 1))]
    made = []
    for shape, p in forms:
        text, pairs = borders(len(shape) - 1, p)
        made.append(Case(shape, f"{{x}} -> crop({text})", lambda _, x, pairs=pairs: pad(x, [(-b, -e) for b, e in pairs])))
    return made


def upsample():
    forms = [((2, 3), 2), ((1, 1), 3), ((3, 4), 1), ((2, 5), 4), ((2, 3, 3), 2), ((1, 1, 1), 2), ((1, 2, 3), 3), ((2, 1, 4), (2, 3)),
             ((1, 3, 2), (1, 4)), ((1, 5, 3), (3, 1)), ((2, 2, 2), 5), ((1, 4, 3), (2, 7))]
    made = []
    for shape, scale in forms:
        text = sizes(scale) if isinstance(scale, tuple) else str(scale)
        made.append(Case(shape, f"{{x}} -> upsample({text})", lambda _, x, s=scale: F.interpolate(x, scale_factor=s)))
        smooth = "linear" if len(shape) == 2 else "bilinear"
        made.append(Case(shape, f"{{x}} -> upsample({text}, mode = bilinear)",
                         lambda _, x, s=scale, m=smooth: F.interpolate(x, scale_factor=s, mode=m, align_corners=False)))
    return made


def channel_shuffle():
    forms = [((4, 1), 2), ((6, 3), 2), ((6, 3), 3), ((6, 2), 1), ((6, 2), 6), ((1, 4), 1), ((4, 2, 2), 2), ((6, 1, 3), 3), ((8, 2, 1), 4),
             ((8, 1, 1), 2), ((9, 2, 2), 3), ((12, 1, 2), 4)]

    def compute(x, groups):
        return x.reshape(x.shape[0], groups, -1, *x.shape[2:]).transpose(1, 2).reshape(x.shape)

    return [Case(s, f"{{x}} -> channel_shuffle({g})", lambda _, x, g=g: compute(x, g)) for s, g in forms]


def softmax():
    axes = [((1,), 0), ((5,), 0), ((17,), 0), ((3, 4), 0), ((3, 4), 1), ((1, 6), 1), ((6, 1), 0), ((3, 2, 2), 0), ((3, 2, 2), 1),
            ((3, 2, 2), 2), ((2, 3, 4), 2), ((1, 2, 5), 0)]
    return [Case(s, f"{{x}} -> softmax(axis = {a})", lambda _, x, a=a: x.softmax(a + 1)) for s, a in axes]


def leaky_relu():
    slopes = [0, 0.01, 0.2, 0.5, 1, 1.5, 0.3, 0.05, 0.7, 2, 0.9, 0.1]
    return [Case(s, f"{{x}} -> leaky_relu({a})", lambda _, x, a=a: F.leaky_relu(x, a)) for s, a in zip(SHAPES, slopes)]


def corner(shape, text, function, at=0, value=None):
    """All elements of x at the same place, where f(`at`) = `value`, and its slope there: 1e-20 is lost beside a larger number, but
    not to the gradient."""
    value = at if value is None else value
    before, after = (f" {'+-'[n < 0]} {abs(n)}" if n else "" for n in (at, -value))
    y = f"({{x}} * 1e-20 + 1 - 1{before} -> {text})"
    return Case(shape, (f"({y}{after})" if after else y) + " * 1e20",
                lambda weight, x: (function(weight, x * 1e-20 + 1 - 1 + at) - value) * 1e20)


# Which side a corner belongs to, and who of equals is the greatest.
CORNERS = [
    corner((3,), "relu", lambda _, x: F.relu(x)),
    corner((3,), "leaky_relu(0.2)", lambda _, x: F.leaky_relu(x, 0.2)),
    corner((2, 2), "{op}: prelu", lambda weight, x: F.prelu(x, weight("weight", 1))),
    corner((3,), "elu(0.5)", lambda _, x: F.elu(x, 0.5)),
    corner((3,), "selu", lambda _, x: F.selu(x)),
    corner((3,), "relu6", lambda _, x: F.relu6(x)),
    corner((3,), "relu6", lambda _, x: F.relu6(x), at=6),
    corner((3,), "hard_tanh", lambda _, x: F.hardtanh(x), at=-1),
    corner((3,), "hard_tanh", lambda _, x: F.hardtanh(x), at=1),
    corner((3,), "hard_sigmoid", lambda _, x: F.hardsigmoid(x), at=-3, value=0),
    corner((3,), "hard_sigmoid", lambda _, x: F.hardsigmoid(x), at=3, value=1),
    corner((3,), "hard_swish", lambda _, x: F.hardswish(x), at=-3, value=0),
    corner((3,), "hard_swish", lambda _, x: F.hardswish(x), at=3),
    corner((3,), "abs", lambda _, x: x.abs()),
    corner((4,), "max(axis = 0) -> reshape(1)", lambda _, x: x.max(1, keepdim=True).values, at=1),
    corner((2, 3, 2), "max(axis = 1)", lambda _, x: x.max(2).values, at=-1),
    corner((2, 3, 2), "global_maxpool", lambda _, x: F.adaptive_max_pool2d(x, 1).flatten(1), at=1),
    corner((1, 4, 4), "maxpool(2x2)", lambda _, x: F.max_pool2d(x, 2), at=-1),
    corner((1, 5, 4), "maxpool(3, stride = 2, padding = 1)", lambda _, x: F.max_pool2d(x, 3, 2, 1)),
    corner((1, 5, 5), "maxpool(2, stride = 1, dilation = 2)", lambda _, x: F.max_pool2d(x, 2, 1, 0, 2), at=1),
    corner((2, 7), "maxpool(3, stride = 2, ceil = true)", lambda _, x: F.max_pool1d(x, 3, 2, ceil_mode=True), at=1),
]


def dense(shape, units, bias=True, then="", function=lambda y: y):
    """`then`: what may share the layer's loops, in both languages."""
    def compute(weight, x):
        k = weight("weight", units, shape[-1])
        return function(F.linear(x, k, weight("bias", units) if bias else None))

    return Case(shape, f"{{x}} -> {{op}}: dense({units}{'' if bias else ', bias = false'}){then}", compute)


DENSE = [dense((5,), 3), dense((5,), 3, False), dense((1,), 1), dense((1,), 7), dense((17,), 18), dense((16,), 16), dense((33,), 2),
         dense((4, 3), 2), dense((1, 3), 2), dense((7, 1), 4, False), dense((3, 9), 5), dense((2, 2), 1),
         dense((2, 3), 6, True, " -> maxpool(3)", lambda y: F.max_pool1d(y, 3)),
         dense((3, 2), 8, False, " -> avgpool(2) -> tanh", lambda y: torch.tanh(F.avg_pool1d(y, 2))),
         dense((2, 4), 12, True, " -> lppool(4)", lambda y: F.lp_pool1d(y, 2, 4))]


def embedding(i, sizes):
    """Rows of a vocabulary by tokens of their own input, times x; tokens of twenty samples meet again and again."""
    tokens, vocabulary, dim, options, form = sizes

    def compute(weight, x):
        found = torch.tensor(generator.classes(f"tokens{i}", vocabulary, x.shape[0], shape=(tokens,)))
        rows = F.embedding(found, weight("weight", vocabulary, dim))
        return (rows.mean(1) if form == "mean" else torch.tanh(rows)) * x

    after = {"mean": "mean(axis = 0)", "tanh": "tanh"}[form]
    return Case((dim,) if form == "mean" else (tokens, dim), f"(tokens{i} -> {{op}}: embedding({vocabulary}, {dim}{options}) -> {after}) * {{x}}",
                compute, before=f"input tokens{i}: int {tokens};")


ROWS = [(1, 1, 1, "", "tanh"), (1, 5, 3, "", "tanh"), (4, 1, 2, "", "tanh"), (3, 2, 1, "", "tanh"), (7, 3, 4, "", "mean"),
        (5, 10, 16, "", "tanh"), (2, 40, 17, "", "mean"), (17, 6, 5, "", "mean"), (3, 17, 33, "", "tanh"), (9, 4, 8, "", "tanh"),
        (6, 100, 2, ", init = uniform(0.1)", "mean"), (2, 9, 15, ", l2 = 0", "tanh"), (16, 16, 16, "", "mean")]


def reshape():
    to = [((1,), "1x1", (1, 1)), ((6,), "2x3", (2, 3)), ((12,), "2x3x2", (2, 3, 2)), ((3, 4), "12", (12,)), ((3, 4), "4x3", (4, 3)),
          ((3, 4), "2x2x3", (2, 2, 3)), ((2, 3, 2), "12", (12,)), ((2, 3, 2), "3x4", (3, 4)), ((2, 3, 2), "2x2x3", (2, 2, 3)),
          ((2, 3, 2), "size(-1, 4)", (3, 4)), ((8,), "size(2, -1)", (2, 4)), ((5, 2), "1x10", (1, 10))]
    return [Case(s, f"{{x}} -> reshape({t}) -> tanh", lambda _, x, d=d: torch.tanh(x.reshape(-1, *d))) for s, t, d in to]


def recurrent(kind, shape, units, sequences=False, reverse=False, bidirectional=False, activation=None):
    flags = [f"{k} = true" for k, on in
             (("sequences", sequences), ("reverse", reverse), ("bidirectional", bidirectional)) if on]
    text = ", ".join([str(units)] + flags + ([f"activation = {activation}"] if activation else []))

    def compute(weight, x):
        y, last = run_cells(kind, weight, x, units, reverse, bidirectional, activation)
        return y if sequences else side_by_side(last[0])

    return Case(shape, f"{{x}} -> {{op}}: {kind}({text})", compute)


def side_by_side(state):
    """[directions, samples, units] as each sample's numbers."""
    return state.transpose(0, 1).reshape(state.shape[1], -1)


def run_cells(kind, weight, x, units, reverse=False, bidirectional=False, activation=None, start=()):
    """All steps, and the last h (and c). One direction reversed is PyTorch's other direction, alone. `start`: each sample's numbers."""
    ways, weights = [""] + ["_reverse"] * bidirectional, []
    for way in ways:
        rows = {"rnn": 1, "gru": 3, "lstm": 4}[kind] * units
        weights += [weight(f"weight_ih_l0{way}", rows, x.shape[2]), weight(f"weight_hh_l0{way}", rows, units),
                    weight(f"bias_ih_l0{way}", rows), weight(f"bias_hh_l0{way}", rows)]
    zeros = torch.zeros(len(ways), x.shape[0], units)
    first = [s.reshape(len(x), len(ways), units).transpose(0, 1).contiguous() for s in start] + [zeros] * 2
    state = tuple(first[:2]) if kind == "lstm" else first[0]
    run = {"rnn": torch.rnn_relu if activation == "relu" else torch.rnn_tanh, "gru": torch.gru, "lstm": torch.lstm}[kind]
    y, *last = run(x.flip(1) if reverse else x, state, weights, True, 1, 0.0, True, bidirectional, True)
    return y.flip(1) if reverse else y, last


def with_states(kind, shape, units, given=1, sequences=True, reverse=False, bidirectional=False):
    """Steps and last states side by side; the first `given` of the first states are numbers of x."""
    width, names = units * (1 + bidirectional), ["state", "cell"][:given]
    flags = [f"{k} = true" for k, on in
             (("sequences", sequences), ("reverse", reverse), ("bidirectional", bidirectional)) if on]
    flags += [f"{name} = ({{x}} -> flatten -> slice({i}, {i + width}))" for i, name in enumerate(names)]
    results = ["y_{x}", "h_{x}"] + ["c_{x}"] * (kind == "lstm")

    def compute(weight, x):
        start = [x.flatten(1)[:, i:i + width] for i in range(given)]
        y, last = run_cells(kind, weight, x, units, reverse, bidirectional, None, start)
        last = [side_by_side(s) for s in last]
        return torch.cat([y.flatten(1) if sequences else last[0]] + last, 1)

    before = f"{', '.join(results)} = {{x}} -> {{op}}: {kind}({', '.join([str(units)] + flags)});"
    joined = ", ".join(["(y_{x} -> flatten)"] + results[1:])
    return Case(shape, f"concat({joined})", compute, before=before)


def encoder_decoder(kind, shape, units):
    """The decoder begins where the encoder ends, and reads the sequence backwards."""
    states = "state = h_{x}, cell = c_{x}" if kind == "lstm" else "state = h_{x}"
    results = "_, h_{x}, c_{x}" if kind == "lstm" else "_, h_{x}"

    def compute(weight, x):
        encoder = type(weight)(weight.weights, weight.name + "_encoder", weight.training)
        _, last = run_cells(kind, encoder, x, units)
        return run_cells(kind, weight, x, units, reverse=True, start=[side_by_side(s) for s in last])[0]

    return Case(shape, f"{{x}} -> {{op}}: {kind}({units}, sequences = true, reverse = true, {states})", compute,
                before=f"{results} = {{x}} -> {{op}}_encoder: {kind}({units});")


def states():
    made = []
    for kind in ("rnn", "gru", "lstm"):
        made += [with_states(kind, (5, 3), 4, given=0), with_states(kind, (4, 3), 3), with_states(kind, (1, 4), 2),
                 with_states(kind, (3, 6), 2, sequences=False, bidirectional=True),
                 with_states(kind, (4, 5), 3, reverse=True), with_states(kind, (6, 17), 16),
                 encoder_decoder(kind, (4, 2), 3), encoder_decoder(kind, (3, 1), 17)]
    return made + [with_states("lstm", (4, 3), 3, given=2), with_states("lstm", (3, 5), 3, given=2, bidirectional=True),
                   with_states("lstm", (2, 4), 1, given=2, sequences=False, reverse=True)]


def recurrents(kind):
    extra = dict(activation="relu") if kind == "rnn" else {}
    return [
        recurrent(kind, (5, 3), 4), recurrent(kind, (1, 3), 2), recurrent(kind, (7, 1), 1), recurrent(kind, (2, 17), 16),
        recurrent(kind, (4, 3), 3, sequences=True), recurrent(kind, (1, 2), 3, sequences=True, bidirectional=True),
        recurrent(kind, (6, 2), 17, reverse=True), recurrent(kind, (3, 4), 2, sequences=True, reverse=True),
        recurrent(kind, (4, 2), 3, bidirectional=True), recurrent(kind, (5, 2), 2, sequences=True, bidirectional=True),
        recurrent(kind, (17, 2), 3, **extra), recurrent(kind, (3, 5), 4, sequences=True, bidirectional=True, **extra),
        recurrent(kind, (9, 1), 2, reverse=True, **extra),
    ]


# ---- Drawn: PyTorch's own masks are its generator's, so these get ours (generator.py) --------------------


def random_like(layer, x, elements):
    return torch.tensor(generator.drawn(layer.name, x.shape[0], elements))


def dropout(shape, rate):
    def compute(layer, x):
        keep = (random_like(layer, x, x[0].numel()) >= rate).to(x).reshape(x.shape)
        return x * keep / (1 - rate if rate < 1 else 1)

    return Case(shape, f"{{x}} -> {{op}}: dropout({rate})", compute)


def spatial_dropout(shape, rate):
    def compute(layer, x):
        keep = (random_like(layer, x, shape[0]) >= rate).to(x).reshape(x.shape[:2] + (1,) * (len(shape) - 1))
        return x * keep / (1 - rate if rate < 1 else 1)

    return Case(shape, f"{{x}} -> {{op}}: spatial_dropout({rate})", compute)


def gaussian_noise(shape, std):
    def compute(layer, x):
        return x + std * torch.special.ndtri(random_like(layer, x, x[0].numel()) + 2.0**-24).reshape(x.shape)

    return Case(shape, f"{{x}} -> {{op}}: gaussian_noise({std})", compute)


RATES = [0.5, 0.25, 0.1, 0.9, 0, 1, 0.75, 0.3, 0.6, 0.01, 0.99, 0.4]
DROPOUT = [dropout(s, r) for s, r in zip(SHAPES, RATES)]
SPATIAL_DROPOUT = [spatial_dropout(s, r) for s, r in zip([s for s in SHAPES if len(s) > 1] + [(16, 2), (17, 1, 2), (8, 3)], RATES)]
GAUSSIAN_NOISE = [gaussian_noise(s, r) for s, r in zip(SHAPES, [0.1, 1, 0.5, 2, 0, 0.01, 10, 0.3, 1.5, 0.7, 1, 3])]

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


def extremes():
    """max and min of two and more: broadcast, with numbers, of NaN's neighbours; and equals, which share the gradient."""
    def two(shape, text, function):
        return Case(shape, text, lambda _, x: function(x))

    mean = lambda x, a: x.mean(a, keepdim=True)
    return [
        two((5,), "max({x}, ({x} -> tanh))", lambda x: torch.maximum(x, torch.tanh(x))),
        two((3, 4), "min({x}, ({x} -> mean(axis = 1) -> reshape(3x1)))", lambda x: torch.minimum(x, mean(x, 2))),
        two((2, 3, 4), "max(({x} -> mean(axis = [1, 2]) -> reshape(2x1x1)), {x})", lambda x: torch.maximum(mean(x, (2, 3)), x)),
        two((3, 4), "min({x}, ({x} -> mean(axis = 0)), 0.2)", lambda x: x.minimum(mean(x, 1)).minimum(torch.tensor(0.2))),
        two((17,), "max(0.1, {x})", lambda x: torch.maximum(torch.tensor(0.1), x)),
        two((2, 3), "{x} -> {op}: min(({x} * 2), -0.5)", lambda x: torch.minimum(x, x * 2).minimum(torch.tensor(-0.5))),
        two((2, 2, 2, 2), "max({x}, -{x})", lambda x: torch.maximum(x, -x)),
        two((4,), "max({x}, {x} * 1)", lambda x: torch.maximum(x, x * 1)),
        two((4,), "min(({x} * 2), ({x} + {x}))", lambda x: torch.minimum(x * 2, x + x)),
        Case((3,), "max(({x} * 1e-20 + 1), 1) * 1e20 - 1e20", lambda _, x: (torch.maximum(x * 1e-20 + 1, torch.ones(())) - 1) * 1e20),
        Case((3,), "(min(0, ({x} * 1e-20 + 1 - 1))) * 1e20", lambda _, x: torch.minimum(torch.zeros(()), x * 1e-20 + 1 - 1) * 1e20),
        two((6, 5), "max({x}, 0) - min({x}, 0)", lambda x: torch.maximum(x, torch.zeros(())) - torch.minimum(x, torch.zeros(()))),
    ]


def powers():
    """Whole, broken, negative and large exponents; of negative numbers, too, where those are whole."""
    def case(shape, exponent, front="{x}", function=lambda x: x):
        return Case(shape, f"({front}) ^ {exponent}", lambda _, x: function(x) ** exponent)

    above = dict(front="{x} * 0.3 + 1.5", function=lambda x: x * 0.3 + 1.5)
    near = dict(front="{x} * 0.01 - 1", function=lambda x: x * 0.01 - 1)
    whole = [case((4,), 2), case((3, 3), 3), case((2, 2, 2), 7), case((17,), 1), case((3,), 0), case((5,), 16, **above),
             case((4,), -1, **above), case((2, 3), -3, **near), case((3,), 67, **near), case((3,), 70, **near), case((2,), -65, **near)]
    broken = [case((5,), p, **above) for p in (0.5, 1.5, 0.25, 2.75, -0.5, 0.3, 3.7, -2.2, 64.5)]
    return whole + broken + [Case((3,), "({x} -> exp) ^ 0.1 * ({x} ^ 2) ^ 2", lambda _, x: torch.exp(x) ** 0.1 * x ** 4)]


def parameters():
    """Free parameters: added, multiplied, joined, and computed with before a sample meets them."""
    def case(shape, text, compute, before=""):
        return Case(shape, text, lambda weight, x: compute(x, lambda *s: weight("", *s)), before=before)

    def free(shape):
        return "({op}: parameter(" + sizes(shape) + "))"

    def batch(q, x):
        return q.expand(len(x), *q.shape)

    return [
        case((3, 4), "{x} + " + free((3, 4)), lambda x, w: x + w(3, 4)),
        case((5,), "{x} * " + free((1,)), lambda x, w: x * w(1)),
        case((2, 3, 4), "{x} * " + free((2, 1, 1)), lambda x, w: x * w(2, 1, 1)),
        case((2, 3), "concat(" + free((1, 3)) + ", {x})", lambda x, w: torch.cat([batch(w(1, 3), x), x], 1)),
        case((3, 2), "concat({x}, " + free((3, 3)) + ", axis = 1)", lambda x, w: torch.cat([x, batch(w(3, 3), x)], 2)),
        case((4,), "max({x}, " + free((4,)) + ")", lambda x, w: torch.maximum(x, w(4))),
        case((17,), "{x} / (" + free((17,)) + " ^ 2 + 1)", lambda x, w: x / (w(17) ** 2 + 1)),
        case((3, 3), "{x} * (" + free((3, 3)) + " -> softmax(axis = 1))", lambda x, w: x * w(3, 3).softmax(1)),
        case((4,), "{x} + (" + free((3, 4)) + " -> tanh -> sum(axis = 0))", lambda x, w: x + torch.tanh(w(3, 4)).sum(0)),
        case((2, 2), "{x} + (" + free((2, 2)) + " -> transpose([1, 0]))", lambda x, w: x + w(2, 2).T),
        case((6,), "{x} + (" + free((2, 3)) + " -> flatten -> sigmoid)", lambda x, w: x + torch.sigmoid(w(2, 3)).flatten()),
        case((2, 3), "({x} -> tanh) - " + free((3,)) + " * 2", lambda x, w: torch.tanh(x) - w(3) * 2),
        case((3,), "-" + free((3,)) + " - {x}", lambda x, w: -w(3) - x),
    ]


def stop_gradient():
    """In front of it, behind it, around it; a parameter that nothing reaches has no gradient."""
    def case(shape, text, function):
        return Case(shape, text, lambda _, x: function(x))

    stop = "({x} -> stop_gradient)"
    half = [case(s, "{x} * " + stop, lambda x: x * x.detach()) for s in SHAPES[::2]]
    return half + [
        case((4,), "{x} + ({x} -> tanh -> stop_gradient)", lambda x: x + torch.tanh(x).detach()),
        case((3, 3), "({x} -> stop_gradient -> tanh) * {x}", lambda x: torch.tanh(x.detach()) * x),
        case((5,), "{x} - (({x} -> softsign) - {x} -> stop_gradient)", lambda x: x - (F.softsign(x) - x).detach()),
        case((2, 2, 3), "max({x}, " + stop + " * 2)", lambda x: torch.maximum(x, x.detach() * 2)),
        case((6,), "{x} / (({x} -> abs -> sum(axis = 0) -> stop_gradient) + 1)",
             lambda x: x / (x.abs().sum(1, keepdim=True).detach() + 1)),
        case((4,), "add({x}, {x} -> stop_gradient)".replace("{x} -> stop_gradient", stop), lambda x: x + x.detach()),
        case((3, 2), "{x} * 2 + " + stop + " ^ 2", lambda x: x * 2 + x.detach() ** 2),
    ]


def reduced(name, function):
    """Along one axis, and along lists of them."""
    lists = [((2, 3, 4), [1, 2]), ((2, 3, 4), [0, -1]), ((3, 5), [0, 1]), ((2, 2, 2, 3), [3, 1])]

    def several(shape, axes):
        kept = [d for d in range(len(shape)) if d not in [a % len(shape) for a in axes]]
        text = f"{name}(axis = {axes})" + ("" if kept else " -> reshape(1)")
        dims = [a % len(shape) + 1 for a in axes]
        return Case(shape, "{x} -> " + text, lambda _, x: function(x, dims) if kept else function(x, dims)[:, None])

    return along_axis(name + "(axis = {axis})", lambda x, a: function(x, [a])) + [several(*one) for one in lists]


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


def on_values(name, function, arguments=""):
    """A loss of a prediction and a target of its shape, within -1 and 1."""
    def make(factor):
        def loss(i, y, samples):
            t = torch.tensor(generator.batch(f"t{i}", y.shape[1:], samples))
            return f"{factor} * {name}(y{i}, t{i}{arguments})", factor * function(y, t)

        return loss

    return make


def on_probabilities(name, function, arguments=""):
    """The same with a target from 0 to 1: the square of what the generator gives."""
    def make(factor):
        def loss(i, y, samples):
            t = torch.tensor(generator.batch(f"t_x{i}", y.shape[1:], samples)) ** 2
            return f"{factor} * {name}(y{i}, t_x{i} * t_x{i}{arguments})", factor * function(y, t)

        return loss

    return make


def on_classes(name, function, arguments=""):
    """A loss of scores and a class for each place."""
    def make(factor):
        def loss(i, y, samples):
            label = torch.tensor(generator.classes(f"l{i}", y.shape[1], samples, shape=y.shape[2:]))
            return f"{factor} * {name}(y{i}, l{i}{arguments})", factor * function(y, label)

        return loss

    return make


STEPS = [(2, 1), (4, 3), (1, 5), (17, 2), (5, 16), (3, 17)]
CLASSES = [(n,) for n in (2, 3, 4, 5, 7, 10, 15, 16, 17, 20, 33, 40)]
PIXELS = [(2, 1, 1), (1, 2, 3), (3, 4, 2), (17, 2, 2), (4, 1, 5), (2, 3, 3)]


def cross_entropy():
    made = losses(on_classes("cross_entropy", F.cross_entropy), CLASSES + PIXELS)
    for share in (0.1, 0.5, 1):
        smoothed = on_classes("cross_entropy", lambda y, t, s=share: F.cross_entropy(y, t, label_smoothing=s), f", smoothing = {share}")
        made += losses(smoothed, [(1,), (4,), (17,), (3, 2, 2)])
    return made + losses(on_classes("cross_entropy", F.cross_entropy), STEPS)


def weights_of(k):
    return [round(0.5 + 0.75 * (i * i % 5), 2) for i in range(k)]


def cross_entropy_of_what_counts():
    """Class weights and an ignored class, alone and with smoothing; a class that is beside the scores'."""
    def with_options(weighted, smoothing, beside):
        def make(factor):
            def loss(i, y, samples):
                k = y.shape[1]
                label = torch.tensor(generator.classes(f"l{i}", k, samples, shape=y.shape[2:]))
                ignore = k + 3 if beside is True else beside
                options = {"weight": torch.tensor(weights_of(k))} if weighted else {}
                options.update({} if beside is None else {"ignore_index": ignore})
                text = f", class_weights = {weights_of(k)}" if weighted else ""
                text += f", smoothing = {smoothing}" if smoothing else ""
                text += "" if beside is None else f", ignore = {ignore}"
                value = F.cross_entropy(y, label, label_smoothing=smoothing, **options)
                return f"{factor} * cross_entropy(y{i}, l{i}{text})", factor * value

            return loss

        return make

    settings = [(True, 0, None), (False, 0, 0), (False, 0.25, 1), (True, 0.1, None), (True, 0.5, 1), (False, 0, True)]
    shapes = [[(3,), (17,), (4, 5)], [(3,), (2, 2, 3), (5, 4)], [(4,), (3, 17)], [(2,), (16,), (3, 2, 2)], [(5,), (4, 3)], [(3,), (2, 5)]]
    return [case for options, some in zip(settings, shapes) for case in losses(with_options(*options), some)]


def categorical_cross_entropy():
    def surprise(p, label):
        return F.nll_loss(p.log().clamp(min=-100), label)

    made = losses(on_classes("categorical_cross_entropy", surprise), CLASSES[::2] + PIXELS[1:] + STEPS[1::2], "{x} -> softmax(axis = 0)",
                  lambda _, x: x.softmax(1))
    return made + losses(on_classes("categorical_cross_entropy", surprise), CLASSES[1::2] + PIXELS, "{x} -> sigmoid",
                         lambda _, x: torch.sigmoid(x))


def binary_cross_entropy():
    loss = on_probabilities("binary_cross_entropy", F.binary_cross_entropy)
    made = probabilities(loss, SHAPES, "{x} * 4 -> sigmoid", lambda _, x: torch.sigmoid(x * 4))
    return made + probabilities(loss, SHAPES, "({x} * 2 -> tanh) * 0.5 + 0.5", lambda _, x: torch.tanh(x * 2) * 0.5 + 0.5)


def binary_cross_entropy_with_logits():
    loss = on_probabilities("binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits)
    made = [case for k in (1, 8, 60) for case in probabilities(loss, SHAPES[k % 2::2], f"{{x}} * {k}", lambda _, x, k=k: x * k)]
    return made + weighted_answers()


def weighted_answers():
    """A weight of a yes for all questions, one for each, and one along an axis."""
    made = []
    weights = [((3,), 2.5), ((2, 3), 0.25), ((4,), [1, 2, 0, 4]), ((2, 3), [1, 3, 0.5]), ((2, 1, 3), [[[2]], [[5]]]), ((2, 2), [[3], [1]])]
    for shape, weight in weights:
        made += probabilities(
            on_probabilities("binary_cross_entropy_with_logits",
                             lambda y, t, w=weight: F.binary_cross_entropy_with_logits(y, t, pos_weight=torch.tensor(w, dtype=y.dtype)),
                             f", positive_weight = {weight}"), [shape], "{x} * 8", lambda _, x: x * 8)
    return made


def kl_divergence():
    def divergence(p, t):
        return F.kl_div(p.log(), t, reduction="batchmean")

    loss = on_probabilities("kl_divergence", divergence)
    return probabilities(loss, SHAPES, "{x} -> sigmoid", lambda _, x: torch.sigmoid(x)) + probabilities(
        loss, [s for s in SHAPES if len(s) > 1], "{x} -> softmax(axis = 0)", lambda _, x: x.softmax(1))


def huber():
    made = []
    for delta in (1, 0.25, 3):
        loss = on_values("huber", lambda y, t, d=delta: F.huber_loss(y, t, delta=d), f", delta = {delta}" if delta != 1 else "")
        made += losses(loss, SHAPES[::2] if delta == 1 else SHAPES[1::3], "{x} * 2", lambda _, x: x * 2)
    return made


def losses(make, shapes, text="{x}", function=lambda _, x: x):
    return [Case(s, text, function, make(1 + 0.25 * (i % 3))) for i, s in enumerate(shapes)]


def probabilities(make, shapes, text, function):
    """losses() with an input for each target."""
    return [Case(s, text, function, make(1 + 0.25 * (i % 3)), before=f"input t_{{x}}: {sizes(s)};") for i, s in enumerate(shapes)]


def all_cases():
    tanh = lambda _, x: torch.tanh(x)
    return {
        "conv": CONV,
        "depthwise_conv": DEPTHWISE_CONV,
        "conv_transpose": transposes("conv_transpose"),
        "deconv": transposes("deconv"),
        "maxpool": MAXPOOL,
        "avgpool": AVGPOOL,
        "lppool": LPPOOL,
        "global_avgpool": plain("global_avgpool", lambda x: x.mean(dim=tuple(range(2, x.dim()))), SPACES),
        "adaptive_avgpool": ADAPTIVE_AVGPOOL,
        "layernorm": LAYERNORM,
        "groupnorm": GROUPNORM,
        "instancenorm": INSTANCENORM,
        "batchnorm": BATCHNORM,
        "batchnorm_of_one": BATCHNORM_OF_ONE,
        "lrn": LRN,
        "dense": DENSE,
        "embedding": [embedding(*sizes) for sizes in enumerate(ROWS)],
        "rnn": recurrents("rnn"),
        "gru": recurrents("gru"),
        "lstm": recurrents("lstm"),
        "states": states(),
        "dropout": DROPOUT,
        "spatial_dropout": SPATIAL_DROPOUT,
        "gaussian_noise": GAUSSIAN_NOISE,
        "flatten": plain("flatten -> tanh", lambda x: torch.tanh(x.flatten(1))),
        "reshape": reshape(),
        "identity": plain("identity", lambda x: x),
        "add": add(),
        "mul": mul(),
        "concat": concat(),
        "corners": CORNERS,
        "prelu": [prelu(s, i % 2 == 1) for i, s in enumerate(SHAPES)] + [prelu((5, 2), True), prelu((3, 2, 2), True)],
        "elu": elu(),
        "selu": scaled("selu", F.selu, [1, 4, 20, 0.001]),
        "gelu": scaled("gelu", F.gelu, [1, 4, 20, 0.001]),
        "silu": scaled("silu", F.silu, [1, 4, 50]),
        "mish": scaled("mish", F.mish, [1, 4, 20, 0.001]),
        "softplus": scaled("softplus", F.softplus, [1, 10, 50]),
        "softsign": scaled("softsign", F.softsign, [1, 10, 0.01]),
        "hard_tanh": scaled("hard_tanh", F.hardtanh, [1, 2, 10]),
        # PyTorch's own gradient has 1/6 in single precision.
        "hard_sigmoid": scaled("hard_sigmoid", lambda x: F.relu6(x + 3) / 6, [1, 4, 10]),
        "hard_swish": scaled("hard_swish", F.hardswish, [1, 4, 10]),
        "relu6": scaled("relu6", F.relu6, [1, 10, 30]),
        "exp": scaled("exp", torch.exp, [1, 3, 0.01]),
        "log": positive("log", torch.log),
        "sqrt": positive("sqrt", torch.sqrt),
        "abs": scaled("abs", torch.abs, [1, 10]),
        "square": scaled("square", torch.square, [1, 10]),
        "log_softmax": along_axis("log_softmax(axis = {axis})", lambda x, a: x.log_softmax(a)),
        "sum": reduced("sum", torch.sum),
        "mean": reduced("mean", torch.mean),
        "max": reduced("max", torch.amax),
        "min": reduced("min", torch.amin),
        "extremes": extremes(),
        "powers": powers(),
        "parameter": parameters(),
        "stop_gradient": stop_gradient(),
        "global_maxpool": plain("global_maxpool", lambda x: x.amax(dim=tuple(range(2, x.dim()))), SPACES),
        "transpose": transpose(),
        "matmul": matmul(),
        "slice": slices(),
        "split": split(),
        "pad": pads(),
        "crop": crops(),
        "upsample": upsample(),
        "channel_shuffle": channel_shuffle(),
        "relu": plain("relu", F.relu),
        "leaky_relu": leaky_relu(),
        "sigmoid": plain("sigmoid", torch.sigmoid),
        "tanh": plain("tanh", torch.tanh),
        "softmax": softmax(),
        "cross_entropy": cross_entropy(),
        "cross_entropy_of_what_counts": cross_entropy_of_what_counts(),
        "categorical_cross_entropy": categorical_cross_entropy(),
        "binary_cross_entropy": binary_cross_entropy(),
        "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits(),
        "hinge": losses(on_classes("hinge", F.multi_margin_loss), CLASSES, "{x} * 3", lambda _, x: x * 3),
        "kl_divergence": kl_divergence(),
        "mae": losses(on_values("mae", F.l1_loss), SHAPES, "{x} * 2", lambda _, x: x * 2),
        "huber": huber(),
        "mse": losses(lambda f: squares("mse", f), SHAPES, "{x} -> tanh", tanh),
        "half_mse": losses(lambda f: squares("half_mse", f), SHAPES, "{x} -> tanh", tanh),
    }
