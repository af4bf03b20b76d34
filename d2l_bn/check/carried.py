"""Statistics carried from step to step, and what is kept behind them (lesson 14)."""
import numpy as np
from mxnet import autograd, nd

from ..norm import batch_norm
from .formulas import STILL, array_like
from .judge import parts
from .observe import RETURNED, history
from .zoo import SENTENCES, mistaken


def carry_statistics(candidate, shape, seed):
    """Four passes of a function like `batch_norm`, then a step and a prediction.

    The passes have no backward: it would free what autograd keeps, and hide it.
    """
    random, C = np.random.RandomState(seed), shape[1]
    statistics = [nd.zeros(C), nd.ones(C)]
    gamma, beta = (nd.array(random.normal(1, 0.5, C)) for _ in range(2))
    first = [array.copy() for array in statistics]

    def step():
        X = nd.array(random.normal(2, 3, shape))
        for array in (X, gamma, beta):
            array.attach_grad()
        with autograd.record():
            Y, *new = parts(candidate(X, gamma, beta, *statistics, 0.01, 0.8), 3,
                            RETURNED)
            loss = (array_like(Y, X) * X * X).sum()
        statistics[:] = [array_like(array, gamma) for array in new]
        return X, Y, loss

    behind, seen, given = [], {}, list(statistics)
    for _ in range(4):
        step()
        behind.append([history(array) for array in statistics])
    for name, one, *_, last in zip(("mean", "variance"), *behind, strict=True):
        seen[f"passes kept behind the moving {name}, after 4"] = (
            round(last / one) if one else int(last > 0))
    seen["change of the arrays handed in"] = sum(
        abs(array - before).sum().asscalar()
        for array, before in zip(given, first, strict=True))
    seen["moving mean after 4 passes"], seen["moving variance after them"] = (
        array.copy() for array in statistics)
    X, Y, loss = step()
    loss.backward()
    seen.update({"output": Y, "gradient of X": X.grad, "gradient of gamma": gamma.grad})
    with autograd.predict_mode():
        Y, *_ = parts(candidate(X, gamma, beta, *statistics, 0.01, 0.8), 3, RETURNED)
    return {**seen, "prediction": Y}


def carrying(keep):
    """`batch_norm` whose moving statistics are `keep(old, of the batch, momentum)`."""
    def function(X, gamma, beta, mean, var, eps, momentum):
        Y, *after = batch_norm(X, gamma, beta, mean, var, eps, momentum)
        if not autograd.is_training():
            return Y, mean, var
        axes = (0, *range(2, X.ndim))
        batch_mean = X.mean(axis=axes)
        batch_var = nd.square(X - X.mean(axis=axes, keepdims=True)).mean(axis=axes)
        return (Y, *keep((mean, var), (batch_mean, batch_var), momentum, after))
    return function


def moved(old, new, momentum):
    return momentum * old + (1 - momentum) * new


def growing():
    def with_(change):
        return carrying(lambda old, new, q, after: [
            moved(*change(name, *pair), q) for name, pair in zip(
                ("mean", "variance"), zip(old, new, strict=True), strict=True)])

    mistakes = [
        (mistaken("statistics in the graph"),
         STILL + "behind the moving statistics autograd keeps all earlier passes."),
        (with_(lambda name, old, new: (old, new) if name == "variance"
               else (old.detach(), new.detach())),
         "The moving mean is mended; behind the moving variance all earlier passes are "
         "still kept."),
        (with_(lambda name, old, new: (old.detach(), new)),
         "It no longer grows, but the last pass is still kept: the batch's part of the "
         "moving statistics is in the graph too."),
        (mistaken("written in place"), SENTENCES["written in place"]),
        (mistaken("detached"), SENTENCES["detached"]),
        (mistaken("never moves"), SENTENCES["never moves"])]
    return {"right": batch_norm, "mistakes": mistakes,
            "cases": [{"given": f"four passes with batches of shape {shape}",
                       "shape": shape, "seed": 0} for shape in ((6, 3), (4, 3, 2, 5))],
            "observe": carry_statistics}
