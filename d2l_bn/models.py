"""LeNet with a place for a normalization layer before each sigmoid."""
from mxnet import init, nd
from mxnet.gluon import nn

from .arguments import check_layers, check_norm
from .norm import BatchNorm
from .seeding import seed_everything


def lenet(norm=None):
    """LeNet for images (N, 1, 28, 28) in 10 classes, not yet initialised.

    norm(num_features, num_dims) gives the layer to put before each sigmoid:
    num_features is the number of channels or units, num_dims 4 after a convolution and
    2 after a dense layer. With None there is no such layer.
    Raises TypeError if norm would take the two numbers for something else, as the
    classes of Gluon's layers would, or gives something else than a Block.
    """
    check_norm(norm, BatchNorm)

    def activation(num_features, num_dims):
        layers = [] if norm is None else [norm(num_features, num_dims)]
        check_layers(layers)
        return [*layers, nn.Activation("sigmoid")]

    layers = [
        nn.Conv2D(6, kernel_size=5), *activation(6, 4), nn.MaxPool2D(2, 2),
        nn.Conv2D(16, kernel_size=5), *activation(16, 4), nn.MaxPool2D(2, 2),
        nn.Dense(120), *activation(120, 2),
        nn.Dense(84), *activation(84, 2),
        nn.Dense(10),
    ]
    # A net can be compiled as a whole if every layer can.
    hybrid = all(isinstance(layer, nn.HybridBlock) for layer in layers)
    net = nn.HybridSequential() if hybrid else nn.Sequential()
    net.add(*layers)
    return net


def built_in(num_features, num_dims):
    """Gluon's own layer, for `lenet`; it finds both numbers out for itself."""
    return nn.BatchNorm()


def make_lenet(norm, seed, ctx=None):
    """LeNet, ready to train, with initial weights that depend on `seed` alone.

    norm: as for `lenet`. Layers that draw nothing at random, as BN, leave the weights
    as they are without. Xavier's initialisation; compiled as far as its layers allow.
    ctx: the device; None: the current one.
    """
    seed_everything(seed)
    net = lenet(norm)
    net.initialize(init.Xavier(), ctx=ctx)
    net(nd.zeros((1, 1, 28, 28), ctx=ctx))  # gives every array its size
    net.hybridize(static_alloc=True, static_shape=True)
    return net
