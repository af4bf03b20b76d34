"""Checks for the exercises of lesson 01: take means over axes."""
import numpy as np
from mxnet import nd

from .choices import judge_choices
from .compare import in_words
from .judge import Unexpected, judge, parts, something
from .norms_by_axes import normalise, normalising, outside, without_eps, without_root
from .two_batches import JOINED_WRONGLY, joined


def axes_to_name(answer):
    """axes_to_name(layout) -> the axes of a mean a channel, as a tuple."""
    def with_letters(wanted):
        return lambda layout: tuple(axis for axis, letter in enumerate(layout)
                                    if wanted(letter))

    right = with_letters(lambda letter: letter != "C")

    def observe(candidate, layout):
        axes = something(candidate(layout))
        if not isinstance(axes, (tuple, list)) or not all(
                isinstance(axis, (int, np.integer)) for axis in axes):
            raise Unexpected(in_words(axes), "a tuple of whole numbers")
        named = tuple(sorted(
            int(axis % len(layout) if -len(layout) <= axis < 0 else axis)
            for axis in axes))
        if named != right(layout):
            raise Unexpected(str(named), str(right(layout)))
        return "right"

    mistakes = [
        (lambda layout: (0, *range(2, len(layout))),
         "The channels are taken to be axis 1; the letters say where they are."),
        (lambda layout: (0, 2, 3),
         "(0, 2, 3) fits NCHW alone; the layout decides."),
        (with_letters(lambda letter: letter == "C"),
         "This is the axis to leave: the axes that you name disappear."),
        (with_letters(lambda letter: letter == "N"),
         "With the samples alone each pixel has a mean of its own; rows and columns "
         "must disappear too."),
        (with_letters(lambda letter: letter in "NHW"),
         "Only N, H and W are named, so that L or D stays. Name every letter but C."),
        (with_letters(lambda letter: letter != "N"),
         "All but N are named, so that the channels disappear; only C may stay."),
        (lambda layout: tuple(axis + 1 for axis in right(layout)),
         "The first letter stands for axis 0; these numbers begin at 1."),
        (with_letters(lambda letter: letter not in "NC"),
         "The samples are left out, so that each has a mean of its own; they share "
         "one."),
        (lambda layout: tuple(range(len(layout) - 1)),
         "The channels are taken to be the last axis; the letters say where they are."),
        (lambda layout: tuple(range(len(layout))),
         "All axes are named: one mean is left, for all channels together."),
    ]
    layouts = ("NCHW", "NHWC", "NC", "NCL", "CNHW", "NDHWC")
    return judge("axes_to_name", answer, right, mistakes,
                 [{"layout": layout} for layout in layouts], observe=observe,
                 verified="six layouts of two to five axes.")


def share_a_statistic(answer):
    """share_a_statistic(i, j, axes) -> whether two numbers go into the same mean."""
    def right(i, j, axes):  # spread a mark from one place over its mean, look at other
        marked = np.zeros(np.maximum(i, j) + 1)
        marked[i] = 1
        return bool((marked.sum(axis=axes, keepdims=True) * np.ones(marked.shape))[j])

    def compared(which, how=all):
        return lambda i, j, axes: how(i[axis] == j[axis] for axis in range(len(i))
                                      if which(axis, axes))

    def left(axis, axes):
        return axis not in axes

    mistakes = [
        (compared(lambda axis, axes: axis in axes),
         "The named axes are compared; those disappear. The others must agree."),
        (compared(lambda axis, axes: axis == 1),
         "Only axis 1 is compared; which axes are left depends on axes."),
        (compared(left, any),
         "One equal index is not enough: all axes that are left must agree."),
        (lambda i, j, axes: i == j,
         "Two different places can share a mean: only the axes that are left count."),
        (lambda i, j, axes: not right(i, j, axes), "The two answers are swapped."),
        (lambda i, j, axes: all([i[axis] == j[axis] for axis in range(len(i))
                                 if left(axis, axes)][:1]),
         "Only the first axis that is left is compared; all of them must agree."),
        (lambda i, j, axes: True, "The answer is always True: where i and j differ in "
                                  "an axis that is left, it is False."),
    ]
    places = [
        ((0, 2, 5, 1), (7, 2, 0, 3), (0, 2, 3)),
        ((0, 2, 5, 1), (7, 1, 5, 1), (0, 2, 3)),
        ((0, 2, 5, 1), (7, 2, 5, 1), (0,)), ((0, 2, 5, 1), (7, 2, 5, 0), (0,)),
        ((3, 1, 4, 2), (3, 0, 1, 0), (1, 2, 3)),
        ((3, 1, 4, 2), (0, 1, 4, 2), (1, 2, 3)),
        ((4, 1), (0, 1), (0,)), ((4, 1), (4, 0), (0,)), ((4, 1), (4, 0), (1,)),
        ((1, 2, 2, 0, 3), (0, 0, 2, 1, 3), (0, 1, 3)), ((2, 3), (2, 0), (0, 1)),
        ((2, 3, 1), (2, 3, 1), (1,)), ((2, 3, 1), (0, 3, 0), (1,))]

    def observe(candidate):  # all at once: one True or False fits too many mistakes
        return {f"{i} and {j} over {axes}": something(candidate(i, j, axes))
                for i, j, axes in places}

    return judge("share_a_statistic", answer, right, mistakes, observe=observe,
                 verified="13 pairs of places in arrays of two to five axes.")


