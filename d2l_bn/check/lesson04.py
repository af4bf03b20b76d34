"""Checks for the exercises of lesson 04: build a BatchNorm layer."""
import numpy as np
from mxnet import init, nd
from mxnet.gluon import nn

from ..norm import BatchNorm
from .books_file import MENDING_MISTAKES, mend_rightly, observe_mending
from .choices import judge_choices
from .judge import judge
from .plain_norms import PLAIN_MISTAKES, PlainNorm, use_layer


def count_numbers(answer):
    """count_numbers(net) -> (numbers that a trainer changes, numbers only kept)."""
    def counted(is_trained, size=lambda parameter: parameter.data().size):
        def candidate(net):
            both = [0, 0]
            for parameter in net.collect_params().values():
                both[0 if is_trained(parameter) else 1] += size(parameter)
            return tuple(both)
        return candidate

    def has_gradient(parameter):
        return parameter.grad_req != "null"

    right = counted(has_gradient)

    def all_and_kept(net):
        trained, kept = right(net)
        return trained + kept, kept

    def last_of_each(net):
        both = [0, 0]
        for parameter in net.collect_params().values():
            both[0 if has_gradient(parameter) else 1] = parameter.data().size
        return tuple(both)

    mistakes = [
        (last_of_each, "Only the last array of each kind is counted: add up with +=."),
        (counted(lambda parameter: parameter.grad_req is not None),
         "Nothing counts as kept. grad_req is the text \"null\" then, and not None."),
        (counted(has_gradient, lambda parameter: 1),
         "These are arrays. Each array holds many numbers: count those."),
        (all_and_kept, "The statistics count as trained too; no trainer changes them."),
        (lambda net: right(net)[::-1], "The two numbers stand in the wrong order."),
        (counted(lambda parameter: "running" not in parameter.name),
         "A frozen array counts as trained: what decides is grad_req, not the name."),
        (counted(has_gradient, lambda parameter: parameter.shape[0]),
         "Only the first axis of each array is counted; multiply all of its shape."),
        (counted(lambda parameter: parameter.name.endswith(("weight", "bias"))),
         "gamma and beta count as kept; a trainer changes them."),
        (lambda net: (right(net)[0], 2 * right(net)[1]),
         "gamma and beta count twice; only the two statistics are kept."),
    ]
    cases = [{"given": "BatchNorm(16)", "net": net_of(BatchNorm(16))},
             {"given": "Conv2D(5, 3) on 3 channels, BatchNorm(5), Dense(4)",
              "net": net_of(nn.Conv2D(5, 3), BatchNorm(5), nn.Dense(4))},
             {"given": "Dense(6), frozen by grad_req, on 3 inputs, BatchNorm(6)",
              "net": net_of(nn.Dense(6), BatchNorm(6), frozen=True)}]
    return judge("count_numbers", answer, right, mistakes, cases,
                 verified="three nets, one of them with a frozen layer.")


def net_of(*layers, frozen=False):
    """A net that has seen a batch; frozen: its first layer gets no gradient."""
    net = nn.Sequential()
    net.add(*layers)
    net.initialize(init.Zero())
    X = nd.zeros((2, 16) if len(layers) == 1 else (2, 3) if frozen else (2, 3, 6, 6))
    net(X)
    if frozen:
        layers[0].collect_params().setattr("grad_req", "null")
    return net


def corrected(answer):
    """corrected(moving_var, t, start, momentum) -> the batches' variance."""
    def right(moving_var, t, start, momentum):
        for _ in range(t):  # what the start still weighs, step by step
            start = momentum * start
        share_of_batches = (1 - momentum) * sum(momentum ** k for k in range(t))
        return (moving_var - start) / share_of_batches

    def formula(weight_of_start, less=lambda start, q: start * q, divide=True):
        def candidate(moving_var, t, start, momentum):
            q = weight_of_start(momentum, t)
            rest = moving_var - less(start, q)
            return rest / (1 - q) if divide else rest
        return candidate

    def power(q, t):
        return q ** t

    mistakes = [
        (right, "The values are right, but moving_var itself is changed, by -= or [:]. "
                "Compute with it, and write into nothing."),
        (formula(power, lambda start, q: 0),
         "The start is still in it: start * momentum ** t must be subtracted first."),
        (formula(power, lambda start, q: start),
         "The whole start is subtracted; after t steps momentum ** t of it is left."),
        (lambda moving_var, t, start, momentum: moving_var, "Nothing is corrected."),
        (formula(power, divide=False),
         "The start is out, but the batches weigh only 1 - momentum ** t: divide."),
        (lambda moving_var, t, start, q: (moving_var - start * q ** t) * (1 - q ** t),
         "It is multiplied by 1 - momentum ** t. The moving variance already is that "
         "share of the true one: divide."),
        (lambda moving_var, t, start, q: (moving_var - start * q ** t)
         / (1 - q ** t) ** 0.5, "It is divided by a root, which is right for standard "
                                "deviations; variances take the weight itself."),
        (lambda moving_var, t, start, q: (moving_var / (1 - q ** t) ** 0.5),
         "The start is still in it, and it is divided by a root, which is right for "
         "standard deviations."),
        (formula(lambda q, t: 0.9 ** t), "0.9 is fixed; take the momentum."),
        (formula(lambda q, t: q),
         "One step is undone; after t steps the start weighs momentum ** t."),
        (formula(lambda q, t: q * t),
         "After t steps the start weighs momentum ** t, not momentum * t."),
        (formula(lambda q, t: q ** (t - 1)),
         "One step too few: after t steps the start weighs momentum ** t."),
        (formula(lambda q, t: (1 - q) ** t),
         "The momentum is the wrong way round: it is the share of the old value."),
    ]
    cases = []
    for var, t, start, momentum in [((4, 0.25, 9), 1, 0, 0.9), ((0.01, 3), 10, 1, 0.9),
                                    ((2, 0.5, 7, 30), 3, 1, 0.6), ((5, 2), 40, 0, 0.99),
                                    ((0.3, 8), 1000, 1, 0.9)]:
        moving_var = start
        for _ in range(t):
            moving_var = momentum * moving_var + (1 - momentum) * np.array(var)
        cases.append({"moving_var": nd.array(moving_var), "t": t, "start": start,
                      "momentum": momentum})
    return judge("corrected", answer, right, mistakes, cases,
                 verified="simulated moving variances: two starts, three momenta, 1 to "
                          "1000 steps.")


