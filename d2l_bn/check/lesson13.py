"""Checks for the exercises of lesson 13: use it in modern nets."""
import numpy as np
from mxnet import autograd, nd
from mxnet.gluon import nn

from .choices import judge_choices
from .judge import judge, something
from .masked import MASKED_MISTAKES, counts, of_those_that_count, with_statistics


def five_times_as_long(answer):
    """factors: by what a weight before BN that is 5 times as long changes things."""
    sentences = {
        ("scores", 5): "Without BN the scores would grow. BN divides the factor 5 away "
                       "again.",
        ("scores", 1 / 5): "The values before BN are 5 times larger, and so is the "
                           "standard deviation that divides them.",
        ("gradient", 1): "The scores stay, but not the gradient: to change them as "
                         "before, the weight must move 5 times as far.",
        ("gradient", 5): "The gradient shrinks as the weight grows: a long weight must "
                         "move further for the same change.",
        ("gradient", 1 / 25): "The gradient is divided by 5, not by its square.",
        ("angle", 1 / 5): "The angle is step / length: the step is 5 times smaller, "
                          "and the length 5 times larger.",
        ("angle", 1): "Step and length do not change alike: the step shrinks, while "
                      "the length grows.",
        ("angle", 1 / 125): "Of the angle's factor one 5 comes from the gradient, and "
                            "one from the length; a third is too much.",
        ("angle", 5): "A longer weight turns less: the step is shorter, and the length "
                      "larger.",
        ("angle", 25): "A longer weight turns less: the step is shorter, and the "
                       "length larger.",
        ("rate", 5): "A rate 5 times as high brings back the step, on a weight that is "
                     "5 times as long; the angle asks for more.",
        ("rate", 1): "At the same rate the weight turns less. The rate must make up "
                     "for the angle's factor.",
        ("rate", 1 / 5): "The angle has become smaller, so the rate must become "
                         "larger, not smaller.",
        ("rate", 1 / 25): "The angle has become smaller, so the rate must become "
                          "larger, not smaller.",
        ("rate", 125): "The rate makes up for the angle's factor, and for no more.",
    }
    right = {"scores": 1, "gradient": 1 / 5, "angle": 1 / 25, "rate": 25}
    questions = {key: f"the factor of the {key}" for key in right}
    return judge_choices("factors", answer, right, sentences, questions,
                         verified="all four factors.")


def next_length(answer):
    """next_length(length, gradient, rate, decay): the length after one step."""
    def right(length, gradient, rate, decay):
        w, g = np.array([length, 0.]), np.array([0., gradient])  # at a right angle
        return float(np.linalg.norm(w - rate * (g + decay * w)))

    def root(a, b):
        return (a * a + b * b) ** .5

    squared = ("The decay shrinks the length itself; its square shrinks by the "
               "square.")
    mistakes = [
        (lambda w, g, rate, decay: (1 - rate * decay) * w + rate * g,
         "The lengths are added. The step stands at a right angle to the weight: "
         "Pythagoras."),
        (lambda w, g, rate, decay: (1 - rate * decay) * w - rate * g,
         "The length of the step is subtracted. It stands at a right angle to the "
         "weight, and makes it longer."),
        (lambda w, g, rate, decay: root((1 - decay) * w, rate * g),
         "The decay takes away the share rate * decay, not decay alone."),
        (lambda w, g, rate, decay: (1 - rate * decay) * root(w, rate * g),
         "The step is shortened by the decay too; only the old weight is."),
        (lambda w, g, rate, decay: root(w, rate * g),
         "The decay is left out."),
        (lambda w, g, rate, decay: root((1 - rate * decay) * w, g),
         "The step's length is rate times the gradient's."),
        (lambda w, g, rate, decay: right(w, g, rate, decay) ** 2,
         "This is the square of the length: the root is missing."),
        (lambda w, g, rate, decay: ((1 - rate * decay) * w * w + (rate * g) ** 2) ** .5,
         squared),
        (lambda w, g, rate, decay:
         ((1 - 2 * rate * decay) * w * w + (rate * g) ** 2) ** .5, squared),
        (lambda w, g, rate, decay: root(w, rate * (g + decay * w)),
         "The decay's step is added to the gradient's; it points against the weight, "
         "and stands at a right angle to the gradient."),
        (lambda w, g, rate, decay: root(w, rate * g) - rate * decay * w,
         "The decay is taken away after the root; it shortens the weight before it, "
         "and then the step is added at a right angle."),
        (lambda w, g, rate, decay: root(w, rate * root(g, decay * w)),
         "The decay's step points against the weight, not at a right angle to it."),
        (lambda w, g, rate, decay: right(w, g, rate, -decay),
         "The decay makes the weight longer here; it must shrink it."),
    ]
    values = [(4., .5, .2, 0.), (4., .5, .2, .1), (1.5, 3., .3, .4), (10., 0., .5, .02)]
    names = ("length", "gradient", "rate", "decay")
    return judge("next_length", answer, right, mistakes,
                 [dict(zip(names, four, strict=True)) for four in values],
                 tolerance=1e-6, verified="four steps, with and without decay.")


