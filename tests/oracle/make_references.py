"""Makes the references of this folder with PyTorch, in double: run it by hand after changing a case, then read the difference.

    python3 tests/oracle/make_references.py [NAME...]        only those of some operators or trainings

Tests need neither this script nor PyTorch: compare.py reads what it wrote. Each case is a net and a safetensors file of what a step
(or several) of it must compute; weights and batches are made by generator.py on either side.
"""
import json
import os
import struct
import sys

if "--help" in sys.argv[1:]:
    print(__doc__)
    sys.exit(0)

import numpy as np
import torch
import torch.nn.functional as F

import epochs
import generator
import operators

HERE = os.path.dirname(os.path.abspath(__file__))
torch.set_default_dtype(torch.float64)


def write(path, tensors, kind, **facts):
    """A safetensors file; `facts` become metadata."""
    code, header, data = {"F32": "<f4", "F64": "<f8"}[kind], {"__metadata__": {k: str(v) for k, v in facts.items()}}, b""
    for name, tensor in tensors.items():
        raw = np.asarray(tensor, dtype=np.float64).astype(code).tobytes()
        header[name] = {"dtype": kind, "shape": list(np.shape(tensor)), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


class Weights(dict):
    """Parameters by name, made on first use. What runs along with the training has no gradient."""

    def __call__(self, name, *shape):
        if name not in self:
            running = ".running_" in name
            self[name] = torch.tensor(generator.parameter(name, shape)).requires_grad_(not running)
        return self[name]

    def trained(self):
        return {k: p for k, p in self.items() if p.requires_grad}


class Layer:
    """The parameters of one layer, by suffix ("" for a free one), and whether it is being trained."""

    def __init__(self, weights, name, training):
        self.weights, self.name, self.training = weights, name, training

    def __call__(self, suffix, *shape):
        return self.weights(f"{self.name}.{suffix}" if suffix else self.name, *shape)


def mean_squares(y, t):
    return ((y - t) ** 2).mean()


# ---- Operators -------------------------------------------------------------------------------------------


def front(w, i, shape, s):
    """x of case i: a dense layer whose bias is x itself, so that its gradient is the data gradient."""
    count = int(np.prod(shape))
    x = F.linear(s, w(f"f{i}.weight", count, s.shape[1]), w(f"f{i}.bias", count))
    return x.reshape(-1, *shape)


def front_text(i, shape):
    count = int(np.prod(shape))
    view = f" -> reshape({'x'.join(map(str, shape))})" if len(shape) > 1 else ""
    return f"x{i} = s -> f{i}: dense({count}){view};"


def compute_cases(w, cases, run, step, training=True):
    """The outputs of a step, its loss, and the terms of the loss as text."""
    s = torch.tensor(generator.batch("s", [run.width], run.samples, step))
    outputs, terms, total = [], [], 0
    for i, case in enumerate(cases):
        y = case.compute(Layer(w, f"op{i}", training), front(w, i, case.shape, s))
        if case.loss:
            text, loss = case.loss(i, y, run.samples)
        else:
            text = f"mse(y{i}, t{i})"
            loss = mean_squares(y, torch.tensor(generator.batch(f"t{i}", y.shape[1:], run.samples, step)))
        outputs.append(y)
        terms.append(text)
        total = total + loss
    return outputs, total, terms


def train_cases(w, cases, run):
    """What the steps of a run leave."""
    found, losses, optimizer = {}, [], None
    for step in range(run.steps):
        outputs, loss, _ = compute_cases(w, cases, run, step)
        optimizer = optimizer or torch.optim.SGD(list(w.trained().values()), lr=0.1)
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            found.update({f"output.y{i}": y.detach().numpy() for i, y in enumerate(outputs)})
            found["loss"] = losses
            found.update({f"gradient.{k}": p.grad.numpy().copy() for k, p in w.trained().items()})
        losses.append(loss.item())
        optimizer.step()
    if run.steps > 1:
        found.update({f"parameter.{k}": p.detach().numpy() for k, p in w.items() if k.startswith("op")})
        outputs = compute_cases(w, cases, run, 0, training=False)[0]
        found.update({f"evaluated.y{i}": y.detach().numpy() for i, y in enumerate(outputs)})
    return found


def make_operator(name, cases):
    run, w = operators.RUNS.get(name, operators.Run()), Weights()
    _, _, terms = compute_cases(Weights(), cases, run, 0)
    lines = [f"    input s: {run.width};"]
    for i, case in enumerate(cases):
        before = case.before.format(x=f"x{i}", op=f"op{i}") + " " if case.before else ""
        lines.append(f"    {front_text(i, case.shape)} {before}output y{i} = {case.text.format(x=f'x{i}', op=f'op{i}')};")
    found = train_cases(w, cases, run)
    joined = "\n           + ".join(terms)
    text = "net it {\n" + "\n".join(lines) + "\n}\n"
    text += f"train {{\n    loss = {joined};\n    optimizer = sgd(lr = 0.1);\n    batch = {run.samples};\n    epochs = 1;\n}}\n"
    with open(os.path.join(HERE, "operators", name + ".net"), "w", encoding="ascii") as file:
        file.write(f"# {name}: made by make_references.py\n" + text)
    write(os.path.join(HERE, "operators", name + ".safetensors"), found, "F64", steps=run.steps, samples=run.samples)


# ---- Training --------------------------------------------------------------------------------------------


def train(w, forward, inputs, steps, samples, step_of, penalty=None, clip=None):
    """Losses without penalty, the first gradients, and the parameters at the end."""
    losses, first, optimizer = [], {}, None
    for step in range(steps):
        loss = forward(w, *[make(step, samples) for make in inputs])
        if optimizer is None:
            trained = w.trained()
            optimizer = step_of(list(trained.values()))
        optimizer.zero_grad()
        losses.append(loss.item())
        if step == 0:
            gradients = torch.autograd.grad(loss, list(trained.values()), retain_graph=True)
            first = {f"gradient.{k}": g.numpy() for k, g in zip(trained, gradients)}
        (loss + (penalty(w) if penalty else 0)).backward()
        clip_gradients(list(trained.values()), clip)
        optimizer.step()
    return {"loss": losses, **first}


def batch_of(name, *shape):
    return lambda step, samples: torch.tensor(generator.batch(name, shape, samples, step))


def image_of(*shape):
    return batch_of("image", *shape)


def label_of(count):
    return lambda step, samples: torch.tensor(generator.classes("label", count, samples, step))


LENET5 = """# lenet5: made by make_references.py
net lenet5 {
    input image: 1x32x32;
    output logits = image
        -> c1: conv(6, 5x5)   -> tanh -> s2: avgpool(2x2)
        -> c3: conv(16, 5x5)  -> tanh -> s4: avgpool(2x2)
        -> c5: conv(120, 5x5) -> tanh
        -> flatten -> f6: dense(84) -> tanh -> out: dense(10);
}
train { loss = cross_entropy(logits, label); optimizer = sgd(lr = 0.01, momentum = 0.9); batch = 64; epochs = 1; }
"""


def lenet5(w, image, label):
    x = torch.tanh(F.conv2d(image, w("c1.weight", 6, 1, 5, 5), w("c1.bias", 6)))
    x = F.avg_pool2d(x, 2)
    x = torch.tanh(F.conv2d(x, w("c3.weight", 16, 6, 5, 5), w("c3.bias", 16)))
    x = F.avg_pool2d(x, 2)
    x = torch.tanh(F.conv2d(x, w("c5.weight", 120, 16, 5, 5), w("c5.bias", 120))).flatten(1)
    x = torch.tanh(F.linear(x, w("f6.weight", 84, 120), w("f6.bias", 84)))
    return F.cross_entropy(F.linear(x, w("out.weight", 10, 84), w("out.bias", 10)), label)


def make_lenet5():
    w = Weights()
    with open(os.path.join(HERE, "training", "lenet5.net"), "w", encoding="ascii") as file:
        file.write(LENET5)
    found = train(w, lenet5, [image_of(1, 32, 32), label_of(10)], 20, 64, lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9))
    write(os.path.join(HERE, "training", "lenet5.safetensors"), found, "F32", steps=20, samples=64)


