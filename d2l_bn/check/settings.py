"""A layer of Gluon from the settings of PyTorch's: right and wrong ways (lesson 06)."""
import numpy as np
from mxnet import nd
from mxnet.gluon import nn

from ..norm import BatchNorm
from .compare import in_words
from .freezing import train_on
from .judge import Unexpected, something


def layer_with(epsilon=lambda eps, momentum: eps,
               keep=lambda eps, momentum: 1 - momentum, scale=bool, center=bool,
               known=True):
    """A way to translate; the default is right."""
    return lambda n, eps, momentum, affine: nn.BatchNorm(
        epsilon=epsilon(eps, momentum), momentum=keep(eps, momentum),
        scale=scale(affine), center=center(affine), in_channels=n if known else 0)


def copied(eps, momentum):
    return momentum


def always(affine):
    return True


def inverted(affine):
    return not affine


def initialised(*settings):
    layer = layer_with()(*settings)
    layer.initialize()
    return layer


SETTING_MISTAKES = [
    (layer_with(keep=copied),
     "The momentum is copied; Gluon's is the share of the old value, 1 minus "
     "PyTorch's."),
    (layer_with(known=False),
     "The number of channels is missing: without in_channels the arrays appear with "
     "the first batch alone."),
    (layer_with(epsilon=lambda eps, momentum: 1e-5), "eps is left at Gluon's default."),
    (layer_with(scale=always, center=always),
     "affine is ignored; without it neither gamma nor beta is trained."),
    (layer_with(center=always),
     "affine stands for both: beta must not be trained either, that is center=False."),
    (layer_with(scale=always),
     "affine stands for both: gamma must not be trained either, that is scale=False."),
    (layer_with(scale=inverted, center=inverted),
     "affine is inverted: scale=True means that gamma is trained."),
    (layer_with(keep=lambda eps, momentum: 0.9),
     "The momentum is left at Gluon's default."),
    (layer_with(copied, lambda eps, momentum: 1 - eps),
     "eps and momentum are swapped."),
    (initialised, "The layer is initialised already; leave that to its net."),
    (layer_with(keep=copied, known=False),
     "Two things: the momentum is copied, where Gluon's is 1 minus PyTorch's; and the "
     "number of channels is missing."),
]


def use_settings(candidate, num_features, eps, momentum, affine):
    """What a layer does with one batch."""
    try:
        layer = something(candidate(num_features, eps, momentum, affine))
    except TypeError as err:
        if "argument 'eps'" not in str(err):
            raise
        raise Unexpected("an error: nn.BatchNorm knows no argument eps",
                         "Gluon's name, epsilon") from err
    if isinstance(layer, BatchNorm):
        raise Unexpected("a BatchNorm of d2l_bn", "Gluon's, nn.BatchNorm(...)")
    if not isinstance(layer, nn.BatchNorm):
        raise Unexpected(in_words(layer), "a layer, nn.BatchNorm(...)")
    if layer._kwargs["axis"] != 1:
        raise Unexpected(f"a layer with axis={layer._kwargs['axis']}", "axis=1: the "
                         "axis comes first; for the number of channels write "
                         "in_channels=")
    early = any(p._data is not None or p._deferred_init
                for p in layer.collect_params().values())
    layer.initialize(force_reinit=True)
    seen = {"size of gamma before the first batch": int(np.prod(layer.gamma.shape))}
    random = np.random.RandomState(10)
    X = nd.array(random.normal(1, 0.4, (4, num_features, 3, 3)))
    seen["output in training mode"] = train_on(layer, X)
    seen["running mean after one batch"] = layer.running_mean.data()
    seen["gamma is trained"] = layer.gamma.grad_req != "null"
    seen["beta is trained"] = layer.beta.grad_req != "null"
    seen["initialised already"] = early
    return seen
