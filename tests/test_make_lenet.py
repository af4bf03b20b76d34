"""make_lenet and built_in: LeNet from a seed, ready to train."""
from d2l_bn import BatchNorm, FastBatchNorm, built_in, get_arrays, lenet, make_lenet

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn

NORMS = {"none": None, "scratch": BatchNorm, "fast": FastBatchNorm,
         "built-in": built_in}
every_norm = pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS)
WEIGHTS = ".*(weight|bias)"


def same(arrays, others):
    return [np.array_equal(*pair) for pair in zip(arrays, others, strict=True)]


def of_the_book(seed):
    """The arrays of the book's net after the generators are seeded, by Gluon alone."""
    mx.random.seed(seed)
    np.random.seed(seed)
    net = nn.Sequential()
    net.add(nn.Conv2D(6, kernel_size=5, activation="sigmoid"), nn.MaxPool2D(2, 2),
            nn.Conv2D(16, kernel_size=5, activation="sigmoid"), nn.MaxPool2D(2, 2),
            nn.Dense(120, activation="sigmoid"), nn.Dense(84, activation="sigmoid"),
            nn.Dense(10))
    net.initialize(init.Xavier())
    net(nd.zeros((1, 1, 28, 28)))
    return [parameter.data().asnumpy() for parameter in net.collect_params().values()]


@every_norm
@pytest.mark.parametrize("seed", [0, 3])
def test_weights_are_those_of_the_books_net_whatever_the_norm(norm, seed):
    mx.random.seed(99)  # what was drawn before does not matter
    nd.random.uniform(shape=(5,))
    assert same(get_arrays(make_lenet(norm, seed), WEIGHTS),
                of_the_book(seed)) == [True] * 10


def test_another_seed_gives_other_weights():
    one, other = (get_arrays(make_lenet(None, seed), WEIGHTS) for seed in (0, 1))
    assert same(one, other) == [False, True] * 5  # the biases begin at 0


@every_norm
def test_every_array_has_its_size_and_nothing_has_moved(norm):
    net = make_lenet(norm, 0)
    arrays = get_arrays(net)
    assert [array.shape for array in get_arrays(net, WEIGHTS)] == [
        (6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 256), (120,), (84, 120), (84,),
        (10, 84), (10,)]
    if norm is not None:
        assert len(arrays) == 26
        for names, start in ((".*gamma", 1), (".*beta", 0), (".*running_mean", 0),
                             (".*running_var", 1)):
            found = get_arrays(net, names)
            assert [array.shape for array in found] == [(6,), (16,), (120,), (84,)]
            assert all((array == start).all() for array in found), names


@every_norm
def test_net_is_compiled_as_far_as_its_layers_allow(norm):
    net = make_lenet(norm, 0)
    hybrid = [block for block in [net, *net] if isinstance(block, nn.HybridBlock)]
    assert len(hybrid) >= 11
    for block in hybrid:
        assert block._active
        assert {("static_alloc", True), ("static_shape", True)} <= set(block._flags)


@every_norm
def test_net_scores_as_one_that_is_not_compiled(norm):
    net, plain = make_lenet(norm, 0), lenet(norm)
    plain.initialize()
    X = nd.random.uniform(shape=(4, 1, 28, 28))
    plain(X)
    for parameter, array in zip(plain.collect_params().values(), get_arrays(net),
                                strict=True):
        parameter.set_data(nd.array(array))
    assert net(X).shape == (4, 10)
    assert np.allclose(net(X).asnumpy(), plain(X).asnumpy(), atol=1e-5)


@every_norm
def test_net_is_on_the_device_asked_for_with_the_same_weights(norm):
    net = make_lenet(norm, 2, mx.cpu(1))
    assert {context for parameter in net.collect_params().values()
            for context in parameter.list_ctx()} == {mx.cpu(1)}
    assert all(same(get_arrays(net), get_arrays(make_lenet(norm, 2))))


def test_without_a_device_the_current_one_is_taken():
    with mx.cpu(2):
        net = make_lenet(built_in, 0)
    assert net[0].weight.list_ctx() == [mx.cpu(2)]


def test_net_is_ready_for_a_trainer():
    net = make_lenet(built_in, 0)
    before = get_arrays(net, WEIGHTS)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": .1})
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(
            net(nd.random.uniform(shape=(8, 1, 28, 28))), nd.arange(8))
    loss.backward()
    trainer.step(8)
    assert not any(same(get_arrays(net, WEIGHTS), before)[::2])


def test_built_in_is_gluons_layer_with_its_defaults():
    layer = built_in(6, 4)
    assert type(layer) is nn.BatchNorm
    assert layer._kwargs == nn.BatchNorm()._kwargs
    assert [type(one).__name__ for one in lenet(built_in)].count("BatchNorm") == 4


@pytest.mark.parametrize("seed, error", [(None, TypeError), (-1, ValueError)])
def test_what_is_no_seed_is_refused_by_name(seed, error):
    with pytest.raises(error, match="^seed must be"):
        make_lenet(None, seed)


def test_what_is_no_norm_is_refused_by_name():
    with pytest.raises(TypeError, match="^norm must be None or a function"):
        make_lenet(nn.BatchNorm, 0)
    with pytest.raises(TypeError, match="^norm must give a Gluon Block, got 4$"):
        make_lenet(lambda num_features, num_dims: num_dims, 0)
