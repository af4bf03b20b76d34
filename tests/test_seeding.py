"""seed_everything: the generators of Python, NumPy and MXNet."""
import random

from d2l_bn import seed_everything

import mxnet as mx
import numpy as np
import pytest
from mxnet import nd

DRAWS = {
    "Python": random.random,
    "NumPy": np.random.rand,
    "MXNet": lambda: nd.random.uniform().asscalar(),
    "MXNet on another device": lambda: nd.random.uniform(ctx=mx.cpu(1)).asscalar(),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_equal_seeds_give_equal_draws_and_others_others(draw):
    def draws(seed):
        seed_everything(seed)
        return [draw() for _ in range(3)]

    first = draws(7)
    assert draws(7) == first
    assert len({*first, *draws(8)}) == 6


def test_draws_are_those_of_the_generators_own_seeds():
    seed_everything(5)
    found = [draw() for draw in DRAWS.values()]
    mx.random.seed(5)
    assert found == [random.Random(5).random(), np.random.RandomState(5).rand(),
                     DRAWS["MXNet"](), DRAWS["MXNet on another device"]()]


@pytest.mark.parametrize(("seed", "error"), [
    (None, TypeError), ("1", TypeError), (1.5, TypeError), (1.0, TypeError),
    (True, TypeError), ([1], TypeError), (-1, ValueError), (2**32, ValueError)])
def test_what_is_no_seed_is_refused_by_name_and_seeds_nothing(seed, error):
    def draws():
        return random.random(), np.random.rand(), nd.random.uniform().asscalar()

    seed_everything(3)
    expected = draws()
    seed_everything(3)
    with pytest.raises(error, match="^seed must be"):
        seed_everything(seed)
    assert draws() == expected


def test_least_and_greatest_seed_are_taken():
    for seed in (0, 2**32 - 1):
        seed_everything(seed)


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_every_bit_of_a_seed_counts(draw):
    first = []
    for seed in (1, 1 + 2**31, 1 + 2**30):
        seed_everything(seed)
        first.append(draw())
    assert len(set(first)) == 3
