"""Checks for the exercises: one module a lesson, one function an exercise.

    from d2l_bn import check
    check.lesson03.steps_needed(steps_needed)

A check runs the answer beside a right one, says what was given, what came out and what
was expected, and which misconception gives the same. It never looks at the code's text,
and never raises because of an answer.
"""
from . import (
    lesson01,
    lesson02,
    lesson03,
    lesson04,
    lesson05,
    lesson06,
    lesson07,
    lesson08,
    lesson09,
    lesson10,
    lesson11,
    lesson12,
    lesson13,
    lesson14,
)

__all__ = ["lesson01", "lesson02", "lesson03", "lesson04", "lesson05", "lesson06",
           "lesson07", "lesson08", "lesson09", "lesson10", "lesson11", "lesson12",
           "lesson13", "lesson14"]
