"""Refuse arguments that make no sense, with an error that names them.

What MXNet does not check, and would compute nonsense from, is refused here: channels,
empty batches, whole numbers as input, the shapes and values of labels.
"""
import functools
import inspect
import math
import numbers
import os

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd


def check_number(name, value, least, most=math.inf, whole=False):
    """Refuse what is no finite (whole) number from `least` to `most`, by its name."""
    kind = numbers.Integral if whole else numbers.Real
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, kind):
        raise TypeError(f"{name} must be a {'whole ' * whole}number, got {value!r}")
    if not (least <= value <= most and math.isfinite(value)):  # NaN compares as False
        bounds = f"at least {least}" if most == math.inf else f"from {least} to {most}"
        raise ValueError(f"{name} must be {bounds} and finite, got {value}")


def check_path(name, value):
    """Refuse what is no path, and the empty one, which would mean this folder."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a path, got {value!r}")
    if not os.fspath(value):
        raise ValueError(f"{name} must be a path or None, got an empty one: {value!r}")


def check_array(name, value):
    """Refuse what is no dense array of `mxnet.nd`.

    Arrays of `mxnet.np` and sparse ones are of subclasses, and have other operators.
    """
    if type(value) is not nd.NDArray:
        kind = f"{type(value).__module__}.{type(value).__name__}"
        how = (": X.as_nd_ndarray() converts" if isinstance(value, mx.np.ndarray) else
               ": X.tostype('default') converts" if isinstance(value, nd.NDArray) else
               ": nd.array(X) converts" if hasattr(value, "__array__") else "")
        raise TypeError(f"{name} must be an array of mxnet.nd, got {kind}{how}")


def check_floats(name, X):
    """Refuse all but float32 and float64: on a CPU float16 overflows in a sum."""
    if X.dtype not in (np.float32, np.float64):
        raise TypeError(f"{name} must be float32 or float64, got {X.dtype.__name__}")


def check_batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    """Refuse what `batch_norm` cannot normalise; MXNet would not always say so."""
    vectors = dict(gamma=gamma, beta=beta, moving_mean=moving_mean,
                   moving_var=moving_var)
    for name, value in {"X": X, **vectors}.items():
        check_array(name, value)
    check_floats("X", X)
    if X.ndim < 2 or X.size == 0:
        raise ValueError("X must have at least 2 axes, (N, C, ...), and not be empty, "
                         f"got shape {X.shape}")
    C = X.shape[1]
    if autograd.is_training() and X.size == C:
        raise ValueError("X must hold more than one number for each channel in "
                         f"training mode, to have a variance, got shape {X.shape}")
    for name, value in vectors.items():
        if value.shape not in ((C,), (1, C) + (1,) * (value.ndim - 2)):
            raise ValueError(f"{name} must hold one number for each channel of X, in "
                             f"shape ({C},) or (1, {C}, 1, 1), got {value.shape}")
        if value.dtype != X.dtype or value.context != X.context:
            raise ValueError(f"{name} must be {X.dtype.__name__} on {X.context}, as X, "
                             f"got {value.dtype.__name__} on {value.context}")
    check_number("eps", eps, 0)
    check_number("momentum", momentum, 0, 1)


def check_layer(num_features, num_dims, eps, momentum):
    """Refuse what `BatchNorm` cannot be made of."""
    check_number("num_features", num_features, 1, whole=True)
    if num_dims is not None:
        check_number("num_dims", num_dims, 2, whole=True)
    check_number("eps", eps, 0)
    check_number("momentum", momentum, 0, 1)


def check_rank(X, num_dims):
    """Refuse an X whose number of axes is not `num_dims`, unless that is None."""
    check_array("X", X)
    if num_dims is not None and X.ndim != num_dims:
        raise ValueError(f"X must have num_dims={num_dims} axes, got shape {X.shape}")


def check_norm(norm, layer):
    """Refuse a norm that would take (num_features, num_dims) for something else.

    That is a layer, which can be called too, and the class of a layer, or a partial of
    it, whose first arguments have other names. A subclass of `layer` is taken as it is.
    """
    made = norm.func if isinstance(norm, functools.partial) else norm
    wrong = not callable(norm) or isinstance(norm, gluon.Block)
    if inspect.isclass(made) and issubclass(made, gluon.Block):
        names = list(inspect.signature(norm).parameters)[:2]
        wrong = not issubclass(made, layer) and names != ["num_features", "num_dims"]
    if norm is not None and wrong:
        raise TypeError(
            "norm must be None or a function (num_features, num_dims) -> layer, such "
            f"as lambda num_features, num_dims: nn.BatchNorm(), got {norm!r}")


def check_layers(layers):
    """Refuse what a norm gave if it is no Gluon layer."""
    for layer in layers:
        if not isinstance(layer, gluon.Block):
            raise TypeError(f"norm must give a Gluon Block, got {layer!r}")


def check_net(net):
    """Refuse what is no initialised Gluon network."""
    if mx.util.is_np_array():
        raise ValueError("net must be used with arrays of mxnet.nd, got mxnet.np "
                         "switched on: call mxnet.npx.reset_np() first")
    if not isinstance(net, gluon.Block):
        raise TypeError(f"net must be a Gluon Block, got {type(net).__name__}")
    parameters = list(net.collect_params().values())
    if not parameters:
        raise ValueError("net must have parameters, got a net without any")
    try:
        for parameter in parameters:
            parameter.list_ctx()
    except RuntimeError as err:
        raise ValueError("net must be initialised first: net.initialize()") from err


def check_arrays(names, parameters, arrays):
    """Refuse arrays that are not as the parameters, which the pattern `names` selects.

    MXNet would notice a wrong shape when it has put those before it.
    """
    if len(parameters) != len(arrays):
        raise ValueError(f"arrays must be as many as the net's parameters {names!r}, "
                         f"{len(parameters)}, got {len(arrays)}")
    for parameter, array in zip(parameters, arrays, strict=True):
        # 0 and -1: a length that the net does not know yet.
        if len(parameter.shape) != array.ndim or any(
                length not in (0, -1, given)
                for length, given in zip(parameter.shape, array.shape, strict=True)):
            raise ValueError("arrays must have the shapes of the net's parameters, "
                             f"{parameter.shape} for {parameter.name}, "
                             f"got {array.shape}")


def check_iterable(name, value):
    """Refuse what cannot be gone through."""
    if not hasattr(value, "__iter__"):
        raise TypeError(f"{name} must be an iterable of pairs (X, y), got {value!r}")


def check_not_empty(name, n):
    """Refuse an iterable of batches that gave n = 0 samples."""
    if n == 0:
        raise ValueError(f"{name} must give at least one batch, got none")


def check_batch(name, batch):
    """Refuse a batch of the iterable `name` that is no pair (X, y) of arrays."""
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        what = (f"{type(batch).__name__} of {len(batch)}"
                if isinstance(batch, (tuple, list)) else type(batch).__name__)
        raise TypeError(f"{name} must give pairs (X, y) of arrays, got a {what}")
    for part, value in zip("Xy", batch, strict=True):
        check_array(f"{part} of {name}", value)
    X, y = batch
    if y.shape != X.shape[:1]:
        raise ValueError(f"y of {name} must have shape {X.shape[:1]}, one label for "
                         f"each sample of X, got {y.shape}")


def check_losses(losses, y):
    """Refuse what a loss gave if it is not one number a sample, such as their mean.

    The step and the mean loss would be divided by the number of samples once more.
    """
    if losses.shape != y.shape:
        raise ValueError(f"loss must give one number a sample, shape {y.shape}, got "
                         f"shape {losses.shape}")


def check_scores(name, y_hat, y):
    """Refuse labels that are no classes of the scores y_hat (n, C): 0 to C - 1.

    MXNet's loss would take the nearest class instead, and learn from that.
    """
    if y_hat.ndim != 2 or len(y_hat) != y.size:
        raise ValueError(f"net must give a row of scores for each of the {y.size} "
                         f"samples, got shape {y_hat.shape}")
    labels, C = y.asnumpy(), y_hat.shape[1]
    wrong = labels[~((labels >= 0) & (labels < C) & (labels == np.floor(labels)))]
    if wrong.size:
        raise ValueError(f"y of {name} must hold whole numbers from 0 to {C - 1}, the "
                         f"classes that net tells apart, got {wrong.flat[0]:g}")
