"""Layers to fold, and the straight line that batch normalization is in prediction."""
import numpy as np
from mxnet import init, nd

from .judge import Unexpected, copied, described, parts
from .restored import restored


def random_layer(layer, random):
    """The layer with random parameters; variances from 1e-5 on."""
    layer.initialize(init.Zero())  # draws nothing from the learner's generators
    for name, parameter in layer.params.items():
        values = random.normal(1, 1, parameter.shape)
        if name.endswith("running_var"):
            values = 10 ** random.uniform(-5, 1, parameter.shape)
        parameter.set_data(nd.array(values))
    return layer


def folded(candidate, first, second):
    """What a candidate returns, and whether it left the layers as they were."""
    with restored(first, second) as is_kept:
        try:
            made = candidate(first, second)
        except AttributeError as err:
            if "'NoneType'" in str(err) and getattr(first, "bias", ...) is None:
                raise Unexpected(described(err), "no error: here layer.bias is None, "
                                 "which has no data(); it counts as 0") from err
            raise
        W, b = map(copied, parts(made, 2, "weight and bias"))
        return {"weight": W, "bias": b, "the two layers are as they were": is_kept()}


def line_of(bn, eps=None, root=True, scale=None,
            shift=lambda beta, mean, s: beta - mean * s):
    """s and shift of a BN layer in prediction mode: s * x + shift, as NumPy arrays.

    root: True, False (missing), or "outside" where epsilon is added to the root.
    """
    gamma, beta, mean, var = (getattr(bn, name).data().asnumpy() for name in
                              ("gamma", "beta", "running_mean", "running_var"))
    if bn._kwargs["fix_gamma"] if scale is None else not scale:
        gamma = np.ones_like(gamma)
    eps = bn._kwargs["eps"] if eps is None else eps
    divisor = {True: np.sqrt(var + eps), False: var + eps,
               "outside": np.sqrt(var) + eps}[root]
    s = gamma / divisor
    return s, shift(beta, mean, s)
