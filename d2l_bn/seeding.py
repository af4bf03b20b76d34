"""Make what is drawn at random repeatable."""
import random

import mxnet as mx
import numpy as np

from .arguments import check_number


def seed_everything(seed):
    """Seed the generators of Python, of NumPy and of MXNet (on every device).

    seed: a whole number from 0 to 2**32 - 1. None, which Python and NumPy would take
    for "at random", is refused.
    """
    check_number("seed", seed, 0, 2**32 - 1, whole=True)
    random.seed(seed)
    np.random.seed(seed)
    mx.random.seed(seed)
