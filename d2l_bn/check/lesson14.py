"""Checks for the exercises of lesson 14: find the bug.

An answer is mended code. What it does is compared with what a right one does, the
symptom first. Only a pass tells where the bug was published.
"""
import numpy as np
from mxnet import nd

from . import carried, compiled, formula_bugs, layers, repeated, slopes
from .choices import judge_choices
from .formulas import STILL
from .judge import judge

CAUSES = {
    "loaded": ("not saved", "What a file does not hold starts anew when it is loaded."),
    "company": ("batch statistics", "Batch-mates reach a prediction through one thing "
                                    "alone: the mean and variance of the batch."),
    "second time": ("moves in prediction", "The first scoring has changed something "
                                           "stored, which the second one uses."),
    "memory": ("left in the graph", "What grows is what autograd keeps of earlier "
                                    "steps, through something carried over."),
    "gradient": ("cut from the graph", "The numbers are right and their gradient is "
                                       "not: a part of the formula is hidden from it."),
    "jumps": ("momentum reversed", "The stored mean forgets too fast: the new batch "
                                   "has the large share."),
}


def causes(answer):
    """causes: a dictionary, symptom -> cause."""
    right = {symptom: cause for symptom, (cause, _) in CAUSES.items()}
    sentences = {symptom: sentence for symptom, (_, sentence) in CAUSES.items()}
    return judge_choices("causes", answer, right, sentences,
                         options=tuple(sorted(right.values())),
                         verified="the cause of each of the six symptoms.")


def stripes(answer):
    """mended(X, gamma, beta, eps): the training formula."""
    return judge("mended", answer, **formula_bugs.stripes(),
                 verified="outputs and gradients for four shapes. Published: "
                          "jax-ml/jax#461 (2019), the BatchNorm of JAX's stax.")


def two_values(answer):
    """mended(X, gamma, beta, eps): the training formula."""
    return judge("mended", answer, **formula_bugs.two_values(),
                 verified="outputs and gradients for four shapes. Published: makemore, "
                          "part 3 (mended in part 5), with a third axis of time.")


def quiet_unit(answer):
    """mended(X, gamma, beta, eps): the training formula."""
    return judge("mended", answer, **formula_bugs.quiet_unit(),
                 verified="outputs and gradients, one with an equal feature, and large "
                          "eps. Published: article D prints sqrt(var - eps).")


def more_than_all(answer):
    """mended(y_hat, y): the share of rows whose largest score is at the label."""
    def hits(y_hat, y):
        return (y_hat.argmax(axis=1) == y.astype("float32")).asnumpy()

    random = np.random.RandomState(1)
    cases = [{"given": f"{n} scores of 4 classes, labels of shape {shape}",
              "y_hat": nd.array(random.normal(size=(n, 4))),
              "y": nd.array(random.randint(4, size=n), dtype="int32").reshape(shape)}
             for n, shape in [(24, (24, 1)), (24, (24,)), (1, (1, 1)), (1, (1,))]]

    def first_column(y_hat, y):
        return float(hits(y_hat, y[:, 0]).mean())

    mistakes = [
        (lambda y_hat, y: float(hits(y_hat, y).sum() / len(y)),
         STILL + "labels of shape (N, 1) give a share above 1."),
        (lambda y_hat, y: min(1., float(hits(y_hat, y).sum() / len(y))),
         "The number is cut off at 1; what is counted is still every pair of a score "
         "and a label."),
        (lambda y_hat, y: float(hits(y_hat, y).mean()),
         "That is the mean over all N * N pairs: below 1, but each score still meets "
         "the labels of all rows."),
        (first_column, "y[:, 0] needs labels of shape (N, 1); those of shape (N,) "
                       "fail.")]
    return judge("mended", answer,
                 lambda y_hat, y: float((y_hat.asnumpy().argmax(1)
                                         == y.asnumpy().ravel()).mean()),
                 mistakes, cases,
                 verified="labels of shapes (N, 1) and (N,), N = 24 and 1. Published: "
                          "apache/mxnet#16880 (2019).")


