"""Wrong answers as learners write them, one module a lesson.

WRONG: check -> pairs (answer, words that the diagnosis must hold).
"""
