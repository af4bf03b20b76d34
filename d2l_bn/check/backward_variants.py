"""Wrong backward passes from a layer's output alone, and of RMS normalization."""
import numpy as np

from .backward import SENTENCES, normalised, operator_gradients, scale_of, short_form


def from_output(mistake=None, X_hat_of=lambda Y, gamma, beta: (Y - beta) / gamma,
                k_of=scale_of):
    def candidate(dY, Y, gamma, beta, var, eps):
        return short_form(dY, X_hat_of(Y, gamma, beta),
                          k_of(var, eps, len(Y), mistake), gamma, mistake)
    return candidate


AGAIN = ("Y normalised again is not X_hat: its standard deviation is then 1, and that "
         "of X_hat is a little smaller, because of eps. Undo the last stage.")
MISTAKES_FROM_OUTPUT = [
    (from_output(X_hat_of=lambda Y, gamma, beta: Y),
     "Y is put in for X_hat; undo beta and gamma first."),
    (from_output(X_hat_of=lambda Y, gamma, beta: Y / gamma),
     "beta is not subtracted before the division by gamma."),
    (from_output(X_hat_of=lambda Y, gamma, beta: Y / gamma - beta),
     "The order is wrong: beta was added last, so subtract it first, then divide."),
    (from_output(X_hat_of=lambda Y, gamma, beta: Y - beta),
     "gamma is not divided away: Y - beta is gamma times X_hat."),
    (from_output(k_of=lambda var, eps, *_: 1 / (var + eps)),
     "The root is missing in k: var is a variance."),
    (from_output(X_hat_of=lambda Y, gamma, beta: normalised(Y, 0)), AGAIN),
    (lambda dY, Y, gamma, beta, var, eps: short_form(
        dY, normalised(Y, eps), scale_of(var, eps, len(Y)), gamma), AGAIN),
    (from_output(k_of=lambda var, eps, m, *_: m * scale_of(var, eps, m)),
     "dX is m times too large: the means of the boxed line are there already."),
    *((from_output(name), sentence) for name, sentence in SENTENCES.items())]


def mean_square(X):
    return (X ** 2).mean(axis=0)


def rms(*mistakes, factor=1, q=mean_square):
    def candidate(X, gamma, dY, eps):
        k = scale_of(q(X), eps, len(X), *mistakes)
        return short_form(dY, X * k, k, gamma, "no mean", *mistakes, factor=factor)
    return candidate


def minus_the_mean_of_dY(X, gamma, dY, eps):
    k = scale_of(mean_square(X), eps, len(X))
    return short_form(dY, X * k, k, gamma)


def one_root_too_few(X, gamma, dY, eps):
    q = mean_square(X) + eps
    return gamma * (dY - X * (dY * X).mean(axis=0)) / np.sqrt(q)


def along_rows(gamma_first):
    """As in language models, where each row has a q of its own."""
    def candidate(X, gamma, dY, eps):
        k = 1 / np.sqrt((X ** 2).mean(axis=1, keepdims=True) + eps)
        X_hat, inner, outer = X * k, dY, gamma
        if gamma_first:
            inner, outer = gamma * dY, 1
        return outer * k * (inner - X_hat * (inner * X_hat).mean(axis=1, keepdims=True))
    return candidate


ROWS = "The mean goes along axis 1; here each column has its q, a mean over axis 0."
SENTENCES_OF_RMS = {
    "sums": SENTENCES["sums"],
    "variance added": "The term with X_hat is added; the derivative of "
                      "(q + eps)^(-1/2) has a minus.",
    "no two": "The term with X_hat is half of what it must be: the square's derivative "
              "has a factor 2.",
    "no gamma": SENTENCES["no gamma"],
    "no k": "The factor k = 1 / sqrt(q + eps) is forgotten.",
    "eps outside": "eps is added to the root of q; it belongs to q, inside the root.",
    "eps forgotten": "eps is forgotten: k is 1 / sqrt(q + eps).",
}
MISTAKES_IN_RMS = [
    (lambda *arguments: operator_gradients(*arguments)[0],
     "This is the backward pass of BN; RMS normalization subtracts no mean."),
    (minus_the_mean_of_dY, "The mean of dY is subtracted; no mean is in this forward "
                           "pass, so nothing comes back through it."),
    (rms("no variance"), "The mean of squares is taken for a constant; it depends on "
                         "X."),
    (one_root_too_few, "The second term holds X where X_hat belongs: each X_hat brings "
                       "its own k."),
    (rms(factor=2), "The term with X_hat is twice what it must be: the square root has "
                    "a factor 1/2 in its derivative."),
    (rms(q=lambda X: X.var(axis=0)),
     "k holds the variance; here it holds q, the mean of the squares themselves."),
    (along_rows(True), ROWS), (along_rows(False), ROWS),
    *((rms(name), sentence) for name, sentence in SENTENCES_OF_RMS.items())]