def restless_mean(answer):
    """Mended: a class derived from BatchNorm."""
    return judge("Mended", answer, **layers.restless_mean(),
                 verified="statistics of three steps, predictions, and the default. "
                          "Published: PaddlePaddle/Paddle#51120 (2023); d2l-en#2213 "
                          "(2022) turned the MXNet code of the book to the other "
                          "convention.")


def loud_start(answer):
    """Mended: a class of a layer."""
    return judge("Mended", answer, **layers.loud_start(),
                 verified="predictions before and after training, a file. Published: "
                          "the book's first MXNet edition; d2l-en#1591 (2020); "
                          "chainer/chainer#879 (2016).")


def in_company(answer):
    """Mended: a class derived from BatchNorm."""
    return judge("Mended", answer, **layers.in_company(),
                 verified="one row alone and in company, four modes. Published: "
                          "keras-team/keras#81 (2015) and openai/coinrun#41 (2020).")


def second_time(answer):
    """Mended: a class derived from BatchNorm."""
    return judge("Mended", answer, **layers.second_time(),
                 verified="two predictions of the same rows, statistics after each "
                          "mode. Published: The Straight Dope (the MXNet course before "
                          "the book), batch norm from scratch.")


def after_loading(answer):
    """Mended: a class of a layer."""
    return judge("Mended", answer, **layers.after_loading(),
                 verified="predictions before saving and after loading, steps of a "
                          "trainer. Published: the book's first MXNet edition "
                          "(d2l-zh).")


def small_batches(answer):
    """mended(X, gamma, beta, eps): the training formula."""
    return judge("mended", answer, **formula_bugs.small_batches(),
                 verified="batches of 2, 4 and 64 rows, images, a large eps. "
                          "Published: makemore, part 3; see also "
                          "pytorch/pytorch#19902.")


def far_away(answer):
    """mended(X, gamma, beta, eps): the training formula."""
    return judge("mended", answer, **formula_bugs.far_away(),
                 verified="data around 0 and 10,000, the gradients too. Published: "
                          "labml.ai's annotated batch normalization.")


def slope_is_off(answer):
    """mended(X, gamma, beta, eps): the training formula."""
    return judge("mended", answer, **formula_bugs.slope_is_off(),
                 verified="outputs and the gradients of X, gamma and beta for two and "
                          "four axes. Published: fast.ai's course-v3 and course22p2, "
                          "statistics under no_grad.")


def growing(answer):
    """mended(X, gamma, beta, moving_mean, moving_var, eps, momentum)."""
    return judge("mended", answer, **carried.growing(),
                 verified="what is kept after four passes, outputs, gradients and "
                          "statistics. Published: d2l-en#1342 (2020), after which the "
                          "MXNet code kept it; bayesiains/nflows#11.")


def twice_as_much(answer):
    """mended(net, layer, batches): sets the layer's statistics; returns nothing."""
    return judge("mended", answer, **repeated.twice_as_much(),
                 verified="layers used once, twice and three times a pass. Published: "
                          "keras-team/keras#8794 (2017), a shared layer's variance; "
                          "also in version 0.1.0 of this course.")


def slope_of_a_prediction(answer):
    """mended(net, X): the gradient of the sum of class 0's predicted scores."""
    return judge("mended", answer, **slopes.slope_of_a_prediction(),
                 verified="the chain rule in NumPy, and statistics that stay. "
                          "Published: bethgelab/foolbox#288 (2019), apache/mxnet#9580 "
                          "(2018).")


def deaf(answer):
    """Mended: a class derived from nn.HybridBlock."""
    return judge("Mended", answer, **compiled.deaf(),
                 verified="three eps in both modes, compiled and not. Published: in "
                          "this course, version 0.1.0 (FastBatchNorm).")
