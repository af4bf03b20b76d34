"""train with any dtype, after looks at the data, and when it is interrupted."""
import threading

import d2l_bn
from d2l_bn import (
    BatchNorm,
    FastBatchNorm,
    estimate_statistics,
    evaluate_accuracy,
    seed_everything,
    train,
)

import numpy as np
import pytest
from mxnet import nd
from mxnet.gluon import nn
from small_nets import batches, close, joined, ready


@pytest.fixture(autouse=True)
def seed():
    seed_everything(0)


def in_dtype(dtype):
    net = ready(nn.Dense(5), BatchNorm(5), FastBatchNorm(5), nn.BatchNorm(),
                nn.Dense(3))
    net.cast(dtype)
    net.hybridize()
    return net


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("images", ["float32", "float64", "uint8", "int32"])
def test_a_net_of_any_promised_dtype_takes_images_of_any(dtype, images):
    data = [(X.abs().astype(images), y) for X, y in batches(16, 16)]
    net = in_dtype(dtype)
    history = train(net, data, data, 2, .1, momentum=.5)
    assert history.loss[1] < history.loss[0]
    X, y = joined(data)
    scores = net(nd.array(X, dtype=dtype))
    assert scores.dtype == np.dtype(dtype).type
    correct = (scores.asnumpy().argmax(1) == y).mean()
    assert evaluate_accuracy(net, data) == history.test_acc[-1]
    assert history.test_acc[-1] == pytest.approx(correct)
    estimate_statistics(net, data, 2)
    assert {p.dtype for p in net.collect_params().values()} <= {dtype, np.dtype(dtype)}
    Z = net[0](nd.array(X, dtype=dtype)).asnumpy().reshape(2, 16, 5)
    assert close(net[1].running_mean, Z.mean((0, 1)))


def numbered(n=30):
    images = nd.zeros((n, 1, 28, 28), dtype="uint8")
    return d2l_bn.batches.Batches(images, nd.arange(n), 7, seed=3)


LOOKS = {
    "one batch": lambda data, net: next(iter(data)),
    "three batches": lambda data, net: list(zip(range(3), data, strict=False)),
    "a whole pass": lambda data, net: list(data),
    "accuracy": lambda data, net: evaluate_accuracy(net, data),
    "statistics": lambda data, net: estimate_statistics(net, data, 5),
}


def orders_of_training(look):
    """The labels of each epoch of two trainings, with a look before each."""
    data, net, orders = numbered(), ready(BatchNorm(1), nn.Dense(30)), []
    passes = data.training_pass

    def watched():
        order = []
        for X, y in passes():
            order += y.asnumpy().tolist()
            yield X, y
        orders.append(order)

    data.training_pass = watched
    for num_epochs in (2, 1):
        look(data, net)
        train(net, data, [next(iter(data))], num_epochs, .1)
    return orders


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_a_look_at_the_data_changes_no_order_of_the_training(look):
    expected = orders_of_training(lambda data, net: None)
    assert len({tuple(order) for order in expected}) == 3
    assert orders_of_training(look) == expected


def breaking(data, whole_passes, error):
    """Gives data as often as asked for, then breaks off in the middle of a pass."""
    class Breaks:
        passes = 0

        def __iter__(self):
            self.passes += 1
            yield data[0]
            if self.passes > whole_passes:
                raise error("enough")
            yield from data[1:]

    return Breaks()


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
@pytest.mark.parametrize("done", [0, 2])
@pytest.mark.parametrize("where", ["train_iter", "test_iter"])
def test_what_was_measured_outlives_an_error(error, done, where, capsys):
    data = {"train_iter": batches(8, 8), "test_iter": batches(4, 4)}
    whole = train(ready(nn.Dense(3)), **data, num_epochs=3, lr=.1)
    capsys.readouterr()
    data[where] = breaking(data[where], done, error)
    seed_everything(0)
    with pytest.raises(error, match="enough") as caught:
        train(ready(nn.Dense(3)), **data, num_epochs=3, lr=.1)
    history = caught.value.history
    for name in ("loss", "train_acc", "test_acc", "seconds"):
        assert len(getattr(history, name)) == done
    assert len(whole.loss) == 3
    assert f"stopped in epoch {done + 1}" in capsys.readouterr().out
    train(ready(nn.Dense(3)), batches(8), batches(8), 1, .1)  # nothing stays locked


def test_training_in_two_threads_is_refused():
    inside, go_on, results = threading.Event(), threading.Event(), []

    def slow():
        inside.set()
        go_on.wait(60)
        yield from batches(8)

    def first():
        results.append(train(ready(nn.Dense(3)), slow(), batches(8), 1, .1))

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(60)
    try:
        with pytest.raises(RuntimeError, match="another thread.*run_in_processes"):
            train(ready(nn.Dense(3)), batches(8), batches(8), 1, .1)
    finally:
        go_on.set()
        thread.join()
    assert len(results) == 1
