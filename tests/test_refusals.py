"""What train, evaluate_accuracy and estimate_statistics refuse, and by which name."""
from d2l_bn import BatchNorm, estimate_statistics, evaluate_accuracy, lenet, train

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd
from mxnet.gluon import nn
from small_nets import batches, ready, values

DATA = batches(4, 4)
GOOD, LABELS = DATA[0]
CALLS = {
    "train": lambda net: train(net, DATA, DATA, 1, .1),
    "evaluate_accuracy": lambda net: evaluate_accuracy(net, DATA),
    "estimate_statistics": lambda net: estimate_statistics(net, DATA, 1),
}


def initialised_in_part():
    net = ready(nn.Dense(5), BatchNorm(5))
    net.add(nn.Dense(3))
    return net


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(("net", "error"), [
    (lambda: None, TypeError), (lambda: lambda X: X, TypeError),
    (lambda: nn.Dense, TypeError), (nn.Sequential, ValueError),
    (lambda: nn.Activation("relu"), ValueError), (lenet, ValueError),
    (lambda: nn.BatchNorm(in_channels=4), ValueError),
    (initialised_in_part, ValueError),
], ids=["None", "function", "class", "empty", "no parameters", "not initialised",
        "layer not initialised", "initialised in part"])
def test_bad_nets_are_refused_by_name(call, net, error):
    with pytest.raises(error, match="^net must"):
        call(net())


WHOLE = [(0, ValueError), (-1, ValueError), (True, TypeError), (1.5, TypeError),
         (1.0, TypeError), ("1", TypeError), (None, TypeError),
         (float("nan"), TypeError)]


@pytest.mark.parametrize(("value", "error"), WHOLE)
def test_bad_num_epochs_is_refused_by_name(value, error):
    with pytest.raises(error, match="^num_epochs must"):
        train(ready(nn.Dense(3)), DATA, DATA, value, .1)


@pytest.mark.parametrize(("value", "error"), WHOLE)
def test_bad_num_batches_is_refused_by_name(value, error):
    with pytest.raises(error, match="^num_batches must"):
        estimate_statistics(ready(BatchNorm(4)), DATA, value)


@pytest.mark.parametrize(("value", "error"), [
    (float("nan"), ValueError), (float("inf"), ValueError), (-.1, ValueError),
    ("0.1", TypeError), (None, TypeError), (True, TypeError), ([.1], TypeError)])
def test_bad_lr_is_refused_by_name_and_nothing_is_trained(value, error):
    net = ready(nn.Dense(3, in_units=4))
    before = values(net)
    with pytest.raises(error, match="^lr must"):
        train(net, DATA, DATA, 1, value)
    after = values(net)
    assert all((after[name] == before[name]).all() for name in before)


@pytest.mark.parametrize(("value", "error"), [
    (float("nan"), ValueError), (1.1, ValueError), (-.1, ValueError),
    ("0.9", TypeError), (None, TypeError), (True, TypeError)])
def test_bad_momentum_is_refused_by_name(value, error):
    with pytest.raises(error, match="^momentum must"):
        train(ready(nn.Dense(3)), DATA, DATA, 1, .1, value)


def test_numpys_numbers_are_taken():
    history = train(ready(nn.Dense(3)), DATA, DATA, np.int64(2), np.float32(.1))
    assert len(history.loss) == 2
    estimate_statistics(ready(BatchNorm(4)), DATA, np.int32(2))


@pytest.mark.parametrize("empty", [[], iter(())])
def test_empty_training_data_are_refused_by_name(empty):
    with pytest.raises(ValueError, match="^train_iter must"):
        train(ready(nn.Dense(3)), empty, DATA, 1, .1)


def test_training_data_that_last_one_epoch_are_refused_by_name():
    with pytest.raises(ValueError, match="^train_iter must"):
        train(ready(nn.Dense(3)), iter(DATA), DATA, 2, .1)


@pytest.mark.parametrize("empty", [[], iter(())])
def test_empty_test_data_are_refused_by_name(empty):
    with pytest.raises(ValueError, match="^data_iter must"):
        train(ready(nn.Dense(3)), DATA, empty, 1, .1)


def test_empty_data_are_refused_by_name_in_evaluate_accuracy():
    with pytest.raises(ValueError, match="^data_iter must"):
        evaluate_accuracy(ready(nn.Dense(3)), [])


@pytest.mark.parametrize("layers", [
    lambda: [nn.Dense(3)],
    lambda: [nn.LayerNorm()],
    lambda: [nn.BatchNorm(use_global_stats=True)],
])
def test_estimate_refuses_a_net_that_learns_no_statistics(layers):
    with pytest.raises(ValueError, match="^net must have batch normalization"):
        estimate_statistics(ready(*layers()), DATA, 1)


# Batches ------------------------------------------------------------------------------

def in_iter(name, call):
    """`call` with a bad batch behind a good one, in the iterable `name`."""
    def with_bad(net, bad):
        return call(net, [DATA[0], bad])
    return pytest.param(name, with_bad, id=name)


every_place = pytest.mark.parametrize("name, call", [
    in_iter("train_iter", lambda net, bad: train(net, bad, DATA, 1, .1)),
    in_iter("test_iter", lambda net, bad: train(net, DATA, bad, 1, .1)),
    in_iter("data_iter", lambda net, bad: evaluate_accuracy(net, bad)),
])


