"""Make what is drawn at random repeatable."""
import random

import mxnet as mx
import numpy as np


def seed_everything(seed):
    """Seed the generators of Python, of NumPy and of MXNet (on every device)."""
    random.seed(seed)
    np.random.seed(seed)
    mx.random.seed(seed)
