"""Wrong answers to gradient_is_right of lesson 08."""
import numpy as np
from mxnet import autograd, nd


def differences(loss, X, h=1e-5):
    grad = np.zeros(X.shape)
    for i in np.ndindex(X.shape):
        step = np.zeros(X.shape)
        step[i] = h
        grad[i] = (loss(X + step) - loss(X - step)) / (2 * h)
    return grad


def both_gradients(layer, X, w, dtype="float64", training=True, recorded=True):
    def loss(x):
        with autograd.train_mode() if training else autograd.predict_mode():
            return (layer(nd.array(x, dtype=dtype)) * w.astype(dtype)).sum().asscalar()

    X = X.copy()
    X.attach_grad()
    with autograd.record(train_mode=recorded):
        total = (layer(X) * w).sum()
    total.backward()
    return X.grad.asnumpy(), differences(loss, X.asnumpy())


def random_weights(X):
    return nd.array(np.random.RandomState(7).uniform(1, 2, X.shape), dtype="float64")


def near(one, other, tolerance=1e-5):
    return bool(np.linalg.norm(one - other) < tolerance * np.linalg.norm(other))


def in_modes(recorded, training):
    return lambda layer, X: near(*both_gradients(layer, X, random_weights(X),
                                                 training=training, recorded=recorded))


def in_float32(layer, X):
    return near(*both_gradients(layer, X, random_weights(X), "float32"))


def weights_in_float32(layer, X):
    return near(*both_gradients(layer, X, nd.random.normal(shape=X.shape)))


def without_asscalar(layer, X):
    w = random_weights(X)
    with autograd.train_mode():
        return differences(lambda x: (layer(nd.array(x, dtype="float64")) * w).sum(),
                           X.asnumpy()).any()


def with_numpy(layer, X):
    w = random_weights(X)
    with autograd.train_mode():
        return differences(lambda x: (layer(x) * w).sum().asscalar(), X.asnumpy()).any()


def without_record(layer, X):
    X.attach_grad()
    (layer(X) * random_weights(X)).sum().backward()
    return True


def without_backward(layer, X):
    w = random_weights(X)
    X.attach_grad()
    with autograd.record():
        (layer(X) * w).sum()

    def loss(x):
        with autograd.train_mode():
            return (layer(nd.array(x, dtype="float64")) * w).sum().asscalar()

    return near(X.grad.asnumpy(), differences(loss, X.asnumpy()))


def sums_up(layer, X):
    one, other = both_gradients(layer, X, nd.ones_like(X))
    return np.abs(one - other).max() < 1e-5


def weighs_with_itself(layer, X):
    return near(*both_gradients(layer, X, X))


def other_weights(layer, X):
    return near(both_gradients(layer, X, random_weights(X))[0],
                both_gradients(layer, X, random_weights(X) ** 2)[1])


def sums_of_gradients(layer, X):
    one, other = both_gradients(layer, X, random_weights(X))
    return bool(abs(one.sum() - other.sum()) < 1e-8)


def looks_at_lengths(layer, X):
    one, other = map(np.linalg.norm, both_gradients(layer, X, random_weights(X)))
    return bool(abs(one - other) < 1e-5 * other)


def absolute(layer, X):
    one, other = both_gradients(layer, X, random_weights(X))
    return bool(np.abs(one - other).max() < 1e-5)


def first_number(layer, X):
    one, other = both_gradients(layer, X, random_weights(X))
    return bool(abs(one[0, 0] - other[0, 0]) < 1e-5 * abs(other[0, 0]))


def wide(layer, X):
    return near(*both_gradients(layer, X, random_weights(X)), 0.1)


def other_numbers(layer, X):
    X = nd.array(np.random.RandomState(8).normal(size=X.shape), dtype="float64")
    return near(*both_gradients(layer, X, random_weights(X)))


GRADIENT_CHECKS = [
    (in_float32, "An array is float32"), (without_asscalar, ".asscalar()"),
    (with_numpy, "hands NumPy arrays"), (without_record, "recorded no pass"),
    (without_backward, "backward() is missing"),
    (in_modes(True, False), "The losses come from"),
    (in_modes(False, True), "pass is in prediction"),
    (in_modes(False, False), "All passes"), (sums_up, "the plain sum"),
    (other_weights, "False for all"), (sums_of_gradients, "Only a sum"),
    (looks_at_lengths, "direction"), (absolute, "absolute"),
    (first_number, "Not all numbers"), (wide, "tolerance is too wide"),
    (other_numbers, "on other numbers"),
    (lambda layer, X: True, "True for all")]
