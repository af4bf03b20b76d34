"""A file in the form of the book's layer, and right and wrong ways to mend it."""
import tempfile
from pathlib import Path

import numpy as np
from mxnet import nd
from mxnet.gluon import nn

from ..norm import BatchNorm
from .compare import in_words
from .judge import Unexpected, something
from .remember import remember
from .wording import Words

OURS = {"moving_mean": "running_mean", "moving_var": "running_var"}
OF_BN = ("gamma", "beta", *OURS)


class Net(nn.Block):
    """Convolutions and dense layers with BN between; two parts with names."""

    def __init__(self):
        super().__init__()
        self.subnet, self.tail = nn.Sequential(), nn.Sequential()
        self.subnet.add(nn.Conv2D(4, 3, in_channels=3), BatchNorm(4),
                        nn.Conv2D(1, 1, in_channels=4), nn.Flatten())
        self.tail.add(nn.Dense(5, in_units=4), BatchNorm(5), nn.Dense(1, in_units=5))

    def forward(self, X):
        return self.tail(self.subnet(X))


def arrays_of_net(prefix=None):
    """The arrays of a trained Net by name; with a prefix in the book's form."""
    random, arrays = np.random.RandomState(7), {}
    book = {ours: name for name, ours in OURS.items()}
    for name, parameter in Net()._collect_params_with_prefix().items():
        values = nd.array(random.uniform(0.5, 2, parameter.shape))
        if prefix is not None:
            part, _, last = name.rpartition(".")
            last = book.get(last, last)
            if last in OF_BN:
                values = values.reshape((1, -1, 1, 1) if "subnet" in part else (1, -1))
            name = f"{prefix}{part}.{last}"
        arrays[name] = values
    return arrays


def what_a_file_does(candidate, prefix):
    """The names, the arrays, and what a net predicts that loads them."""
    arrays, wanted = arrays_of_net(prefix), arrays_of_net()
    before = {name: array.copy() for name, array in arrays.items()}
    made = something(candidate(arrays, prefix))
    if not isinstance(made, dict):
        raise Unexpected(in_words(made), "a dictionary: name -> NDArray")
    missing = [name for name in wanted if name not in made]
    strange = [name for name in made if name not in wanted]
    seen = {"names that do not fit": Words(few(strange)),
            "names that are missing": Words(few(missing))}
    for name in wanted:
        seen[name] = made.get(name, "missing")
    fits = not missing and not strange and all(
        isinstance(made[name], nd.NDArray) and made[name].shape == wanted[name].shape
        for name in wanted)
    seen["prediction of a net that loads the file"] = (
        prediction(made) if fits else "it does not load")
    seen["arrays is as it was given"] = list(arrays) == list(before) and all(
        arrays[name].shape == before[name].shape for name in before)
    return seen


def few(names):
    if not names:
        return "none"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return (names[0] if isinstance(names[0], str) else in_words(names[0])) + more


def prediction(arrays):
    net = Net()
    net.initialize()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "net.params")
        nd.save(path, arrays)
        net.load_parameters(path)
    return net(nd.array(np.random.RandomState(8).normal(2, 1, (3, 3, 4, 4))))


def mend_with(cut=lambda name, prefix: name[len(prefix):], renames=OURS,
              flattens=lambda last, array: last in OF_BN, keeps=lambda last: True):
    """A way to mend: what is cut off, renamed, flattened and kept. Default: right."""
    def mend(arrays, prefix):
        made = {}
        for name, array in arrays.items():
            part, _, last = cut(name, prefix).rpartition(".")
            if keeps(last):
                flat = array.reshape(-1) if flattens(last, array) else array
                made[f"{part}.{renames.get(last, last)}"] = flat
        return made
    return mend


mend_rightly = mend_with()


def mend_in_place(arrays, prefix):
    made = mend_rightly(arrays, prefix)
    arrays.clear()
    arrays.update(made)
    return arrays


MENDING_MISTAKES = [
    (lambda arrays, prefix: arrays, "Nothing is changed."),
    (mend_with(cut=lambda name, prefix: name),
     "The prefix is still there; a net knows its own names alone."),
    (mend_with(cut=lambda name, prefix: name.lstrip(prefix)),
     "lstrip takes letters away, as long as they occur in the prefix; cut off its "
     "length."),
    (mend_with(cut=lambda name, prefix: name.replace(prefix, "")),
     "replace finds the prefix inside a name too; cut it off the front alone."),
    (mend_with(cut=lambda name, prefix: name.partition(".")[2]),
     "The first part of each name is cut off, whatever the prefix is: it may have "
     "two parts, or none."),
    (mend_with(renames={}), "The statistics still have the book's names; ours are "
                        "running_mean and running_var."),
    (mend_with(keeps=lambda last: last not in OURS),
     "The statistics are left out: the net would predict with those of its start."),
    (mend_with(keeps=lambda last: last in OF_BN),
     "The other layers' arrays are left out; copy them with their new names."),
    (mend_in_place, "The values are right, but arrays itself is changed: fill a new "
                    "dictionary."),
    (mend_with(flattens=lambda last, array: False),
     "gamma, beta and the statistics keep their axes of length 1; ours have shape "
     "(C,)."),
    (mend_with(flattens=lambda last, array: last in OURS),
     "The statistics have shape (C,), but gamma and beta still have the book's."),
    (mend_with(flattens=lambda last, array: array.shape[0] == 1 and array.ndim > 1),
     "A weight of shape (1, ...) is flattened too: tell BN's arrays by their "
     "names, not by their shapes."),
    (mend_with(flattens=lambda last, array: True),
     "Every array is flattened; only BN's have other shapes in our layer."),
]
observe_mending = remember(what_a_file_does, [(mend_rightly, ""), *MENDING_MISTAKES])