def zero_gradients(answer):
    """is_zero: which gradients of two branches with gamma 0 are exactly 0."""
    sentences = {
        ("early gamma", False): "gamma's gradient comes back through the ReLU. All its "
                                "inputs are 0, where MXNet's slope is 0.",
        ("early beta", False): "beta's gradient comes back through the ReLU. All its "
                               "inputs are 0, where MXNet's slope is 0.",
        ("early weight", False): "The gradient of a dense weight is a product with the "
                                 "layer's input, and that is 0 here.",
        ("late gamma", True): "gamma multiplies the normalised values, which are not "
                              "0; so gamma's gradient is not 0, though gamma is.",
        ("late beta", True): "beta is added to the output: whatever gradient arrives "
                             "there reaches beta.",
        ("late weight", False): "On the way back to this weight the gradient is "
                                "multiplied by gamma, which is 0.",
    }
    right = {f"{place} {name}": value for place in ("early", "late")
             for name, value in gradients_that_vanish(place).items()}
    return judge_choices("is_zero", answer, right, sentences,
                         verified="the gradients of both branches, measured.")


def gradients_that_vanish(place):
    """Of a branch with gamma 0: whether the gradients of its parameters are 0."""
    random = np.random.RandomState(0)
    norm, dense = nn.BatchNorm(gamma_initializer="zeros"), nn.Dense(6, use_bias=False)
    branch = nn.Sequential()
    order = ([norm, nn.Activation("relu"), dense] if place == "early"
             else [nn.Activation("relu"), dense, norm])
    branch.add(*order)
    branch.initialize()
    h = nd.array(random.normal(size=(8, 6)))
    branch(h)
    dense.weight.set_data(nd.array(random.normal(size=(6, 6))))
    with autograd.record():
        loss = ((h + branch(h)) * nd.array(random.normal(size=(8, 6)))).sum()
    loss.backward()
    return {name: not parameter.grad().asnumpy().any() for name, parameter in
            (("gamma", norm.gamma), ("beta", norm.beta), ("weight", dense.weight))}


def masked_batch_norm(answer):
    """masked_batch_norm(X, lengths): standardised with the tokens that count."""
    def observe(candidate, X, lengths):
        Y = something(candidate(X, lengths))
        if not isinstance(Y, np.ndarray) or Y.shape != X.shape:
            return Y  # the comparison says what it is
        return np.where(counts(X, lengths), Y, 0)

    random = np.random.RandomState(1)
    cases = []
    for N, T, d, lengths, padding in [(3, 6, 4, [5, 2, 3], 9), (2, 4, 3, [1, 3], 0)]:
        X = random.normal(2, random.uniform(1, 3, d), (N, T, d))
        X += random.normal(0, 1, (N, 1, d))
        lengths = np.array(lengths)
        behind = padding + padding * random.normal(size=X.shape)
        X[..., 0] *= .01  # so that eps is seen
        X = np.where(counts(X, lengths), X, behind)
        cases.append({"given": f"X of shape {X.shape}, lengths {lengths.tolist()}",
                      "X": X, "lengths": lengths})
    return judge("masked_batch_norm", answer, with_statistics(of_those_that_count),
                 MASKED_MISTAKES, cases, observe=observe, tolerance=1e-6,
                 verified="the tokens that count, behind padding of 0 and of other "
                          "numbers.")


NORMS = ("BN", "GroupNorm", "LayerNorm", "RMSNorm", "SkipInit")


def choose_the_norm(answer):
    """norm_for: a dictionary from each case to one of NORMS."""
    sentences = {
        ("c", "LayerNorm"): "LayerNorm has one mean and one variance over all "
                            "features; here each is over some of the channels.",
        "BN": "BN takes its statistics over the batch: samples, and tokens, are no "
              "longer independent, and small batches are noisy.",
        "GroupNorm": "GroupNorm takes the mean and the variance of groups of channels, "
                     "in each sample and in prediction too.",
        "LayerNorm": "LayerNorm subtracts each token's own mean and divides by its "
                     "standard deviation, in prediction too.",
        "RMSNorm": "RMSNorm divides by the root mean square, and subtracts no mean: a "
                   "common rise still shows.",
        "SkipInit": "SkipInit takes no statistics and normalises nothing: it makes the "
                    "branch 0 at the start.",
    }
    right = {"a": "LayerNorm", "b": "RMSNorm", "c": "GroupNorm", "d": "BN",
             "e": "SkipInit"}
    return judge_choices("norm_for", answer, right, sentences, options=NORMS,
                         verified="the norms for all five cases.")
