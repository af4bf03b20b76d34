"""The judge behind the checks: what it says of answers, whatever they do."""
import re

from d2l_bn.check.compare import difference
from d2l_bn.check.judge import Unexpected, judge, parts
from d2l_bn.check.wording import Words

import numpy as np
import pytest
from mxnet import nd

CASES = [{"x": 2., "y": 3.}, {"x": 1., "y": 5.}]
MISTAKES = [(lambda x, y: x - y, "That is the difference."),
            (lambda x, y: x * y, "That is the product.")]


def of_sum(answer, **options):
    return judge("total", answer, lambda x, y: x + y, MISTAKES, CASES,
                 verified="two sums.", **options)


def test_a_right_answer_passes_with_one_line():
    verdict = of_sum(lambda x, y: y + x)
    assert verdict and repr(verdict) == "✓ Right. Verified: two sums."
    assert verdict.diagnosis is None
    assert verdict.recognised == tuple(sentence for _, sentence in MISTAKES)


def test_a_failure_says_given_got_expected_and_what_fits():
    verdict = of_sum(lambda x, y: x * y)
    assert repr(verdict) == ("✗ total: not yet.\n"
                             "  given:    x = 2; y = 3\n"
                             "  got:      6\n"
                             "  expected: 5\n"
                             "  fits:     That is the product.")


def test_the_first_wrong_case_is_shown_and_a_stranger_fits_nothing():
    verdict = of_sum(lambda x, y: x + y if x > 1 else 77)
    assert "x = 1; y = 5" in repr(verdict) and verdict.diagnosis is None


def test_a_mistake_in_one_case_alone_is_a_perhaps():
    verdict = of_sum(lambda x, y: x * y if x > 1 else 77)
    assert verdict.diagnosis == "That is the product."
    assert repr(verdict).endswith("\n  perhaps:  That is the product.")


def test_words_are_told_without_their_kind():
    assert difference("write", "null", 0).got == "'write'"
    assert difference(Words("[0, 3]"), Words("[0]"), 0)[1:] == ("[0, 3]", "[0]")
    assert difference(3, "null", 0).got == "3"
    assert difference("three", 3, 0).got == "a str: 'three'"


@pytest.mark.parametrize("stub", [
    None, ..., lambda x, y: None, lambda x, y: ..., lambda x, y: (None, None)])
def test_stubs_are_untouched(stub):
    assert of_sum(stub).state == "untouched"


def test_what_an_idle_stub_does_is_untouched():
    assert of_sum(lambda x, y: x, idle=lambda x, y: x).state == "untouched"
    assert of_sum(lambda x, y: x).state == "failed"


def test_a_mistake_that_ends_in_an_error_is_named_though_the_lines_differ():
    wrong = lambda x: [][x]  # noqa: E731
    verdict = judge("f", lambda x: [][x], lambda x: x, [(wrong, "An empty list.")],
                    [{"x": 3}], verified="one")
    assert verdict.diagnosis == "An empty list." and "in line" in repr(verdict)


def test_an_error_is_told_with_the_learners_line():
    def answer(x, y):
        return x + missing  # noqa: F821

    text = repr(of_sum(answer))
    assert re.search(r"got: +NameError: name 'missing' is not defined, in line \d+: "
                     r"return x \+ missing", text), text


def test_the_line_is_the_learners_and_not_the_librarys():
    text = repr(of_sum(lambda x, y: np.linalg.inv(np.ones((2, 2)))))
    assert "Singular matrix, in line" in text and "np.linalg.inv(np.ones" in text


def test_mxnet_s_errors_are_told_by_their_reason():
    text = repr(of_sum(lambda x, y: nd.ones((2, 3)) + nd.ones((4, 5))))
    assert "could not be broadcast" in text and "\n  " in text
    assert len(text.splitlines()) == 4


def test_a_numpy_function_on_nd_arrays_is_told_in_plain_words():
    verdict = of_sum(lambda x, y: np.square(nd.array([x, y])))
    assert "use nd's own, such as nd.square" in repr(verdict)


def test_what_was_got_is_told_though_it_has_lines_of_its_own():
    def answer(x, y):
        raise TypeError(f"x must be a list, got {nd.ones((1, 2, 2))!r}")

    assert "x must be a list, got [[[1. 1.] ..., in line" in repr(of_sum(answer))


def test_an_interrupt_is_the_learners():
    def answer(x, y):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        of_sum(answer)


def test_a_right_answer_that_fails_is_a_fault_of_the_check():
    with pytest.raises(RuntimeError, match="the right answer of f fails"):
        judge("f", lambda: 1, lambda: 1 / 0, [], verified="nothing")


def test_changed_arguments_are_told_and_do_no_harm():
    def answer(X):
        X[:] = X * 2
        return X

    given = nd.ones(3)
    verdict = judge("double", answer, lambda X: 2 * X, [], [{"X": given}],
                    verified="one")
    assert "the right values, but X was changed" in repr(verdict)
    assert (given.asnumpy() == 1).all()


def test_parts_are_never_taken_from_an_endless_iterator():
    with pytest.raises(Unexpected):
        parts((1 for _ in iter(int, 1)), 2, "mean and variance")


@pytest.mark.parametrize("got, expected, differ", [
    (5, 5.0, False), (np.float32(5), 5, False), (5.0004, 5, False), (5.01, 5, True),
    (float("nan"), 5, True), (float("nan"), float("nan"), False), (True, 1, True),
    (True, True, False), (1, True, True), (np.bool_(True), True, False),
    ("GroupNorm", "groupnorm", False), ("", "groupnorm", True), ([1, 2], (1, 2), False),
    ((1, 2, 3), (1, 2), True), ({"a": 1}, {"a": 1}, False), ({"b": 1}, {"a": 1}, True),
    (nd.array([5]), 5, True), ([1, 2], nd.array([1, 2]), True),
    (np.ones(2), nd.ones(2), True), (nd.ones(2), np.ones(2), True),
    (nd.ones((2, 1)), nd.ones(2), True), (nd.ones(2), nd.ones(2), False),
    (np.array(["a", "b"]), np.ones(2), True), (np.ones(9), np.ones(9) + 1, True),
    (float("inf"), float("inf"), False), (float("inf"), 5, True)])
def test_differences(got, expected, differ):
    assert (difference(got, expected, 1e-4) is not None) is differ


def test_the_worst_of_many_numbers_is_shown():
    expected = np.zeros((3, 4))
    got = expected.copy()
    got[1, 2], got[0, 0] = 7, 1
    found = difference(got, expected, 1e-4)
    assert found.got == "7 at [1, 2] of shape (3, 4)"
    got[2, 3] = np.nan
    assert difference(got, expected, 1e-4).got.startswith("nan at [2, 3]")