# ---- Nets that say one thing twice: their outputs count too, in the first step and, after training, as they are outside it ----

SIAMESE = """# siamese: made by make_references.py
block tower(units) {
    return in -> conv(3, 3x3, bias = false) -> batchnorm -> relu -> maxpool(2x2) -> flatten -> dense(units);
}

net siamese {
    input pair: 2x8x8;
    shared view = tower(5);
    left  = slice(pair, 0, 1) -> view;
    right = slice(pair, 1, 2) -> view;
    output same = abs(left - right) -> out: dense(2);
}
regularize { l2(0.01); }
train { loss = cross_entropy(same, label); optimizer = sgd(lr = 0.05, momentum = 0.9); batch = 20; epochs = 1; }
"""


def siamese(w, training, pair, label):
    def view(x):
        x = F.conv2d(x, w("view.conv1.weight", 3, 1, 3, 3))
        running = w("view.batchnorm1.running_mean", 3), w("view.batchnorm1.running_var", 3)
        x = F.batch_norm(x, *running, w("view.batchnorm1.weight", 3), w("view.batchnorm1.bias", 3), training=training)
        return F.linear(F.max_pool2d(F.relu(x), 2).flatten(1), w("view.dense1.weight", 5, 27), w("view.dense1.bias", 5))

    distance = (view(pair[:, :1]) - view(pair[:, 1:])).abs()
    same = F.linear(distance, w("out.weight", 2, 5), w("out.bias", 2))
    return F.cross_entropy(same, label), {"same": same}


