"""Checks for the exercises of lesson 08: backpropagate through it."""
import numpy as np

from .backward import (
    MISTAKES_IN_IMAGES,
    SENTENCES,
    central_differences,
    normalised,
    operator_gradients,
    scale_of,
    short_form,
)
from .choices import judge_choices
from .judge import judge, parts
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

    def mistaken(mistake=None, X_hat_of=lambda Y, gamma, beta: (Y - beta) / gamma,
                 k_of=scale_of):
        def candidate(dY, Y, gamma, beta, var, eps):
            return short_form(dY, X_hat_of(Y, gamma, beta),
                              k_of(var, eps, len(Y), mistake), gamma, mistake)
        return candidate

    mistakes = [
        (mistaken(X_hat_of=lambda Y, gamma, beta: Y),
         "Y is put in for X_hat; undo beta and gamma first."),
        (mistaken(X_hat_of=lambda Y, gamma, beta: Y / gamma),
         "beta is not subtracted before the division by gamma."),
        (mistaken(X_hat_of=lambda Y, gamma, beta: Y / gamma - beta),
         "The order is wrong: beta was added last, so subtract it first, then divide."),
        (mistaken(X_hat_of=lambda Y, gamma, beta: Y - beta),
         "gamma is not divided away: Y - beta is gamma times X_hat."),
        (mistaken(k_of=lambda var, eps, *_: 1 / (var + eps)),
         "The root is missing in k: var is a variance."),
        (mistaken(X_hat_of=lambda Y, gamma, beta: normalised(Y, 0)),
         "Y normalised again is not X_hat: the sign of gamma is lost, and eps too."),
        *((mistaken(name), sentence) for name, sentence in SENTENCES.items())]
    random = np.random.RandomState(2)
    cases = []
    for m, C, eps in ((6, 3, 0.3), (9, 2, 1e-5)):
        X, gamma, beta = (random.normal(0, 1, (m, C)), np.array([-1.5, 0.7, 2][:C]),
                          random.normal(1, 1, C))
        cases.append({"given": f"Y and dY of shape ({m}, {C}), gamma partly negative, "
                               f"eps = {eps}", "dY": random.normal(0.3, 1, (m, C)),
                      "Y": gamma * normalised(X, eps) + beta, "gamma": gamma,
                      "beta": beta, "var": X.var(axis=0), "eps": eps})
    return judge("backward_from_output", answer, right, mistakes, cases, tolerance=1e-6,
                 verified="dX against central differences in float64, in two shapes "
                          "with two eps.")


def rms_backward(answer):
    """rms_backward(X, gamma, dY, eps) -> dX of RMS normalization, NumPy (m, C)."""
    def rms(X, eps):
        return X / np.sqrt((X ** 2).mean(axis=0) + eps)

    def right(X, gamma, dY, eps):
        return central_differences(lambda X: (dY * gamma * rms(X, eps)).sum(), X)

    def mistaken(*names):
        def candidate(X, gamma, dY, eps):
            k = scale_of((X ** 2).mean(axis=0), eps, len(X), *names[-1:])
            return short_form(dY, X * k, k, gamma, *names)
        return candidate

    def one_root_too_few(X, gamma, dY, eps):
        q = (X ** 2).mean(axis=0) + eps
        return gamma * (dY - X * (dY * X).mean(axis=0)) / np.sqrt(q)

    mistakes = [
        (lambda *arguments: operator_gradients(*arguments)[0],
         "This is the backward pass of BN; RMS normalization subtracts no mean."),
        (mistaken("none"), "The mean of dY is subtracted; no mean is in this forward "
                           "pass, so nothing comes back through it."),
        (mistaken("no statistics"),
         "The mean of squares is taken for a constant; it depends on X."),
        (one_root_too_few, "The second term holds X where X_hat belongs: each X_hat "
                           "brings its own k."),
        *((mistaken("no mean", name), SENTENCES[name]) for name in (
            "sums", "variance added", "no two", "no gamma", "no k", "eps outside",
            "eps forgotten"))]
    random = np.random.RandomState(3)
    cases = [{"given": f"random X of shape ({m}, {C}), gamma and dY, eps = {eps}",
              "X": random.normal(0.5, 1, (m, C)), "gamma": random.normal(1, 1, C),
              "dY": random.normal(0.3, 1, (m, C)), "eps": eps}
             for m, C, eps in ((6, 3, 0.3), (9, 2, 1e-5))]
    return judge("rms_backward", answer, right, mistakes, cases, tolerance=1e-6,
                 verified="dX against central differences in float64, in two shapes "
                          "with two eps.")


