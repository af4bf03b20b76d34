"""train_epoch: one pass of steps, held against NumPy."""
from d2l_bn import BatchNorm, evaluate_accuracy, seed_everything
from d2l_bn.training import train_epoch

import mxnet as mx
import numpy as np
import pytest
from mxnet import gluon, nd
from mxnet.gluon import nn
from small_nets import batches, close, cross_entropy, ready, softmax, values

LOSS = gluon.loss.SoftmaxCrossEntropyLoss()


@pytest.fixture(autouse=True)
def seed():
    seed_everything(0)


def trainer_of(net, lr=.3):
    return gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr})


def softmax_regression(W, b, data, lr, num_epochs):
    """Mean loss and accuracy of each epoch as its batches came by, and the weights."""
    figures, first = [], len(data[0][0])
    for _ in range(num_epochs):
        losses, right = [], []
        for X, y in ((X.asnumpy().astype("float64"), y.asnumpy()) for X, y in data):
            scores = X @ W.T + b
            losses += cross_entropy(scores, y).tolist()
            right += (scores.argmax(1) == y).tolist()
            # By the first size, for a smaller last batch too.
            error = (softmax(scores) - np.eye(3)[y]) / first
            W, b = W - lr * error.T @ X, b - lr * error.sum(0)
        figures.append((np.mean(losses), np.mean(right)))
    return figures, W, b


@pytest.mark.parametrize("sizes", [(16,), (8, 8, 8), (8, 8, 3), (5, 1)])
@pytest.mark.parametrize("hybrid", [False, True])
def test_loss_accuracy_and_steps_are_those_of_numpy(sizes, hybrid):
    net, data = ready(nn.Dense(3), kind=nn.HybridSequential), batches(*sizes)
    net(data[0][0])
    if hybrid:
        net.hybridize(static_alloc=True, static_shape=True)
    start = [parameter.data().asnumpy().astype("float64")
             for parameter in (net[0].weight, net[0].bias)]
    figures, W, b = softmax_regression(*start, data, .3, 3)
    trainer = trainer_of(net)
    found = [train_epoch(net, data, trainer, LOSS) for _ in range(3)]
    assert np.allclose(found, figures, rtol=1e-5)
    assert close(net[0].weight, W) and close(net[0].bias, b)


def test_both_figures_are_numbers_of_python():
    net = ready(nn.Dense(3))
    found = train_epoch(net, batches(4), trainer_of(net), LOSS)
    assert [type(figure) for figure in found] == [float, float]


def test_figures_are_those_of_training_mode():
    net, [(X, y)] = ready(BatchNorm(3)), batches(16, features=3)
    data = X.asnumpy().astype("float64")
    scores = (data - data.mean(0)) / np.sqrt(data.var(0) + 1e-5)
    loss, accuracy = train_epoch(net, [(X, y)], trainer_of(net), LOSS)
    assert loss == pytest.approx(cross_entropy(scores, y.asnumpy()).mean(), rel=1e-4)
    assert accuracy == (scores.argmax(1) == y.asnumpy()).mean()
    assert close(net[0].running_mean, .1 * data.mean(0))


def test_loss_and_trainer_are_those_given():
    net, data = ready(nn.Dense(3)), batches(8)
    net(data[0][0])
    before = values(net)
    loss = gluon.loss.SoftmaxCrossEntropyLoss(weight=2)
    twice, _ = train_epoch(net, data, trainer_of(net, 0), loss)
    once, _ = train_epoch(net, data, trainer_of(net, 0), LOSS)
    assert twice == pytest.approx(2 * once)
    assert all((after == before[name]).all() for name, after in values(net).items())


def test_data_come_to_where_the_net_is_in_its_type():
    net = ready(nn.Dense(3), ctx=mx.cpu(1))
    net.cast("float64")
    train_epoch(net, batches(4, 4), trainer_of(net), LOSS)
    assert net[0].weight.data(mx.cpu(1)).dtype == np.float64


# What is refused ---------------------------------------------------------------------

@pytest.mark.parametrize("call, name", [
    (lambda net, data: train_epoch(net, data, trainer_of(net), LOSS), "train_iter"),
    (evaluate_accuracy, "data_iter")], ids=["train_epoch", "evaluate_accuracy"])
def test_data_without_a_batch_or_that_are_none_are_refused(call, name):
    for empty in ([], iter(())):
        with pytest.raises(ValueError) as caught:
            call(ready(nn.Dense(3)), empty)
        assert str(caught.value) == f"{name} must give at least one batch, got none"
    with pytest.raises(TypeError, match=f"^{name} must be an iterable of pairs"):
        call(ready(nn.Dense(3)), 5)


@pytest.mark.parametrize("net", [nn.Dense(3), nn.Sequential()])
def test_nets_that_are_not_ready_are_refused(net):
    with pytest.raises(ValueError, match="^net must"):
        train_epoch(net, batches(4), None, LOSS)


@pytest.mark.parametrize("reduced", [nd.mean, nd.sum, lambda losses: losses.reshape(
    (-1, 1))])
def test_a_loss_that_is_not_one_number_a_sample_is_refused(reduced):
    net, data = ready(nn.Dense(3)), batches(4)
    net(data[0][0])
    before = values(net)
    with pytest.raises(ValueError, match=r"^loss must give one number a sample, shape "
                                         r"\(4,\), got shape \("):
        train_epoch(net, data, trainer_of(net), lambda *both: reduced(LOSS(*both)))
    assert all((after == before[name]).all() for name, after in values(net).items())
