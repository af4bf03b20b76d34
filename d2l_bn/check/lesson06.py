"""Checks for the exercises of lesson 06: use Gluon's BatchNorm."""
import numpy as np
from mxnet import nd

from .biases import BIAS_MISTAKES, biases_without_effect, nets_with_biases, positions
from .choices import judge_choices
from .compare import in_words
from .freezing import FREEZING_MISTAKES, freeze_rightly, observe_freezing
from .judge import Unexpected, judge, something
from .settings import SETTING_MISTAKES, layer_with, use_settings
from .tempered import distance_from_temperature

DIVIDED = ("It is divided by 1 - momentum ** t, which gives the batches' variance "
           "alone. In PyTorch the start weighs as much as here: no division.")


def arguments(answer):
    """arguments: case -> the argument of nn.BatchNorm that fits it."""
    right = {"a": "axis=-1", "b": "use_global_stats=True",
             "c": "gamma_initializer='zeros'", "d": "epsilon=1e-3",
             "e": "in_channels=16", "f": "momentum=0.5"}
    reasons = {
        ("a", "in_channels=16"): "in_channels says how many channels there are, not "
                                 "where they stand.",
        ("b", "momentum=0.99"): "The stored statistics move less, but training still "
                                "normalises with its two images.",
        ("b", "momentum=0.5"): "The stored statistics follow the small batches all the "
                               "more.",
        ("b", "scale=False"): "scale decides about gamma; the statistics move as "
                              "before.",
        ("b", "epsilon=1e-3"): "A larger eps helps a little with a tiny variance, but "
                               "the statistics are still those of two images.",
        ("c", "scale=False"): "scale=False sets gamma to 1: the branch is as loud as "
                              "before, and nobody trains it.",
        ("c", "use_global_stats=True"): "Stored statistics do not silence the branch; "
                                        "which factor does?",
        ("c", "momentum=0.99"): "The momentum concerns the stored statistics; which "
                                "factor silences the branch?",
        ("d", "scale=False"): "With gamma at 1 the noise still leaves with a spread "
                              "near 1. What caps the factor on a channel?",
        ("d", "momentum=0.99"): "The momentum concerns the stored statistics; the "
                                "factor on the noise is capped by another argument.",
        ("d", "gamma_initializer='zeros'"): "This silences every channel at the start, "
                                            "not the noisy one.",
        ("e", "gamma_initializer='zeros'"): "The size is still found with the first "
                                            "batch.",
        ("e", "axis=-1"): "axis says where the channels stand; how many they are is "
                          "still found with the first batch.",
        ("f", "momentum=0.99"): "After 20 passes the start would still weigh 0.99 ** "
                                "20 = 0.82: Gluon's momentum is the share of the old "
                                "value.",
        ("f", "use_global_stats=True"): "Then the stored mean stays at its start.",
        "a": "Which axis holds the channels here, and which argument says so?",
        "b": "Whose statistics should training use, if two images give poor ones?",
        "c": "Which factor makes the branch give 0?",
        "d": "What caps the factor 1 / sqrt(variance + eps)?",
        "e": "What must the layer know, to make its arrays at once?",
        "f": "After 20 passes the start still weighs momentum ** 20.",
    }
    options = (*right.values(), "momentum=0.99", "scale=False")
    return judge_choices("arguments", answer, right, reasons, options=options,
                         verified="the arguments of all six cases.")


def redundant_biases(answer):
    """redundant_biases(layers) -> the positions of the biases that BN takes away."""
    return judge("redundant_biases", answer, biases_without_effect, BIAS_MISTAKES,
                 nets_with_biases(), observe=positions,
                 verified="four nets; shifting these biases, and no other, leaves the "
                          "output in training mode as it is.")


def to_gluon(answer):
    """to_gluon(num_features, eps, momentum, affine) -> the nn.BatchNorm that fits."""
    cases = [{"num_features": n, "eps": eps, "momentum": momentum, "affine": affine}
             for n, eps, momentum, affine in [
                 (16, 1e-3, 0.01, True), (3, 0.2, 0.1, False), (5, 1e-5, 0.4, True)]]
    return judge("to_gluon", answer, layer_with(), SETTING_MISTAKES, cases,
                 observe=use_settings,
                 verified="output, running mean, sizes before the first batch and what "
                          "is trained, for three settings.")


