"""Wrong answers to the exercises of lesson 14: the bug left in, and wrong mends."""
from mxnet import autograd, nd

from .layers14 import (
    BatchInBoth,
    Compiled,
    MeanRegistered,
    Moving,
    MovingWhenRecording,
    NeverCompiled,
    NeverMoving,
    Remembering,
    Reversed,
    ReversedWithAnotherDefault,
    Starting,
    StartingAtEps,
    StartingAtOneBoth,
    StoredInBoth,
    ToBeTrained,
    Unregistered,
    WhenRecording,
)

STILL = "The symptom is still there"
RIGHT = {"loaded": "not saved", "company": "batch statistics",
         "second time": "moves in prediction", "memory": "left in the graph",
         "gradient": "cut from the graph", "jumps": "momentum reversed"}


def statistics(X, axes=None):
    axes = axes or (0, *range(2, X.ndim))
    mean = X.mean(axis=axes, keepdims=True)
    return mean, nd.square(X - mean).mean(axis=axes, keepdims=True)


def scaled(X_hat, gamma, beta):
    shape = (1, -1) + (1,) * (X_hat.ndim - 2)
    return gamma.reshape(shape) * X_hat + beta.reshape(shape)


def gamma_along_the_width(X, gamma, beta, eps=1e-5):
    mean, var = statistics(X)
    return gamma * (X - mean) / nd.sqrt(var + eps) + beta


def gamma_along_the_height(X, gamma, beta, eps=1e-5):
    mean, var = statistics(X)
    X_hat, shape = (X - mean) / nd.sqrt(var + eps), (-1, 1)
    return gamma.reshape(shape) * X_hat + beta.reshape(shape)


def one_mean_a_pixel(X, gamma, beta, eps=1e-5):
    mean, var = statistics(X, axes=(0,))
    return scaled((X - mean) / nd.sqrt(var + eps), gamma, beta)


def one_mean_a_sample(X, gamma, beta, eps=1e-5):
    mean, var = statistics(X, axes=tuple(range(2, X.ndim)) or (1,))
    return scaled((X - mean) / nd.sqrt(var + eps), gamma, beta)


def eps_taken_away(X, gamma, beta, eps=1e-5):
    mean, var = statistics(X)
    return scaled((X - mean) / nd.sqrt(var - eps), gamma, beta)


def size_of_the_difference(X, gamma, beta, eps=1e-5):
    mean, var = statistics(X)
    return scaled((X - mean) / nd.sqrt(nd.abs(var - eps)), gamma, beta)


def eps_outside(X, gamma, beta, eps=1e-5):
    mean, var = statistics(X)
    return scaled((X - mean) / (nd.sqrt(var) + eps), gamma, beta)


def hits_of_all_pairs(y_hat, y):
    hits = y_hat.argmax(axis=1) == y.astype("float32")
    return float(hits.sum().asscalar()) / len(y)


def at_most_one(y_hat, y):
    return min(1.0, hits_of_all_pairs(y_hat, y))


def mean_of_all_pairs(y_hat, y):
    return (y_hat.argmax(axis=1) == y.astype("float32")).mean().asscalar()


def by_m_minus_one(X, gamma, beta, eps=1e-5):
    mean, var = statistics(X)
    m = X.size // mean.size
    return scaled((X - mean) / nd.sqrt(var * m / (m - 1) + eps), gamma, beta)


def corrected_twice(X, gamma, beta, eps=1e-5):
    mean, var = statistics(X)
    m = X.size // mean.size
    return scaled((X - mean) / nd.sqrt(var * (m - 1) / m + eps), gamma, beta)


def by_number_of_samples(X, gamma, beta, eps=1e-5):
    mean, _ = statistics(X)
    axes = (0, *range(2, X.ndim))
    var = nd.square(X - mean).sum(axis=axes, keepdims=True) / len(X)
    return scaled((X - mean) / nd.sqrt(var + eps), gamma, beta)


def two_moments(X, gamma, beta, eps=1e-5):
    axes = (0, *range(2, X.ndim))
    mean = X.mean(axis=axes, keepdims=True)
    var = nd.square(X).mean(axis=axes, keepdims=True) - nd.square(mean)
    return scaled((X - mean) / nd.sqrt(var + eps), gamma, beta)


def cut_off_at_zero(X, gamma, beta, eps=1e-5):
    axes = (0, *range(2, X.ndim))
    mean = X.mean(axis=axes, keepdims=True)
    var = nd.square(X).mean(axis=axes, keepdims=True) - nd.square(mean)
    return scaled((X - mean) / nd.sqrt(nd.maximum(var, 0) + eps), gamma, beta)


def paused(X, gamma, beta, eps=1e-5):
    with autograd.pause():
        mean, var = statistics(X)
    return scaled((X - mean) / nd.sqrt(var + eps), gamma, beta)


