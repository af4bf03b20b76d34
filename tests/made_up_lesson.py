"""A small lesson that keeps every rule, for tests that then break one."""
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

NAME = "03_made_up.ipynb"
FOLDED = {"jupyter": {"source_hidden": True}}


def text(source):
    return new_markdown_cell(source)


def code(source, printed=None, tags=(), folded=False):
    outputs = [] if printed is None else [
        new_output("stream", name="stdout", text=printed)]
    return new_code_cell(source, outputs=outputs, metadata={
        "tags": list(tags), **(FOLDED if folded else {})})


def figure(source):
    cell = code(f"{source}\nd2l_bn.show(fig, alt='A line')", tags=["hide-input"],
                folded=True)
    cell.outputs = [new_output("display_data", {"image/png": "", "text/plain": "True"})]
    return cell


def check(source):
    return code(source, tags=["remove-cell"], folded=True)


def clean():
    """The lesson's parts by name, in order; about 300 words and 15 lines of code."""
    return {
        "head": text("# 03 · Made up\n\nAbout 5 minutes to read, 9 for the "
                     "exercises.\n\n"
                     "[Before](02_before.ipynb)"),
        "opening": code("try:\n    import d2l_bn\nexcept ModuleNotFoundError:\n"
                        "    %pip install --quiet ..\n    import d2l_bn"),
        "title": text("## 1. Write `twice` and **look**\n\n**Predict.** What comes?"),
        "filler": text("Here are eight words of prose to read. " * 32),
        "saved": code("def twice(x):  #@save\n    return 2 * super(int, x).__int__()"),
        "printing": code("x = 50\nx %= 7\nprint(twice(x), True, False)",
                         "2 True False\n"),
        "ignored": code("print('near', x)", "near True\n", ["nbval-ignore-output"]),
        "figure": figure("fig = draw(x)"),
        "check": check("for part in (1, x):\n    assert part < 8"),
        "second title": text("## 2. What does it cost?\n\n**Predict.** Much?\n\n"
                             "**A common belief.** Little. See "
                             "[above](#1.-Write-twice-and-look)."),
        "loop": code("for part in range(3):\n    print(part)", "0\n1\n2\n"),
        "second check": check("assert x == 1"),
        "seen": text("## What we have seen\n\n- We have seen\n  much "
                     "([section 2](#2.-What-does-it-cost?))."),
        "exercises": text("## Exercises\n\n### Exercise 1\n\n"
                          "*use · easy · 9 minutes*\n\n- Do it."),
        "foot": text("[Before](02_before.ipynb)"),
    }


def notebook_of(parts):
    return new_notebook(cells=list(parts.values()))