TIED = """# tied_autoencoder: made by make_references.py
net tied_autoencoder {
    input image: 12;
    output code = image -> enc: dense(5) -> sigmoid;
    output reconstruction = code -> dec: dense(12, weight = transpose(enc.weight, [1, 0])) -> sigmoid;
}
regularize { l1(0.001); clip(norm = 0.1); }
train { loss = mse(reconstruction, image); optimizer = sgd(lr = 0.5, momentum = 0.9); batch = 20; epochs = 1; }
"""


def tied_autoencoder(w, _, image):
    code = torch.sigmoid(F.linear(image, w("enc.weight", 5, 12), w("enc.bias", 5)))
    reconstruction = torch.sigmoid(F.linear(code, w["enc.weight"].T, w("dec.bias", 12)))
    return F.mse_loss(reconstruction, image), {"code": code, "reconstruction": reconstruction}


TIED_WORDS = """# tied_words: made by make_references.py
net tied_words {
    input tokens: int 6;
    output scores = tokens -> words: embedding(9, 4) -> gru(4) -> out: dense(9, weight = words.weight);
}
train { loss = cross_entropy(scores, label); optimizer = adam(lr = 0.02); batch = 20; epochs = 1; }
"""


def tied_words(w, _, tokens, label):
    gru = torch.nn.GRU(4, 4, batch_first=True)
    shapes = {"weight_ih_l0": (12, 4), "weight_hh_l0": (12, 4), "bias_ih_l0": (12,), "bias_hh_l0": (12,)}
    own = {name: w(f"gru1.{name}", *shape) for name, shape in shapes.items()}
    _, h = torch.func.functional_call(gru, own, F.embedding(tokens, w("words.weight", 9, 4)))
    scores = F.linear(h[0], w["words.weight"], w("out.bias", 9))
    return F.cross_entropy(scores, label), {"scores": scores}


TWO_LOSSES = """# two_losses: made by make_references.py
net two_losses {
    input image: 12;
    trunk = image -> t: dense(7) -> tanh;
    output logits = trunk -> c: dense(3);
    output reconstruction = trunk -> r: dense(12);
}
train {
    loss      = cross_entropy(logits, label) + 0.3 * mse(reconstruction, image);
    optimizer = sgd(lr = 0.1, momentum = 0.9);
    batch     = 20;
    epochs    = 1;
}
"""


def two_losses(w, _, image, label):
    trunk = torch.tanh(F.linear(image, w("t.weight", 7, 12), w("t.bias", 7)))
    logits = F.linear(trunk, w("c.weight", 3, 7), w("c.bias", 3))
    reconstruction = F.linear(trunk, w("r.weight", 12, 7), w("r.bias", 12))
    loss = F.cross_entropy(logits, label) + 0.3 * F.mse_loss(reconstruction, image)
    return loss, {"logits": logits, "reconstruction": reconstruction}


def tokens_of(steps, vocabulary):
    return lambda step, samples: torch.tensor(generator.classes("tokens", vocabulary, samples, step, shape=(steps,)))


def l2_of(w, *names):
    return 0.01 * sum((w[name] ** 2).sum() for name in names)


# Text, model, inputs, optimizer, penalty, and the limit of the gradients' norm.
NETS = {
    "siamese": (SIAMESE, siamese, [batch_of("pair", 2, 8, 8), label_of(2)],
                lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
                lambda w: l2_of(w, "view.conv1.weight", "view.dense1.weight", "out.weight"), None),
    "tied_autoencoder": (TIED, tied_autoencoder, [batch_of("image", 12)],
                         lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.9), lambda w: 0.001 * w["enc.weight"].abs().sum(),
                         ("norm", 0.1)),
    "tied_words": (TIED_WORDS, tied_words, [tokens_of(6, 9), label_of(9)], lambda p: torch.optim.Adam(p, lr=0.02), None, None),
    "two_losses": (TWO_LOSSES, two_losses, [batch_of("image", 12), label_of(3)],
                   lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), None, None),
}


