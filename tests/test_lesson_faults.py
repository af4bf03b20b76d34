"""tools/lesson_rules.py finds each fault in a made-up lesson, and no other."""
import lesson_parts
import lesson_rules
import nbformat
import pytest
from lesson_rules import problems
from made_up_lesson import NAME, check, clean, code, figure, notebook_of, text


def found(parts, folder, right_minutes=True):
    """The problems of a lesson of these parts; its head made right where it need be."""
    notebook = notebook_of(parts)
    if right_minutes:
        parts["head"].source = parts["head"].source.replace(
            "About 5", f"About {lesson_parts.minutes(notebook)}")
    nbformat.write(notebook, folder / NAME)
    nbformat.write(notebook_of({"title": text("# 02 · Before\n\n## 1. Begin")}),
                   folder / "02_before.ipynb")
    return problems(folder / NAME)


def test_a_clean_lesson_has_no_problem(tmp_path):
    assert found(clean(), tmp_path, right_minutes=False) == []


def unfold(cell):
    del cell.metadata["jupyter"]


def put(name, old, new):
    """A change that replaces words, where they come first, in the part `name`."""
    def change(parts):
        assert old in parts[name].source
        parts[name].source = parts[name].source.replace(old, new, 1)
    return change


def add(name, *cells):
    """A change that puts cells after the part `name`."""
    def change(parts):
        old = dict(parts)
        parts.clear()
        for key, cell in old.items():
            parts[key] = cell
            if key == name:
                parts.update({f"new {i}": new for i, new in enumerate(cells)})
    return change


def swap(name, other):
    def change(parts):
        parts[name], parts[other] = parts[other], parts[name]
    return change


def many_lines(n, between="\n"):
    return between.join(["print(1)", *["x = 1"] * (n - 1)])


