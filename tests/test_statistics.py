"""estimate_statistics, held against NumPy."""
from d2l_bn import BatchNorm, estimate_statistics, seed_everything, train

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, nd
from mxnet.gluon import nn
from small_nets import batches, close, ready, values


@pytest.fixture(autouse=True)
def seed():
    seed_everything(0)


def layer_of(kind, momentum, **how):
    if kind == "ours":
        return BatchNorm(5, momentum=momentum, **how)
    return nn.BatchNorm(momentum=momentum, **how)


def deep_net(kind, momentum, hybrid):
    sequence = nn.HybridSequential if hybrid else nn.Sequential
    net = ready(nn.Dense(5), layer_of(kind, momentum), nn.Activation("sigmoid"),
                nn.Dense(5), layer_of(kind, momentum), nn.Dense(3), kind=sequence)
    if hybrid:
        net.hybridize(static_alloc=True, static_shape=True)
    net(nd.ones((2, 4)))
    for layer in (net[1], net[4]):  # gamma and beta that are not the initial ones
        layer.gamma.set_data(nd.random.uniform(.5, 2, (5,)))
        layer.beta.set_data(nd.random.normal(shape=(5,)))
    return net


def statistics_of(net, data):
    """Mean over batches of each BN layer's batch mean and variance, by NumPy."""
    found = []
    for X, _ in data:
        X, of_batch = X.asnumpy().astype("float64"), []
        for layer in net:
            if isinstance(layer, nn.Dense):
                X = X @ layer.weight.data().asnumpy().T + layer.bias.data().asnumpy()
            elif isinstance(layer, nn.Activation):
                X = 1 / (1 + np.exp(-X))
            else:
                mean, var = X.mean(0), X.var(0)
                of_batch.append((mean, var))
                X = (layer.gamma.data().asnumpy() * (X - mean) / np.sqrt(var + 1e-5)
                     + layer.beta.data().asnumpy())
        found.append(of_batch)
    return np.mean(found, 0)


@pytest.mark.parametrize(("kind", "hybrid"),
                         [("ours", False), ("gluon", False), ("gluon", True)])
@pytest.mark.parametrize("momentum", [0, .9, .99])
def test_statistics_are_the_mean_of_the_batch_statistics(kind, hybrid, momentum):
    net, data = deep_net(kind, momentum, hybrid), batches(16, 16, 5)
    train(net, data, data, 1, .5)  # statistics, weights and gradients of some past
    estimate_statistics(net, data, 3)
    expected = statistics_of(net, data)
    for layer, (mean, var) in zip((net[1], net[4]), expected, strict=True):
        assert close(layer.running_mean, mean) and close(layer.running_var, var)


def test_statistics_of_a_convolution_are_over_images_and_places():
    X = nd.random.normal(2, 3, (6, 2, 4, 5))
    net = ready(nn.BatchNorm(), BatchNorm(2, 4))
    estimate_statistics(net, [(X, None)], 1)
    assert close(net[0].running_mean, X.asnumpy().mean((0, 2, 3)))
    assert close(net[0].running_var, X.asnumpy().var((0, 2, 3)))
    assert close(net[1].running_mean, 0)
    assert close(net[1].running_var, 1)


@pytest.mark.parametrize("kind", ["ours", "gluon"])
def test_estimate_makes_predictions_those_of_the_batch_statistics(kind):
    net, (X, y) = deep_net(kind, .9, False), batches(32)[0]
    with autograd.train_mode():
        in_training = net(X).asnumpy()
    assert not np.allclose(net(X).asnumpy(), in_training, atol=.01)
    estimate_statistics(net, [(X, y)], 1)
    assert np.allclose(net(X).asnumpy(), in_training, atol=1e-3)


@pytest.mark.parametrize("hybrid", [False, True])
def test_estimate_changes_no_weight_and_no_setting(hybrid):
    net, data = deep_net("gluon", .9, hybrid), batches(8, 8)
    train(net, data, data, 1, .5)
    before = values(net)
    settings = {name: (parameter.grad_req, parameter.dtype, parameter.shape)
                for name, parameter in net.collect_params().items()}
    estimate_statistics(net, data, 2)
    after = values(net)
    changed = {name for name in before if (before[name] != after[name]).any()}
    assert changed == {name for name in before if "running" in name}
    assert settings == {name: (parameter.grad_req, parameter.dtype, parameter.shape)
                        for name, parameter in net.collect_params().items()}
    assert all(batch.grad is None for batch, _ in data)


def test_estimate_adds_nothing_to_gradients_that_add_up():
    net, (X, y) = deep_net("ours", .9, False), batches(8)[0]
    net.collect_params(".*weight|.*gamma").setattr("grad_req", "add")
    with autograd.record():
        out = net(X)
    out.backward()
    before = [net[i].weight.grad().asnumpy() for i in (0, 3, 5)]
    estimate_statistics(net, [(X, y)], 1)
    for i, grad in zip((0, 3, 5), before, strict=True):
        assert abs(grad).max() > 0
        assert (net[i].weight.grad().asnumpy() == grad).all()


