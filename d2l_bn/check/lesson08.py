"""Checks for the exercises of lesson 08: backpropagate through it."""
import numpy as np

from .backward import (
    central_differences,
    normalised,
    operator_gradients,
    scale_of,
)
from .backward_of_images import MISTAKES_IN_IMAGES
from .backward_of_two import MISTAKES_IN_TWO, gradient_by_operator
from .backward_variants import MISTAKES_FROM_OUTPUT, MISTAKES_IN_RMS
from .choices import judge_choices
from .judge import judge, parts
from .passes_seen import MISSED_LAYERS, SEEN, seen_in_passes
from .wrong_layers import layers_to_check


def is_it_zero(answer):
    """A dictionary, sum -> "always", "only for eps = 0" or "not in general"."""
    random = np.random.RandomState(0)
    X, dY, gamma = random.normal(3, 1, (8, 1)), random.normal(size=(8, 1)), np.ones(1)

    def sums(eps):
        dX, X_hat = operator_gradients(X, gamma, dY, eps)[0], normalised(X, eps)
        arrays = {"dY": dY, "X_hat": X_hat, "dX": dX, "dX * X_hat": dX * X_hat,
                  "gradient of a bias below": dX,
                  "dX, statistics detached": scale_of(X.var(), eps, 8) * dY}
        return {name: abs(array.sum()) > 1e-9 for name, array in arrays.items()}

    words = {(0, 0): "always", (0, 1): "only for eps = 0", (1, 1): "not in general"}
    without_eps, with_eps = sums(0.), sums(0.5)
    right = {name: words[without_eps[name], with_eps[name]] for name in with_eps}
    sentences = {
        ("dX * X_hat", "always"):
            "dX is not orthogonal to X_hat if eps > 0: eps / (v + eps) is left.",
        ("dX * X_hat", "not in general"):
            "The path through the variance removes the part along X_hat, up to eps.",
        ("dX", "only for eps = 0"):
            "Means are subtracted, whatever k is: eps does not come into the sum.",
        ("dX", "not in general"):
            "The path through the mean is left out: it makes the sum of dX 0.",
        ("gradient of a bias below", "not in general"):
            "A bias adds the same to all rows, so its gradient is the sum of dX.",
        ("gradient of a bias below", "only for eps = 0"):
            "A bias adds the same to all rows; the mean removes it, whatever eps is.",
        ("X_hat", "only for eps = 0"):
            "The rows are centred before they are divided, and eps is in the divisor.",
        ("X_hat", "not in general"): "The mean of X_hat is 0: it was subtracted.",
        ("dX, statistics detached", "always"):
            "Only gamma * k * dY comes back there, and nothing centres it.",
        ("dX, statistics detached", "only for eps = 0"):
            "With detached statistics no path is left that eps could weaken.",
        ("dY", "always"): "dY comes from the layers above, and may be anything.",
        ("dY", "only for eps = 0"): "dY comes from above: this eps is not in it.",
    }
    return judge_choices(
        "is_it_zero", answer, right, sentences,
        options=("always", "only for eps = 0", "not in general"),
        verified="all six, against gradients of nd.BatchNorm with eps = 0 and 0.5.")


def image_backward(answer):
    """image_backward(X, gamma, dY, eps) -> (dX, dgamma, dbeta), all NumPy arrays."""
    random = np.random.RandomState(1)
    cases = [{"given": f"random X of shape {shape}, gamma and dY, eps = {eps}",
              "X": random.normal(2, spread, shape), "gamma": random.normal(1, 1, 3),
              "dY": random.normal(0.3, 1, shape), "eps": eps}
             for shape, spread, eps in (((4, 3, 3, 3), 1, 0.2),
                                        ((5, 3, 2, 3), 2, 1e-5))]
    return judge("image_backward", answer, operator_gradients, MISTAKES_IN_IMAGES,
                 cases, observe=named_gradients, tolerance=1e-6,
                 verified="dX, dgamma and dbeta against nd.BatchNorm in float64, for "
                          "two shapes, one with H = W = C, and two eps.")