def named(name):
    return "data_iter" if name == "test_iter" else name


@every_place
@pytest.mark.parametrize("shape", [(4, 1), (1, 4), (4, 3), (4, 4), (2, 2), (5,), (3,),
                                   (1,), (4, 1, 1)])
def test_labels_of_another_shape_are_refused_by_name(name, call, shape):
    with pytest.raises(ValueError) as caught:
        call(ready(nn.Dense(3)), (GOOD, nd.zeros(shape)))
    assert str(caught.value).startswith(f"y of {named(name)} must have shape (4,)")
    assert str(shape) in str(caught.value)


@every_place
@pytest.mark.parametrize("label", [-7, -1, 3, 255, .5, 1.999, float("nan"),
                                   float("inf")])
def test_labels_that_are_no_classes_are_refused_by_name(name, call, label):
    net = ready(nn.Dense(3, in_units=4))
    with pytest.raises(ValueError) as caught:
        call(net, (GOOD, nd.array([0, 1, label, 2])))
    assert str(caught.value).startswith(
        f"y of {named(name)} must hold whole numbers from 0 to 2")
    assert str(label) in str(caught.value)


def test_a_bad_label_trains_nothing():
    net = ready(nn.Dense(3, in_units=4))
    before = values(net)
    with pytest.raises(ValueError, match="^y of train_iter"):
        train(net, [(GOOD, nd.array([0, 1, 2, 3]))], DATA, 1, .1)
    assert all((values(net)[name] == before[name]).all() for name in before)


ODD_ARRAYS = {
    "numpy.ndarray": np.ones((4, 4), "float32"),
    "mxnet.numpy.ndarray": mx.np.ones((4, 4)),
    "CSRNDArray": nd.ones((4, 4)).tostype("csr"),
    "RowSparseNDArray": nd.ones((4, 4)).tostype("row_sparse"),
    "list": [[1., 2., 3., 4.]] * 4,
    "NoneType": None,
    "str": "four",
}


@every_place
@pytest.mark.parametrize("kind", ODD_ARRAYS)
def test_arrays_of_other_kinds_are_refused_by_name(name, call, kind):
    for part, bad in (("X", (ODD_ARRAYS[kind], LABELS)),
                      ("y", (GOOD, ODD_ARRAYS[kind]))):
        with pytest.raises(TypeError) as caught:
            call(ready(nn.Dense(3)), bad)
        message = str(caught.value)
        assert message.startswith(f"{part} of {named(name)} must be an array of "
                                  "mxnet.nd, got ")
        assert kind in message


@every_place
@pytest.mark.parametrize("batch", [
    None, GOOD, (GOOD,), (GOOD, LABELS, 1), {"X": GOOD, "y": LABELS}, "Xy",
    mx.io.DataBatch([GOOD], [LABELS])],
    ids=["None", "array", "one", "three", "dict", "text", "DataBatch"])
def test_batches_of_another_form_are_refused_by_name(name, call, batch):
    with pytest.raises(TypeError, match=rf"^{named(name)} must give pairs \(X, y\)"):
        call(ready(nn.Dense(3)), batch)


@pytest.mark.parametrize("bad", [None, 5, nn.Dense])
def test_data_that_cannot_be_gone_through_are_refused_by_name(bad):
    net = ready(nn.Dense(3))
    for name, call in (("train_iter", lambda: train(net, bad, DATA, 1, .1)),
                       ("test_iter", lambda: train(net, DATA, bad, 1, .1)),
                       ("data_iter", lambda: evaluate_accuracy(net, bad)),
                       ("data_iter", lambda: estimate_statistics(net, bad, 1))):
        with pytest.raises(TypeError, match=f"^{name} must be an iterable"):
            call()


def test_mxnets_own_iterator_is_refused_by_name():
    own = mx.io.NDArrayIter(GOOD, LABELS, 2)
    for call in (lambda: train(ready(nn.Dense(3)), own, DATA, 1, .1),
                 lambda: estimate_statistics(ready(BatchNorm(4)), own, 1)):
        with pytest.raises(TypeError, match="must give pairs .* got a DataBatch"):
            call()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_mxnets_numpy_arrays_switched_on_are_refused(call):
    net = ready(nn.Dense(3), BatchNorm(3))
    mx.npx.set_np()
    try:
        with pytest.raises(ValueError, match=r"^net must.*npx.reset_np\(\)"):
            call(net)
    finally:
        mx.npx.reset_np()


@pytest.mark.parametrize("X, layers", [
    (nd.ones((4, 1, 3, 3)), [nn.Conv2D(3, 2)]),
    (GOOD, [nn.Dense(3), nn.Lambda(lambda Y: Y.sum(axis=0, keepdims=True))])])
def test_nets_that_give_no_scores_are_refused_by_name(X, layers):
    data, net = [(X, LABELS)], ready(*layers)
    for call in (lambda: evaluate_accuracy(net, data),
                 lambda: train(net, data, data, 1, .1)):
        with pytest.raises(ValueError, match="^net must give a row of scores"):
            call()
