"""LeNet with a place for a normalization layer before each sigmoid."""
from mxnet.gluon import nn

from .arguments import check_norm
from .norm import BatchNorm


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
        if not all(isinstance(layer, nn.Block) for layer in layers):
            raise TypeError(f"norm must give a Gluon Block, got {layers[0]!r}")
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
