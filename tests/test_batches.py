"""Batches: each image once a pass, in an order that seed and pass decide."""
import d2l_bn  # noqa: F401 - first: it makes MXNet importable
from d2l_bn.batches import Batches, training_pass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import nd


def numbered(n):
    """Images and labels that hold their own number: no two are alike."""
    images = np.zeros((n, 1, 28, 28), "uint8")
    images[:, 0, 0, 0], images[:, 0, 0, 1] = np.arange(n) // 256, np.arange(n) % 256
    return nd.array(images, dtype="uint8"), nd.array(np.arange(n), dtype="int32")


def numbers(batches):
    """What one epoch gives: the numbers of images, the labels, the sizes."""
    seen = [(np.rint(X.asnumpy()[:, 0, 0, :2] * 255) @ [256, 1], y.asnumpy())
            for X, y in batches]
    return (np.concatenate([image for image, _ in seen]).astype(int).tolist(),
            np.concatenate([label for _, label in seen]).tolist(),
            [len(label) for _, label in seen])


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 600), st.integers(1, 700), st.integers(0, 2**32 - 1))
def test_epoch_gives_each_image_once_with_its_label(n, batch_size, seed):
    batches = Batches(*numbered(n), batch_size, seed)
    images, labels, sizes = numbers(batches)
    assert images == labels
    assert sorted(images) == list(range(n))
    assert len(sizes) == len(batches)
    assert set(sizes[:-1]) <= {batch_size} and 1 <= sizes[-1] <= batch_size


def test_batches_without_seed_keep_the_order():
    batches = Batches(*numbered(10), 4)
    for _ in range(2):
        assert numbers(batches) == (list(range(10)), list(range(10)), [4, 4, 2])


def test_order_is_another_each_epoch_and_for_each_seed_and_the_same_for_one_seed():
    orders = [[numbers(batches)[0] for _ in range(3)] for batches in
              (Batches(*numbered(300), 64, seed) for seed in (5, 5, 6))]
    assert orders[0] == orders[1]
    assert len({tuple(order) for order in orders[0] + orders[2]}) == 6


def test_order_of_an_epoch_does_not_depend_on_the_batch_size_or_numpys_seed():
    first = Batches(*numbered(300), 64, 1)
    np.random.seed(1)
    second = Batches(*numbered(300), 300, 1)
    np.random.seed(2)
    for _ in range(2):
        assert numbers(first)[0] == numbers(second)[0]


@pytest.mark.parametrize("seed", [None, 1])
def test_data_in_memory_stay_as_they_were_when_a_batch_is_written_to(seed):
    images, labels = numbered(30)
    before = images.asnumpy(), labels.asnumpy()
    for X, y in Batches(images, labels, 7, seed):
        X[:], y[:] = -1, -1
    assert (images.asnumpy() == before[0]).all() and images.dtype == np.uint8
    assert (labels.asnumpy() == before[1]).all()


def test_a_pass_that_is_broken_off_does_not_count():
    whole, looked_at = (Batches(*numbered(300), 64, 5) for _ in range(2))
    expected = [numbers(whole)[0] for _ in range(3)]
    found = []
    for _ in range(3):
        next(iter(looked_at))
        list(zip(range(3), looked_at, strict=False))
        found.append(numbers(looked_at)[0])
    assert found == expected


def test_passes_of_a_training_count_for_themselves():
    whole, looked_at = (Batches(*numbered(300), 64, 5) for _ in range(2))
    expected = [numbers(whole)[0] for _ in range(3)]
    found = []
    for _ in range(3):
        list(looked_at)  # a look at all
        next(training_pass(looked_at, "broken off").__iter__())
        found.append(numbers(training_pass(looked_at, "epoch"))[0])
    assert found == expected
    assert numbers(looked_at)[0] not in expected  # the fourth pass of the other count


@pytest.mark.parametrize("data, total", [
    (Batches(*numbered(10), 4, 1), 3), ([(1, 2)] * 5, 5), (iter([(1, 2)]), None)])
def test_the_bar_of_a_training_knows_the_number_of_batches(data, total):
    assert training_pass(data, "epoch").total == total
