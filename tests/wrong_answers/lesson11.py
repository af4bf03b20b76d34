"""Wrong answers to the exercises of lesson 11."""
from d2l_bn import check  # noqa: F401 - it makes MXNet importable

import numpy as np
from mxnet import nd


def line(bn, eps=0.):
    s = bn.gamma.data() / (bn.running_var.data() + eps).sqrt()
    return s, bn.beta.data() - s * bn.running_mean.data()


def next_without_eps(bn, dense):
    s, shift = line(bn)
    W = dense.weight.data()
    return W * s, dense.bias.data() + nd.dot(W, shift)


def next_keeps_the_bias(bn, dense):
    s, _ = line(bn, bn._kwargs["eps"])
    return dense.weight.data() * s, dense.bias.data()


def next_uses_the_new_weights(bn, dense):
    s, shift = line(bn, bn._kwargs["eps"])
    W = dense.weight.data() * s
    return W, dense.bias.data() + (W * shift).sum(axis=1)


def next_writes_into_the_layer(bn, dense):
    s, shift = line(bn, bn._kwargs["eps"])
    dense.bias.set_data(dense.bias.data() + nd.dot(dense.weight.data(), shift))
    dense.weight.set_data(dense.weight.data() * s)
    return dense.weight.data(), dense.bias.data()


def next_like_behind(bn, dense):
    s, shift = line(bn, bn._kwargs["eps"])
    return dense.weight.data() * s.reshape((-1, 1)), dense.bias.data() * s + shift


def next_wrong_axis(bn, dense):
    s, shift = line(bn, bn._kwargs["eps"])
    W = dense.weight.data()
    return W * s.reshape((-1, 1)), dense.bias.data() + nd.dot(W, shift)


def next_wrong_sign(bn, dense):
    s, _ = line(bn, bn._kwargs["eps"])
    W, mu = dense.weight.data(), bn.running_mean.data()
    return W * s, dense.bias.data() + nd.dot(W, bn.beta.data() + mu * s)


def fold_as_lesson(layer, bn, eps=None):
    """The lesson's fold, taught that a bias may be missing, but not what gamma is."""
    s, _ = line(bn, bn._kwargs["eps"] if eps is None else eps)
    W = layer.weight.data()
    b = nd.zeros_like(s) if layer.bias is None else layer.bias.data()
    return (W * s.reshape((-1,) + (1,) * (W.ndim - 1)),
            (b - bn.running_mean.data()) * s + bn.beta.data())


def no_bias_no_bias(layer, bn):
    if bn._kwargs["fix_gamma"]:
        gamma = nd.ones_like(bn.beta.data())
    else:
        gamma = bn.gamma.data()
    s = gamma / (bn.running_var.data() + bn._kwargs["eps"]).sqrt()
    W = layer.weight.data()
    W = W * (s.expand_dims(1) if W.ndim == 2 else s.reshape((-1, 1, 1, 1)))
    if layer.bias is None:
        return W, None
    return W, (layer.bias.data() - bn.running_mean.data()) * s + bn.beta.data()


def one_for_s(layer, bn):
    s, _ = line(bn, bn._kwargs["eps"])
    s = nd.ones_like(s) if bn._kwargs["fix_gamma"] else s
    W = layer.weight.data()
    b = 0 if layer.bias is None else layer.bias.data()
    return (W * s.reshape((-1,) + (1,) * (W.ndim - 1)),
            (b - bn.running_mean.data()) * s + bn.beta.data())


def shaped_for_dense(layer, bn):
    _, bias = fold_as_lesson(layer, bn)
    s, _ = line(bn, bn._kwargs["eps"])
    return layer.weight.data() * s.reshape((-1, 1)), bias


def sets_gamma_to_one(layer, bn):
    if bn._kwargs["fix_gamma"]:
        bn.gamma.set_data(nd.ones_like(bn.gamma.data()))
    return fold_as_lesson(layer, bn)


def scores_of(path, X):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options)
    return session.run(None, {"data": X.asnumpy()})[0]


def error(path, net, X):
    mine = net(X).asnumpy()
    return np.max(np.abs(scores_of(path, X) - mine)) / np.max(np.abs(mine))


def only_the_batch(path, net, X):
    try:
        return error(path, net, X) < 1e-5
    except Exception:
        return False