def make_net(name):
    text, model, inputs, step_of, penalty, clip = NETS[name]
    w, steps, samples, outputs = Weights(), 30, 20, {}

    def loss_of(weights, *batch):
        loss, found = model(weights, True, *batch)
        if not outputs:
            outputs.update({f"output.{k}": y.detach().numpy() for k, y in found.items()})
        return loss

    with open(os.path.join(HERE, "training", name + ".net"), "w", encoding="ascii") as file:
        file.write(text)
    found = train(w, loss_of, inputs, steps, samples, step_of, penalty, clip)
    found.update(outputs)
    found.update({f"parameter.{k}": p.detach().numpy() for k, p in w.items()})
    with torch.no_grad():
        _, evaluated = model(w, False, *[make(0, samples) for make in inputs])
    found.update({f"evaluated.{k}": y.numpy() for k, y in evaluated.items()})
    write(os.path.join(HERE, "training", name + ".safetensors"), found, "F64", steps=steps, samples=samples)


def two_layers(w, image, label):
    x = torch.tanh(F.linear(image, w("dense1.weight", 7, 5), w("dense1.bias", 7)))
    return F.cross_entropy(F.linear(x, w("dense2.weight", 3, 7), w("dense2.bias", 3)), label)


def l1_and_l2(l1, l2):
    weights = lambda w: [w["dense1.weight"], w["dense2.weight"]]
    return lambda w: sum(l1 * p.abs().sum() + l2 * (p * p).sum() for p in weights(w))


class Training:
    """A rule as it is written, the same of torch.optim, penalties on weights, and ("norm" or "value", limit) or None."""

    def __init__(self, rule, optimizer, l1, l2, clip):
        self.rule, self.optimizer, self.l1, self.l2, self.clip = rule, optimizer, l1, l2, clip


def clip_gradients(parameters, clip):
    if clip and clip[0] == "norm":
        torch.nn.utils.clip_grad_norm_(parameters, clip[1])
    elif clip:
        torch.nn.utils.clip_grad_value_(parameters, clip[1])


def sgd(text, l1=0, l2=0, clip=None, **options):
    return Training(f"sgd({text})", lambda p: torch.optim.SGD(p, **options), l1, l2, clip)


def by(rule, optimizer, text, l1=0, l2=0, clip=None, **options):
    return Training(f"{rule}({text})", lambda p: optimizer(p, **options), l1, l2, clip)


ADAM, ADAMW, RMSPROP, ADAGRAD = torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop, torch.optim.Adagrad