def to_sample_variance(answer):
    """to_sample_variance(running_var, m, t, momentum) -> PyTorch's running variance."""
    def right(running_var, m, t, momentum):
        start = 1.
        for _ in range(t):
            start = momentum * start
        return start + (running_var - start) / (1 - 1 / m)

    def formula(weight=lambda q, t: q ** t, factor=lambda m: m / (m - 1), back=True):
        def candidate(running_var, m, t, momentum):
            start = weight(momentum, t)
            return (running_var - start) * factor(m) + start * back
        return candidate

    def divided(back):
        def candidate(running_var, m, t, momentum):
            start = momentum ** t
            return (running_var - start) / (1 - start) * m / (m - 1) + start * back
        return candidate

    mistakes = [
        (formula(lambda q, t: 0), "All of it is multiplied by m / (m - 1). The start's "
                                  "share is the same in both and must stay."),
        (formula(factor=lambda m: (m - 1) / m), "The factor is upside down: the sample "
                                                "variance is the larger one."),
        (formula(back=False), "The start's share is taken out, and never put back."),
        (formula(factor=lambda m: 1), "Nothing is changed; the batches' share must "
                                      "grow by m / (m - 1)."),
        (formula(lambda q, t: 1), "The whole start is taken out; after t batches only "
                                  "momentum ** t of it is left."),
        (formula(lambda q, t: 1 - q ** t), "The weights are exchanged: the start "
                                           "weighs momentum ** t."),
        (formula(lambda q, t: (1 - q) ** t), "The momentum is the wrong way round: "
         "Gluon's is the share of the old value."),
        (right, "The values are right, but running_var itself is changed, by -= or "
                "[:]. Compute with it, and write into nothing."),
        (divided(back=False), DIVIDED), (divided(back=True), DIVIDED),
        (formula(lambda q, t: q * t), "After t batches the start weighs momentum ** t, "
                                      "not momentum * t."),
        (lambda running_var, m, t, momentum: momentum ** t + (
            1 - momentum ** t) * running_var * m / (m - 1),
         "The running variance is a mixture already: subtract the start's share from "
         "it, instead of weighing all of it once more."),
        (formula(lambda q, t: q), "The start weighs momentum after one batch; after "
                                  "t it weighs momentum ** t."),
        (formula(lambda q, t: q ** (t - 1)), "One batch too few: the start weighs "
                                             "momentum ** t."),
        (formula(factor=lambda m: (m + 1) / m), "The factor must be m / (m - 1)."),
    ]
    cases = []
    for var, m, t, momentum in [((3.5, 200), 4, 3, 0.9), ((3.5, 200), 4, 3, 0.99),
                                ((0.2, 0.7, 9), 2, 10, 0.8), ((4, 0.1), 50, 1, 0.5)]:
        start = momentum ** t
        cases.append({"running_var": nd.array(start + (1 - start) * np.array(var)),
                      "m": m, "t": t, "momentum": momentum})
    return judge("to_sample_variance", answer, right, mistakes, cases,
                 verified="four settings: m from 2 to 50, t from 1 to 10.")


def freeze(answer):
    """freeze(net) -> net, in which no BN layer changes any more."""
    return judge("freeze", answer, freeze_rightly, FREEZING_MISTAKES,
                 [{"given": "a trained net with two BN layers, hybridized"}],
                 observe=observe_freezing, tolerance=1e-3,
                 verified="freezing changes no prediction, both modes agree, three "
                          "steps of training move other weights and nothing of BN, "
                          "and the net is still compiled.")


def rate_factor(answer):
    """rate_factor(T, optimizer) -> the factor on the rate of gamma' and beta'."""
    def of(sgd, adam):
        return lambda T, optimizer: {"sgd": sgd, "adam": adam}[optimizer](T)

    def square(T):
        return T * T

    def same(T):
        return T

    def twice(T):
        return 2 * T

    mistakes = [
        (of(square, square), "For Adam it is too much: its step does not grow with the "
                             "gradient, so one of the two factors T is missing."),
        (of(same, same), "For SGD a factor T is missing: the gradient grows by T, and "
                         "what the step does as well."),
        (of(square, lambda T: 1), "Under Adam a step of gamma is as large as ever, but "
                                  "gamma' = T * gamma moves by T times as much."),
        (of(twice, same), "For SGD the two factors T multiply: T * T, not 2 * T."),
        (of(twice, twice), "For SGD the two factors T multiply: T * T, not 2 * T. For "
                           "Adam one of them is lost."),
        (of(same, square), "The two optimizers are exchanged."),
        (of(square, lambda T: 1 / T), "For Adam T must multiply: gamma' = T * gamma."),
        (of(square, lambda T: T ** 0.5), "Adam divides by the root of the mean square, "
         "which grows as T does: the gradient's T goes away whole."),
        (of(lambda T: 1, lambda T: 1), "The start alone is not enough: gamma' = T * "
                                       "gamma moves faster than gamma."),
    ]
    cases = [{"T": T, "optimizer": optimizer} for T, optimizer in
             [(4., "sgd"), (4., "adam"), (0.5, "adam"), (3., "sgd")]]

    def observe(candidate, T, optimizer):
        factor = something(candidate(T, optimizer))
        if isinstance(factor, bool) or not isinstance(factor, (int, float, np.number)):
            raise Unexpected(in_words(factor), "a number")
        return {"largest distance from the temperature's losses":
                distance_from_temperature(T, optimizer, float(factor))}

    return judge("rate_factor", answer, of(square, same), mistakes, cases,
                 observe=observe, tolerance=1e-3,
                 verified="the losses of five steps are TemperatureBN's, for SGD and "
                          "Adam, two T each.")
