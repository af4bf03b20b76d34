"""Checks for the exercises of lesson 03: write batch normalization."""
import numpy as np
from mxnet import autograd, nd

from ..norm import batch_norm
from .compare import in_words
from .judge import Unexpected, judge, parts
from .norms_by_axes import (
    batch_norm_in_training,
    normalising,
    outside,
    without_eps,
    without_root,
)
from .observe import use_function
from .remember import remember
from .zoo import mistakes_of_batch_norm

MISTAKES = mistakes_of_batch_norm()
use_remembered = remember(use_function, [(batch_norm, ""), *MISTAKES])


def count_statistics(answer):
    """count_statistics(shape) -> (number of means, numbers that share one)."""
    def right(shape):
        return shape[1], int(np.prod(shape)) // shape[1]

    mistakes = [
        (lambda shape: (int(np.prod(shape[1:])), shape[0]),
         "Each pixel has a mean of its own there; a channel's pixels share one."),
        (lambda shape: (shape[0] * shape[1], int(np.prod(shape[2:]))),
         "Each sample has a mean of its own there; the batch shares one a channel."),
        (lambda shape: (shape[-1], int(np.prod(shape)) // shape[-1]),
         "The channels are taken to be the last axis; here they are axis 1."),
        (lambda shape: (shape[1], shape[0]),
         "The pixels are left out: those of a channel share its mean too."),
        (lambda shape: (2 * shape[1], right(shape)[1]),
         "Only the means are asked; the variances are not counted."),
        (lambda shape: right(shape)[::-1],
         "The two numbers stand in the wrong order."),
        (lambda shape: (shape[1], int(np.prod(shape[2:]))),
         "The samples are left out: all N of them share a channel's mean."),
    ]
    shapes = [(8, 3), (4, 3, 5), (2, 6, 4, 5), (16, 2, 3, 4, 5)]
    return judge("count_statistics", answer, right, mistakes,
                 [{"shape": shape} for shape in shapes],
                 verified="means and numbers a mean for shapes of two to five axes.")


def scale_by_two(answer):
    """scale_by_two(X, eps) -> (gamma, beta) with which BN in training gives 2 * X."""
    def result(candidate, X, eps):
        gamma, beta = parts(candidate(X, eps), 2, "gamma and beta")
        C = X.shape[1]
        for name, array in (("gamma", gamma), ("beta", beta)):
            if not isinstance(array, nd.NDArray) or array.shape != (C,):
                raise Unexpected(f"{name}: {in_words(array)}",
                                 f"{name}: an NDArray of shape ({C},)")
        with autograd.train_mode():
            Y = batch_norm(X, gamma, beta, nd.zeros(C), nd.ones(C), eps, 0.9)[0]
        return {"output / 2": Y / 2}

    def with_(scale, shift):
        return lambda X, eps: (scale(X, eps), shift(X))

    def var(X):
        return nd.square(X - X.mean(axis=0)).mean(axis=0)

    def std(X, eps):
        return nd.sqrt(var(X) + eps)

    def mean(X):
        return X.mean(axis=0)

    mistakes = [
        (with_(lambda X, eps: 2 * nd.ones(X.shape[1]), lambda X: nd.zeros(X.shape[1])),
         "gamma = 2 and beta = 0 double the normalised values: the mean and the "
         "spread of X must come back first."),
        (with_(lambda X, eps: 2 * std(X, eps), mean),
         "beta brings back the mean once; 2 * X has twice the mean."),
        (with_(std, mean), "This gives back X itself: both must be doubled."),
        (with_(lambda X, eps: 2 * nd.sqrt(var(X)), lambda X: 2 * mean(X)),
         "eps is missing in gamma: the layer divides by sqrt(var + eps)."),
        (with_(lambda X, eps: 2 * (nd.sqrt(var(X)) + eps), lambda X: 2 * mean(X)),
         "eps stands outside the root: the layer divides by sqrt(var + eps)."),
        (with_(lambda X, eps: nd.sqrt(2 * (var(X) + eps)), lambda X: 2 * mean(X)),
         "The 2 stands inside the root, and comes out as the root of 2."),
        (with_(std, lambda X: 2 * mean(X)),
         "gamma brings back the spread once; 2 * X has twice the spread."),
        (with_(lambda X, eps: 2 * (var(X) + eps), lambda X: 2 * mean(X)),
         "gamma is twice the variance; the layer divides by its root."),
        (with_(lambda X, eps: 2 * nd.sqrt(var(X) * len(X) / (len(X) - 1) + eps),
               lambda X: 2 * mean(X)),
         "The variance divides by m - 1; batch normalization divides by m."),
    ]
    random = np.random.RandomState(3)
    cases = [{"X": nd.array(random.normal(offset, spread, (n, C))), "eps": eps}
             for n, C, offset, spread, eps in
             [(8, 3, 0, 1, 1e-5), (5, 4, 20, 3, 1e-5), (6, 2, -3, 1.5, 0.5)]]
    return judge("scale_by_two", answer,
                 with_(lambda X, eps: 2 * std(X, eps), lambda X: 2 * mean(X)),
                 mistakes, cases, observe=result,
                 verified="the output is 2 * X for three random batches and two eps.")


def steps_needed(answer):
    """steps_needed(momentum) -> updates until a moving mean of 1 is at least 0.99."""
    def right(momentum):
        steps, moving_mean = 0, 0.
        while moving_mean < 0.99 - 1e-9:
            moving_mean = momentum * moving_mean + (1 - momentum)
            steps += 1
        return steps

    mistakes = [
        (lambda momentum: right(momentum) - 1,
         "One too few: after t updates the mean is 1 - momentum ** t."),
        (lambda momentum: right(momentum) + 1,
         "One too many: after t updates the mean is 1 - momentum ** t."),
        (lambda momentum: right(1 - momentum) if momentum else float("inf"),
         "The momentum is the wrong way round: it is the share of the old value."),
        (lambda momentum: float(np.log(0.01) / np.log(momentum)) if momentum else 0.,
         "That is the moment in between; count whole updates: round up."),
    ]
    # A reversed loop never ends for momentum 0, which comes when all else is right.
    for momenta in ((0.9, 0.99, 0.5, 0.1), (0.9, 0.99, 0.5, 0.1, 0.)):
        verdict = judge("steps_needed", answer, right, mistakes,
                        [{"momentum": q} for q in momenta],
                        tolerance=1e-9, verified="five momenta from 0 to 0.99.")
        if not verdict:
            break
    return verdict


def eps_for_half(answer):
    """The eps with which a standard deviation of 0.001 comes out as 0.5."""
    mistakes = [
        (1e-3, "That is eps outside the root: 0.001 / (0.001 + eps) = 0.5."),
        (1e-6, "That halves the variance, not the standard deviation: "
               "1e-6 / (1e-6 + eps) = 0.5."),
        (4e-6, "4e-6 is the whole sum, variance and eps."),
        (3e-3, "The variance is 0.001 ** 2, that is 1e-6; this takes 0.001 for it."),
        (-3e-6, "eps is added: a negative one takes the root of a negative number."),
    ]
    return judge("eps_for_half", answer, 3e-6, mistakes, observe=output_std,
                 tolerance=7e-4, verified="the channel comes out with spread 0.5.")


def output_std(eps):
    """The standard deviation behind BN of a channel whose variance is 1e-6."""
    if not isinstance(eps, (int, float)):
        raise Unexpected(in_words(eps), "a number")
    spread = (1e-6 / (1e-6 + eps)) ** 0.5 if eps > -1e-6 else float("nan")
    return {"standard deviation behind BN": spread}


def batch_norm_channels_last(answer):
    """batch_norm_channels_last(X, eps): the training formula for (N, H, W, C)."""
    def right(X, eps):  # by transposing, which the statement gives as the test
        return batch_norm_in_training(X.transpose((0, 3, 1, 2)), eps).transpose(
            (0, 2, 3, 1))

    def mixed(X, eps):
        N, H, W, C = X.shape
        return batch_norm_in_training(X.reshape((N, C, H, W)), eps).reshape(X.shape)

    def transposed(X, eps):
        return right(X, eps).transpose((0, 3, 1, 2))

    mistakes = [
        (normalising((0, 2, 3)),
         "The mean is over axes (0, 2, 3), which fits (N, C, H, W); here the channels "
         "are the last axis."),
        (normalising((0,)),
         "Each pixel has a statistic of its own; a channel's pixels share one."),
        (normalising((1, 2)),
         "Each sample has statistics of its own; the batch shares them."),
        (normalising((0, 1, 2), less=1),
         "The variance divides by m - 1; batch normalization divides by m."),
        (normalising((0, 1, 2), divisor=outside),
         "eps is added to the standard deviation; it belongs inside the root."),
        (normalising((0, 1, 2), divisor=without_eps), "eps is forgotten."),
        (normalising((0, 1, 2), divisor=without_root), "The root is missing."),
        (normalising((3,)),
         "Each pixel of a sample is normalised over its channels; the batch's pixels "
         "of one channel belong together."),
        (mixed,
         "reshape does not move axes, it deals the numbers anew: use transpose."),
        (lambda X, eps: X / (1 + eps) ** 0.5,
         "batch_norm predicts outside of autograd.train_mode(), with statistics 0 and "
         "1."),
        (transposed, "The result is still (N, C, H, W): transpose it back."),
    ]
    random = np.random.RandomState(4)
    cases = [{"X": nd.array(random.normal(2, 3, shape)), "eps": eps}
             for shape, eps in [((4, 3, 5, 2), 1e-5), ((6, 3, 3, 3), 0.1)]]
    return judge("batch_norm_channels_last", answer, right, mistakes, cases,
                 tolerance=1e-5,
                 verified="two shapes, one with H = W = C, and two eps.")


def from_memory(answer):
    """from_memory(X, gamma, beta, moving_mean, moving_var, eps, momentum)."""
    random = np.random.RandomState(5)
    cases = [
        {"given": "X of shape (6, 3, 2, 3) with offsets 0, 1 and 200, random gamma and "
                  "beta, eps = 0.01, momentum = 0.8",
         "X": random.normal(size=(6, 3, 2, 3)) + np.reshape([0, 1, 200], (1, 3, 1, 1)),
         "eps": 0.01, "momentum": 0.8, "seed": 0},
        {"given": "X of shape (5, 4), random gamma and beta, eps = 0.5, momentum = 0.7",
         "X": random.normal(1, 2, (5, 4)), "eps": 0.5, "momentum": 0.7, "seed": 1},
        {"given": "X of shape (4, 3, 5), random gamma and beta, eps = 0.1, momentum = "
                  "0.6",
         "X": random.normal(-1, 2, (4, 3, 5)), "eps": 0.1, "momentum": 0.6, "seed": 2}]
    return judge("from_memory", answer, batch_norm, MISTAKES, cases,
                 observe=use_remembered, tolerance=5e-4,
                 verified="outputs, gradients and moving statistics of three steps, "
                          "then predictions, for two, three and four axes.")
