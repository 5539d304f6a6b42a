"""Random small nets over the operators of this version: valid by construction, with branches, blocks, repeats, several outputs,
broadcasting, and windows of every form. The same seed makes the same net."""
import random
import re


def text(shape):
    return "x".join(map(str, shape))


def size(shape):
    product = 1
    for n in shape:
        product *= n
    return product


class Net:
    """Statements in order, and the tensors that they made."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.statements = []
        self.tensors = []          # (name, shape)
        self.outputs = []
        self.batch = self.random.choice([1, 2, 5, 15, 16, 17, 20, 31, 33, 40, 49, 65, 80])    # of up to five lane blocks

    def pick(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def channels(self):
        """Mostly few; now and then enough for sums along channels, in each group of a convolution too."""
        return self.random.randint(1, 4) if self.chance(0.7) else self.random.randint(5, 24)

    def bind(self, expression, shape):
        name = f"v{len(self.tensors)}"
        self.statements.append(f"{name} = {expression};")
        self.tensors.append((name, tuple(shape)))

    # ---- Windows ------------------------------------------------------------------------------------------

    def window(self, space, pool):
        """Arguments of a convolution or pool over `space`, and the sizes that come out; None if they do not fit."""
        r = self.random
        kernel = [r.randint(1, min(n, 4)) for n in space]
        stride = [r.choice([1, 1, 1, 2, 3]) for _ in space]
        dilation = [1 if pool in ("avgpool", "lppool") else r.choice([1, 1, 1, 2]) for _ in space]
        reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
        begin, end, padding = self.padding(space, kernel, reach, stride, pool)
        ceil = pool is not None and self.chance(0.3)
        out = []
        for n, f, s, b, e, k in zip(space, reach, stride, begin, end, kernel):
            room = n + b + e - f
            if room < 0:
                return None
            windows = room // s + 1
            if ceil and -(-room // s) + 1 > windows and (windows * s) < n + b:
                windows += 1
            if pool and (b >= f or (windows - 1) * s - b >= n or (b > 0 and f != k)):
                return None
            out.append(windows)
        arguments = ["x".join(map(str, kernel))]
        if stride != (kernel if pool else [1] * len(space)):
            arguments.append("stride = " + text(stride))
        if padding:
            arguments.append(padding)
        if dilation != [1] * len(space):
            arguments.append("dilation = " + text(dilation))
        if ceil:
            arguments.append("ceil = true")
        if pool == "avgpool" and self.chance(0.4):
            arguments.append("count_include_pad = true")
        if pool == "lppool" and self.chance(0.6):
            arguments.append(f"power = {self.pick(1, 1.5, 3, 4)}")
        return arguments, out

    def padding(self, space, kernel, reach, stride, pool):
        form = self.pick("none", "none", "one", "sizes", "pairs", "same")
        most = [(k - 1) // 2 if pool else k for k in kernel]
        if form == "none":
            return [0] * len(space), [0] * len(space), ""
        if form == "one":
            p = self.random.randint(0, min(most))
            return [p] * len(space), [p] * len(space), f"padding = {p}"
        if form == "sizes" and min(most) > 0:
            p = [self.random.randint(1, m) for m in most]
            return p, p, "padding = " + text(p)
        if form == "same" and not pool:
            total = [max((-(-n // s) - 1) * s + f - n, 0) for n, f, s in zip(space, reach, stride)]
            return [t // 2 for t in total], [t - t // 2 for t in total], "padding = same"
        begin = [self.random.randint(0, m) for m in most]
        end = [self.random.randint(0, m) for m in most]
        return begin, end, "padding = [" + ", ".join(f"[{b}, {e}]" for b, e in zip(begin, end)) + "]"

    # ---- Stages: (text, shape) from a shape, or None ------------------------------------------------------

    def conv(self, shape):
        if len(shape) < 2:
            return None
        found = self.window(shape[1:], None)
        if not found:
            return None
        arguments, out = found
        groups = self.pick(*[g for g in (1, 1, 1, 2, 3, 4) if shape[0] % g == 0])
        filters = groups * self.channels()
        if groups > 1:
            arguments.append(f"groups = {groups}")
        elif self.chance(0.15):
            arguments.append(self.connections(shape[0], filters))
        if self.chance(0.3):
            arguments.append("bias = false")
        return f"conv({filters}, {', '.join(arguments)})", (filters, *out)

    def connections(self, channels, filters):
        table = [sorted(self.random.sample(range(channels), self.random.randint(1, channels))) for _ in range(filters)]
        return f"connections = {table}"

    def depthwise_conv(self, shape):
        found = self.window(shape[1:], None) if len(shape) > 1 else None
        if not found:
            return None
        arguments, out = found
        multiplier = self.pick(1, 1, 2, 3)
        if multiplier > 1:
            arguments.append(f"multiplier = {multiplier}")
        if self.chance(0.3):
            arguments.append("bias = false")
        return f"depthwise_conv({', '.join(arguments)})", (shape[0] * multiplier, *out)

    def conv_transpose(self, shape):
        if len(shape) < 2:
            return None
        r, space = self.random, shape[1:]
        if self.chance(0.1):
            return self.bias_alone(space)
        kernel = [r.randint(1, 4) for _ in space]
        stride = [r.choice([1, 1, 2, 2, 3]) for _ in space]
        dilation = [r.choice([1, 1, 1, 2]) for _ in space]
        extra = [r.randrange(max(s, d)) if self.chance(0.4) else 0 for s, d in zip(stride, dilation)]
        rows = [(n - 1) * s + d * (k - 1) + 1 + e for n, s, d, k, e in zip(space, stride, dilation, kernel, extra)]
        pairs = [(r.randint(0, k - 1), r.randint(0, k - 1)) for k in kernel]
        out = [n - b - e for n, (b, e) in zip(rows, pairs)]
        groups = self.pick(*[g for g in (1, 1, 2, 3) if shape[0] % g == 0])
        filters = groups * self.channels()
        same = self.chance(0.2)
        if same:
            out = [n * s for n, s in zip(space, stride)]
        # Rows of output_padding, and between the taps of a dilated kernel, are reached by no input: the bias alone is left where all are.
        reached = [{i * s + j * d - b for i in range(n) for j in range(k)} & set(range(o - x))
                   for n, s, d, k, (b, _), o, x in zip(space, stride, dilation, kernel, pairs, out, extra)]
        if min(out) < 1 or (not same and not all(reached) and self.chance(0.5)):
            return None
        arguments = [text(kernel), "stride = " + text(stride), "dilation = " + text(dilation)]
        arguments.append("padding = same" if same else "padding = [" + ", ".join(f"[{b}, {e}]" for b, e in pairs) + "]")
        if any(extra):
            arguments.append("output_padding = " + text(extra))
        if groups > 1:
            arguments.append(f"groups = {groups}")
        return f"{self.pick('conv_transpose', 'deconv')}({filters}, {', '.join(arguments)})", (filters, *out)

    def bias_alone(self, space):
        """A conv_transpose of which the padding leaves rows of output_padding alone."""
        filters, rank = self.channels(), len(space)
        cut = ", ".join(f"[{3 * (n - 1) + 1}, 0]" for n in space)
        arguments = [text([1] * rank), "stride = " + text([3] * rank), f"padding = [{cut}]", "output_padding = " + text([2] * rank)]
        return f"conv_transpose({filters}, {', '.join(arguments)})", (filters, *[2] * rank)

    def adaptive_pool(self, shape):
        if len(shape) < 2:
            return None
        out = [self.random.randint(1, n + 2) for n in shape[1:]]
        return f"adaptive_avgpool({text(out)})", (shape[0], *out)

    def norm(self, shape):
        forms = [f"layernorm(axis = {self.random.randrange(len(shape))})"]
        if len(shape) != 2:
            forms.append(self.pick("layernorm", "layernorm(affine = false)"))
        if len(shape) < 4:
            forms.append(f"groupnorm({self.pick(*[g for g in (1, 2, 3, 4) if shape[0] % g == 0])}, eps = 0.01)")
        if 1 < len(shape) < 4:
            if size(shape) > shape[0]:
                forms.append("instancenorm(eps = 0.01)")
            forms.append(self.pick("lrn", "lrn(3, alpha = 0.5)", "lrn(4, 0.3, 0.4, 2)"))
        # Of few values the norm is all but a sign, and its gradient what rounding leaves.
        if len(shape) < 4 and self.batch > 2 and (self.batch - 2) * size(shape) > 6 * shape[0]:
            forms += [self.pick("batchnorm(eps = 0.05)", "batchnorm(eps = 0.1, momentum = 0.4)", "batchnorm(eps = 0.1, affine = false)")] * 2
        return self.pick(*forms), shape

    def pool(self, shape):
        kind = self.pick("maxpool", "avgpool", "lppool")
        found = self.window(shape[1:], kind) if len(shape) > 1 else None
        return found and (f"{kind}({', '.join(found[0])})", (shape[0], *found[1]))

    def pooled(self, shape):
        """A layer and a pool whose windows tile its result: they may share their loops."""
        found = self.pick(self.conv, self.conv_transpose, self.depthwise_conv, self.dense, self.dense)(shape)
        if not found or len(found[1]) < 2:
            return None
        layer, (channels, *space) = found
        kernel = [self.pick(*[k for k in range(1, 5) if n % k == 0]) for n in space]
        pool = f"{self.pick('maxpool', 'avgpool', 'lppool')}({text(kernel)})"
        return f"{layer} -> {self.pick('', 'tanh -> ')}{pool}", (channels, *[n // k for n, k in zip(space, kernel)])

    def dense(self, shape):
        units = self.channels()
        bias = self.pick("", "", ", bias = false")
        return (f"dense({units}{bias})", (*shape[:-1], units)) if len(shape) < 3 else None

    def recurrent(self, shape):
        if len(shape) != 2:
            return None
        units, kind = self.random.randint(1, 5), self.pick("rnn", "gru", "lstm")
        way = self.pick("", ", reverse = true", ", bidirectional = true")
        width = units * (2 if "bidirectional" in way else 1)
        relu = self.pick("", ", activation = relu") if kind == "rnn" else ""
        if self.chance(0.5):
            return f"{kind}({units}, sequences = true{way}{relu})", (shape[0], width)
        return f"{kind}({units}{way}{relu})", (width,)

    def activation(self, shape):
        smooth = ["elu", "elu(0.5)", "selu", "gelu", "silu", "mish", "softplus", "softsign", "square", "exp -> log", "softplus -> sqrt"]
        cornered = ["relu6", "hard_tanh", "hard_sigmoid", "hard_swish", "abs", "prelu", "prelu(per_channel = true)"]
        return self.pick("relu", "tanh", "sigmoid", "leaky_relu", "leaky_relu(0.2)", "identity", *smooth, *cornered), shape

    def noise(self, shape):
        forms = [f"dropout({self.pick('0.1', '50%', '0.75', '1', '0')})", f"gaussian_noise({self.pick('0.1', '1', '0')})"]
        if 1 < len(shape) < 4:
            forms.append(f"spatial_dropout({self.pick('0.25', '50%')})")
        return self.pick(*forms), shape

    def softmax(self, shape):
        return f"{self.pick('softmax', 'log_softmax')}(axis = {self.random.randrange(len(shape))})", shape

    def reduce(self, shape):
        """The axis goes, or two of several; a vector keeps its own."""
        axis = self.random.randrange(len(shape))
        rest = shape[:axis] + shape[axis + 1:]
        if len(shape) > 2 and self.chance(0.4):
            axes = self.random.sample(range(len(shape)), 2)
            rest = tuple(n for d, n in enumerate(shape) if d not in axes)
            axis = [a - self.pick(0, len(shape)) for a in axes]
        return (f"{self.pick('sum', 'mean', 'max', 'min')}(axis = {axis})", rest) if rest else None

    def rearrange(self, shape):
        axes = list(range(len(shape)))
        self.random.shuffle(axes)
        if len(shape) > 1 and self.chance(0.5):
            return f"transpose({axes})", tuple(shape[a] for a in axes)
        axis = self.random.randrange(len(shape))
        begin = self.random.randrange(shape[axis])
        end = self.random.randint(begin + 1, shape[axis])
        first = begin - self.pick(0, shape[axis])
        return f"slice({first}, {end}, axis = {axis})", (*shape[:axis], end - begin, *shape[axis + 1:])

    def borders(self, shape):
        if len(shape) < 2:
            return None
        if self.chance(0.5):
            pairs = [[self.random.randint(0, 2), self.random.randint(0, 2)] for _ in shape[1:]]
            return f"pad({pairs}, value = {self.pick(0, 1, -0.5)})", (shape[0], *[n + b + e for n, (b, e) in zip(shape[1:], pairs)])
        begins = [self.random.randint(0, (n - 1) // 2) for n in shape[1:]]
        pairs = [[b, self.random.randint(0, n - 1 - b)] for n, b in zip(shape[1:], begins)]
        return f"crop({pairs})", (shape[0], *[n - b - e for n, (b, e) in zip(shape[1:], pairs)])

    def enlarge(self, shape):
        if len(shape) < 2:
            return None
        scale = [self.random.randint(1, 3) for _ in shape[1:]]
        mode = self.pick("", ", mode = bilinear")
        scale_text = text(scale) if len(scale) > 1 else str(scale[0])
        return f"upsample({scale_text}{mode})", (shape[0], *[n * s for n, s in zip(shape[1:], scale)])

    def shuffle(self, shape):
        if len(shape) < 2:
            return None
        return f"channel_shuffle({self.pick(*[g for g in range(1, shape[0] + 1) if shape[0] % g == 0])})", shape

    def flatten(self, shape):
        return ("flatten", (size(shape),)) if len(shape) > 1 else None

    def reshape(self, shape):
        n = size(shape)
        first = self.pick(*[d for d in range(1, min(n, 8) + 1) if n % d == 0])
        to = (first, n // first)
        if self.chance(0.5):
            second = self.pick(*[d for d in range(1, n // first + 1) if (n // first) % d == 0])
            to = (first, second, n // first // second)
        return f"reshape({text(to)})", to

    def global_pool(self, shape):
        return (self.pick("global_avgpool", "global_maxpool"), (shape[0],)) if len(shape) > 1 else None

    def stage(self, shape):
        kinds = [self.conv] * 5 + [self.pool] * 3 + [self.activation] * 4 + [self.dense] * 3
        kinds += [self.softmax, self.flatten, self.reshape, self.global_pool, self.reduce, self.rearrange, self.borders]
        kinds += [self.enlarge, self.shuffle, self.noise, self.noise] + [self.recurrent] * 6
        kinds += [self.depthwise_conv, self.conv_transpose, self.conv_transpose, self.adaptive_pool, self.norm, self.norm]
        kinds += [self.pooled] * 3
        while True:
            found = self.random.choice(kinds)(shape)
            if found and size(found[1]) <= 600:
                return found

    # ---- Statements ---------------------------------------------------------------------------------------

    def chain(self, shape, length):
        stages = []
        for _ in range(length):
            stage, shape = self.stage(shape)
            stages.append(stage)
        return " -> ".join(stages), shape

    def same_shape(self, shape):
        """A branch that keeps the shape."""
        if len(shape) > 1 and self.chance(0.6):
            kernel = "x".join("3" * (len(shape) - 1))
            return f"conv({shape[0]}, {kernel}, padding = 1)" + self.pick("", " -> tanh", " -> relu")
        if len(shape) == 1 and self.chance(0.6):
            return f"dense({shape[0]})" + self.pick("", " -> sigmoid")
        return self.pick("tanh", "identity", "relu", "leaky_relu(0.3)")

    def add_branches(self, name, shape):
        if self.chance(0.5):
            axis = self.random.randrange(len(shape))
            count = self.random.randint(2, 3)
            branches = " ".join("| " + self.same_shape(shape) for _ in range(count))
            out = list(shape)
            out[axis] *= count
            return self.bind(f"{name} -> concat(axis = {axis}) {{ {branches} }}", out)
        branches = " ".join("| " + self.same_shape(shape) for _ in range(self.random.randint(2, 3)))
        return self.bind(f"{name} -> {self.pick('add', 'mul')} {{ {branches} }}", shape)

    def add_parts(self, name, shape):
        """split: the parts come together again, in another order."""
        axis = self.random.randrange(len(shape))
        parts = self.pick(*[p for p in range(1, min(shape[axis], 4) + 1) if shape[axis] % p == 0])
        if parts == 1:
            return self.bind(f"{name} -> {self.same_shape(shape)}", shape)
        names = [f"p{len(self.tensors)}{'abcd'[i]}" for i in range(parts)]
        self.statements.append(f"{', '.join(names)} = {name} -> split({parts}, axis = {axis});")
        self.random.shuffle(names)
        return self.bind(f"concat(({names[0]} -> tanh), {', '.join(names[1:])}, axis = {axis})", shape)

    def add_product(self, name, shape):
        """A product of matrices, or attention; of what is no matrix a product of its elements."""
        if len(shape) < 2:
            return self.bind(f"{name} -> reshape({shape[0]}x1) -> matmul(({name} -> tanh -> reshape(1x{shape[0]})))", (shape[0], shape[0]))
        *heads, rows, columns = shape
        other, scale = self.pick(f"({name} -> tanh)", f"({name} * 0.3)", name), self.pick("", ", scale = 0.3")
        if columns > rows and self.chance(0.5):
            return self.bind(f"matmul({other}, {name}, transpose_b = true{scale})", (*heads, rows, rows))
        if rows > columns and self.chance(0.5):
            return self.bind(f"matmul({name}, {other}, transpose_a = true{scale})", (*heads, columns, columns))
        if len(shape) == 3 and self.chance(0.4):
            other = f"({other} -> slice(0, 1) -> reshape({rows}x{columns}))"
        weights = f"(matmul({name}, {other}, transpose_b = true{scale}) -> softmax(axis = -1))"
        return self.bind(f"matmul({weights}, {other})", shape)

    def free(self, shape):
        """A free parameter that goes together with this shape, of some axes only its first place."""
        sizes = [1 if self.chance(0.3) else n for n in shape]
        return f"(free{len(self.tensors)}: parameter({text(sizes)}{self.pick('', ', init = ones', ', init = uniform(0.5)')}))"

    def add_arithmetic(self, name, shape):
        others = [n for n, s in self.tensors if s == shape]
        other = self.random.choice(others)
        if len(shape) == 3 and self.chance(0.4):
            gate = f"({name} -> global_avgpool -> dense({shape[0]}) -> sigmoid -> reshape({shape[0]}x1x1))"
            return self.bind(f"{name} {self.pick('*', '+', '-')} {gate}", shape)
        forms = (f"{name} + {other}", f"{name} * 0.5 - {other}", f"{name} * {other}", f"{name} / ({other} * {other} + 2)",
                 f"1 - {name}", f"-{name} + {other} / 3", f"max({name}, {other})", f"min(0.3, {name}, {other} * 2)",
                 f"({name} -> tanh) ^ {self.pick(2, 3, 5)}", f"({other} ^ 2 + 0.5) ^ {self.pick(1.5, -1, -0.25, 0.3)}",
                 f"{name} * ({other} -> stop_gradient)", f"max({name}, {self.free(shape)})", f"{name} + {self.free(shape)}",
                 f"{name} * ({self.free(shape)} -> {self.pick('tanh', 'softmax(axis = 0)', 'square')})")
        return self.bind(self.random.choice(forms), shape)

    def add_block(self, name, shape):
        filters, stride = self.random.randint(1, 4), self.pick(1, 2)
        if len(shape) != 3 or min(shape[1:]) < 3:
            return self.bind(f"{name} -> {self.same_shape(shape)}", shape)
        out = (filters, *[(n - 1) // stride + 1 for n in shape[1:]])
        return self.bind(f"{name} -> residual({filters}, stride = {stride})", out)

    def add_states(self, name, shape):
        """A layer begins with the last states of another, of as many units."""
        if len(shape) != 2:
            return self.bind(f"{name} -> {self.same_shape(shape)}", shape)
        units, kind, n = self.random.randint(1, 5), self.pick("rnn", "gru", "lstm"), len(self.tensors)
        way = self.pick("", ", reverse = true", ", bidirectional = true")
        width = units * (2 if "bidirectional" in way else 1)
        results = f"s{n}, h{n}" + (f", c{n}" if kind == "lstm" else "")
        starts = f", state = h{n}" + (f", cell = c{n}" if kind == "lstm" and self.chance(0.7) else "")
        self.statements.append(f"{results} = {name} -> {kind}({units}, sequences = true{way});")
        source = self.pick(name, f"s{n}", f"(s{n} -> tanh)")
        return self.bind(f"{source} -> {kind}({units}, sequences = true{way}{starts})", (shape[0], width))

    def add_repeat(self, name, shape):
        return self.bind(f"{name} -> repeat {self.random.randint(2, 3)} {{ {self.same_shape(shape)} }}", shape)

    def add_shared(self, name, shape):
        """One set of parameters for two layers, the one behind the other, or both of the same tensor; now and then of a block."""
        shared, filters = f"s{len(self.tensors)}", shape[0]
        call = f"dense({shape[-1]})" if len(shape) < 3 else "layernorm"
        if len(shape) == 3 and self.chance(0.4):
            call = f"residual({filters})"
        elif len(shape) < 4 and self.batch > 2 and (self.batch - 2) * size(shape) > 6 * filters and self.chance(0.3):
            call = "batchnorm(eps = 0.1)"
        elif len(shape) > 1 and self.chance(0.6):
            call = f"conv({filters}, {'x'.join('3' * (len(shape) - 1))}, padding = 1)"
        self.statements.append(f"shared {shared} = {call};")
        forms = (f"{name} -> {shared} -> tanh -> {shared}", f"{name} -> add {{ | {shared} | tanh -> {shared} }}",
                 f"{name} -> repeat 2 {{ {shared} -> tanh }}")
        return self.bind(self.random.choice(forms), shape)

    def add_tied(self, name, shape):
        """A layer and one that goes back with the same weight, turned round, or its bias."""
        if len(shape) > 2:
            return self.bind(f"{name} -> {self.same_shape(shape)}", shape)
        label, units = f"e{len(self.tensors)}", self.channels()
        back = self.pick(f"transpose({label}.weight, [1, 0])", f"transpose({label}.weight * 0.5, [1, 0])")
        own = self.pick("", f" -> dense({units}, bias = {label}.bias) -> sigmoid")
        return self.bind(f"{name} -> {label}: dense({units}) -> tanh{own} -> dense({shape[-1]}, weight = {back})", shape)

    def add_statement(self):
        name, shape = self.tensors[-1] if self.chance(0.75) else self.random.choice(self.tensors)
        if size(shape) > 300:
            stage, to = self.global_pool(shape) if len(shape) > 1 else ("dense(5)", (5,))
            return self.bind(f"{name} -> {stage}", to)
        kinds = [self.add_chain] * 5 + [self.add_branches] * 2 + [self.add_arithmetic] * 2
        kinds += [self.add_block, self.add_repeat, self.add_parts, self.add_shared, self.add_tied, self.add_states, self.add_product]
        return self.random.choice(kinds)(name, shape)

    def add_chain(self, name, shape):
        chain, to = self.chain(shape, self.random.randint(1, 3))
        return self.bind(f"{name} -> {chain}", to)

    def add_embedding(self):
        tokens, vocabulary, dim = self.pick(1, 2, 5, 9), self.pick(1, 2, 7, 40), self.pick(1, 3, 8, 16, 17)
        rows = self.chance(0.3)
        self.statements.append(f"input tokens: int {f'1x{tokens}' if rows else tokens};")
        self.bind(f"tokens{' -> flatten' if rows else ''} -> embedding({vocabulary}, {dim})", (tokens, dim))

    # ---- The whole ----------------------------------------------------------------------------------------

    def counted(self, classes):
        """Options by which places count for more or less than one another."""
        ignored = f", ignore = {self.pick(0, classes - 1, classes + 2)}" if self.chance(0.6) else ""
        weights = [self.pick(0.5, 1, 2, 3.25) for _ in range(classes)]
        return ignored + (f", class_weights = {weights}" if self.chance(0.6) else "")

    def class_loss(self, name, shape):
        share = self.pick("", ", smoothing = 0.1")
        if len(shape) > 1 or self.chance(0.4):
            return f"cross_entropy({name}, label{share}{self.counted(shape[0])})"
        return self.random.choice([f"cross_entropy({name}, label{share})", f"hinge({name}, label)",
                                   f"categorical_cross_entropy(({name} -> softmax), label)",
                                   f"categorical_cross_entropy(({name} -> tanh) * 0.4 + 0.5, label)"])

    def value_loss(self, name):
        target = f"t{name}"
        share = f"({name} -> tanh) * 0.4 + 0.5"
        return self.random.choice([f"mse({name}, {target})", f"0.25 * half_mse({name}, {target})", f"mae({name}, {target})",
                                   f"huber({name}, {target}, delta = 0.5)", f"binary_cross_entropy_with_logits({name}, {target})",
                                   f"binary_cross_entropy_with_logits({name}, {target}, positive_weight = {self.pick(0.5, 3)})",
                                   f"binary_cross_entropy(({name} -> sigmoid), {target})",
                                   f"binary_cross_entropy({share}, {target})", f"kl_divergence({share}, ({name} -> sigmoid))"])

    def optimizer(self):
        rate = self.pick("lr = 0.01", "lr = 0.002")
        decay = self.pick("", ", weight_decay = 0.01")
        return self.random.choice([f"adam({rate}{decay}, eps = 1e-3)", f"adamw({rate}, amsgrad = true, eps = 1e-3)",
                                   f"rmsprop({rate}{decay}, eps = 1e-3)",
                                   f"rmsprop({rate}, momentum = 0.5, eps = 1e-3)",
                                   f"adagrad({rate}{decay}, lr_decay = 0.1, initial_accumulator_value = 0.1)"])

    def make_outputs(self):
        """Every tensor that nobody reads is an output with a term of the loss of its own."""
        body = " ".join(self.statements)
        words = body.replace(";", " ").replace("(", " ").replace(")", " ").replace("-", " ").split()
        terms = []
        for name, shape in self.tensors[1:]:
            if words.count(name) > 1 and name != self.tensors[-1][0]:
                continue
            self.outputs.append(name)
            if len(shape) < 4 and shape[0] > 1 and not terms and (len(shape) == 1 or self.chance(0.5)):
                terms.append(self.class_loss(name, shape))
            else:
                terms.append(self.value_loss(name))
        return terms

    def generate(self):
        r = self.random
        shape = r.choice([(r.randint(1, 4), r.randint(1, 9), r.randint(1, 9)), (r.randint(1, 4), r.randint(1, 12)),
                          (r.randint(1, 20),), (r.randint(1, 3), r.randint(4, 9), r.randint(4, 9))])
        self.tensors.append(("image", shape))
        self.statements.append(f"input image: {text(shape)};")
        # A layer in front, so that everything has a data gradient.
        front = f"dense({shape[0]})" if len(shape) == 1 else f"conv({shape[0] + 1}, {'x'.join('1' * (len(shape) - 1))})"
        self.bind(f"image -> {front}", shape if len(shape) == 1 else (shape[0] + 1, *shape[1:]))
        if self.chance(0.25):
            self.add_embedding()
        for _ in range(r.randint(1, 4)):
            self.add_statement()
        terms = self.make_outputs()
        sgd = ["lr = 0.05"]
        if self.chance(0.7):
            sgd.append("momentum = 0.9")
            if self.chance(0.4):
                sgd.append("nesterov = true")
        if self.chance(0.3):
            sgd.append("weight_decay = 0.01")
        rule = self.optimizer() if self.chance(0.4) else f"sgd({', '.join(sgd)})"
        sections = [f"train {{ loss = {' + '.join(terms)}; optimizer = {rule}; batch = {self.batch}; epochs = 1; }}"]
        rules = [self.pick("l1(0.001); l2(0.01, on = \"*\");", "l2(0.02); l2(0.01, on = \"*\", except = \"*1.weight\");")]
        rules = rules if self.chance(0.3) else []
        if self.chance(0.25):
            rules.append(self.pick("clip(norm = 0.5);", "clip(value = 0.01);"))
        if rules:
            sections.append(f"regularize {{ {' '.join(rules)} }}")
        return Source(self.statements, self.outputs, sections)


BLOCK = """block residual(filters, stride = 1) {
    main = in -> conv(filters, 3x3, stride = stride, padding = 1) -> relu -> conv(filters, 3x3, padding = 1);
    skip = in -> conv(filters, 1x1, stride = stride, bias = false);
    return main + skip -> relu;
}
"""


class Source:
    """A net in pieces that can be taken away."""

    def __init__(self, statements, outputs, sections):
        self.statements, self.outputs, self.sections = list(statements), list(outputs), list(sections)

    def text(self):
        lines = [f"    {s}" for s in self.statements] + [f"    output {o}_out = {o};" for o in self.outputs]
        body = "\n".join(lines)
        block = BLOCK if "residual" in body else ""
        return f"{block}net random {{\n{body}\n}}\n" + "\n".join(self.sections) + "\n"


def generate(seed):
    return Net(seed).generate()


def unused_operators(seeds):
    """Operators of the compiler's table that none of these nets uses."""
    with open("compiler/ops/ops.def", encoding="ascii") as file:
        operators = re.findall(r"^OP\((\w+)", file.read(), re.MULTILINE)
    used = {word for seed in seeds for word in re.findall(r"\w+", generate(seed).text())}
    return [name for name in operators if name not in used]


if __name__ == "__main__":
    import sys

    print(generate(int(sys.argv[1])).text(), end="")
