"""Refuse arguments that make no sense, with an error that names them."""
import math
import numbers


def check_number(name, value, least, most):
    """Refuse what is no finite number from `least` to `most`, naming the argument."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    # NaN fails the comparison, infinity the second condition.
    if not (least <= value <= most and math.isfinite(value)):
        bounds = f"at least {least}" if most == math.inf else f"from {least} to {most}"
        raise ValueError(f"{name} must be {bounds} and finite, got {value}")


def check_whole(name, value, least):
    """Refuse what is no whole number from `least`, naming the argument."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
