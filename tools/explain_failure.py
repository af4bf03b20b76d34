"""Where a cell of a notebook failed, and on which values.

run_lessons.py sends this file into the kernel of the lesson, after the failure: there
the traceback has its frames, and the frames have their variables.

Limits: what stands in an assert is evaluated a second time, so that a value that
changes from call to call may be another one than that which failed.
"""
import ast
import linecache
import sys
import traceback
from types import ModuleType

LONGEST = 300  # characters of one line
COMPREHENSIONS = (ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)


def one_line(text):
    text = " ".join(line.strip() for line in text.splitlines()).strip()
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."


def statement_at(file, number):
    """The innermost statement of the file at a line; its text on one line."""
    source = "".join(linecache.getlines(file))
    around = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)
              and node.lineno <= number <= node.end_lineno]
    if not around or hasattr(around[-1], "body"):  # the head of a loop, a with, ...
        return None, one_line(linecache.getline(file, number))
    # ast.walk goes from the outside to the inside.
    return around[-1], one_line(ast.get_source_segment(source, around[-1]))


def evaluated(node, scope):
    return eval(compile(ast.Expression(node), "<assert>", "eval"), scope)


def names(node):
    """The variables that a piece of code reads."""
    return [inner for inner in ast.walk(node)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)]


def parts(test, scope):
    """The nodes of a failed test whose values tell why it failed."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return parts(next(node for node in test.values
                          if not evaluated(node, scope)), scope)
    if isinstance(test, ast.BoolOp):
        return [part for node in test.values for part in parts(node, scope)]
    if isinstance(test, ast.UnaryOp):
        return parts(test.operand, scope)
    if isinstance(test, ast.Compare):
        return [test.left, *test.comparators]
    if isinstance(test, COMPREHENSIONS):
        return names(test)
    if isinstance(test, ast.Call) and test.args:
        return [part for node in test.args for part in
                (parts(node, scope) if isinstance(node, COMPREHENSIONS) else [node])]
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute):
        return parts(test.func.value, scope)  # (a == b).all()
    return [test]


def values(test, scope):
    """Lines `text = value`, for the parts of a failed test."""
    lines = {}
    for node in parts(test, scope):
        if not names(node):  # 3, or (3, 4)
            continue
        try:
            value = evaluated(node, scope)
            if not callable(value) and not isinstance(value, ModuleType):
                lines[one_line(ast.unparse(node))] = one_line(repr(value))
        except NameError:
            pass  # a variable of a comprehension
    return [f"{text} = {value}" for text, value in lines.items()]


def explain(error, namespace):
    """Lines of text: where in the cell, then what more is known.

    error: an exception with its traceback; namespace: the globals of the notebook.
    """
    calls = [(frame, number) for frame, number in traceback.walk_tb(error.__traceback__)
             if frame.f_globals is namespace
             and linecache.getline(frame.f_code.co_filename, number)]
    if not calls:
        if isinstance(error, SyntaxError):
            return [f"line {error.lineno}: {(error.text or '').strip()}"]
        return []
    files = [frame.f_code.co_filename for frame, _ in calls]
    last_of_cell = len(files) - 1 - files[::-1].index(files[0])
    number = calls[last_of_cell][1]
    lines = [f"line {number}: {statement_at(files[0], number)[1]}"]
    frame, number = calls[-1]
    statement, text = statement_at(files[-1], number)
    if last_of_cell != len(calls) - 1:
        lines.append(f"in {frame.f_code.co_name}, from an earlier cell: {text}")
    if isinstance(error, AssertionError) and isinstance(statement, ast.Assert):
        try:
            lines += values(statement.test, {**frame.f_globals, **frame.f_locals})
        except Exception as err:  # the lesson has failed: tell what can be told
            lines.append(f"its values cannot be told: {one_line(repr(err))}")
    return lines


def explain_last_error():
    from IPython import get_ipython  # known in the kernel alone
    error = getattr(sys, "last_value", None)
    return explain(error, get_ipython().user_ns) if error is not None else []
