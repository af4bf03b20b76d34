"""The training formula, right or with one mistake, and what is seen of it."""
import numpy as np
from mxnet import autograd, nd

from ..norm import batch_norm
from .compare import in_words
from .judge import Unexpected, something
from .zoo import SENTENCES, mistaken

STILL = "The symptom is still there: "


def training_formula(function=batch_norm):
    """What a function like `batch_norm` puts out in training mode, of 4 arguments."""
    def normalise(X, gamma, beta, eps):
        C = gamma.size
        with autograd.train_mode():
            return function(X, gamma, beta, nd.zeros(C), nd.ones(C), eps, 0.9)[0]
    return normalise


def formulas(*names):
    """(formula with the mistake, sentence) for mistakes of the zoo."""
    return [(training_formula(mistaken(name)), SENTENCES[name]) for name in names]


def formula(divide, centre=lambda X, axes: X - X.mean(axis=axes, keepdims=True)):
    """A formula from its divisor, a function (X, X less its mean, axes, eps)."""
    def normalise(X, gamma, beta, eps):
        axes, per_channel = (0, *range(2, X.ndim)), (1, -1) + (1,) * (X.ndim - 2)
        centred = centre(X, axes)
        return (gamma.reshape(per_channel) * centred / divide(X, centred, axes, eps)
                + beta.reshape(per_channel))
    return normalise


def variance(centred, axes):
    return nd.square(centred).mean(axis=axes, keepdims=True)


def array_like(value, X):
    """The value, if it is an NDArray of X's shape."""
    something(value)
    if not isinstance(value, nd.NDArray) or value.shape != X.shape:
        raise Unexpected(in_words(value), f"an NDArray of shape {X.shape}")
    return value


def seeing(look):
    """An observation that shows first what `look` finds in the output, then the rest.

    look: function (output, as a NumPy array) -> dictionary.
    """
    def observe(candidate, X, gamma, beta, eps):
        X, gamma, beta = map(nd.array, (X, gamma, beta))
        weights = nd.array(np.random.RandomState(0).normal(size=X.shape))
        for array in (X, gamma, beta):
            array.attach_grad()
        with autograd.record():
            Y = array_like(candidate(X, gamma, beta, eps), X)
            loss = (Y * weights).sum()
        loss.backward()
        return {**look(Y.asnumpy()), "output": Y, "gradient of X": X.grad,
                "gradient of gamma": gamma.grad, "gradient of beta": beta.grad}
    return observe


def case(shape, given, seed=0, offset=2., eps=0.01, **values):
    """One case for `seeing`: random X, gamma and beta, unless values say otherwise."""
    random = np.random.RandomState(seed)
    C = shape[1]
    scales = random.uniform(0.5, 3, (C,) + (1,) * (len(shape) - 2))
    return {"given": given, "X": offset + scales * random.normal(size=shape),
            "gamma": random.uniform(0.5, 2, C), "beta": random.normal(size=C),
            "eps": eps, **values}


IMAGES = case((3, 4, 4, 4), "3 images with H = W = C = 4, random gamma and beta", 1)
ROWS = case((6, 5), "6 rows of 5 features, random gamma and beta, eps = "
                    "0.5", 2, eps=0.5)


def far_words(candidate, offset, eps=1e-5):
    """How well a formula does for features of spread 1 from -offset to the offset."""
    random = np.random.RandomState(3)
    X = nd.array(np.linspace(-offset, offset, 32) + random.normal(size=(64, 32)))
    with autograd.record():
        Y = candidate(X, nd.ones(32), nd.zeros(32), eps)
    Y = array_like(Y, X).asnumpy()
    exact = X.asnumpy().astype("float64")
    exact = (exact - exact.mean(0)) / np.sqrt(exact.var(0) + eps)
    if np.isnan(Y).any():
        return "some outputs are NaN"
    error = abs(Y - exact).max()
    if error < 0.05:
        return "right to 0.05"
    return f"no NaN, but outputs off by {'more than 1' if error > 1 else '0.05 to 1'}"