DEFINITIONS = "class A:\n    def f(self):\n        pass\ndef g():\n    pass"
BROKEN = {
    "assert cell unfolded": (
        lambda parts: unfold(parts["check"]),
        "a cell of asserts is not folded: for part in (1, x):"),
    "second assert cell in a section": (
        add("check", text("### Smaller"), check("assert 2")),
        "a section has a second cell of asserts: assert 2"),
    "assert in a visible cell": (
        put("loop", "print(part)", "assert part"),
        "an assert stands in a cell without remove-cell: for part in range(3):"),
    "cell of 26 lines": (
        add("loop", code(many_lines(26))), "a cell of 26 lines: print(1)"),
    "cell of 26 lines, blank ones too": (
        add("loop", code("print(1)" + "\n" * 25 + "x = 1")),
        "a cell of 26 lines: print(1)"),
    "three definitions": (
        add("loop", code(f"{DEFINITIONS}\ndef h():\n    pass")),
        "a cell of 3 definitions: class A:"),
    "figure unfolded": (
        lambda parts: unfold(parts["figure"]),
        "the code of a figure is not folded: fig = draw(x)"),
    "figure without a tag": (
        lambda parts: parts["figure"].metadata.update(tags=[]),
        "the code of a figure is not folded: fig = draw(x)"),
    "folded cell that draws nothing": (
        add("loop", code("z = 5", folded=True)), "a folded cell draws nothing: z = 5"),
    "name of a check cell": (
        add("check", code("def f(z):\n    return part + z\n\nprint(f(1))")),
        "part, which a check cell assigns, is read: def f(z):"),
    "name of a check cell, added to": (
        add("check", code("part += 1")),
        "part, which a check cell assigns, is read: part += 1"),
    "name of a check cell, read before it is assigned": (
        add("check", code("part = part + 1")),
        "part, which a check cell assigns, is read: part = part + 1"),
    "name of a check cell, beside a class's own": (
        add("check", code("class A:\n    part = 1\n\nprint(part)")),
        "part, which a check cell assigns, is read: class A:"),
    "import of a check cell": (
        add("second check", check("import math"), text("## 3. Look"),
            code("print(math.pi)")),
        "a section has a second cell of asserts: import math",
        "math, which a check cell assigns, is read: print(math.pi)"),
    "private attribute": (
        put("saved", "2 *", "x._private *"),
        "a private attribute in a #@save cell: def twice(x):  #@save"),
    "word to the linter": (
        put("saved", "__()", "__()  # noqa: E501"),
        "a word to the linter in a #@save cell: def twice(x):  #@save"),
    "check_... in a saved cell": (
        put("saved", "    return", "    check_array('x', x)\n    return"),
        "an argument check in a #@save cell: def twice(x):  #@save"),
    "check of a block in a saved cell": (
        put("saved", "2 *", "isinstance(x, nn.Block) *"),
        "an argument check in a #@save cell: def twice(x):  #@save"),
    "raise in a saved cell": (
        put("saved", "    return", "    if x:\n        raise ValueError\n    return"),
        "an argument check in a #@save cell: def twice(x):  #@save"),
    "tool of the package in a saved cell": (
        put("saved", "2 *", "d2l_bn.lenet(x) *"),
        "a tool of the package in a #@save cell: def twice(x):  #@save"),
    "four printed verdicts": (
        lambda parts: parts["loop"].outputs[0].update(text="False\n"),
        "4 printed True or False, at most 3"),
    "too few compared outputs": (
        lambda parts: [parts[name].metadata.update(tags=["nbval-ignore-output"])
                       for name in ("printing", "loop")],
        "3 of 3 printing cells are not compared"),
    "too many words": (
        add("filler", text("Six more words are to read. " * 400)),
        "2706 words, at most 2400"),
    "too many lines of code": (
        add("loop", *[code(many_lines(25)) for _ in range(16)]),
        "413 visible lines of code, at most 400"),
    "minutes wrong in the head": (
        put("head", "About 5", "About 10"),
        "the head must say: About 5 minutes to read, 9 for the exercises"),
    "minutes of exercises wrong in the head": (
        put("exercises", "9 minutes", "8 minutes"),
        "the head must say: About 5 minutes to read, 8 for the exercises"),
    "sentence of 36 words": (
        put("filler", "Here", "word " * 28 + "Here"),
        f"a sentence of 36 words: {'word ' * 14} ..."),
    "title without a verb": (
        add("second check", text("## 3. The cost")),
        "a section's title does not begin with a verb: The"),
    "no prediction": (
        put("title", "**Predict.** ", ""),
        "fewer than two predictions are asked (**Predict.**)"),
    "no belief": (
        put("second title", "**A common belief.** ", ""),
        "no common belief is stated and tested (**A common belief.**)"),
    "bullet without a link": (
        put("seen", "(#2.-What-does-it-cost?)", ""),
        "a bullet of what we have seen links to no section: - We have seen\n  much "
        "([section 2])."),
    "bullet among the exercises": (
        put("exercises", "- Do", "- We have done"),
        "a bullet of what we have seen stands among the exercises"),
    "what we have seen below the exercises": (
        swap("seen", "exercises"), "'What we have seen' stands below the exercises"),
    "no exercises": (
        put("exercises", "## Exercises", "##"), "'## Exercises' is missing"),
    "link without an anchor": (
        put("filler", "Here", "[Here](02_before.ipynb)"),
        "a link to a lesson names no section: 02_before.ipynb"),
    "dead anchor": (
        put("second title", "#1.-Write", "#1.-Wrote"),
        "a link leads nowhere: #1.-Wrote-twice-and-look"),
    "dead anchor in the head": (
        put("head", ".ipynb)", ".ipynb#2.-End)"),
        "a link leads nowhere: 02_before.ipynb#2.-End"),
    "dead lesson": (
        put("foot", "02_before.ipynb", "04_none.ipynb#1.-Begin"),
        "a link leads nowhere: 04_none.ipynb#1.-Begin"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_is_found_and_no_other(fault, tmp_path):
    change, *expected = BROKEN[fault]
    parts = clean()
    change(parts)
    assert found(parts, tmp_path, "minutes" not in fault) == expected


ALLOWED = {
    "a cell of 25 lines": add("loop", code(many_lines(25))),
    "two definitions": add("loop", code(DEFINITIONS)),
    "a sentence of 35 words": put("filler", "Here", "word " * 27 + "Here"),
    "a long sentence cut by a colon": put("filler", "Here", "word " * 30 + ": Here"),
    "a long row of a table": add("filler", text("| row |\n|" + " word" * 40 + " |")),
    "a formula is one word": put("filler", "Here", f"${'a + ' * 40} b$ Here"),
    "half of the cells compared": add(
        "loop", code("print(1)", "1\n", ["nbval-ignore-output"])),
    "a check cell a section": add(
        "second check", text("## 3. Look"), check("assert 1")),
    "a name that a visible cell assigns too": add(
        "check", code("part = 1"), code("print(part)")),
    "a name of a function's own": add(
        "check", code("def f(part):\n    return [part for _ in part]")),
    "a name that a check cell reads": add("check", code("print(x)")),
    "a name of a class's own": add(
        "check", code("class A:\n    part = 1\n    whole = part")),
    "a name of a check cell's comprehension": add(
        "check", text("## 3. Look"),
        check("assert all(row for row in [1])"), code("print(row)")),
    "a second figure": add("figure", figure("fig = again(x)")),
    "a link to another lesson's section": put(
        "filler", "Here", "[Here](02_before.ipynb#1.-Begin)"),
    "an address": put("filler", "Here", "[Here](https://arxiv.org/abs/1502.03167)"),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_what_is_allowed_is_no_problem(what, tmp_path):
    parts = clean()
    ALLOWED[what](parts)
    assert found(parts, tmp_path) == []


def test_a_long_cell_that_is_listed_is_no_problem(tmp_path, monkeypatch):
    parts = clean()
    BROKEN["cell of 26 lines"][0](parts)
    monkeypatch.setitem(lesson_rules.LONG_CELLS, ("03", "print(1)"), "the reason")
    assert found(parts, tmp_path) == []


def test_minutes_are_those_of_words_and_visible_lines():
    source = many_lines(150, between="\n\n")  # blank lines take no time
    parts = {"text": text("word " * 1000), "code": code(source),
             "check": check(source), "figure": figure(source)}
    assert lesson_parts.minutes(notebook_of(parts)) == 1000 / 100 + 150 / 15
    parts |= {"title": text("## Exercises"), "more words": text("word " * 1000),
              "more code": code(source), "foot": text("## What to read")}
    assert lesson_parts.minutes(notebook_of(parts)) == 1000 / 100 + 150 / 15


@pytest.mark.parametrize("source, number", [
    ("If `a < b` and c > d", 8), ("A <b>bold</b> word", 3), ("$a + b$ and $$c\nd$$", 3),
    ("[two words](#1.-A-link), a", 3), ("now\n```\nx = 1\n```\nor 3", 3)])
def test_a_sentence_has_the_words_read_aloud(source, number):
    assert lesson_parts.num_words(lesson_parts.prose(source)) == number