def plain_norm(answer):
    """PlainNorm(num_features): a layer with statistics, without gamma and beta."""
    random = np.random.RandomState(6)
    cases = [
        {"given": "PlainNorm(4): predictions, three batches, a file, two devices",
         "X": random.normal(size=(6, 4)) * [1, 0.02, 1, 1] + [0, 1, 5, -3]},
        {"given": "PlainNorm(3), the same with images",
         "X": random.normal(2, 3, (5, 3, 3, 3))}]
    return judge("PlainNorm", answer, PlainNorm, PLAIN_MISTAKES, cases,
                 observe=use_layer, tolerance=5e-4,
                 verified="outputs in both modes, gradient, its two parameters, a "
                          "file, and two devices.")


def causes(answer):
    """causes: symptom -> what its layer does."""
    right = {"a": "plain arrays", "b": "grad_req", "c": "set_data", "d": "start",
             "e": "graph"}
    reasons = {
        ("a", "start"): "A start at 0 alone is stored and loaded like any other value. "
                        "Here the file lacks the statistics.",
        ("a", "grad_req"): "A parameter with any grad_req is saved.",
        ("a", "set_data"): "set_data writes into a parameter, and that is saved.",
        ("a", "graph"): "A file holds no graph; which arrays does it hold?",
        ("b", "plain arrays"): "A trainer does not know plain arrays, so it cannot "
                               "miss their gradients.",
        ("b", "graph"): "The trainer misses a gradient of a parameter that no loss "
                        "reaches; it should not wait for one.",
        ("b", "set_data"): "set_data changes values, and the trainer asks for "
                           "gradients.",
        ("c", "plain arrays"): "Plain arrays live on one device; here each device has "
                               "its copy, and one batch wrote both.",
        ("c", "graph"): "The graph decides about gradients; which way of writing "
                        "reaches all copies?",
        ("d", "momentum"): "The layer has seen nothing, so the momentum has not been "
                           "used.",
        ("d", "plain arrays"): "Plain arrays may start anywhere; 316 is 1 / sqrt(eps).",
        ("e", "grad_req"): "grad_req decides about the layer's own arrays; the error "
                           "comes from an old training pass.",
        ("e", "plain arrays"): "Plain arrays written while paused make no error: what "
                               "do these still carry?",
        ("e", "set_data"): "set_data writes values without their history.",
        "a": "Which arrays does a file hold, and how does Gluon know of them?",
        "b": "What does a parameter say to a trainer that waits for its gradient?",
        "c": "A parameter has a copy on each device: which way of writing reaches all?",
        "d": "The layer has seen nothing. 316 is 1 / sqrt(eps): what is the variance?",
        "e": "backward runs into a pass that is over: how does it get there?",
    }
    options = ("plain arrays", "grad_req", "set_data", "start", "graph", "momentum")
    return judge_choices("causes", answer, right, reasons, options=options,
                         verified="the causes of all five symptoms.")


def mended(answer):
    """mended(arrays, prefix) -> the arrays as a net with our BatchNorm names them."""
    cases = [{"given": f"a file whose names begin with {prefix!r}", "prefix": prefix}
             for prefix in ("net.", "model.module.", "")]
    return judge("mended", answer, mend_rightly, MENDING_MISTAKES, cases,
                 observe=observe_mending,
                 verified="names, shapes and values for three prefixes; a net loads "
                          "each file and predicts as before.")