CAUSES = ("axis 0 alone", "axes of the other layout", "no keepdims",
          "reshape without transpose", "m - 1")


def name_the_cause(answer):
    """causes: a dictionary from each symptom to one of CAUSES."""
    sentences = {
        ("a", "axis 0 alone"): "For a dense layer's output axis 0 is right, and the "
                               "means are 0, as they should be. Look at what divides.",
        "axis 0 alone": "Axis 0 alone would leave one mean for each place of an image, "
                        "and no such shape or dependence is seen here.",
        "axes of the other layout": "The axes of the other layout would leave as many "
                                    "means as there are rows or columns, of all "
                                    "channels together.",
        "no keepdims": "Without keepdims the means themselves are right; they are "
                       "subtracted along the wrong axis.",
        "reshape without transpose": "reshape without transpose deals the pixels out: "
                                     "all channels' means become nearly equal.",
        "m - 1": "m - 1 leaves all means right, and makes the output's variance "
                 "(m - 1) / m.",
    }
    right = {"a": "m - 1", "b": "axes of the other layout",
             "c": "reshape without transpose", "d": "no keepdims", "e": "axis 0 alone"}
    return judge_choices("causes", answer, right, sentences, options=CAUSES,
                         verified="the causes of all five symptoms.")


def mended(answer):
    """mended(X, eps): NHWC images with mean 0 and population variance 1 a channel."""
    def reshaped(X, eps=1e-5):
        n, h, w, c = X.shape
        return normalise(X.reshape((n, c, h, w)), (0, 2, 3), eps)

    def right(X, eps=1e-5):
        images = X.asnumpy().astype("float64").reshape((-1, X.shape[-1]))
        centred = images - images.mean(axis=0)
        return nd.array((centred / np.sqrt(images.var(axis=0) + eps)).reshape(X.shape))

    mistakes = [
        (normalising((0, 1, 2), less=1),
         "The axes are right now. The variance still divides by m - 1, so that the "
         "output's variance is not 1."),
        *[(wrong, "reshape moves no axis: it deals the numbers out anew. Use "
                  "transpose, or name the axes of NHWC.")
          for wrong in (reshaped,
                        lambda X, eps: reshaped(X, eps).reshape(X.shape))],
        (lambda X, eps: right(X, eps).transpose((0, 3, 1, 2)),
         "The result is in the order (N, C, H, W); it should come as X came, (N, H, W, "
         "C)."),
        (normalising((0, 2, 3)),
         "keepdims and m are right. The axes (0, 2, 3) still join the channels of a "
         "row."),
        (normalising((0, 2, 3), less=1),
         "Only keepdims has changed: the axes and the variance are still wrong."),
        (normalising((0, 2, 3), keepdims=False),
         "Only m - 1 is mended: the axes (0, 2, 3) are those of the other layout."),
        (normalising((0, 2, 3), less=1, keepdims=False),
         "This is what the broken function gives."),
        (normalising((1, 2)),
         "Each image has statistics of its own; the batch shares them."),
        (normalising((0, 1, 2), divisor=outside),
         "eps stands outside the root; add it to the variance, as broken does."),
        (normalising((0, 1, 2), divisor=without_eps),
         "eps is forgotten: add it to the variance, as broken does."),
        (normalising((0, 1, 2), divisor=lambda var, eps: nd.sqrt(var + 1e-5)),
         "eps is an argument, and here it is always 1e-5."),
        (normalising((0, 1, 2), divisor=without_root),
         "It divides by the variance; the root is missing."),
        (normalising((0, 1, 2, 3)),
         "One mean is taken over everything; each channel has its own."),
        (normalising((0,)),
         "Each pixel has statistics of its own; a channel's pixels share them."),
    ]
    random = np.random.RandomState(2)
    cases = [{"X": nd.array(random.normal(size=shape) * random.uniform(1, 3, shape[3])
                            + random.normal(0, 3, (1, shape[1], 1, shape[3]))),
              "eps": eps}
             for shape, eps in [((2, 3, 3, 3), 1e-5), ((4, 5, 6, 3), 1e-5),
                                ((2, 2, 1, 5), 0.5)]]
    return judge("mended", answer, right, mistakes, cases, tolerance=1e-3,
                 verified="every value for three shapes, one with H = W = C and one "
                          "with a large eps; X stays as it is.")


def merged_statistics(answer):
    """merged_statistics(n_1, mean_1, var_1, n_2, mean_2, var_2) -> (mean, var)."""
    def observe(candidate, **case):
        mean, var = parts(candidate(*case.values()), 2, "mean and var")
        return {"mean": something(mean), "variance": something(var)}

    random, cases = np.random.RandomState(6), []
    for n_1, n_2, C, away in [(2, 6, 3, 2), (9, 4, 2, 5), (5, 5, 4, 0)]:
        one, two = random.normal(0, 2, (n_1, C, 3)), random.normal(away, 1, (n_2, C, 3))
        statistics = [nd.array(a) for x in (one, two)
                      for a in (x.mean(axis=(0, 2)), x.var(axis=(0, 2)))]
        cases.append(dict(zip(("n_1", "mean_1", "var_1", "n_2", "mean_2", "var_2"),
                              (n_1, *statistics[:2], n_2, *statistics[2:]),
                              strict=True)))
    return judge("merged_statistics", answer, joined, JOINED_WRONGLY, cases,
                 observe=observe,
                 verified="three pairs of batches, of equal and of different sizes.")
