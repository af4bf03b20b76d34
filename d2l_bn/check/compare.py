"""Where an answer differs from what was expected, in words.

The expected value says what is asked for: a truth value, a number, a word, an array, or
several of them in a tuple, a list or a dictionary.
"""
from collections import namedtuple

import numpy as np
from mxnet import nd

from .wording import FEW, kind, number, show

# part: which of several values, or "". got, expected: texts.
Difference = namedtuple("Difference", "part got expected")
NUMBERS = (int, float, np.integer, np.floating)
TRUTHS = (bool, np.bool_)


def is_nothing(value):
    """Whether a value is what the stub leaves: None, dots, or nothing but these."""
    if isinstance(value, (tuple, list)):
        return len(value) > 0 and all(map(is_nothing, value))
    if isinstance(value, dict):
        return len(value) > 0 and all(map(is_nothing, value.values()))
    return value is None or value is ...


def difference(got, expected, tolerance, part=""):
    """The first Difference, or None.

    Numbers differ by more than `tolerance` times 1 + |expected|. NaN equals NaN.
    """
    if isinstance(expected, (tuple, list, dict)):
        return difference_of_several(got, expected, tolerance, part)
    if isinstance(expected, (nd.NDArray, np.ndarray)):
        return difference_of_arrays(got, expected, tolerance, part)
    if isinstance(expected, TRUTHS):
        right = isinstance(got, TRUTHS) and bool(got) == bool(expected)
    elif isinstance(expected, NUMBERS):
        right = is_number(got) and is_near(got, expected, tolerance)
    elif isinstance(expected, str):
        right = isinstance(got, str) and got.strip().lower() == expected.lower()
    else:
        right = expected is None
    if right:
        return None
    wanted = "a number, " * (is_number(expected) and not is_number(got))
    if isinstance(expected, TRUTHS) and not isinstance(got, TRUTHS):
        wanted = "True or False, here "
    words = isinstance(expected, str) and isinstance(got, str)
    return Difference(part, (show if words else in_words)(got), wanted + show(expected))


def is_number(value):
    return isinstance(value, NUMBERS) and not isinstance(value, TRUTHS)


def is_near(got, expected, tolerance):
    got, expected = np.asarray(got, "float64"), np.asarray(expected, "float64")
    with np.errstate(invalid="ignore"):
        near = np.abs(got - expected) <= tolerance * (1 + np.abs(expected))
    near &= np.isfinite(expected)  # from infinity all numbers would be near
    return (near | (got == expected) | (np.isnan(got) & np.isnan(expected))).all()


def in_words(value):
    """What a value is, and the value where that says more."""
    plain = isinstance(value, (*TRUTHS, *NUMBERS))
    if plain:
        return show(value)
    text = show(value)
    return kind(value) if text == kind(value) else f"{kind(value)}: {text}"


def difference_of_several(got, expected, tolerance, part):
    """For tuples, lists and dictionaries: the parts one by one."""
    if isinstance(expected, dict):
        names = list(expected)
        if not isinstance(got, dict) or set(got) != set(names):
            return Difference(part, in_words(got), f"a dictionary with keys {names}")
        pairs = [(str(name), got[name], expected[name]) for name in names]
    else:
        if not isinstance(got, (tuple, list)) or len(got) != len(expected):
            return Difference(part, in_words(got), f"{len(expected)} values, that is "
                              + " and ".join(map(kind, expected)))
        pairs = [(f"value {i + 1} of {len(expected)}", *pair)
                 for i, pair in enumerate(zip(got, expected, strict=True))]
    for name, one, other in pairs:
        found = difference(one, other, tolerance, f"{part}, {name}" if part else name)
        if found:
            return found
    return None


def difference_of_arrays(got, expected, tolerance, part):
    wanted = kind(expected)
    if not isinstance(got, (nd.NDArray, np.ndarray)):
        return Difference(part, in_words(got), wanted)
    if isinstance(got, nd.NDArray) != isinstance(expected, nd.NDArray):
        how = ("nd.array(...) makes one" if isinstance(expected, nd.NDArray)
               else ".asnumpy() makes one")
        return Difference(part, kind(got), f"{wanted} ({how})")
    if got.shape != expected.shape:
        return Difference(part, kind(got), wanted)
    one, other = (x.asnumpy() if isinstance(x, nd.NDArray) else x
                  for x in (got, expected))
    if one.dtype.kind not in "fiub":
        return Difference(part, f"{kind(got)} of {one.dtype}", f"{wanted} of numbers")
    if is_near(one, other, tolerance):
        return None
    if one.size <= FEW:
        return Difference(part, show(one), show(other))
    distance = np.abs(one.astype("float64") - other)
    worst = np.unravel_index(np.argmax(distance), one.shape)  # a NaN, if there is one
    where = f"at [{', '.join(map(str, worst))}] of shape {one.shape}"
    return Difference(part, f"{number(one[worst])} {where}",
                      f"{number(other[worst])} {where}")