def lets_the_error_out(path, net, X):
    return bool(error(path, net, X) < 1e-5 and error(path, net, X[:1]) < 1e-5)


def same_labels(path, net, X):
    return np.array_equal(scores_of(path, X).argmax(axis=1),
                          net(X).asnumpy().argmax(axis=1))


def same_labels_twice(path, net, X):
    try:
        return same_labels(path, net, X) and same_labels(path, net, X[:1])
    except Exception:
        return False


def swallows_its_own_error(path, net, X):
    try:
        return error(path, net, X) < 1e-5 and error(path, net, X[0]) < 1e-5
    except Exception:
        return False


def the_wrong_way_round(path, net, X):
    try:
        return not all(error(path, net, images) < 1e-5 for images in (X, X[:1]))
    except Exception:
        return True


def nan_slips_through(path, net, X):
    try:
        for images in (X, X[:1]):
            if error(path, net, images) > 1e-5:
                return False
    except Exception:
        return False
    return True


def absolute(path, net, X):
    try:
        for images in (X, X[0:1]):
            if not np.allclose(scores_of(path, images), net(images).asnumpy(), rtol=0,
                               atol=1e-5):
                return False
        return True
    except Exception:
        return False


def negative_steps(whole, step, s):
    return whole, step * s.reshape(step.shape)


def sign_lost(whole, step, s):
    return whole.copy(), np.abs(s).reshape(step.shape) * step


def rounds_again(whole, step, s):
    return np.rint(whole * s.reshape(step.shape)).astype(np.int8), step


def to_127_again(whole, step, s):
    W = whole * step * s.reshape(step.shape)
    step = np.abs(W).reshape(len(W), -1).max(axis=1).reshape(step.shape) / 127
    return np.rint(W / step).astype(np.int8), step


def to_127_with_one_step(whole, step, s):
    W = whole * step * s.reshape(step.shape)
    step = np.abs(W).max() / 127
    return np.rint(W / step).astype(np.int8), step


def for_dense_only(whole, step, s):
    s = s[:, None]
    return (whole * np.sign(s)).astype(np.int8), step * np.abs(s)


def without_a_shape(whole, step, s):
    return (whole * np.sign(s)).astype(np.int8), step * np.abs(s)


def still_floats(whole, step, s):
    s = s.reshape(step.shape)
    return whole * np.where(s < 0, -1., 1.), step * np.abs(s)


RIGHT = {"gamma and beta": "both", "running statistics": "predicting",
         "trainer's states": "resuming", "gradients": "neither",
         "generators' seed": "resuming"}

WRONG = {
    "needed_for": [(RIGHT | {"running statistics": "both"}, "touch no weight"),
                   (RIGHT | {"running statistics": "neither"}, "no gradient"),
                   (RIGHT | {"trainer's states": "both"}, "No prediction"),
                   (RIGHT | {"gradients": "resuming"}, "anew")],
    "fold_into_next": [(next_without_eps, "epsilon is forgotten"),
                       (next_keeps_the_bias, "left as it was"),
                       (next_uses_the_new_weights, "twice"),
                       (next_like_behind, "stands behind the layer"),
                       (next_wrong_axis, "output axis"),
                       (next_wrong_sign, "wrong sign"),
                       (next_writes_into_the_layer, "themselves are changed")],
    "fold_any": [(fold_as_lesson, "the array is used"),
                 (no_bias_no_bias, "still needs one"),
                 (one_for_s, "it is gamma that does"),
                 (shaped_for_dense, "rows of the kernel"),
                 (sets_gamma_to_one, "A layer is changed")],
    "same_predictions": [(only_the_batch, "Only the whole"),
                         (lets_the_error_out, "catch it"),
                         (same_labels_twice, "Labels are compared"),
                         (swallows_its_own_error, "error of your own"),
                         (the_wrong_way_round, "are swapped"),
                         (nan_slips_through, "NaN passes"),
                         (absolute, "share of the largest")],
    "fold_integers": [(negative_steps, "stay positive"),
                      (sign_lost, "sign of s is lost"),
                      (to_127_again, "new largest number"),
                      (to_127_with_one_step, "one step for all"),
                      (for_dense_only, "rows of the kernel"),
                      (without_a_shape, "not reshaped"),
                      (rounds_again, "rounded away"), (still_floats, "no longer int8")],
}
