"""lenet: the layers of the book, with a place for a norm before each sigmoid."""
import functools

from d2l_bn import BatchNorm, FastBatchNorm, lenet

import numpy as np
import pytest
from mxnet import gluon, nd
from mxnet.gluon import nn


def kinds(net):
    return [type(layer).__name__ for layer in net]


def test_lenet_without_norm_has_the_layers_of_the_book():
    net = lenet()
    assert kinds(net) == ["Conv2D", "Activation", "MaxPool2D",
                          "Conv2D", "Activation", "MaxPool2D",
                          "Dense", "Activation", "Dense", "Activation", "Dense"]
    assert isinstance(net, nn.HybridSequential)


def test_lenet_puts_the_norm_before_each_sigmoid():
    net = lenet(BatchNorm)
    assert kinds(net) == ["Conv2D", "BatchNorm", "Activation", "MaxPool2D",
                          "Conv2D", "BatchNorm", "Activation", "MaxPool2D",
                          "Dense", "BatchNorm", "Activation",
                          "Dense", "BatchNorm", "Activation", "Dense"]
    assert [layer._act_type for layer in net if isinstance(layer, nn.Activation)] == [
        "sigmoid"] * 4


def test_lenet_calls_norm_with_the_number_of_features_and_axes():
    calls = []

    def norm(*arguments):
        calls.append(arguments)
        return nn.BatchNorm()

    lenet(norm)
    assert calls == [(6, 4), (16, 4), (120, 2), (84, 2)]


def test_lenet_has_the_shapes_of_the_book():
    net, X, shapes = lenet(), nd.ones((2, 1, 28, 28)), []
    net.initialize()
    for layer in net:
        X = layer(X)
        shapes.append(X.shape[1:])
    convolution, pool, dense = shapes[:2], shapes[2:6], shapes[6:]
    assert convolution == [(6, 24, 24)] * 2
    assert pool == [(6, 12, 12), (16, 8, 8), (16, 8, 8), (16, 4, 4)]
    assert dense == [(120,), (120,), (84,), (84,), (10,)]
    sizes = [parameter.data().size for parameter in net.collect_params().values()]
    assert sum(sizes) == 6 * 26 + 16 * 151 + 257 * 120 + 121 * 84 + 85 * 10


@pytest.mark.parametrize(("norm", "kind"), [
    (None, nn.HybridSequential),
    (lambda features, dims: nn.BatchNorm(), nn.HybridSequential),
    (BatchNorm, nn.Sequential),
    (FastBatchNorm, nn.Sequential),
])
def test_lenet_can_be_hybridized_when_every_layer_can(norm, kind):
    net, X = lenet(norm), nd.random.uniform(shape=(3, 1, 28, 28))
    assert type(net) is kind
    net.initialize()
    before = net(X).asnumpy()
    net.hybridize()
    assert np.allclose(net(X).asnumpy(), before, atol=1e-6)


class Mine(nn.BatchNorm):
    """A subclass that takes what its parent takes."""


@pytest.mark.parametrize("norm", [
    5, "batch", nn.BatchNorm(), BatchNorm(6), nn.BatchNorm, nn.BatchNormReLU,
    nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm, nn.Dropout, nn.Dense, Mine,
    gluon.contrib.nn.SyncBatchNorm, functools.partial(nn.BatchNorm),
    functools.partial(nn.BatchNorm, momentum=.5), functools.partial(nn.GroupNorm)])
def test_lenet_refuses_a_norm_that_would_misread_the_numbers(norm):
    with pytest.raises(TypeError, match="^norm must be None or a function"):
        lenet(norm)


class BookNorm(nn.HybridBlock):
    """With the arguments of the book's layer."""

    def __init__(self, num_features, num_dims, **kwargs):
        super().__init__(**kwargs)
        self.sizes = num_features, num_dims


class Ours(FastBatchNorm):
    def __init__(self, *arguments, **kwargs):
        super().__init__(*arguments, momentum=.5, **kwargs)


@pytest.mark.parametrize("norm", [
    BatchNorm, FastBatchNorm, Ours, functools.partial(BatchNorm, momentum=.5),
    functools.partial(FastBatchNorm, eps=1e-3), BookNorm,
    lambda num_features, num_dims: nn.GroupNorm(2)])
def test_lenet_takes_layers_with_the_arguments_of_the_book(norm):
    net = lenet(norm)
    assert len(net) == 15
    if norm is BookNorm:
        assert [net[i].sizes for i in (1, 5, 9, 12)] == [
            (6, 4), (16, 4), (120, 2), (84, 2)]
    if norm is Ours:
        assert net[1].momentum == .5


@pytest.mark.parametrize("layer", [None, 5, nn.BatchNorm])
def test_lenet_refuses_a_norm_that_gives_no_layer(layer):
    with pytest.raises(TypeError, match="^norm must give a Gluon Block"):
        lenet(lambda features, dims: layer)
