"""Ways of folding factors into whole numbers and steps that people take."""
import numpy as np


def int8(array):
    return array.astype("int8")


def shaped(whole, s):
    return s.reshape((-1,) + (1,) * (whole.ndim - 1))


def with_(make):
    """fold_integers; make: function (whole, step, s in the shape of step)."""
    return lambda whole, step, s: make(whole, step, shaped(whole, s))


right = with_(lambda w, step, s: (int8(w * np.sign(s)), step * abs(s)))


def rounded_anew(largest, steps):
    """To 127 again; largest, steps: functions of the array, of step and the new one."""
    def fold_integers(whole, step, s):
        W = whole * step * shaped(whole, s)
        new = largest(abs(W)) / 127
        return int8(np.round(W / new)), steps(step, new)
    return fold_integers


def of_channels(W):
    return W.max(axis=tuple(range(1, W.ndim)), keepdims=True)


def last_axis(whole, step, s):
    along = np.resize(s, whole.shape[-1])
    return int8(whole * np.sign(along)), step * abs(shaped(whole, s))


def not_shaped(whole, step, s):
    return int8(whole * np.sign(s)), step * abs(s)


def two_axes(whole, step, s):
    return not_shaped(whole, step, s.reshape(-1, 1))


TENSOR = ("That rounds again, with one step for all channels; here each channel keeps "
          "its own, and the step can take |s| exactly.")
MISTAKES = [
    (with_(lambda w, step, s: (w, step * s)),
     "A step must stay positive: the sign of s belongs to the whole numbers."),
    (with_(lambda w, step, s: (w, step * abs(s))),
     "The sign of s is lost: where s is negative, the whole numbers change signs."),
    (with_(lambda w, step, s: (int8(w * np.sign(s)), step * s)),
     "The sign of s is counted twice: in the whole numbers and in the step."),
    (with_(lambda w, step, s: (int8(w * np.sign(s)), step)),
     "The step stays as it was; it must grow by |s|."),
    (rounded_anew(of_channels, lambda step, new: new),
     "That rounds again, to a new largest number of 127. The step can take |s| "
     "exactly, and the whole numbers stay."),
    (rounded_anew(np.max, np.full_like), TENSOR),
    (rounded_anew(np.max, lambda step, new: new), TENSOR),
    (with_(lambda w, step, s: (int8(np.round(w * s)), step)),
     "s goes into the whole numbers and is rounded away; put |s| into the step."),
    (with_(lambda w, step, s: (int8(w * s), step)),
     "s goes into the whole numbers and is cut off; put |s| into the step."),
    (with_(lambda w, step, s: (w * np.sign(s), step * abs(s))),
     "The numbers are right, but no longer int8: the product with a float is a "
     "float. Use astype(np.int8)."),
    (not_shaped, "s is not reshaped, so that it goes along the last axis; the channels "
                 "are axis 0: give s the shape of step."),
    (two_axes, "s has shape (C, 1) for the convolution, too; there it goes along the "
               "rows of the kernel: give s the shape of step."),
    (last_axis, "The signs go along the last axis; the channels are axis 0."),
]
