"""estimate_statistics: layers used twice, not at all, unknown, held in lists."""
import d2l_bn  # noqa: F401 - first: it makes MXNet importable
from d2l_bn import BatchNorm, FastBatchNorm, batch_norm, estimate_statistics

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, init, nd
from mxnet.gluon import SymbolBlock, nn
from small_nets import batches, close, ready, values

LAYERS = {"readable": BatchNorm, "fast": FastBatchNorm,
          "gluon": lambda n, **how: nn.BatchNorm(in_channels=n, **how)}
every_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
hybrid_or_not = pytest.mark.parametrize("hybrid", [False, True])


class Uses(nn.HybridBlock):
    """Uses its norm as `how(norm, X)` says."""

    def __init__(self, layer, how, **settings):
        super().__init__()
        self.how, self.norm = how, layer(4, **settings)

    def hybrid_forward(self, F, X):
        return self.how(self.norm, X)


class UsesOurs(nn.Block):  # ours is no HybridBlock
    def __init__(self, layer, how, **settings):
        super().__init__()
        self.how, self.norm = how, layer(4, **settings)

    def forward(self, X):
        return self.how(self.norm, X)


def using(layer, how, hybrid=False, **settings):
    """An initialised net whose norm is used as `how` says, with old statistics."""
    if layer is LAYERS["gluon"]:
        net = ready(Uses(layer, how, **settings), kind=nn.HybridSequential)
    else:
        net = ready(UsesOurs(layer, how, **settings))
    net[0].norm.running_mean.set_data(nd.full((4,), 7))
    net[0].norm.running_var.set_data(nd.full((4,), 5))
    if hybrid:
        net.hybridize(static_alloc=True, static_shape=True)
        net(nd.ones((16, 4)))
    return net, net[0].norm


SEVERAL_TIMES = {  # how often and on what a layer is used, and the inputs as NumPy
    "X and -X": (lambda norm, X: norm(X) + norm(-X), lambda X: [X, -X]),
    "three times": (lambda norm, X: norm(X) + norm(2 * X) + norm(X + 1),
                    lambda X: [X, 2 * X, X + 1]),
    "halves": (lambda norm, X: norm(X.slice_axis(axis=0, begin=0, end=8))
               + norm(X.slice_axis(axis=0, begin=8, end=16)), lambda X: [X[:8], X[8:]]),
}


@every_layer
@hybrid_or_not
@pytest.mark.parametrize("momentum", [0, .5, .9, 1])
@pytest.mark.parametrize("uses", SEVERAL_TIMES.values(), ids=SEVERAL_TIMES)
def test_each_use_of_a_layer_counts_once(layer, hybrid, momentum, uses):
    how, inputs = uses
    net, norm = using(layer, how, hybrid, momentum=momentum)
    data = batches(16, 16)
    estimate_statistics(net, data, 2)
    used = [Z.astype("float64") for X, _ in data for Z in inputs(X.asnumpy())]
    assert close(norm.running_mean, np.mean([Z.mean(0) for Z in used], 0))
    assert close(norm.running_var, np.mean([Z.var(0) for Z in used], 0))
    assert not norm._forward_pre_hooks


def predicting(norm, X):
    with autograd.predict_mode():
        return norm(X)


@every_layer
@pytest.mark.parametrize("how", [lambda norm, X: 2 * X, predicting],
                         ids=["side branch", "predicting"])
def test_a_layer_that_no_pass_measures_keeps_what_it_had(layer, how):
    side, _ = using(layer, how)
    net = ready(side, nn.Dense(4), layer(4))
    side[0].norm.running_mean.set_data(nd.full((4,), 7))
    data = batches(16)
    estimate_statistics(net, data, 1)
    assert (side[0].norm.running_mean.data().asnumpy() == 7).all()
    Z = net[1](side(data[0][0])).asnumpy()
    assert close(net[2].running_mean, Z.mean(0)) and close(net[2].running_var, Z.var(0))


@every_layer
@hybrid_or_not
def test_a_frozen_part_before_detach_is_measured_like_the_rest(layer, hybrid):
    """No gradient comes there, and none is needed."""
    sequence = nn.HybridSequential if layer is LAYERS["gluon"] else nn.Sequential
    frozen, data = ready(nn.Dense(4), layer(4), kind=sequence), batches(16)
    net = ready(frozen, nn.Lambda(lambda X: X.detach()), nn.Dense(4), layer(4))
    frozen.collect_params().setattr("grad_req", "null")
    if hybrid:
        frozen.hybridize()
    net(data[0][0])
    estimate_statistics(net, data, 1)
    Z = frozen[0](data[0][0]).asnumpy()
    assert close(frozen[1].running_mean, Z.mean(0))
    assert close(frozen[1].running_var, Z.var(0))
    assert not hybrid or getattr(frozen, "_active", True)


