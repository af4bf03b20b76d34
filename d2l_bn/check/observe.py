"""What a norm does over several steps: outputs, gradients, statistics, both modes."""
import numpy as np
from mxnet import autograd, nd
from mxnet.base import MXNetError

from .judge import parts, something

RETURNED = "Y, moving_mean, moving_var"
NAMES = ("moving mean", "moving variance")


def use_function(candidate, X, eps, momentum, seed):
    """What a function with `batch_norm`'s arguments does: 3 steps, 2 predictions.

    X: NumPy array (N, C, ...); later batches are X with other noise and offsets.
    """
    random = np.random.RandomState(seed)
    C = X.shape[1]
    gamma, beta = (nd.array(random.normal(1, 0.5, C)) for _ in range(2))
    statistics = [nd.zeros(C), nd.ones(C)]
    seen = {}
    for step in (1, 2, 3):
        X_step = nd.array(X + random.normal(0.5 * step, 0.5, X.shape))
        weights = nd.array(random.normal(size=X.shape))  # of the loss
        for array in (X_step, gamma, beta):
            array.attach_grad()
        given, before = statistics, [array.copy() for array in statistics]
        with autograd.record():
            Y, *statistics = parts(
                candidate(X_step, gamma, beta, *given, eps, momentum), 3, RETURNED)
            loss = (something(Y) * weights).sum()
        loss.backward()
        if step == 1:
            seen["output in training mode"] = Y
            seen["gradient of X"] = X_step.grad
            seen["gradient of gamma"] = gamma.grad
            for name, array, old in zip(NAMES, given, before, strict=True):
                seen[f"{name} that was handed in, minus itself before"] = array - old
        for name, array in zip(NAMES, statistics, strict=True):
            seen[f"{name} after step {step}"] = something(array).copy()
    X_new = nd.array(X * 2 + 1)
    for how, mode in (("", autograd.predict_mode()),
                      (", recorded", autograd.record(train_mode=False))):
        with mode:
            Y, *after = parts(
                candidate(X_new, gamma, beta, *statistics, eps, momentum), 3, RETURNED)
        seen[f"output in prediction mode{how}"] = Y
        for name, array in zip(NAMES, after, strict=True):
            seen[f"{name} after a prediction{how}"] = array
    seen["statistics in the graph"] = history(statistics[0]) > 0
    return seen


def history(array):
    """The number of operations that autograd keeps behind an array."""
    try:
        return len(autograd.get_symbol(array).get_internals().list_outputs())
    except MXNetError:  # its word for an array that was not recorded
        return 0
