"""Wrong answers to the exercises of lesson 08."""
import numpy as np
from mxnet import autograd, nd

RIGHT_SUMS = {"dY": "not in general", "X_hat": "always", "dX": "always",
              "dX * X_hat": "only for eps = 0", "gradient of a bias below": "always",
              "dX, statistics detached": "not in general"}


def images(X, gamma, dY, eps, how):
    """A long way back for images, with one thing done otherwise."""
    axes = {"last": (0, 1, 2), "pixel": (0,)}.get(how, (0, 2, 3))
    shape = (1, 1, 1, -1) if how == "last" else (1, -1, 1, 1)
    mean = X.mean(axis=axes, keepdims=True)
    m = X.size // mean.size
    var = ((X - mean) ** 2).sum(axis=axes, keepdims=True) / (m - (how == "m - 1"))
    std = np.sqrt(var) + eps if how == "outside" else np.sqrt(var + eps)
    normal = (X - mean) / std
    dnormal = dY if how == "no gamma" else dY * gamma.reshape(shape)
    dX = dnormal / std
    if how not in ("constants", "path 3"):
        dX = dX - normal * (dnormal * normal).sum(axis=axes, keepdims=True) / m / std
    if how not in ("constants", "path 2"):
        dX = dX - dnormal.sum(axis=axes, keepdims=True) / m / std
    others = (0, 1, 2) if how == "last" else (0, 2, 3)
    dgamma, dbeta = (dY * normal).sum(axis=others), dY.sum(axis=others)
    if how == "means":
        dgamma, dbeta = (dY * normal).mean(axis=others), dY.mean(axis=others)
    if how == "swapped":
        dgamma, dbeta = dbeta, dgamma
    return dX, dgamma, dbeta


def images_with(how):
    return lambda X, gamma, dY, eps=1e-5: images(X, gamma, dY, eps, how)


def one_line(dY, X_hat, scale):
    return scale * (dY - dY.mean(axis=0) - X_hat * np.mean(dY * X_hat, axis=0))


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


def differences(loss, X, h=1e-5):
    grad = np.zeros(X.shape)
    for i in np.ndindex(X.shape):
        step = np.zeros(X.shape)
        step[i] = h
        grad[i] = (loss(X + step) - loss(X - step)) / (2 * h)
    return grad


def both_gradients(layer, X, w, dtype="float64", training=True):
    def loss(x):
        with autograd.train_mode() if training else autograd.predict_mode():
            return (layer(nd.array(x, dtype=dtype)) * w.astype(dtype)).sum().asscalar()

    X = X.copy()
    X.attach_grad()
    with autograd.record():
        total = (layer(X) * w).sum()
    total.backward()
    return X.grad.asnumpy(), differences(loss, X.asnumpy())


def random_weights(X):
    return nd.array(np.random.RandomState(7).uniform(1, 2, X.shape), dtype="float64")


def in_float32(layer, X):
    one, other = both_gradients(layer, X, random_weights(X), "float32")
    return np.linalg.norm(one - other) < 1e-5 * np.linalg.norm(other)


def sums_up(layer, X):
    one, other = both_gradients(layer, X, nd.ones_like(X))
    return np.abs(one - other).max() < 1e-5


def looks_at_lengths(layer, X):
    one, other = map(np.linalg.norm, both_gradients(layer, X, random_weights(X)))
    return bool(abs(one - other) < 1e-5 * other)


def absolute(layer, X):
    one, other = both_gradients(layer, X, random_weights(X))
    return bool(np.abs(one - other).max() < 1e-5)


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
    "image_backward": [
        (images_with("constants"), "taken for constants"),
        (images_with("path 2"), "through the mean is missing"),
        (images_with("path 3"), "through the variance is missing"),
        (images_with("no gamma"), "gamma is forgotten"),
        (images_with("outside"), "inside the root"),
        (images_with("m - 1"), "divides by m - 1"),
        (images_with("means"), "collect sums"),
        (images_with("swapped"), "swapped"),
        (images_with("pixel"), "Each pixel"),
        (images_with("last"), "axes (0, 1, 2)")],
    "backward_from_output": [
        (output_for_x_hat, "put in for X_hat"), (divides_first, "The order is wrong"),
        (normalises_again, "Y normalised again"), (variance_for_std, "root is missing"),
        (gamma_already_used, "gamma is forgotten"),
        (eps_after_the_root, "inside the root")],
    "rms_backward": [
        (rms_like_bn, "backward pass of BN"),
        (rms_with_mean_of_dY, "The mean of dY is subtracted"),
        (rms_constant, "taken for a constant"), (rms_without_the_two, "factor 2"),
        (rms_without_the_mean, "Sums are subtracted")],
    "gradient_is_right": [
        (in_float32, "blames a right layer"), (sums_up, "the plain sum"),
        (looks_at_lengths, "direction"), (absolute, "absolute"),
        (lambda layer, X: True, "passes a wrong layer")],
    "gradient_of_two": [
        (two_zeros, "for eps = 0 only"), (two_constants, "taken for constants"),
        (two_without_the_mean_of_dY, "twice as large"), (two_alike, "Both rows"),
        (two_with(lambda distance: distance ** 2), "the square of the distance"),
        (two_with(lambda distance: distance ** 2 / 2), "m - 1")],
}