class Operator(nn.HybridBlock):
    """Batch normalization by the operator, with parameters of its own."""

    def __init__(self):
        super().__init__()
        for name in ("gamma", "beta", "mean", "var"):
            setattr(self, name, self.params.get(
                name, shape=(4,), init=init.One(),
                grad_req="write" if name in ("gamma", "beta") else "null"))

    def hybrid_forward(self, F, X, **arrays):
        return F.BatchNorm(X, *[arrays[name] for name in ("gamma", "beta", "mean",
                                                          "var")], fix_gamma=False)


class BookNorm(nn.Block):
    """As in the book: the statistics are plain arrays."""

    def __init__(self):
        super().__init__()
        self.gamma = self.params.get("gamma", shape=(4,), init=init.One())
        self.moving_mean, self.moving_var = nd.full((4,), 3), nd.full((4,), 2)

    def forward(self, X):
        Y, self.moving_mean, self.moving_var = batch_norm(
            X, self.gamma.data(), nd.zeros(4), self.moving_mean, self.moving_var,
            1e-5, .9)
        return Y


class InPlaceNorm(BookNorm):
    """Writes into its plain arrays instead of taking new ones."""

    def forward(self, X):
        mean, var = self.moving_mean, self.moving_var
        Y = super().forward(X)
        mean[:], var[:] = self.moving_mean, self.moving_var
        self.moving_mean, self.moving_var = mean, var
        return Y


def symbol_block():
    X = mx.sym.var("data")
    block = SymbolBlock(mx.sym.BatchNorm(X, name="inner", fix_gamma=False), X)
    block.initialize(init.One())
    block(nd.ones((2, 4)))
    return block


@pytest.mark.parametrize("unknown", [Operator, BookNorm, InPlaceNorm, symbol_block])
@pytest.mark.parametrize("hybrid", [False, True])
def test_what_other_layers_store_is_as_it_was(unknown, hybrid):
    block, data = unknown(), batches(16, 16)
    net = nn.Sequential()
    net.add(block, nn.BatchNorm())
    if unknown is not symbol_block:
        net.initialize()
    net[1].initialize()
    if hybrid:
        net.hybridize()
    net(data[0][0])
    before = values(block)
    arrays = {name: value.asnumpy() for name, value in vars(block).items()
              if isinstance(value, nd.NDArray)}
    estimate_statistics(net, data, 2)
    nd.waitall()
    after = values(block)
    assert before.keys() == after.keys()
    assert all((after[name] == before[name]).all() for name in before)
    for name, array in arrays.items():
        assert (getattr(block, name).asnumpy() == array).all()
    assert abs(net[1].running_mean.data().asnumpy()).max() > 0


class InList(nn.Block):
    def __init__(self, wrap, registered):
        super().__init__()
        self.hidden = wrap(BatchNorm(4))
        self.hidden_layer = [self.hidden]
        self.norm = nn.BatchNorm(in_channels=4)
        if registered:
            self.register_child(self.layer)

    @property
    def layer(self):
        found = self.hidden
        while not isinstance(found, nn.Block):
            found = found["a"] if isinstance(found, dict) else found[0]
        return found

    def forward(self, X):
        return self.norm(self.layer(X))


@pytest.mark.filterwarnings("ignore:.*unregistered container")
@pytest.mark.parametrize("wrap", [lambda layer: [layer], lambda layer: (layer, 1),
                                  lambda layer: {"a": [layer]}])
def test_layers_held_in_lists_are_refused_unless_registered(wrap):
    net = InList(wrap, registered=False)
    net.initialize()
    net.layer.initialize()
    before = values(net), values(net.layer)
    with pytest.raises(ValueError, match="^net must register.*hidden of InList"):
        estimate_statistics(net, batches(8), 1)
    for old, block in zip(before, (net, net.layer), strict=True):
        assert all((values(block)[name] == old[name]).all() for name in old)
    net, data = InList(wrap, registered=True), batches(8)
    net.initialize()
    estimate_statistics(net, data, 1)
    assert close(net.layer.running_mean, data[0][0].asnumpy().mean(0))


@pytest.mark.parametrize("axis", [1, 2, -1])
def test_the_axis_of_gluons_layer_is_followed(axis):
    X = nd.random.normal(2, 3, (4, 5, 6))
    net = ready(nn.BatchNorm(axis=axis))
    estimate_statistics(net, [(X, None)], 1)
    axes = tuple(other for other in range(3) if other != axis % 3)
    assert close(net[0].running_mean, X.asnumpy().mean(axes))
    assert close(net[0].running_var, X.asnumpy().var(axes))


def test_a_large_mean_does_not_swamp_the_variance():
    X = np.random.RandomState(0).normal(1e4, 1, (64, 3)).astype("float32")
    net = ready(BatchNorm(3))
    estimate_statistics(net, [(nd.array(X), None)], 1)
    expected = X.astype("float64").var(0)
    assert np.allclose(net[0].running_var.data().asnumpy(), expected, rtol=1e-6)
