"""Judge answers in a dictionary: a named option, a truth value or a number for each
question. A wrong one is met with its misconception, and the right one is not told.
"""
import re

from .compare import TRUTHS, difference, in_words, is_nothing, is_number
from .judge import Unexpected, judge, something
from .wording import show

NEAR = 1e-6
ANOTHER = "another answer"  # the right one is not told


def judge_choices(name, answer, right, sentences, questions=None, options=None, *,
                  verified):
    """Compare a dictionary of answers with the right one; a Verdict.

    right: question's key -> right answer.
    sentences: (key, wrong answer) -> sentence that names the mistake; a key alone
        stands for any other wrong answer to it, a wrong answer alone for any question.
    questions: key -> the question in words, where the key alone does not say it.
    options: what may be chosen; None where numbers or truth values are asked.
    """
    def observe(candidate, key):
        if not isinstance(candidate, dict) or set(candidate) != set(right):
            raise Unexpected(in_words(candidate), f"a dictionary with keys {[*right]}")
        found = objection(something(candidate[key]), right[key], options)
        if found:
            raise Unexpected(*found)
        return "right"

    cases = [{"given": (questions or {}).get(key, f"question {key}"), "key": key}
             for key in right]
    fitting = (sentence_for(answer, right, sentences, options)
               if isinstance(answer, dict) else ())
    verdict = judge(name, answer, right, [(answer, text) for text in fitting], cases,
                    observe=observe, verified=verified)
    verdict.recognised = tuple(dict.fromkeys(sentences.values()))
    return verdict


def same(chosen, option):
    return difference(plainly(chosen), plainly(option), NEAR) is None


def plainly(value):
    """A word without what may be written either way: spaces round =, quotes."""
    return (re.sub(r" *= *", "=", value).replace('"', "'") if isinstance(value, str)
            else value)


def kind_asked(value):
    """What kind of answer a value is, in words."""
    if isinstance(value, TRUTHS):
        return "True or False (no quotes)"
    return "a number" if is_number(value) else "a word"


def objection(chosen, wanted, options):
    """What speaks against a choice: got and expected in words; None if it is right."""
    if options and not any(same(chosen, option) for option in options):
        return in_words(chosen), f"one of {', '.join(map(str, options))}"
    if same(chosen, wanted):
        return None
    if kind_asked(chosen) != kind_asked(wanted):
        return in_words(chosen), kind_asked(wanted)
    return show(chosen), ANOTHER


def sentence_for(answer, right, sentences, options):
    """The sentence about the first wrong answer, in a list; [] if it is no choice."""
    for key in right:
        chosen = answer.get(key)
        found = not is_nothing(chosen) and objection(chosen, right[key], options)
        if found and found[1] == ANOTHER:
            pairs = [text for about, text in sentences.items()
                     if isinstance(about, tuple) and about[0] == key
                     and same(chosen, about[1])]
            others = [text for about, text in sentences.items()
                      if not isinstance(about, tuple)
                      and (about == key or same(chosen, about))]
            return (pairs + others)[:1]
        if found or is_nothing(chosen):
            return []
    return []
