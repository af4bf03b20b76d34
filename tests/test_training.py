"""train and evaluate_accuracy, held against NumPy."""
import functools
import re

import d2l_bn
from d2l_bn import (
    BatchNorm,
    estimate_statistics,
    evaluate_accuracy,
    seed_everything,
    train,
    training,
)

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd
from mxnet.gluon import nn
from small_nets import batches, close, cross_entropy, joined, ready, softmax, values

LINE = re.compile(r"epoch (\d+), loss (\d+\.\d{4}), train acc ([01]\.\d{3}), "
                  r"test acc ([01]\.\d{3}), time (\d+\.\d) sec")


@pytest.fixture(autouse=True)
def seed():
    seed_everything(0)


def test_accuracy_is_numpys_count_over_batches_of_any_size():
    net, data = ready(nn.Dense(3)), batches(7, 5, 1)
    X, y = joined(data)
    expected = (net(nd.array(X)).asnumpy().argmax(1) == y).mean()
    assert evaluate_accuracy(net, data) == pytest.approx(expected, abs=1e-7)
    assert 0 < expected < 1


def test_accuracy_is_1_for_the_nets_own_answers_and_0_for_others():
    net, (X, _) = ready(nn.Dense(3)), batches(20)[0]
    answers = net(X).argmax(axis=1)
    assert evaluate_accuracy(net, [(X, answers)]) == 1
    assert evaluate_accuracy(net, [(X, (answers + 1) % 3)]) == 0


def test_accuracy_is_taken_in_prediction_mode_and_moves_no_statistics():
    net = ready(nn.Dense(8), nn.BatchNorm(), nn.Dropout(.9), nn.Dense(3))
    data = batches(40)
    net(data[0][0])
    before = values(net)
    expected = (net(data[0][0]).asnumpy().argmax(1) == data[0][1].asnumpy()).mean()
    for _ in range(3):
        assert evaluate_accuracy(net, data) == pytest.approx(expected, abs=1e-7)
    after = values(net)
    assert all((after[name] == before[name]).all() for name in before)


def test_history_holds_one_number_an_epoch_and_a_line_is_printed_for_each(capsys):
    net, data = ready(nn.Dense(3)), batches(8, 8, 3)
    history = train(net, data, batches(9, seed=1), num_epochs=4, lr=.1)
    assert isinstance(history, d2l_bn.History)
    columns = [history.loss, history.train_acc, history.test_acc, history.seconds]
    assert [len(column) for column in columns] == [4] * 4
    assert all(isinstance(number, float) for column in columns for number in column)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    for epoch, line in enumerate(lines):
        found = LINE.fullmatch(line)
        assert found, line
        shown = [f"{history.loss[epoch]:.4f}", f"{history.train_acc[epoch]:.3f}",
                 f"{history.test_acc[epoch]:.3f}", f"{history.seconds[epoch]:.1f}"]
        assert list(found.groups()) == [str(epoch + 1), *shown]


def test_seconds_are_the_time_of_training_and_test(monkeypatch):
    clock = iter([10, 11.5, 20, 22.5])
    monkeypatch.setattr(training.time, "perf_counter", lambda: next(clock))
    data = batches(4)
    assert train(ready(nn.Dense(3)), data, data, 2, .1).seconds == [1.5, 2.5]


def test_first_loss_and_accuracy_are_those_of_the_initial_weights():
    net, data, test = ready(nn.Dense(3)), batches(30), batches(20, seed=1)
    scores, y = net(data[0][0]).asnumpy(), data[0][1].asnumpy()
    history = train(net, data, test, 1, lr=.5)
    assert history.loss == pytest.approx([cross_entropy(scores, y).mean()], rel=1e-5)
    assert history.train_acc == pytest.approx([(scores.argmax(1) == y).mean()])
    after = net(test[0][0]).asnumpy().argmax(1)
    assert history.test_acc == pytest.approx([(after == test[0][1].asnumpy()).mean()])


def test_loss_and_accuracy_weigh_each_image_alike_over_unequal_batches():
    net, data = ready(nn.Dense(3)), batches(9, 9, 1)
    X, y = joined(data)
    scores = net(nd.array(X)).asnumpy()
    before = values(net)
    history = train(net, data, data, 1, lr=0)
    assert history.loss[0] == pytest.approx(cross_entropy(scores, y).mean(), rel=1e-5)
    accuracy = (scores.argmax(1) == y).mean()
    assert history.train_acc[0] == pytest.approx(accuracy, abs=1e-7)
    assert history.test_acc[0] == pytest.approx(accuracy, abs=1e-7)
    after = values(net)
    assert all((after[name] == before[name]).all() for name in before)


