"""get_arrays and set_arrays: a net's parameters as NumPy arrays, and back."""
from d2l_bn import BatchNorm, get_arrays, set_arrays

import numpy as np
import pytest
from mxnet import autograd, nd
from mxnet.gluon import nn
from small_nets import batches, ready, values

LAYERS = {"scratch": lambda: BatchNorm(5), "Gluon's": nn.BatchNorm}
every_norm = pytest.mark.parametrize("norm", LAYERS.values(), ids=LAYERS)
[(X, _)] = batches(6)


def made(norm=nn.BatchNorm, dtype="float32"):
    """A net whose arrays all hold different numbers; its output."""
    net = ready(nn.Dense(5), norm(), nn.Dense(2))
    net.cast(dtype)
    net(X.astype(dtype))
    for i, parameter in enumerate(net.collect_params().values()):
        dots = np.random.RandomState(i).uniform(1, 2, parameter.shape)
        parameter.set_data(nd.array(dots, dtype=dtype))
    return net, net(X.astype(dtype)).asnumpy()




@every_norm
def test_arrays_are_those_of_the_net_in_its_order(norm):
    net, _ = made(norm)
    expected = [net[0].weight, net[0].bias, net[1].gamma, net[1].beta,
                net[1].running_mean, net[1].running_var, net[2].weight, net[2].bias]
    arrays = get_arrays(net)
    assert len(arrays) == 8 and all(type(array) is np.ndarray for array in arrays)
    for array, parameter in zip(arrays, expected, strict=True):
        assert np.array_equal(array, parameter.data().asnumpy())


@pytest.mark.parametrize("names, places", [
    (".*weight", [0, 6]), (".*running", [4, 5]), (".*(gamma|beta)", [2, 3]),
    (".*running_var", [5]), ("weight", []), (".*", range(8))])
def test_names_select(names, places):
    net, _ = made()
    every, some = get_arrays(net), get_arrays(net, names)
    assert len(some) == len(places)
    for array, place in zip(some, places, strict=True):
        assert np.array_equal(array, every[place])


@every_norm
def test_arrays_are_copies(norm):
    net, output = made(norm)
    arrays = get_arrays(net)
    before = [array.copy() for array in arrays]
    with autograd.record():  # moves the statistics
        net(X)
    net[0].weight.set_data(net[0].weight.data() + 1)
    for i, (array, old) in enumerate(zip(arrays, before, strict=True)):
        assert np.array_equal(array, old), i
        array[:] = 9
    set_arrays(net, before)
    assert np.array_equal(net(X).asnumpy(), output)


@every_norm
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_are_put_back_bit_for_bit(norm, dtype):
    net, output = made(norm, dtype)
    before = get_arrays(net)
    assert {array.dtype for array in before} == {np.dtype(dtype)}
    for parameter in net.collect_params().values():
        parameter.set_data(parameter.data() * 3)
    assert not np.allclose(net(X.astype(dtype)).asnumpy(), output)
    set_arrays(net, before)
    after = get_arrays(net)
    assert [a.tobytes() for a in after] == [b.tobytes() for b in before]
    assert np.array_equal(net(X.astype(dtype)).asnumpy(), output)


def test_arrays_fit_a_net_built_alike_and_one_that_has_seen_no_data():
    net, output = made()
    other = made()[0]
    new = ready(nn.Dense(5), nn.BatchNorm(), nn.Dense(2))
    for one in (other, new):
        set_arrays(one, get_arrays(net))
        assert np.array_equal(one(X).asnumpy(), output)


def test_some_arrays_are_put_and_the_others_stay():
    net, _ = made()
    before = get_arrays(net)
    set_arrays(net, [np.zeros(5), np.ones(5)], ".*running")
    after = get_arrays(net)
    assert not after[4].any() and (after[5] == 1).all()
    for place in (0, 1, 2, 3, 6, 7):
        assert np.array_equal(after[place], before[place])


def refused(net, arrays, names=".*"):
    """What is said; the net is as it was."""
    before = values(net)
    with pytest.raises(ValueError) as caught:
        set_arrays(net, arrays, names)
    assert all(np.array_equal(array, before[name])
               for name, array in values(net).items())
    return str(caught.value)


def test_a_wrong_number_is_refused():
    net, _ = made()
    assert refused(net, get_arrays(net)[:7]) == (
        "arrays must be as many as the net's parameters '.*', 8, got 7")
    assert refused(net, get_arrays(net), ".*weight") == (
        "arrays must be as many as the net's parameters '.*weight', 2, got 8")


@pytest.mark.parametrize("shape", [(2, 6), (5, 2), (10,), (2, 5, 1), (1, 5), ()])
def test_a_wrong_shape_is_refused_and_the_arrays_before_it_are_not_put(shape):
    net, _ = made()
    arrays = [array + 1 for array in get_arrays(net)]
    arrays[6] = np.zeros(shape, "float32")
    assert refused(net, arrays) == (
        "arrays must have the shapes of the net's parameters, (2, 5) for "
        f"{net[2].weight.name}, got {shape}")


@pytest.mark.parametrize("call", [get_arrays, lambda net: set_arrays(net, [])])
@pytest.mark.parametrize("net, error", [
    (None, TypeError), (nn.Sequential(), ValueError), (nn.Dense(3), ValueError)])
def test_what_is_no_initialised_net_is_refused(call, net, error):
    with pytest.raises(error, match="^net must"):
        call(net)
