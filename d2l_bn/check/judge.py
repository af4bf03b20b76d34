"""Judge an answer: run it beside the right one, and beside the mistakes people make.

Whatever the answer does, the learner gets a Verdict and no traceback.
"""
import inspect
import linecache
import traceback
from collections import namedtuple
from pathlib import Path

import numpy as np
from mxnet import nd

from .compare import difference, in_words, is_nothing
from .verdict import failed, passed, untouched
from .wording import kind, show_arguments

PACKAGE = str(Path(__file__).parent.parent)
# value: what was observed. error: what came instead and what should have, or None.
# line: where in the learner's code the error arose, for the text alone. changed: names
# of the arguments that the code has written to.
Outcome = namedtuple("Outcome", "value error line changed")


class NotAnswered(Exception):
    """Raised where an observation meets the stub."""


def call(candidate, **arguments):
    """The observation of most exercises: what the function returns."""
    return candidate(*arguments.values())


def value_itself(candidate):
    """The observation of an exercise that asks for a value."""
    return candidate


def something(value):
    """The value, unless it is what a stub returns: for observations that go on."""
    if is_nothing(value):
        raise NotAnswered
    return value


class Unexpected(Exception):
    """Raised where an observation cannot go on; got and expected are texts."""

    def __init__(self, got, expected):
        super().__init__(got, expected)
        self.got, self.expected = got, expected


def parts(value, count, what):
    """The parts of a tuple or list of `count`, which `what` names: never of an
    iterator, which may be endless."""
    something(value)
    if not isinstance(value, (tuple, list)) or len(value) != count:
        raise Unexpected(in_words(value), f"{count} values: {what}")
    return value


def judge(name, answer, right, mistakes, cases=({},), *, verified, observe=None,
          tolerance=1e-4, idle=None):
    """Compare an answer with the right one; a Verdict.

    name: what the answer is called in the exercise.
    right: a right answer of the same kind: a function, a class or a value.
    mistakes: pairs (wrong answer of the same kind, sentence that names the mistake),
        the likelier ones first.
    cases: dictionaries of arguments, by name in the order of the call. The key "given",
        if there, is their description and no argument.
    verified: one line for a right answer: what was looked at, in how many cases.
    observe: function (candidate, **case) -> what is compared: numbers, arrays, words,
        or a tuple or dictionary of them. Without it functions are called, and values
        are taken as they are.
    tolerance: numbers may differ by tolerance * (1 + |expected|).
    idle: what the untouched stub does, where that is not to return nothing.
    """
    verdict = judged(name, answer, right, mistakes, cases, verified, observe,
                     tolerance, idle)
    verdict.recognised = tuple(dict.fromkeys(text for _, text in mistakes))
    return verdict


def judged(name, answer, right, mistakes, cases, verified, observe, tolerance, idle):
    """The verdict of `judge`."""
    if is_nothing(answer):
        return untouched(name)
    if not is_of_kind(answer, right):
        return failed(name, [("got", kind(answer)), ("expected", wanted_kind(right))])
    observe = observe or (call if callable(right) else value_itself)
    outcomes = [outcome(observe, answer, case) for case in cases]
    if outcomes[0] is None or is_nothing(outcomes[0].value) and not outcomes[0].error:
        return untouched(name)
    expected = [outcome(observe, right, case) for case in cases]
    broken = [made.error for made in expected if made.error]
    if broken:  # the check itself is at fault, and must not say that the learner is
        raise RuntimeError(f"the right answer of {name} fails: {broken[0]}")
    differences = [compare(*pair, tolerance)
                   for pair in zip(outcomes, expected, strict=True)]
    wrong_cases = [i for i, found in enumerate(differences) if found]
    if not wrong_cases:
        return passed(verified)
    i = wrong_cases[0]
    if idle and fits(observe, idle, cases, outcomes, tolerance):
        return untouched(name)
    rows = differences[i]
    given = cases[i].get("given") or show_arguments(cases[i])
    rows = [("given", given)] * bool(given) + rows
    for wrong, sentence in mistakes:
        if fits(observe, wrong, cases, outcomes, tolerance):
            return failed(name, rows, sentence)
    for wrong, sentence in mistakes:  # two mistakes at once: one shows in this case
        if fits(observe, wrong, cases[i:i + 1], outcomes[i:i + 1], tolerance):
            return failed(name, rows, sentence, certain=False)
    return failed(name, rows)