def variance_paused(X, gamma, beta, eps=1e-5):
    axes = (0, *range(2, X.ndim))
    mean = X.mean(axis=axes, keepdims=True)
    with autograd.pause():
        var = nd.square(X - mean).mean(axis=axes, keepdims=True)
    return scaled((X - mean) / nd.sqrt(var + eps), gamma, beta)


def carry(update, of_the_batch=lambda array: array):
    def function(X, gamma, beta, moving_mean, moving_var, eps, momentum):
        mean, var = moving_mean, moving_var
        shape = (1, -1) + (1,) * (X.ndim - 2)
        if autograd.is_training():
            mean, var = (of_the_batch(array.reshape((-1,))) for array in statistics(X))
            moving_mean, moving_var = update(moving_mean, moving_var, mean, var,
                                             momentum)
        X_hat = (X - mean.reshape(shape)) / nd.sqrt(var.reshape(shape) + eps)
        return scaled(X_hat, gamma, beta), moving_mean, moving_var
    return function


def plain(moving_mean, moving_var, mean, var, q):
    return q * moving_mean + (1 - q) * mean, q * moving_var + (1 - q) * var


def old_detached(moving_mean, moving_var, mean, var, q):
    return plain(moving_mean.detach(), moving_var.detach(), mean, var, q)


def only_mean_detached(moving_mean, moving_var, mean, var, q):
    return plain(moving_mean.detach(), moving_var, mean.detach(), var, q)


def estimate(combine):
    def function(net, layer, batches):
        means, variances = [], []

        def add(layer, inputs):
            mean = inputs[0].mean(axis=0)
            means.append(mean)
            variances.append(nd.square(inputs[0] - mean).mean(axis=0))

        hook = layer.register_forward_pre_hook(add)
        with autograd.train_mode():
            for X in batches:
                net(X)
        hook.detach()
        layer.running_mean.set_data(combine(means, len(batches)))
        layer.running_var.set_data(combine(variances, len(batches)))
    return function


def last_use(values, n):
    uses = len(values) // n
    return sum(values[uses - 1::uses]) / n


def slope(forward, backward):
    def function(net, X):
        X = X.copy()
        X.attach_grad()
        with autograd.record(train_mode=forward):
            score = net(X)[:, 0].sum()
        score.backward(train_mode=backward)
        return X.grad
    return function


WRONG = {
    "causes": [({**RIGHT, "company": "moves in prediction"}, "Batch-mates"),
               ({**RIGHT, "jumps": "moves in prediction"}, "forgets too fast")],
    "stripes": [(gamma_along_the_width, STILL), (gamma_along_the_height, "the rows")],
    "two_values": [(one_mean_a_pixel, STILL), (one_mean_a_sample, "Each sample")],
    "quiet_unit": [(eps_taken_away, STILL), (size_of_the_difference, "too small"),
                   (eps_outside, "inside the root")],
    "more_than_all": [(hits_of_all_pairs, STILL), (at_most_one, "cut off at 1"),
                      (mean_of_all_pairs, "all N * N pairs")],
    "restless_mean": [(Reversed, STILL),
                      (ReversedWithAnotherDefault, "The default has changed")],
    "loud_start": [(Starting, STILL), (StartingAtEps, "grown to eps"),
                   (StartingAtOneBoth, "The moving mean starts at 1")],
    "in_company": [(BatchInBoth, STILL), (StoredInBoth, "those of the batch"),
                   (WhenRecording, "whether autograd records")],
    "second_time": [(Moving, STILL), (NeverMoving, "never move"),
                    (MovingWhenRecording, "whenever autograd records")],
    "after_loading": [(Unregistered, STILL), (MeanRegistered, "the variance is not"),
                      (ToBeTrained, "grad_req")],
    "small_batches": [(by_m_minus_one, STILL), (corrected_twice, "corrected twice"),
                      (by_number_of_samples, "divided by N")],
    "far_away": [(two_moments, STILL), (cut_off_at_zero, "its digits are lost")],
    "slope_is_off": [(paused, STILL), (variance_paused, "the variance depends on X")],
    "growing": [(carry(plain), STILL), (carry(old_detached), "the last pass"),
                (carry(only_mean_detached), "behind the moving variance"),
                (carry(plain, lambda array: array.detach()), "cut out of the grad")],
    "twice_as_much": [(estimate(lambda values, n: sum(values) / n), STILL),
                      (estimate(lambda values, n: sum(values) / (2 * n)), "Halved"),
                      (estimate(last_use), "last use")],
    "slope_of_a_prediction": [(slope(False, True), STILL),
                              (slope(True, True), "on training mode"),
                              (slope(True, False), "Only backward")],
    "deaf": [(Compiled, STILL), (Remembering, "never hears"),
             (NeverCompiled, "still compile")],
}
