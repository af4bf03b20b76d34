"""Wrong answers to the exercises of lesson 08."""
import numpy as np

from .gradient_checks import GRADIENT_CHECKS
from .image_gradients import IMAGES, one_line

RIGHT_SUMS = {"dY": "not in general", "X_hat": "always", "dX": "always",
              "dX * X_hat": "only for eps = 0", "gradient of a bias below": "always",
              "dX, statistics detached": "not in general"}


def output_for_x_hat(dY, Y, gamma, beta, var, eps):
    return one_line(dY, Y, gamma / np.sqrt(var + eps))


def divides_first(dY, Y, gamma, beta, var, eps):
    return one_line(dY, Y / gamma - beta, gamma / np.sqrt(var + eps))


def normalises_again(dY, Y, gamma, beta, var, eps):
    again = (Y - Y.mean(axis=0)) / Y.std(axis=0)
    return one_line(dY, again, gamma / np.sqrt(var + eps))


def variance_for_std(dY, Y, gamma, beta, var, eps):
    return one_line(dY, (Y - beta) / gamma, gamma / (var + eps))


def gamma_already_used(dY, Y, gamma, beta, var, eps):
    return one_line(dY, (Y - beta) / gamma, 1 / np.sqrt(var + eps))


def eps_after_the_root(dY, Y, gamma, beta, var, eps):
    return one_line(dY, (Y - beta) / gamma, gamma / (np.sqrt(var) + eps))


def rms_like_bn(X, gamma, dY, eps):
    k = 1 / np.sqrt(np.mean((X - X.mean(axis=0)) ** 2, axis=0) + eps)
    return one_line(dY, (X - X.mean(axis=0)) * k, gamma * k)


def rms_with_mean_of_dY(X, gamma, dY, eps):
    k = 1 / np.sqrt(np.mean(X ** 2, axis=0) + eps)
    return one_line(dY, X * k, gamma * k)


def rms_constant(X, gamma, dY, eps):
    return dY * gamma / np.sqrt(np.mean(X ** 2, axis=0) + eps)


def rms_without_the_two(X, gamma, dY, eps):
    q = np.mean(X ** 2, axis=0) + eps
    dq = -0.5 * q ** -1.5 * (dY * gamma * X).sum(axis=0)
    return dY * gamma / np.sqrt(q) + dq * X / len(X)


def rms_without_the_mean(X, gamma, dY, eps):
    q = np.mean(X ** 2, axis=0) + eps
    dq = -0.5 * q ** -1.5 * (dY * gamma * X).sum(axis=0)
    return dY * gamma / np.sqrt(q) + dq * 2 * X


def rms_with_variance(X, gamma, dY, eps):
    k = (X.var(axis=0) + eps) ** -0.5
    return gamma * k * (dY - X * k * (dY * X * k).mean(axis=0))


def rms_of_rows(X, gamma, dY, eps):
    k = ((X ** 2).mean(axis=1, keepdims=True) + eps) ** -0.5
    from_above = gamma * dY
    return k * (from_above - X * k * (from_above * X * k).mean(axis=1, keepdims=True))


def rms_without_the_half(X, gamma, dY, eps):
    q = np.mean(X ** 2, axis=0) + eps
    dq = -q ** -1.5 * (dY * gamma * X).sum(axis=0)
    return dY * gamma / np.sqrt(q) + dq * 2 * X / len(X)


def two_zeros(dY, distance, eps):
    return np.zeros_like(dY)


def two_constants(dY, distance, eps):
    return dY / np.sqrt(distance ** 2 / 4 + eps)


def two_with(v):
    def gradient(dY, distance, eps):
        var = v(distance)
        x_hat = np.stack([distance / 2, -distance / 2]) / np.sqrt(var + eps)
        return one_line(dY, x_hat, 1 / np.sqrt(var + eps))
    return gradient


def two_without_the_mean_of_dY(dY, distance, eps):
    first = (dY[0] - dY[1]) * eps / ((distance / 2) ** 2 + eps) ** 1.5
    return np.array([first, -first])


def two_not_centred(dY, distance, eps):
    return dY * eps / ((distance / 2) ** 2 + eps) ** 1.5


def two_with_what_goes(dY, distance, eps):
    v = distance ** 2 / 4
    first = (dY[0] - dY[1]) / 2 * v / (v + eps) / np.sqrt(v + eps)
    return np.array([first, -first])


def two_with_k_squared(dY, distance, eps):
    v = distance ** 2 / 4
    first = (dY[0] - dY[1]) / 2 * eps / (v + eps) ** 2
    return np.array([first, -first])


def two_alike(dY, distance, eps):
    first = (dY[0] - dY[1]) / 2 * eps / ((distance / 2) ** 2 + eps) ** 1.5
    return np.array([first, first])


WRONG = {
    "is_it_zero": [
        ({**RIGHT_SUMS, "dX * X_hat": "always"}, "not orthogonal to X_hat"),
        ({**RIGHT_SUMS, "X_hat": "only for eps = 0"}, "centred before they are"),
        ({**RIGHT_SUMS, "gradient of a bias below": "not in general", "dY": "always"},
         "dY comes from the layers above"),
        ({**RIGHT_SUMS, "gradient of a bias below": "only for eps = 0"}, "A bias adds"),
        ({**RIGHT_SUMS, "dX, statistics detached": "always"}, "nothing centres it"),
        (dict.fromkeys(RIGHT_SUMS, "not in general"), "The mean of X_hat is 0")],
    "image_backward": IMAGES,
    "backward_from_output": [
        (output_for_x_hat, "put in for X_hat"), (divides_first, "The order is wrong"),
        (normalises_again, "Y normalised again"), (variance_for_std, "root is missing"),
        (gamma_already_used, "gamma is forgotten"),
        (eps_after_the_root, "inside the root")],
    "rms_backward": [
        (rms_like_bn, "backward pass of BN"),
        (rms_with_mean_of_dY, "The mean of dY is subtracted"),
        (rms_constant, "taken for a constant"), (rms_without_the_two, "factor 2"),
        (rms_without_the_mean, "Sums are subtracted"),
        (rms_with_variance, "k holds the variance"), (rms_of_rows, "along axis 1"),
        (rms_without_the_half, "twice what it must be")],
    "gradient_is_right": GRADIENT_CHECKS,
    "gradient_of_two": [
        (two_zeros, "for eps = 0 only"), (two_constants, "taken for constants"),
        (two_without_the_mean_of_dY, "twice as large"), (two_alike, "Both rows"),
        (two_not_centred, "two rows is not subtracted"),
        (two_with_what_goes, "the share that is removed"),
        (two_with_k_squared, "The power"),
        (two_with(lambda distance: distance ** 2), "the square of the distance"),
        (two_with(lambda distance: distance ** 2 / 2), "m - 1")],
}
