"""Small nets with stored statistics: what an answer does with them, and mistakes."""
import numpy as np
from mxnet import autograd, nd
from mxnet.gluon import nn

from .compare import in_words
from .judge import Unexpected, parts, something


def with_random_arrays(layers, X, seed):
    """A net of these layers for X; its arrays are random, variances above 0."""
    net = nn.Sequential()
    net.add(*layers)
    net.initialize()
    net(X)  # gives the arrays their shapes
    random = np.random.RandomState(seed)
    for name, parameter in net.collect_params().items():
        values = random.normal(0, .7, parameter.shape)
        if name.endswith(("gamma", "running_var")):
            values = np.abs(values) + .5
        parameter.set_data(nd.array(values))
    return net


def norms(net):
    return [layer for layer in net if isinstance(layer, nn.BatchNorm)]


def changes(net, before):
    """In words: which arrays of the net are no longer as `before`."""
    after = arrays(net)
    changed = {"statistics" if "running" in name else "weights" for name in before
               if not np.array_equal(before[name], after[name])}
    return " and ".join(sorted(changed)) or "nothing"


def arrays(net):
    nd.waitall()
    return {name: p.data().asnumpy() for name, p in net.collect_params().items()}


# Exercise: the gradient of a prediction

def use_gradient(candidate, k, seed):
    X = nd.array(np.random.RandomState(seed + 10).normal(1, 1, (6, 4)))
    net = with_random_arrays([nn.BatchNorm(), nn.Dense(5), nn.BatchNorm(),
                              nn.Activation("sigmoid"), nn.Dense(3)], X, seed)
    before = arrays(net)
    gradient = something(candidate(net, X.copy(), k))
    nd.waitall()
    return {"gradient": gradient, "what has changed in net": changes(net, before)}


def gradient_by_hand(net, X, k):
    """The right answer for `use_gradient`'s net, by the chain rule in NumPy."""
    (factor_1, shift_1), (factor_2, shift_2) = map(as_line, norms(net))
    weight_1, bias_1 = (p.data().asnumpy() for p in (net[1].weight, net[1].bias))
    inputs = factor_2 * ((factor_1 * X.asnumpy() + shift_1) @ weight_1.T + bias_1)
    sigmoid = 1 / (1 + np.exp(-(inputs + shift_2)))
    of_sigmoid = net[4].weight.data().asnumpy()[k]
    return nd.array((of_sigmoid * sigmoid * (1 - sigmoid) * factor_2) @ weight_1
                    * factor_1)


def as_line(norm):
    """BN in prediction mode is factor * x + shift."""
    gamma, beta, mean, var = (p.data().asnumpy() for p in (
        norm.gamma, norm.beta, norm.running_mean, norm.running_var))
    factor = gamma / np.sqrt(var + 1e-5)
    return factor, beta - factor * mean


# Exercise: re-estimate by hand

def use_estimate(candidate, shape, count):
    random = np.random.RandomState(count)
    batches = [nd.array(random.normal(b, 1 + b, shape)) for b in range(count)]
    first = nn.Dense(4) if len(shape) == 2 else nn.Conv2D(3, kernel_size=3)
    net = with_random_arrays([first, nn.BatchNorm(), nn.Activation("sigmoid"),
                              nn.Dense(3), nn.BatchNorm(), nn.Dense(2)], batches[0], 7)
    before, passes = arrays(net), []
    hook = first.register_forward_pre_hook(lambda layer, inputs: passes.append(1))
    hooks_before = number_of_hooks(net)
    returned = candidate(net, [X.copy() for X in batches])
    left = number_of_hooks(net) - hooks_before
    hook.detach()
    nd.waitall()
    changed = changes(net, before)
    if changed == "nothing":
        if returned is not None:
            raise Unexpected(in_words(returned), "nothing returned, net changed")
        changed += ", though batches went through" if passes else ""
    if "weights" in changed:
        raise Unexpected(f"{changed} have changed", "only the statistics change")
    seen = {"what has changed in net": changed}
    for number, norm in enumerate(norms(net), 1):
        seen[f"running_mean of BN layer {number}"] = norm.running_mean.data()
        seen[f"running_var of BN layer {number}"] = norm.running_var.data()
    seen["hooks still on the net's layers"] = "some" if left else "none"
    return seen


def number_of_hooks(net):
    return sum(len(hooks) for layer in [net, *net] for hooks in (
        layer._forward_hooks, layer._forward_pre_hooks))


def keep_a_hook(candidate):
    """The candidate, which also leaves a hook in the net."""
    def keeping(net, batches):
        candidate(net, batches)
        norms(net)[0].register_forward_pre_hook(lambda layer, inputs: None)
    return keeping


def estimate(combine, training=True):
    """An answer that sets combine(means, variances, old mean, old variance, m).

    means, variances: (number of batches, C); m: how many numbers share a mean.
    """
    def candidate(net, batches):
        found = {norm: [] for norm in norms(net)}
        with autograd.train_mode() if training else autograd.predict_mode():
            for X in batches:
                for layer in net:
                    if layer in found:
                        found[layer].append(X.asnumpy().astype("float64"))
                    X = layer(X)
        for norm, inputs in found.items():
            axes = tuple(axis for axis in range(inputs[0].ndim) if axis != 1)
            stored = [norm.running_mean, norm.running_var]
            new = combine(np.array([x.mean(axes) for x in inputs]),
                          np.array([x.var(axes) for x in inputs]),
                          *(p.data().asnumpy() for p in stored),
                          inputs[0].size // inputs[0].shape[1])
            for parameter, values in zip(stored, new, strict=True):
                parameter.set_data(nd.array(values))
    return candidate


def move_all(net, batches):
    for parameter in net.collect_params().values():
        parameter.set_data(parameter.data() + 1)


def moving(values, start):
    for value in values:
        start = .9 * start + .1 * value
    return start


def corrected(values):
    return moving(values, 0) / (1 - .9 ** len(values))


# In the order in which they are told: name -> combine for `estimate`.
COMBINATIONS = {
    "passes": lambda mean, var, old_mean, old_var, m: (old_mean, old_var),
    "moved on": lambda mean, var, old_mean, old_var, m: (moving(mean, old_mean),
                                                         moving(var, old_var)),
    "last": lambda mean, var, *_: (mean[-1], var[-1]),
    "from zero": lambda mean, var, *_: (moving(mean, 0), moving(var, 0)),
    "from zero, corrected": lambda mean, var, *_: (corrected(mean), corrected(var)),
    "a tenth": lambda mean, var, *_: (.1 * mean.mean(0), .1 * var.mean(0)),
    "sum": lambda mean, var, *_: (mean.sum(0), var.sum(0)),
    "mean alone": lambda mean, var, old_mean, old_var, m: (mean.mean(0), old_var),
    "means vary": lambda mean, var, *_: (mean.mean(0), var.mean(0) + mean.var(0)),
    "sample variance": lambda mean, var, old_mean, old_var, m: (
        mean.mean(0), var.mean(0) * m / (m - 1)),
    "prediction": lambda mean, var, *_: (mean.mean(0), var.mean(0)),
}


# Exercise: lag and noise

def use_lag(candidate, momentum):
    lag, noise = parts(candidate(momentum), 2, "the lag and the noise")
    return {"lag": lag, "noise": noise}