def named_gradients(candidate, **arguments):
    dX, dgamma, dbeta = parts(candidate(*arguments.values()), 3, "dX, dgamma, dbeta")
    return {"dX": dX, "dgamma": dgamma, "dbeta": dbeta}


def backward_from_output(answer):
    """backward_from_output(dY, Y, gamma, beta, var, eps) -> dX, all NumPy (m, C)."""
    def right(dY, Y, gamma, beta, var, eps):
        X = (Y - beta) / gamma * np.sqrt(var + eps)  # up to its mean, which cancels
        return central_differences(
            lambda X: (dY * (gamma * normalised(X, eps) + beta)).sum(), X)

    random = np.random.RandomState(2)
    cases = []
    for m, C, eps in ((6, 3, 0.3), (9, 2, 1e-5)):
        X, gamma, beta = (random.normal(0, 1, (m, C)), np.array([-1.5, 0.7, 2][:C]),
                          random.normal(1, 1, C))
        cases.append({"given": f"Y and dY of shape ({m}, {C}), gamma partly negative, "
                               f"eps = {eps}", "dY": random.normal(0.3, 1, (m, C)),
                      "Y": gamma * normalised(X, eps) + beta, "gamma": gamma,
                      "beta": beta, "var": X.var(axis=0), "eps": eps})
    return judge("backward_from_output", answer, right, MISTAKES_FROM_OUTPUT, cases,
                 tolerance=1e-6, verified="dX against central differences in float64, "
                                          "in two shapes with two eps.")


def rms_backward(answer):
    """rms_backward(X, gamma, dY, eps) -> dX of RMS normalization, NumPy (m, C)."""
    def rms(X, eps):
        return X / np.sqrt((X ** 2).mean(axis=0) + eps)

    def right(X, gamma, dY, eps):
        return central_differences(lambda X: (dY * gamma * rms(X, eps)).sum(), X)

    random = np.random.RandomState(3)
    cases = [{"given": f"random X of shape ({m}, {C}), gamma and dY, eps = {eps}",
              "X": random.normal(0.5, 1, (m, C)), "gamma": random.normal(1, 1, C),
              "dY": random.normal(0.3, 1, (m, C)), "eps": eps}
             for m, C, eps in ((6, 3, 0.3), (9, 2, 1e-5))]
    return judge("rms_backward", answer, right, MISTAKES_IN_RMS, cases, tolerance=1e-6,
                 verified="dX against central differences in float64, in two shapes "
                          "with two eps. Its sum over the rows is not 0: a bias below "
                          "such a layer gets a gradient.")


def gradient_is_right(answer):
    """gradient_is_right(layer, X) -> bool, for a float64 NDArray X of shape (N, C)."""
    cases = layers_to_check()
    verdict = judge(
        "gradient_is_right", answer, lambda layer, X: layer.mistake is None,
        [*((answer, sentence) for sentence in seen_in_passes(answer, cases[0])),
         *MISSED_LAYERS], cases,
        verified=f"two right layers pass, {len(cases) - 2} wrong ones are caught.")
    verdict.recognised = tuple(dict.fromkeys(
        (*SEEN.values(), *(text for _, text in MISSED_LAYERS))))
    return verdict


def gradient_of_two(answer):
    """gradient_of_two(dY, distance, eps) -> dX for a batch of two, NumPy (2, C)."""
    random = np.random.RandomState(6)
    cases = [{"dY": random.normal(size=(2, 3)), "distance": random.uniform(0.5, 3, 3),
              "eps": eps} for eps in (0.3, 0., 1.)]
    cases.append({"dY": random.normal(size=(2, 2)), "distance": np.array([0.02, 0.005]),
                  "eps": 1e-5})
    return judge("gradient_of_two", answer, gradient_by_operator, MISTAKES_IN_TWO,
                 cases, tolerance=1e-7,
                 verified="dX against nd.BatchNorm in float64, for distances from "
                          "0.005 to 3 and eps from 0 to 1. For eps 0 it is 0, whatever "
                          "dY is.")
