"""Values in words: what was given, what came out, what was expected."""
import numpy as np
from mxnet import nd

FEW = 6  # values that are shown one by one


class Words(str):
    """Words of the check, not of the learner: shown without quotes."""

    def __repr__(self):
        return str(self)


def kind(value):
    """What a value is, with its article: 'a list', 'an NDArray of shape (2, 3)'."""
    if value is None or value is ...:
        return "nothing"
    if isinstance(value, nd.NDArray):
        return f"an NDArray of shape {value.shape}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"a{'n' if name[0].lower() in 'aeiou' else ''} {name}"


def number(value):
    """A number in up to six digits; other things as Python writes them."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else f"{value}"


def show(value):
    """A value for one line of text; never an exception, whatever it is."""
    if isinstance(value, (bool, int, float, np.generic)):
        return number(value)
    if isinstance(value, (nd.NDArray, np.ndarray)):
        array = value.asnumpy() if isinstance(value, nd.NDArray) else value
        if array.ndim == 0:
            return number(array[()])
        if array.size <= FEW:
            shape = "" if array.ndim == 1 else f" in shape {array.shape}"
            return f"[{', '.join(map(number, array.ravel()))}]{shape}"
        first = ", ".join(number(x) for x in array.ravel()[:3])
        return f"{first}, ... in shape {array.shape}"
    try:
        text = repr(value)
    except Exception:  # a learner's class may have a __repr__ that fails
        return kind(value)
    if " at 0x" in text:  # an address says nothing
        return kind(value)
    return text if len(text) <= 70 else f"{text[:66]} ..."


def show_arguments(arguments):
    """name = value, ... for the arguments of a call."""
    return "; ".join(f"{name} = {show(value)}" for name, value in arguments.items())