def is_of_kind(answer, right):
    """Whether a function was given for a function, a class for a class."""
    if inspect.isclass(right):
        return inspect.isclass(answer)
    return callable(answer) or not callable(right)


def wanted_kind(right):
    return "a class" if inspect.isclass(right) else "a function"


def copied(value):
    """A copy that the answer may spoil."""
    if isinstance(value, (nd.NDArray, np.ndarray)):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return type(value)(map(copied, value))
    if isinstance(value, dict):
        return {name: copied(item) for name, item in value.items()}
    return value


def outcome(observe, candidate, case):
    """What a candidate does in a case; None if it is the stub."""
    case = {name: value for name, value in case.items() if name != "given"}
    arguments = {name: copied(value) for name, value in case.items()}
    try:
        value = observe(candidate, **arguments)
        changed = [name for name, value in case.items()
                   if isinstance(value, (nd.NDArray, np.ndarray, list, dict))
                   and difference(arguments[name], value, 0)]
        difference(value, value, 0)  # MXNet may compute, and fail, only when asked
    except (NotAnswered, NotImplementedError):
        return None
    except KeyboardInterrupt:
        raise
    except Unexpected as err:
        return Outcome(None, (err.got, err.expected), "", [])
    except BaseException as err:  # SystemExit too: the lesson must go on
        return Outcome(None, (reason(err), "no error"), line_of(err), [])
    return Outcome(value, None, "", changed)


def described(err):
    """An error in one line, with the learner's line where it happened."""
    return reason(err) + line_of(err)


def reason(err):
    """An error's kind and text, in one line."""
    try:
        lines = [line.strip() for line in str(err).splitlines() if line.strip()]
    except Exception:  # an error of the learner's own, whose text fails
        return type(err).__name__
    # MXNet's own errors begin with a C++ traceback and end with the reason.
    last = lines and lines[0].startswith("Traceback")
    text = lines[-1 if last else 0] if lines else ""
    if text.endswith("got") and len(lines) > 1:  # an array, in lines of its own
        text += f" {lines[1][:30]} ..."
    if "maximum number of dimension" in text:  # NumPy's word for an nd array
        text = ("a NumPy function met an nd array; use nd's own, such as nd.square, "
                "nd.sqrt or nd.dot")
    return f"{type(err).__name__}: {text}".rstrip(": ")


def line_of(err):
    """", in line N: ..." of the learner's code, or ""."""
    for frame in reversed(traceback.extract_tb(err.__traceback__)):
        library = "site-packages" in frame.filename or "/lib/python" in frame.filename
        if not library and not frame.filename.startswith(PACKAGE):
            line = linecache.getline(frame.filename, frame.lineno).strip()
            if line:  # without it: code that MXNet made from a string
                return f", in line {frame.lineno}: {line}"
    return ""


def compare(got, wanted, tolerance):
    """The rows for the learner where an outcome differs, or None."""
    if got is None:
        return [("got", "nothing")]
    if got.error:
        return [("got", got.error[0] + got.line), ("expected", got.error[1])]
    found = difference(got.value, wanted.value, tolerance)
    if found:
        at = f"{found.part}: " if found.part else ""
        return [("got", at + found.got), ("expected", at + found.expected)]
    spoilt = [name for name in got.changed if name not in wanted.changed]
    if spoilt:
        return [("got", f"the right values, but {spoilt[0]} was changed"),
                ("expected", f"{spoilt[0]} as it came: work on a copy")]
    return None


def fits(observe, wrong, cases, outcomes, tolerance):
    """Whether a mistake does the same as the answer in all cases."""
    return all(alike(outcome(observe, wrong, case), got, tolerance)
               for case, got in zip(cases, outcomes, strict=True))


def alike(made, got, tolerance):
    """Whether two outcomes are the same; of errors the reason counts, not the line."""
    if made is None or got is None:
        return made is got
    if made.error or got.error:
        return made.error == got.error
    return not difference(got.value, made.value, tolerance)
