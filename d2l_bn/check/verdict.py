"""What a check found, as a learner reads it and as a marking program asks for it."""


class Verdict:
    """The outcome of one check; a notebook shows its text.

    state: "passed", "failed" or "untouched", which is the stub as it was given.
    text: one line, or several for a failure: given, got, expected, what fits.
    diagnosis: the misconception that fits the answer, or None.
    recognised: the misconceptions that the check knows by name.
    """

    recognised = ()

    def __init__(self, state, text, diagnosis=None):
        self.state, self.text, self.diagnosis = state, text, diagnosis

    def __bool__(self):
        return self.state == "passed"

    def __repr__(self):
        return self.text


def passed(verified):
    """The answer is right; `verified` says in one line what was looked at."""
    return Verdict("passed", f"✓ Right. Verified: {verified}")


def untouched(name):
    """Nothing has been answered yet."""
    return Verdict("untouched", f"○ {name}: not answered yet. Put your answer in place "
                   "of the dots (or of None) and run the cell again.")


def failed(name, rows, diagnosis=None, certain=True):
    """The answer is wrong. rows: (label, text) pairs, shown one below the other.

    certain: whether the diagnosis fits in all cases, and not in the one shown alone.
    """
    if diagnosis:
        rows = [*rows, ("fits" if certain else "perhaps", diagnosis)]
    lines = [f"  {label + ':':10}{text}" for label, text in rows]
    return Verdict("failed", "\n".join([f"✗ {name}: not yet.", *lines]), diagnosis)
