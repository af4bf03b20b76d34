"""Why a check of gradients judges wrongly: how it calls the layers, which it misses."""
import numpy as np
from mxnet import nd

from .judge import call, outcome

SEEN = {
    "float32": "An array is float32: nd.array(...) makes float32 whatever it is given. "
               "Say dtype=\"float64\" for X and for the weights.",
    "NumPy": "numeric_gradient hands NumPy arrays to loss, and the layer takes "
             "NDArrays: nd.array(x, dtype=\"float64\").",
    "no number": "loss must return a number, not an array: .sum().asscalar().",
    "not recorded": "autograd has recorded no pass: call attach_grad() on X, then the "
                    "layer under autograd.record().",
    "losses in prediction": "The losses come from prediction mode: outside record() it "
                            "takes autograd.train_mode() to be in training mode.",
    "gradient in prediction": "autograd's pass is in prediction mode: "
                              "autograd.record() alone is in training mode.",
    "all in prediction": "All passes are in prediction mode, where mean and variance "
                         "are constants: this tests another gradient.",
    "no backward": "autograd's gradient of X is still 0: backward() is missing, or "
                   "another array than the recorded one is asked for its grad.",
    "flat": "autograd's gradient is nearly 0 behind a right layer: the plain sum of "
            "its output never changes, and a loss of Y alone, like its squares, hardly "
            "does. Weights made from X do no better. Take random ones.",
}


def seen_in_passes(answer, case):
    """What may explain wrong judgements: a sentence of SEEN in a list, or nothing."""
    if not callable(answer):
        return []
    found = outcome(call, answer, case)
    name = found and seen(case["layer"], found)
    return [SEEN[name]] if name else []


def seen(layer, found):
    """A key of SEEN, or None. found: the outcome of the answer for this right layer."""
    passes, error = layer.passes, found.error[0] if found.error else ""
    if any(one.dtype == np.float32 for one in passes) or "float32" in error:
        return "float32"
    if "the layer takes an NDArray" in error:
        return "NumPy"
    if "sequence" in error or "ambiguous" in error:
        return "no number"
    recorded = [one for one in passes if one.X is not None]
    others = [one for one in passes if one.X is None]
    if passes and not recorded:
        return "not recorded"
    modes = ({one.training for one in recorded}, {one.training for one in others})
    if modes == ({True}, {False}):
        return "losses in prediction"
    if modes == ({False}, {True}):
        return "gradient in prediction"
    if modes == ({False}, {False}):
        return "all in prediction"
    return None if error else seen_in_gradients([one.X.grad for one in recorded])


def seen_in_gradients(gradients):
    """What the gradients say that a right layer has handed back, each array or None."""
    sizes = [abs(grad.asnumpy()).max() for grad in gradients
             if isinstance(grad, nd.NDArray)]
    if not sizes or max(sizes) > 1e-3:
        return None
    return "flat" if max(sizes) > 0 else "no backward"


def misses(*names):
    """A check that passes wrong layers too: those whose mistakes are named."""
    return lambda layer, X: layer.mistake in (None, *names)


SUMS = ("Only a sum of each gradient is compared; behind BN it is 0 for many wrong "
        "ones too. Compare all numbers.")
FOUND_BY_SUMS = ("detached", "no mean", "above 100", "one number")
MISSED_LAYERS = [
    (lambda layer, X: False,
     "It says False for all layers. Do both gradients belong to one loss, with the "
     "same random weights? Is the error the length of the difference over that of the "
     "gradient, rather than one of sums or single numbers?"),
    (lambda layer, X: True,
     "It says True for all layers. Are autograd's numbers compared with losses at "
     "X + h and X - h, rather than with autograd's own?"),
    (lambda layer, X: layer.mistake is not None, "True and False are exchanged."),
    (misses("minus"),
     "Only lengths are compared; a gradient also has a direction. Take the length of "
     "the difference."),
    (misses("one number"),
     "Not all numbers are compared: a gradient may be wrong in one row and column."),
    (misses("a little"),
     "The tolerance is too wide: a gradient 0.01 percent too long passes, and 1e-5 is "
     "asked."),
    (misses("above 100"),
     "The layer is tried on other numbers than the X that is handed in; it may be "
     "wrong there alone."),
    (lambda layer, X: layer.mistake is None or layer.size < 1e-3,
     "The error is absolute: where the gradient is small, so is every error. Divide by "
     "the gradient's length."),
    (lambda layer, X: layer.mistake not in FOUND_BY_SUMS, SUMS),
    (lambda layer, X: layer.mistake not in FOUND_BY_SUMS or layer.size < 1e-3, SUMS),
]
