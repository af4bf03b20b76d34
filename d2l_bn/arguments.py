"""Refuse arguments that make no sense, with an error that names them."""
import math
import numbers


def check_number(name, value, least, most=math.inf, whole=False):
    """Refuse what is no finite (whole) number from `least` to `most`, by its name."""
    kind = numbers.Integral if whole else numbers.Real
    if isinstance(value, bool) or not isinstance(value, kind):
        raise TypeError(f"{name} must be a {'whole ' * whole}number, got {value!r}")
    if not (least <= value <= most and math.isfinite(value)):  # NaN compares as False
        bounds = f"at least {least}" if most == math.inf else f"from {least} to {most}"
        raise ValueError(f"{name} must be {bounds} and finite, got {value}")