TRAININGS = {
    "plain": sgd("lr = 0.1", lr=0.1),
    "momentum": sgd("lr = 0.05, momentum = 0.9", lr=0.05, momentum=0.9),
    "nesterov": sgd("lr = 0.05, momentum = 0.8, nesterov = true", lr=0.05, momentum=0.8, nesterov=True),
    "weight_decay": sgd("lr = 0.05, momentum = 0.9, weight_decay = 0.02", lr=0.05, momentum=0.9, weight_decay=0.02),
    "nesterov_decay": sgd("lr = 0.05, momentum = 0.9, nesterov = true, weight_decay = 0.01", lr=0.05, momentum=0.9, nesterov=True,
                          weight_decay=0.01),
    "l2": sgd("lr = 0.1", l2=0.01, lr=0.1),
    "l1": sgd("lr = 0.001", l1=0.01, lr=0.001),
    "l1_l2_momentum": sgd("lr = 0.0005, momentum = 0.9", 0.002, 0.05, lr=0.0005, momentum=0.9),
    "adam": by("adam", ADAM, "", lr=1e-3),
    "adam_all": by("adam", ADAM, "lr = 0.01, betas = [0.8, 0.99], eps = 1e-4, weight_decay = 0.02, amsgrad = true", lr=0.01,
                   betas=(0.8, 0.99), eps=1e-4, weight_decay=0.02, amsgrad=True),
    "adam_l2": by("adam", ADAM, "lr = 0.01", l2=0.01, lr=0.01),
    "adamw": by("adamw", ADAMW, "lr = 0.01", lr=0.01),
    "adamw_decay": by("adamw", ADAMW, "lr = 0.005, betas = [0, 0.9], weight_decay = 0.1, amsgrad = true", lr=0.005, betas=(0.0, 0.9),
                      weight_decay=0.1, amsgrad=True),
    "rmsprop": by("rmsprop", RMSPROP, "", lr=0.01),
    "rmsprop_all": by("rmsprop", RMSPROP, "lr = 0.002, alpha = 0.9, eps = 1e-3, weight_decay = 0.01, momentum = 0.5, centered = true",
                      lr=0.002, alpha=0.9, eps=1e-3, weight_decay=0.01, momentum=0.5, centered=True),
    "adagrad": by("adagrad", ADAGRAD, "", lr=0.01),
    "adagrad_all": by("adagrad", ADAGRAD,
                      "lr = 0.1, lr_decay = 0.05, weight_decay = 0.01, initial_accumulator_value = 0.1, eps = 1e-4", lr=0.1,
                      lr_decay=0.05, weight_decay=0.01, initial_accumulator_value=0.1, eps=1e-4),
    "clip_norm": sgd("lr = 0.1, momentum = 0.9", clip=("norm", 0.2), lr=0.1, momentum=0.9),
    "clip_norm_loose": sgd("lr = 0.1", clip=("norm", 100), lr=0.1),
    "clip_norm_l2": sgd("lr = 0.1, weight_decay = 0.05", l2=0.05, clip=("norm", 0.1), lr=0.1, weight_decay=0.05),
    "clip_norm_adam": by("adam", ADAM, "lr = 0.01", clip=("norm", 0.1), lr=0.01),
    "clip_value": sgd("lr = 0.1, weight_decay = 0.05", l2=0.05, clip=("value", 0.02), lr=0.1, weight_decay=0.05),
    "clip_value_adamw": by("adamw", ADAMW, "lr = 0.01", clip=("value", 0.01), lr=0.01),
}


def make_training(name):
    it = TRAININGS[name]
    rules = (f"l1({it.l1}); " if it.l1 else "") + (f"l2({it.l2}); " if it.l2 else "")
    rules += f"clip({it.clip[0]} = {it.clip[1]}); " if it.clip else ""
    net = f"""# {name}: made by make_references.py
net it {{
    input image: 5;
    output logits = image -> dense(7) -> tanh -> dense(3);
}}
{"regularize { " + rules + "}" if rules else ""}
train {{ loss = cross_entropy(logits, label); optimizer = {it.rule}; batch = 20; epochs = 1; }}
"""
    with open(os.path.join(HERE, "training", name + ".net"), "w", encoding="ascii") as file:
        file.write(net)
    w = Weights()
    penalty = l1_and_l2(it.l1, it.l2) if it.l1 or it.l2 else None
    found = train(w, two_layers, [image_of(5), label_of(3)], 100, 20, it.optimizer, penalty, it.clip)
    found.update({f"parameter.{k}": p.detach().numpy() for k, p in w.items()})
    write(os.path.join(HERE, "training", name + ".safetensors"), found, "F64", steps=100, samples=20)


def make_epochs():
    w = Weights()
    with open(os.path.join(HERE, "epochs", "epochs.net"), "w", encoding="ascii") as file:
        file.write(epochs.NET)
    write(os.path.join(HERE, "epochs", "initial.safetensors"), epochs.initial(w), "F64")
    lines = epochs.run(w)
    write(os.path.join(HERE, "epochs", "trained.safetensors"), {k: p.detach().numpy() for k, p in w.items()}, "F64")
    with open(os.path.join(HERE, "epochs", "metrics.jsonl"), "w", encoding="ascii") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


if __name__ == "__main__":
    for folder in ("operators", "training", "epochs"):
        os.makedirs(os.path.join(HERE, folder), exist_ok=True)
    for operator, its_cases in operators.all_cases().items():
        if not sys.argv[1:] or operator in sys.argv[1:]:
            make_operator(operator, its_cases)
    for training in TRAININGS:
        if not sys.argv[1:] or training in sys.argv[1:]:
            make_training(training)
    for net in NETS:
        if not sys.argv[1:] or net in sys.argv[1:]:
            make_net(net)
    if not sys.argv[1:] or "lenet5" in sys.argv[1:]:
        make_lenet5()
    if not sys.argv[1:] or "epochs" in sys.argv[1:]:
        make_epochs()
