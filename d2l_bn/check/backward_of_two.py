"""The gradient in a batch of two numbers: by MXNet's operator, and wrong ways."""
import numpy as np

from .backward import SENTENCES, operator_gradients


def gradient_by_operator(dY, distance, eps):
    X = np.stack([distance / 2, -distance / 2])
    return operator_gradients(X, np.ones(len(distance)), dY, eps)[0]


def with_(formula, v_of=lambda distance: (distance / 2) ** 2):
    """formula(half the difference of dY's rows, v, eps) -> first row."""
    def candidate(dY, distance, eps):
        first = formula((dY[0] - dY[1]) / 2, v_of(distance), eps)
        return np.stack([first, -first])
    return candidate


def rule(half, v, eps):
    return half * eps / (v + eps) ** 1.5


def boxed_with(v_of):
    """The boxed line, with X_hat of the right differences and a wrong v."""
    def candidate(dY, distance, eps):
        k = 1 / np.sqrt(v_of(distance) + eps)
        first = (dY[0] - dY[1]) / 2 * k * (1 - (distance / 2 * k) ** 2)
        return np.stack([first, -first])
    return candidate


def not_centred(dY, distance, eps):
    return dY * eps / ((distance / 2) ** 2 + eps) ** 1.5


def alike(*arguments):
    return np.stack([gradient_by_operator(*arguments)[0]] * 2)


VARIANCES = [
    (lambda distance: distance ** 2,
     "The variance is taken to be the square of the distance; each row lies half a "
     "distance from the mean."),
    (lambda distance: distance ** 2 / 2, SENTENCES["sample variance"]),
    (lambda distance: distance / 2,
     "Half the distance is the standard deviation; the variance is its square.")]
POWER = ("The power of v + eps is wrong: the share that is left and the factor k each "
         "bring their own.")
MISTAKES_IN_TWO = [
    (lambda dY, distance, eps: 0 * dY,
     "The gradient is 0 for eps = 0 only. Which part of it does eps leave? (section "
     "4)"),
    (with_(lambda half, v, eps: half / np.sqrt(v + eps)), SENTENCES["no variance"]),
    (lambda dY, distance, eps: dY / np.sqrt((distance / 2) ** 2 + eps),
     SENTENCES["no statistics"]),
    (not_centred, "The mean of dY's two rows is not subtracted: dX must sum to 0 in "
                  "each column."),
    *((make(v_of), sentence) for make in (lambda v_of: with_(rule, v_of), boxed_with)
      for v_of, sentence in VARIANCES),
    (with_(lambda half, v, eps: half * eps / (v + eps)),
     "The share is right, but the factor k = 1 / sqrt(v + eps) is missing."),
    (with_(lambda half, v, eps: half * v / (v + eps) ** 1.5),
     "v / (v + eps) is the share that is removed; the rest of 1 is left."),
    *((with_(lambda half, v, eps, power=power: half * eps / (v + eps) ** power), POWER)
      for power in (0.5, 2, 3)),
    (with_(lambda *arguments: 2 * rule(*arguments)),
     "It is twice as large as it must be: the mean of the two rows of dY lies half "
     "their difference from each."),
    (with_(lambda *arguments: -rule(*arguments)),
     "The sign is the wrong way round: the first row gets dY[0] - dY[1]."),
    (alike, "Both rows get the same; dX must sum to 0 in each column."),
]
