"""Answers that choose among named options: one option for each of several cases."""
from .compare import in_words, is_nothing
from .judge import Unexpected, judge

RIGHT = "another choice"  # what a wrong choice is told: the right one is not given away


def judge_choices(name, answer, right, options, reasons, *, verified):
    """A Verdict on a dictionary: key of a case -> the option chosen for it.

    right: the dictionary wanted.
    options: every word that may be chosen.
    reasons: (key, wrong option) -> why this option does not fit this case; key -> what
        to think of, for any other wrong option.
    """
    known = {plain(option): option for option in options}

    def choice(candidate, key):
        if not isinstance(candidate, dict) or set(candidate) != set(right):
            raise Unexpected(in_words(candidate),
                             f"a dictionary with keys {list(right)}")
        chosen = candidate[key]
        if not isinstance(chosen, str) or plain(chosen) not in known:
            got = "nothing yet" if is_nothing(chosen) else in_words(chosen)
            raise Unexpected(got, f"one of: {', '.join(options)}")
        option = known[plain(chosen)]
        return RIGHT if option == right[key] else option

    mistakes = []
    for key in right:  # of the first wrong case, which is the one that is shown
        try:
            chosen = choice(answer, key)
        except Unexpected:
            break
        if chosen != RIGHT:
            mistakes = [(answer, reasons.get((key, chosen), reasons.get(key)))]
            break
    cases = [{"given": f"case {key}", "key": key} for key in right]
    return judge(name, answer, right, mistakes, cases, observe=choice,
                 verified=verified)


def plain(text):
    """A choice however it was typed: no blanks, one kind of quotes."""
    return "".join(text.split()).replace('"', "'").lower()
