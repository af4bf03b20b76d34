"""Answers in a dictionary: one question is shown, and the right answer is not told."""
from d2l_bn.check.choices import judge_choices

import pytest

RIGHT = {"a": "BN", "b": "LN", "c": "BN"}
SENTENCES = {("a", "LN"): "A batch is there.", ("b", "BN"): "No batch is there.",
             "GN": "Groups need channels."}


def of_three(answer, **options):
    return judge_choices("answers", answer, RIGHT, SENTENCES, verified="three.",
                         options=("BN", "LN", "GN"), **options)


def test_right_answers_pass_however_they_are_written():
    assert of_three({"a": "bn ", "b": "LN", "c": "Bn"})


@pytest.mark.parametrize("changes, given, diagnosis", [
    ({"a": "LN"}, "question a", "A batch is there."),
    ({"b": "BN", "c": "GN"}, "question b", "No batch is there."),
    ({"c": "GN"}, "question c", "Groups need channels."),
    ({"c": "LN"}, "question c", None)])
def test_the_first_wrong_answer_is_named_and_the_right_one_is_not(
        changes, given, diagnosis):
    verdict = of_three({**RIGHT, **changes})
    assert verdict.state == "failed" and verdict.diagnosis == diagnosis
    assert given in repr(verdict) and "expected: another answer" in repr(verdict)


@pytest.mark.parametrize("answer, told", [
    ({"a": "BN"}, "a dictionary with keys"), ([1], "a dictionary with keys"),
    ({**RIGHT, "a": "RMS"}, "one of BN, LN, GN"), ({**RIGHT, "a": None}, "nothing")])
def test_what_is_no_choice_is_told(answer, told):
    verdict = of_three(answer)
    assert verdict.state == "failed" or "a" in answer
    assert told in repr(verdict) or verdict.state == "untouched"


def test_spaces_and_quotes_do_not_matter_in_a_word():
    def of_arguments(answer):
        return judge_choices("argument", {"a": answer}, {"a": "scale='on'"}, {
            ("a", "axis=-1"): "No.", "a": "Look."}, verified="one.",
            options=("scale='on'", "axis=-1", "b=2"))

    assert of_arguments(' scale = "ON"')
    assert of_arguments("axis = -1").diagnosis == "No."
    assert of_arguments("b =2").diagnosis == "Look."
    for no_choice in ("scale", "axis=- 1", 2):
        verdict = of_arguments(no_choice)
        assert verdict.diagnosis is None and "expected: one of" in repr(verdict)


def test_a_question_without_an_answer_has_no_diagnosis():
    verdict = judge_choices("n", {"m": None, "n": 4}, {"m": 4, "n": 4}, {"m": "Four."},
                            verified="two.")
    assert verdict.diagnosis is None and verdict.state != "passed"


def test_questions_may_be_shown_in_words_and_numbers_asked():
    verdict = judge_choices("n", {"m": 3}, {"m": 4}, {("m", 3): "Less one."},
                            questions={"m": "how many values?"}, verified="one.")
    assert "how many values?" in repr(verdict) and verdict.diagnosis == "Less one."
    assert verdict.recognised == ("Less one.",)


@pytest.mark.parametrize("right, chosen, told", [
    (True, "True", "expected: True or False (no quotes)"),
    (True, 1, "expected: True or False (no quotes)"),
    (True, False, "expected: another answer"),
    (4, "4", "expected: a number"), (4, True, "expected: a number"),
    (4, 5, "expected: another answer")])
def test_an_answer_of_the_wrong_kind_is_told_the_kind(right, chosen, told):
    verdict = judge_choices("n", {"m": chosen}, {"m": right}, {"m": "Wrong."},
                            verified="one.")
    assert verdict.state == "failed" and told in repr(verdict)
    assert verdict.diagnosis == ("Wrong." if "another" in told else None)


def test_nothing_answered_is_untouched():
    assert of_three({"a": None, "b": None, "c": None}).state == "untouched"
    assert of_three(None).recognised == tuple(SENTENCES.values())
