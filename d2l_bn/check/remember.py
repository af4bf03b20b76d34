"""Observations of a check's own answers, made once, since they never change."""


def remember(observe, own):
    """`observe`, which keeps what it has seen of the candidates in `own`."""
    kept = {}

    def observed(candidate, **case):
        if not any(candidate is one for one in own):
            return observe(candidate, **case)
        key = (id(candidate), *case.items())
        if key not in kept:
            kept[key] = observe(candidate, **case)
        return kept[key]
    return observed