def test_estimate_leaves_the_training_that_follows_as_it_was(tmp_path):
    nets = [deep_net("ours", .9, False) for _ in range(2)]
    data = batches(8, 8)
    nets[0].save_parameters(str(tmp_path / "net"))
    nets[1].load_parameters(str(tmp_path / "net"))
    estimate_statistics(nets[0], data, 2)
    first, second = (train(net, data, data, 2, .5) for net in nets)
    assert first.loss == second.loss


def test_estimate_takes_only_the_batches_asked_for():
    net, data = deep_net("ours", .9, False), batches(16, 16, 16, 16)
    source = iter(data)
    estimate_statistics(net, source, 2)
    mean, var = statistics_of(net, data[:2])[0]
    assert close(net[1].running_mean, mean)
    assert close(net[1].running_var, var)
    assert len(list(source)) == 2


def test_estimate_works_before_the_first_batch_gave_the_shapes():
    net, data = ready(nn.Dense(5), nn.BatchNorm()), batches(16)
    estimate_statistics(net, data, 1)
    mean, var = statistics_of(net, data)[0]
    assert close(net[1].running_mean, mean)
    assert close(net[1].running_var, var)


def test_estimate_reaches_a_first_layer_without_parameters_to_learn():
    net = ready(nn.BatchNorm(scale=False, center=False), nn.Dense(3))
    data = batches(16, 16)
    estimate_statistics(net, data, 2)
    X = np.stack([X.asnumpy() for X, _ in data])
    assert close(net[0].running_mean, X.mean((0, 1)))
    assert close(net[0].running_var, X.var(1).mean(0))


def test_estimate_reaches_layers_inside_blocks_and_frozen_weights():
    class Inside(nn.Block):
        def __init__(self):
            super().__init__()
            self.dense, self.norm = nn.Dense(5), BatchNorm(5)

        def forward(self, X):
            return self.norm(self.dense(X))

    inside, data = Inside(), batches(16)
    net = ready(inside)
    net.collect_params().setattr("grad_req", "null")
    estimate_statistics(net, data, 1)
    expected = inside.dense(data[0][0]).asnumpy()
    assert close(inside.norm.running_mean, expected.mean(0))
    assert close(inside.norm.running_var, expected.var(0))


def test_estimate_leaves_layers_with_use_global_stats_alone():
    net = ready(nn.BatchNorm(use_global_stats=True), nn.Dense(5), BatchNorm(5))
    data = batches(16)
    net(data[0][0])
    net[0].running_mean.set_data(nd.full((4,), 3))
    estimate_statistics(net, data, 1)
    assert (net[0].running_mean.data().asnumpy() == 3).all()
    assert (net[0].running_var.data().asnumpy() == 1).all()
    assert abs(net[2].running_mean.data().asnumpy()).max() > .1


def test_estimate_reaches_gluons_layer_with_a_relu():
    X = nd.random.normal(2, 3, (6, 16, 8, 8))
    net = ready(nn.BatchNormReLU(), nn.Conv2D(2, 3), nn.BatchNorm())
    estimate_statistics(net, [(X, None)], 1)
    assert close(net[0].running_mean, X.asnumpy().mean((0, 2, 3)))
    assert close(net[0].running_var, X.asnumpy().var((0, 2, 3)))


def statistics(net):
    return np.concatenate([value for name, value in values(net).items()
                           if "running" in name])


@pytest.mark.parametrize("kind", ["ours", "gluon"])
def test_statistics_are_restored_when_data_run_short(kind):
    net, data = deep_net(kind, .9, False), batches(8, 8)
    train(net, data, data, 1, .1)
    before = statistics(net)
    for enough in ([], data):
        with pytest.raises(ValueError, match=f"num_batches=3.* only {len(enough)}"):
            estimate_statistics(net, enough, 3)
        assert (statistics(net) == before).all()


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_statistics_are_restored_when_data_cannot_be_read(error):
    net, data = deep_net("ours", .9, False), batches(8, 8)
    train(net, data, data, 1, .1)
    before = statistics(net)

    def broken():
        yield data[0]
        raise error("on the disk")

    with pytest.raises(error, match="on the disk"):
        estimate_statistics(net, broken(), 2)
    assert (statistics(net) == before).all()


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_statistics_are_restored_when_the_net_breaks_off(error):
    class Breaks(nn.Block):
        def forward(self, X):
            if X.shape[0] == 3:
                raise error("in the net")
            return X

    net = ready(nn.Dense(5), BatchNorm(5), Breaks())
    net(batches(8)[0][0])
    before = statistics(net)
    with pytest.raises(error, match="in the net"):
        estimate_statistics(net, batches(8, 3), 2)
    assert (statistics(net) == before).all()


def test_statistics_are_restored_when_a_batch_has_the_wrong_shape():
    net, data = deep_net("ours", .9, False), batches(8)
    before = statistics(net)
    with pytest.raises(mx.MXNetError):
        estimate_statistics(net, data + batches(8, features=7), 2)
    assert (statistics(net) == before).all()
