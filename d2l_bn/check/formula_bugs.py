"""Bugs of the training formula: cases, wrong mends, and what shows them (lesson 14)."""
import numpy as np
from mxnet import nd

from .formulas import (
    IMAGES,
    ROWS,
    STILL,
    case,
    far_words,
    formula,
    formulas,
    seeing,
    training_formula,
    variance,
)
from .zoo import mistaken


def stripes():
    cases = [case((8, 4, 4, 4), "8 images of 4 channels, 4 x 4 pixels; gamma = 1, 1, "
                  "3, 1 and beta = 0", 5, gamma=[1, 1, 3, 1], beta=np.zeros(4)),
             case((3, 4, 2, 5), "3 images of 4 channels, 2 x 5 pixels", 6), IMAGES,
             ROWS]
    look = seeing(lambda Y: {"spread of each channel": np.array(
        [channel.std() for channel in np.moveaxis(Y, 1, 0)])})

    def along(axis):
        def normalise(X, gamma, beta, eps):
            shape = [1] * X.ndim
            shape[axis] = -1
            Y = training_formula()(X, nd.ones_like(gamma), nd.zeros_like(beta), eps)
            return gamma.reshape(shape) * Y + beta.reshape(shape)
        return normalise

    mistakes = [
        (along(-1), STILL + "the channel with gamma = 3 does not stand out; a part of "
                            "every channel does."),
        (along(-2), "Now gamma goes along the rows of the image, and no longer along "
                    "the columns."),
        (along(0), "gamma goes along the samples; each channel has one."),
        (lambda X, gamma, beta, eps: training_formula()(
            X, gamma.mean() * nd.ones_like(gamma), beta, eps),
         "All channels are multiplied by one number; each has its own gamma."),
        *formulas("gamma and beta swapped")]
    return {"right": training_formula(), "mistakes": mistakes,
            "cases": cases, "observe": look}


def two_values():
    cases = [case((2, 3, 4, 4), "2 images of 3 channels, gamma = 1, beta = 0", 7,
                  eps=1e-5, gamma=np.ones(3), beta=np.zeros(3)),
             case((5, 2, 3, 6), "5 images of 2 channels, 3 x 6 pixels", 8), IMAGES,
             ROWS]
    look = seeing(lambda Y: {"largest output": Y.max()})
    mistakes = [
        (training_formula(mistaken("per pixel")),
         STILL + "of two images each number comes out as about 1 or -1."),
        *formulas("channels last", "per sample", "detached", "sample variance")]
    return {"right": training_formula(), "mistakes": mistakes,
            "cases": cases, "observe": look}


def quiet_unit():
    cases = [case((8, 3), "8 rows; feature 1 is 7 in all of them; eps = 0.01", 9, beta=[
        1, 2, 3]), ROWS, IMAGES]
    cases[0]["X"][:, 1] = 7

    def divided(divisor):
        return formula(lambda X, centred, axes, eps: divisor(variance(centred, axes),
                                                             eps))

    mistakes = [
        (divided(lambda var, eps: nd.sqrt(var - eps)),
         STILL + "a unit that is equal in all rows comes out as NaN."),
        (divided(lambda var, eps: nd.sqrt(nd.abs(var - eps))),
         "The NaN is gone, but the divisor is not sqrt(var + eps): it is 0 where var "
         "is eps, and too small elsewhere."),
        (divided(lambda var, eps: nd.sqrt(nd.maximum(var - eps, eps))),
         "The NaN is gone, but eps is still taken away from every larger variance."),
        *formulas("eps outside", "eps forgotten", "no root")]
    look = seeing(lambda Y: {"feature 1 of the output": Y[:3, 1].copy()})
    return {"right": training_formula(), "mistakes": mistakes,
            "cases": cases, "observe": look}


def small_batches():
    cases = [case((n, 4), f"{n} rows of 4 features, gamma = 1, beta = 0, eps = 1e-5", n,
                  gamma=np.ones(4), beta=np.zeros(4), eps=1e-5) for n in (2, 4, 64)]
    cases += [ROWS, IMAGES]

    def scaled(size):  # of the variance
        return formula(lambda X, centred, axes, eps: nd.sqrt(
            variance(centred, axes) * size(len(X), X.size // X.shape[1]) + eps))

    def output_scaled(X, gamma, beta, eps):
        m = X.size // X.shape[1]
        return training_formula(mistaken("sample variance"))(
            X, gamma * (m / (m - 1)) ** 0.5, beta, eps)

    mistakes = [
        (training_formula(mistaken("sample variance")),
         STILL + "the smaller the batch, the smaller the output."),
        (scaled(lambda N, m: (m - 1) / m),
         "The variance is too small now: it was corrected twice."),
        (scaled(lambda N, m: m / N), "The sum is divided by N; with images m = N * H * "
                                     "W numbers share a variance."),
        (output_scaled, "The output is enlarged afterwards: eps is enlarged with it."),
        *formulas("eps forgotten")]
    look = seeing(lambda Y: {"spread of feature 0": Y[:, 0].std()})
    return {"right": training_formula(), "mistakes": mistakes,
            "cases": cases, "observe": look}


def far_away():
    def observe(candidate, offset):
        if offset:
            return {"outputs": far_words(candidate, offset)}
        return seeing(lambda Y: {})(candidate, ROWS["X"], ROWS["gamma"], ROWS["beta"],
                                    ROWS["eps"])

    def with_variance(change):
        return formula(lambda X, centred, axes, eps: nd.sqrt(change(
            variance(X, axes) - nd.square(X.mean(axis=axes, keepdims=True))) + eps))

    mistakes = [
        (with_variance(lambda var: var),
         STILL + "with a mean of 10,000 some outputs are NaN."),
        (with_variance(lambda var: nd.maximum(var, 0)),
         "No NaN, but the variance is as wrong as before: its digits are lost in the "
         "subtraction, and what is cut off or turned round does not bring them back."),
        (formula(lambda X, centred, axes, eps: nd.sqrt(nd.square(
            nd.abs(centred).mean(axis=axes, keepdims=True)) + eps)),
         "That is the mean distance from the mean, squared; the variance is the mean "
         "of the squared distances."),
        *formulas("detached", "sample variance")]
    return {"right": training_formula(), "mistakes": mistakes,
            "cases": [{"given": "features of spread 1 from -10,000 to 10,000",
                       "offset": 10000.},
                      {"given": ROWS["given"], "offset": 0}], "observe": observe}


def slope_is_off():
    def cut(mean, var):
        def normalise(X, gamma, beta, eps):
            axes, per_channel = (0, *range(2, X.ndim)), (1, -1) + (1,) * (X.ndim - 2)
            m = X.mean(axis=axes, keepdims=True)
            v = variance(X - m, axes)
            m, v = (m.detach() if mean else m), (v.detach() if var else v)
            return (gamma.reshape(per_channel) * (X - m) / nd.sqrt(v + eps)
                    + beta.reshape(per_channel))
        return normalise

    def observe(candidate, **case):
        seen = seeing(lambda Y: {})(candidate, **case)
        return {"gradient of X": seen["gradient of X"], **seen}

    mistakes = [
        (cut(True, True), STILL + "the output is right, the gradient of X is not."),
        (cut(False, True), "The mean is in the graph again; the variance depends on X "
                           "too."),
        (cut(True, False), "The variance is in the graph again; the mean depends on X "
                           "too."),
        (lambda X, gamma, beta, eps: training_formula()(X.detach(), gamma, beta, eps),
         "Now no gradient reaches X at all.")]
    return {"right": training_formula(), "mistakes": mistakes,
            "cases": [ROWS, IMAGES], "observe": observe}
