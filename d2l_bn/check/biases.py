"""Which biases does BN take away? Found by shifting each; and wrong rules for it."""
import numpy as np
from mxnet import autograd, init, nd
from mxnet.gluon import nn

from .compare import in_words
from .judge import Unexpected, something
from .wording import Words


def positions(candidate, layers):
    """The positions that a candidate finds, in words."""
    places = something(candidate(layers))
    if not isinstance(places, list) or not all(
            isinstance(place, (int, np.integer)) for place in places):
        raise Unexpected(in_words(places), "a list of positions")
    return {"positions": Words([int(place) for place in places])}


def output(layers, X):
    with autograd.train_mode():
        for layer in layers:
            X = layer(X)
    return X.asnumpy()


def has_bias(layer):
    return getattr(layer, "bias", None) is not None


def biases_without_effect(layers):
    """Measured: shift each bias, and see whether the output in training mode moves."""
    X, places = nd.array(np.random.RandomState(9).normal(size=(4, 2, 8, 8))), []
    before = output(layers, X)
    for place, layer in enumerate(layers):
        if has_bias(layer):
            start = layer.bias.data().copy()
            layer.bias.set_data(start + 0.5)
            if abs(output(layers, X) - before).max() < 1e-3:
                places.append(place)
            layer.bias.set_data(start)
    return places


def nets_with_biases():
    """Cases for `judge`: lists of layers, and their names as description."""
    act = nn.Activation
    return [described(*layers) for layers in (
        (nn.Conv2D(3, 3), nn.BatchNorm(), act("relu"), nn.Dense(6), nn.BatchNorm(),
         act("sigmoid"), nn.Dense(2)),
        (nn.Conv2D(3, 3, use_bias=False), nn.BatchNorm(), act("relu"), nn.Flatten(),
         nn.Dense(5, use_bias=False)),
        (nn.Conv2D(3, 3), act("relu"), nn.BatchNorm(), nn.Conv2D(4, 3), nn.BatchNorm(),
         nn.Conv2D(2, 3, use_bias=False), nn.BatchNorm(), nn.Dense(2)),
        (nn.Dense(4), act("sigmoid"), nn.Dense(5), nn.BatchNorm(), nn.Dense(3)))]


def described(*layers):
    for layer in layers:
        layer.initialize(init.Normal(0.5))
    output(layers, nd.ones((2, 2, 8, 8)))
    names = [type(layer).__name__ + "(use_bias=False)" * (getattr(layer, "bias", 0)
                                                         is None) for layer in layers]
    return {"given": ", ".join(names), "layers": list(layers)}


def where(fits):
    """The rule that names the positions i at which fits(layers, i)."""
    return lambda layers: [i for i in range(len(layers)) if fits(layers, i)]


def is_bn(layers, i):
    return 0 <= i < len(layers) and isinstance(layers[i], nn.BatchNorm)


BIAS_MISTAKES = [
    (where(lambda layers, i: hasattr(layers[i], "bias") and is_bn(layers, i + 1)),
     "A layer with use_bias=False counts; its bias attribute is None."),
    (where(lambda layers, i: has_bias(layers[i])),
     "Every bias counts; only that of a layer directly before BN is taken away."),
    (where(lambda layers, i: hasattr(layers[i], "bias")),
     "Every layer that might have a bias counts; look whether it has one, and whether "
     "BN follows."),
    (where(lambda layers, i: has_bias(layers[i]) and is_bn(layers, i - 1)),
     "These layers stand behind BN; it takes away the bias of the layer before it."),
    (where(lambda layers, i: has_bias(layers[i]) and (is_bn(layers, i + 1)
                                                      or is_bn(layers, i + 2))),
     "A layer counts though an activation stands between it and BN; there its bias "
     "decides what the activation cuts off."),
    (where(lambda layers, i: isinstance(layers[i], nn.Conv2D) and has_bias(layers[i])
           and is_bn(layers, i + 1)),
     "Only convolutions count; a dense layer before BN has a redundant bias too."),
    (where(lambda layers, i: is_bn(layers, i) and has_bias(layers[i - 1])),
     "These are the positions of the BN layers; wanted are those of the layers before "
     "them."),
    (where(is_bn), "These are the positions of the BN layers; wanted are those of the "
                   "layers before them that have a bias."),
]
