"""What a layer does: steps, predictions in all modes, its file (lesson 14)."""
import tempfile
from pathlib import Path

import numpy as np
from mxnet import autograd, gluon, nd

from .formulas import array_like
from .judge import Unexpected


def looking_first_at(*names):
    """`use_layer`, with the observations of these names before the others."""
    def observe(candidate, **case):
        seen = use_layer(candidate, **case)
        return {**{name: seen[name] for name in names}, **seen}
    return observe


def use_layer(candidate, C=4, eps=0.01, momentum=0.8, seed=0):
    """What a layer does in three steps, in predictions, and after loading its file.

    candidate: a class whose objects are made with (num_features, eps=, momentum=).
    """
    random = np.random.RandomState(seed)
    layer = candidate(C, eps=eps, momentum=momentum)
    layer.initialize()
    start = array(layer.running_var).copy()
    layer.gamma.set_data(nd.array(random.uniform(0.5, 2, C)))
    layer.beta.set_data(nd.array(random.normal(size=C)))
    rows = nd.array(random.normal(3, 2, (6, C)))
    seen = {"prediction before the first step": output(layer, rows),
            "stored variance before it": start}
    trainer = gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": 0.1,
                                                            "wd": 0.1})
    for step in (1, 2, 3):
        X = nd.array(random.normal(2 * step, 2, (8, C)))
        train_step(layer, X, trainer, nd.array(random.normal(size=X.shape)))
        seen[f"stored mean after step {step}"] = array(layer.running_mean).copy()
        seen[f"stored variance after step {step}"] = array(layer.running_var).copy()
        if step == 1:
            seen["gradient of X"] = X.grad
    seen["prediction of 6 rows"] = output(layer, rows)
    seen["prediction of row 1 alone"] = output(layer, rows[:1])
    seen["prediction of the same 6 rows again"] = output(layer, rows)
    seen["stored mean after predictions"] = array(layer.running_mean).copy()
    with tempfile.TemporaryDirectory() as folder:
        file, loaded = str(Path(folder) / "layer"), candidate(C, eps=eps,
                                                              momentum=momentum)
        layer.save_parameters(file)
        loaded.load_parameters(file)
        seen["prediction of the loaded layer"] = output(loaded, rows)
    with autograd.record(train_mode=False):
        seen["prediction in record(train_mode=False)"] = output(layer, rows)
    seen["stored mean after it"] = array(layer.running_mean).copy()
    with autograd.train_mode():
        seen["output in train_mode(), not recording"] = output(layer, rows)
    by_default = candidate(C)
    by_default.initialize()
    train_step(by_default, rows)
    seen["stored mean after a step, default momentum"] = array(by_default.running_mean)
    return seen


def output(layer, X):
    return array_like(layer(X), X).copy()


def train_step(layer, X, trainer=None, weights=1.):
    X.attach_grad()
    with autograd.record():
        loss = (array_like(layer(X), X) * weights).sum()
    loss.backward()
    if trainer:
        try:
            trainer.step(8)
        except UserWarning as err:
            raise Unexpected("the trainer stops: a parameter has got no gradient",
                             "a step of the trainer") from err


def array(value):
    """The NDArray of a parameter, or the value."""
    return value.data() if isinstance(value, gluon.Parameter) else value