@pytest.mark.parametrize("sizes", [(16,), (8, 8), (8, 3), (5, 1)])
def test_steps_are_gradient_descent_with_the_gradient_of_numpy(sizes):
    net, data, lr = ready(nn.Dense(3)), batches(*sizes), .3
    net(data[0][0])
    W, b = (parameter.data().asnumpy().astype("float64")
            for parameter in (net[0].weight, net[0].bias))
    for _ in range(2):
        for X, y in ((X.asnumpy(), y.asnumpy()) for X, y in data):
            # By the first size, for the last, smaller batch too.
            error = (softmax(X @ W.T + b) - np.eye(3)[y]) / sizes[0]
            W, b = W - lr * error.T @ X, b - lr * error.sum(0)
    train(net, data, data, num_epochs=2, lr=lr)
    assert np.allclose(net[0].weight.data().asnumpy(), W, atol=1e-5)
    assert np.allclose(net[0].bias.data().asnumpy(), b, atol=1e-5)


@pytest.mark.parametrize("momentum", [.5, np.float32(.9)])
def test_momentum_and_a_schedule_are_those_of_numpy(momentum):
    net, data = ready(nn.Dense(3, use_bias=False)), batches(8, 8, 8)
    net(data[0][0])
    W = net[0].weight.data().asnumpy().astype("float64")
    speed, step, num_epochs = 0, 0, 2
    for _ in range(num_epochs):
        for X, y in ((X.asnumpy(), y.asnumpy()) for X, y in data):
            step += 1
            lr = .2 * (1 + np.cos(np.pi * step / 6)) / 2
            error = (softmax(X @ W.T) - np.eye(3)[y]) / 8
            speed = momentum * speed - lr * error.T @ X
            W = W + speed
    schedule = mx.lr_scheduler.CosineScheduler(6, base_lr=.2)
    for _ in range(2):  # a schedule that was used once is as good as new
        again = ready(nn.Dense(3, use_bias=False, in_units=4))
        again[0].weight.set_data(net[0].weight.data())
        train(again, data, data, num_epochs, schedule, momentum)
        assert np.allclose(again[0].weight.data().asnumpy(), W, atol=1e-5)


def test_training_runs_in_training_mode_and_moves_the_statistics():
    net, data = ready(BatchNorm(4, momentum=.5)), batches(64, classes=4)
    X = data[0][0].asnumpy().astype("float64")
    Y = (X - X.mean(0)) / np.sqrt(X.var(0) + 1e-5)
    history = train(net, data, data, 1, lr=.1)
    loss = cross_entropy(Y, data[0][1].asnumpy()).mean()
    assert history.loss[0] == pytest.approx(loss, rel=1e-4)
    assert close(net[0].running_mean, .5 * X.mean(0))


def test_training_learns_what_can_be_learnt():
    X = np.random.RandomState(0).normal(size=(64, 4)).astype("float32")
    data = [(nd.array(X), nd.array(X[:, 0] > 0))]
    history = train(ready(nn.Dense(2)), data, data, 30, lr=2)
    assert history.loss[-1] < .25 * history.loss[0]
    assert history.test_acc[-1] > .9


def run_of(seed):
    seed_everything(seed)
    net = ready(nn.Dense(8), BatchNorm(8), nn.Dropout(.2), nn.Dense(10))
    random = np.random.RandomState(0)
    images, labels = random.uniform(size=(24, 1, 28, 28)), random.randint(0, 10, 24)
    data = d2l_bn.data.Batches(nd.array(images * 255, dtype="uint8"),
                               nd.array(labels, dtype="int32"), 8, seed)
    history = train(net, data, data, 2, .5)
    return history.loss, history.train_acc, history.test_acc


def test_equal_seeds_give_equal_histories_and_others_others():
    first = run_of(1)
    assert run_of(1) == first
    assert run_of(2)[0] != first[0]


@pytest.mark.parametrize("dtype", ["int32", "float32", "uint8", "int64"])
def test_labels_may_be_of_any_type(dtype):
    net, data = ready(nn.Dense(3)), batches(12)
    expected = evaluate_accuracy(net, data)
    data = [(X, y.astype(dtype)) for X, y in data]
    assert evaluate_accuracy(net, data) == expected
    assert train(net, data, data, 1, lr=0).train_acc == [expected]


def test_training_happens_where_the_net_is():
    ctx, data = mx.cpu(1), batches(6, 6)
    net = ready(nn.Dense(5), BatchNorm(5), nn.Dense(3), ctx=ctx)
    train(net, data, data, 1, .1)
    evaluate_accuracy(net, data)
    estimate_statistics(net, data, 2)
    assert net[1].running_mean.list_ctx() == [ctx]
    assert data[0][0].context == mx.cpu(0)


def test_data_may_come_from_a_generator():
    net, data = ready(nn.Dense(3)), batches(6, 6)
    history = train(net, iter(data), (batch for batch in data), 1, .1)
    assert len(history.loss) == 1


def test_training_shows_its_progress(capsys, monkeypatch):
    # Whatever TQDM_DISABLE says.
    shown = functools.partial(d2l_bn.batches.tqdm, disable=False)
    monkeypatch.setattr(d2l_bn.batches, "tqdm", shown)
    data = batches(4, 4)
    train(ready(nn.Dense(3)), data, data, 2, .1)
    printed = capsys.readouterr()
    assert "epoch 1:" in printed.err and "epoch 2:" in printed.err
    assert "/2 " in printed.err
    assert all(LINE.fullmatch(line) for line in printed.out.splitlines())
