"""Observations of a check's own answers, made once, since they never change."""
SEEN = {}


def remember(observe, mistakes):
    """`observe`, which runs the answer of each pair in `mistakes` only once.

    For nets and trainings, which take long. The answers must live on.
    """
    def observation(candidate, **case):
        if not any(candidate is wrong for wrong, _ in mistakes):
            return observe(candidate, **case)
        key = id(candidate), observe, repr(case)
        if key not in SEEN:
            SEEN[key] = observe(candidate, **case)
        return SEEN[key]
    return observation
