"""Wrong answers to the exercises of lesson 10."""
import math

import numpy as np
from mxnet import nd

RIGHT_MATES = {"BN, training": True, "BN, prediction": False, "LayerNorm": False,
               "InstanceNorm": False, "GroupNorm": False, "BN of pieces of two": True}
RIGHT_CHOICES = {"16 images": "BN", "2 images": "norm by sample",
                 "tell the light": "no norm", "ignore the light": "norm by sample",
                 "two cameras": "mix the batches"}


def four_images():
    return nd.array(np.random.RandomState(3).uniform(0, 2, (4, 4, 3, 3)))


def without_a_copy(norm):
    X = four_images()
    other = X
    other[1:] = 7 * four_images()[1:] ** 2
    return float(abs(norm(X)[0] - norm(other)[0]).max().asscalar()) > 1e-4


def whole_outputs(norm):
    X = four_images()
    other = X.copy()
    other[1:] = 7 * four_images()[1:] ** 2
    return bool((abs(norm(X) - norm(other)) > 1e-4).sum().asscalar() > 0)


def one_neighbour(norm):
    X = four_images()
    other = X.copy()
    other[1] = -4 * X[1] ** 2
    return bool(abs(norm(X)[0] - norm(other)[0]).max().asscalar() > 1e-4)


def last_neighbour(norm):
    X = four_images()
    other = X.copy()
    other[3] = -4 * X[3] ** 2
    return bool(abs(norm(X)[0] - norm(other)[0]).max().asscalar() > 1e-4)


def another_order(norm):
    X = four_images()
    other = nd.stack(X[0], X[2], X[3], X[1])
    return bool(abs(norm(X)[0] - norm(other)[0]).max().asscalar() > 1e-4)


def without_abs(norm):
    X = four_images()
    other = X.copy()
    other[1:] = -4 * X[1:] ** 2
    return bool((norm(X)[0] - norm(other)[0]).max().asscalar() > 1e-4)


def summed(norm):
    X = four_images()
    other = X.copy()
    other[1:] = -4 * X[1:] ** 2
    return abs(float((norm(X)[0] - norm(other)[0]).sum().asscalar())) > 1e-4


def inverted(norm):
    X = four_images()
    other = X.copy()
    other[1:] = -4 * X[1:] ** 2
    return not abs(norm(X)[0] - norm(other)[0]).max().asscalar() > 1e-4


def pieces(X, size, eps, axes, shape=None, less=0):
    shape = shape or (-1, size)
    cut = X.reshape((*shape, *X.shape[1:]))
    mean = cut.mean(axis=axes, keepdims=True)
    var = ((cut - mean) ** 2).sum(axis=axes, keepdims=True)
    var = var / (cut.size / mean.size - less)
    return ((cut - mean) / (var + eps).sqrt()).reshape(X.shape)


def every_other_image(X, size, eps=1e-5):
    return pieces(X, size, eps, (0, 3, 4), (size, -1))


def number_of_pieces(X, size, eps=1e-5):
    return pieces(X, size, eps, (1, 3, 4), (size, -1))


def channels_joined(X, size, eps=1e-5):
    return pieces(X, size, eps, (1, 2, 3, 4))


def across_pieces(X, size, eps=1e-5):
    return pieces(X, size, eps, (0, 3, 4))


def unbiased(X, size, eps=1e-5):
    return pieces(X, size, eps, (1, 3, 4), less=1)


def not_cut(X, size, eps=1e-5):
    return pieces(X, len(X), eps, (1, 3, 4))


def predicts(X, size, eps=1e-5):
    C = len(X) // size * X.shape[1]
    cut = X.reshape((-1, size, *X.shape[1:])).swapaxes(0, 1)
    Y = nd.BatchNorm(cut.reshape((size, C, *X.shape[2:])), nd.ones(C), nd.zeros(C),
                     nd.zeros(C), nd.ones(C), eps=eps)
    return Y.reshape(cut.shape).swapaxes(0, 1).reshape(X.shape)


def forgets_to_join(X, size, eps=1e-5):
    return pieces(X, size, eps, (1, 3, 4)).reshape((-1, size, *X.shape[1:]))


def with_batch_norm(norm):
    def answer(kind, X, group_norm):
        if kind == "BatchNorm":
            return norm(X, group_norm)
        return group_norm(X, 1 if kind == "LayerNorm" else X.shape[1])
    return answer