def gradient_is_right(answer):
    """gradient_is_right(layer, X) -> bool, for a float64 NDArray X of shape (N, C)."""
    def by_plain_sum(layer, X):  # the gradients that are 0 then, as they must be
        return layer.mistake not in ("detached", "no mean")

    plain_sum = ("The loss is the plain sum, whose gradient is 0 behind BN; many wrong "
                 "ones are 0 too. Take random weights.")
    mistakes = [
        (lambda layer, X: False,
         "It blames a right layer. Are all losses float64 (nd.array needs "
         "dtype), in train_mode, with one set of random weights? With the plain sum as "
         "loss the gradient is 0, and a relative error means nothing."),
        (by_plain_sum, plain_sum),
        (lambda layer, X: by_plain_sum(layer, X) or layer.size < 1e-3, plain_sum),
        (lambda layer, X: layer.mistake in (None, "minus"),
         "Only lengths are compared; a gradient also has a direction. Take the length "
         "of the difference."),
        (lambda layer, X: layer.mistake is None or layer.size < 1e-3,
         "The error is absolute: where the gradient is small, so is every error. "
         "Divide by the gradient's length."),
        (lambda layer, X: True,
         "It passes a wrong layer. Are autograd's numbers compared with losses at "
         "X + h and X - h, rather than with autograd's own?"),
    ]
    return judge("gradient_is_right", answer, lambda layer, X: layer.mistake is None,
                 mistakes, layers_to_check(),
                 verified="two right layers pass, seven wrong ones are caught.")


def gradient_of_two(answer):
    """gradient_of_two(dY, distance, eps) -> dX for a batch of two, NumPy (2, C)."""
    def right(dY, distance, eps):
        X = np.stack([distance / 2, -distance / 2])
        return operator_gradients(X, np.ones(len(distance)), dY, eps)[0]

    def with_(formula):
        """formula(half the difference of dY's rows, v, eps, distance) -> first row."""
        def candidate(dY, distance, eps):
            first = formula((dY[0] - dY[1]) / 2, (distance / 2) ** 2, eps, distance)
            return np.stack([first, -first])
        return candidate

    def rule(half, v, eps, distance):
        return half * eps / (v + eps) ** 1.5

    def boxed(half, v, eps, distance):
        return half / np.sqrt(v + eps) * (1 - (distance / 2) ** 2 / (v + eps))

    def both_alike(*arguments):
        return np.stack([right(*arguments)[0]] * 2)

    def other_variance(way, v_of, sentence):
        return with_(lambda half, v, eps, distance: way(half, v_of(distance), eps,
                                                        distance)), sentence

    variances = [(lambda distance: distance ** 2,
                  "The variance is taken to be the square of the distance; each row "
                  "lies half a distance from the mean."),
                 (lambda distance: distance ** 2 / 2, SENTENCES["sample variance"]),
                 (lambda distance: distance / 2,
                  "Half the distance is the standard deviation; the variance is its "
                  "square.")]
    mistakes = [
        (lambda dY, distance, eps: 0 * dY,
         "The gradient is 0 for eps = 0 only; else the share eps / (v + eps) is left."),
        (with_(lambda half, v, eps, distance: half / np.sqrt(v + eps)),
         SENTENCES["no variance"]),
        (lambda dY, distance, eps: dY / np.sqrt((distance / 2) ** 2 + eps),
         SENTENCES["no statistics"]),
        *(other_variance(way, *variance) for way in (rule, boxed)
          for variance in variances),
        (with_(lambda half, v, eps, distance: half * eps / (v + eps)),
         "The share is right, but the factor k = 1 / sqrt(v + eps) is missing."),
        (with_(lambda half, *others: 2 * rule(half, *others)),
         "It is twice as large as it must be: the mean of the two rows of dY lies "
         "half their difference from each."),
        (with_(lambda half, *others: -rule(half, *others)),
         "The sign is the wrong way round: the first row gets dY[0] - dY[1]."),
        (both_alike, "Both rows get the same; dX must sum to 0 in each column."),
    ]
    random = np.random.RandomState(6)
    cases = [{"dY": random.normal(size=(2, 3)), "distance": random.uniform(0.5, 3, 3),
              "eps": eps} for eps in (0.3, 0., 1.)]
    cases.append({"dY": random.normal(size=(2, 2)), "distance": np.array([0.02, 0.005]),
                  "eps": 1e-5})
    return judge("gradient_of_two", answer, right, mistakes, cases, tolerance=1e-7,
                 verified="dX against nd.BatchNorm in float64, for eps from 0 to 1 and "
                          "distances from 0.005 to 3.")