def the_other_way_round(kind, X, group_norm):
    if kind == "BatchNorm":
        return group_norm(X.swapaxes(0, 1), 1).swapaxes(0, 1)
    return group_norm(X, X.shape[1] if kind == "LayerNorm" else 1)


def by_formula(kind, X, group_norm):
    axes = {"LayerNorm": (1, 2, 3), "InstanceNorm": (2, 3)}.get(kind, (0, 2, 3))
    X = X - X.mean(axis=axes, keepdims=True)
    return X / ((X ** 2).mean(axis=axes, keepdims=True) + 1e-5).sqrt()


WRONG = {
    "looks_at_mates": [
        ({**RIGHT_MATES, "BN, prediction": True}, "stored statistics"),
        ({**RIGHT_MATES, "GroupNorm": True}, "not images"),
        ({**RIGHT_MATES, "BN of pieces of two": False, "GroupNorm": False},
         "A piece is small")],
    "depends_on_mates": [
        (without_a_copy, "makes no copy"), (whole_outputs, "where none matter"),
        (one_neighbour, "Only image 1"), (last_neighbour, "Only image 3"),
        (another_order, "only change places"), (without_abs, "keep their signs"),
        (summed, "may cancel"), (inverted, "exchanged")],
    "ghost_batch_norm": [
        (predicts, "autograd.train_mode()"),
        (every_other_image, "every k-th image"),
        (number_of_pieces, "the number of pieces"), (channels_joined, "All channels"),
        (across_pieces, "Images in the same place"), (unbiased, "m - 1"),
        (not_cut, "not cut into pieces"), (forgets_to_join, "still cut")],
    "by_group_norm": [
        (the_other_way_round, "not the other way round"),
        (with_batch_norm(lambda X, group_norm: group_norm(X, 1)), "of X is LayerNorm"),
        (with_batch_norm(lambda X, group_norm: group_norm(X.swapaxes(0, 1), 1)),
         "transpose back"),
        (with_batch_norm(lambda X, group_norm: group_norm(
            X.reshape((X.shape[1], X.shape[0], *X.shape[2:])), 1).reshape(X.shape)),
         "reshape keeps"),
        (with_batch_norm(lambda X, group_norm: group_norm(X.T, 1).T), "X.T"),
        (lambda kind, X, group_norm:
            group_norm(X.transpose((1, 0, 2, 3)), 1).transpose((1, 0, 2, 3))
            if kind == "BatchNorm" else
            group_norm(X, 1 if kind == "LayerNorm" else X.shape[0]), "as images"),
        (by_formula, "do not come from the group_norm")],
    "largest_output": [
        (lambda m: 1, "for two numbers only"), (math.sqrt, "the others cannot all"),
        (lambda m: m - 1, "the square of"), (lambda m: float("inf"), "a limit"),
        (lambda m: (m - 1) / math.sqrt(m), "divides by m - 1"),
        (lambda m: m, "take the root"),
        (lambda m: math.sqrt((m - 1) / m), "distances are added up")],
    "stored_variances": [
        (lambda means, variances: (sum(variances) / len(variances),) * 2,
         "distances between"),
        (lambda means, variances: (np.mean(variances),
                                   np.mean(variances) + np.std(means)), "The spread"),
        (lambda means, variances: (np.mean(variances) + np.var(means),
                                   np.mean(variances)), "wrong order"),
        (lambda means, variances: (np.mean(variances), np.mean(variances)
                                   + np.var(means, ddof=1)), "K - 1"),
        (lambda means, variances: (np.mean(variances), np.mean(variances)
                                   + np.sum((means - np.mean(means)) ** 2)),
         "are added up"),
        (lambda means, variances: (np.mean(variances),
                                   np.mean(variances + means ** 2)),
         "themselves are squared")],
    "choose": [
        ({**RIGHT_CHOICES, "2 images": "BN"}, "two images are two numbers"),
        ({**RIGHT_CHOICES, "tell the light": "norm by sample"}, "which is the answer"),
        ({**RIGHT_CHOICES, "ignore the light": "BN"}, "their differences stay"),
        ({**RIGHT_CHOICES, "tell the light": "mix the batches"}, "may be mixed")],
}
