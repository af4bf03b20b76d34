"""The rules that keep lessons readable, as functions that list what breaks them.

    python tools/lesson_rules.py notebooks/03_write_batch_norm.ipynb

`make check` holds all lessons to them (tests/test_lesson_rules.py).
"""
import ast
import re
import sys
from pathlib import Path

import nbformat
from lesson_parts import (
    anchors,
    code_cells,
    exercise_minutes,
    first_line,
    folded,
    is_check,
    markdown,
    minutes,
    names,
    num_words,
    sentences,
    tags,
    tree,
    visible_lines,
    without_exercises,
)
from opening import is_opening

MOST_LINES, MOST_DEFINITIONS = 25, 2  # of a cell
MOST_WORDS, MOST_CODE_LINES = 2400, 400  # of a lesson, without its exercises
MOST_WORDS_A_SENTENCE = 35
MOST_VERDICTS = 3  # printed True or False, in a lesson
# Cells that may be longer, each with its reason: (lesson, first line) -> reason.
LONG_CELLS = {}
# What a section's title may begin with: it says what the reader does, or asks.
TITLE_STARTS = set(
    "Add Answer Ask Average Begin Build Call Can Change Check Choose Collect "
    "Compare Compute Count Decide Define Differentiate Divide Does Draw Explain "
    "Feed Find Fold Follow Freeze Give Have Hold How Is Keep Know Learn Leave Let "
    "Listen Load Look Make Mark Measure Meet Move Name Need Normalise Open Place "
    "Predict Print Put Re-estimate Reach Read Recover Remember Remove Repair Repeat "
    "Replace Reproduce Return Save Score See Separate Set Share Shift Show Skip "
    "Standardise Start Store Subtract Switch Take Tell Test Train Translate Try "
    "Turn Understand Undo Use View Walk Watch Weigh What When Where Which Why "
    "Write".split())


def check_cells(number, notebook):
    checks = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            checks = 0 if re.search(r"(?m)^## ", cell.source) else checks
            continue
        where, nodes = first_line(cell), tree(cell)
        if is_check(cell):
            checks += 1
            if not folded(cell):
                yield f"a cell of asserts is not folded: {where}"
            if checks > 1:
                yield f"a section has a second cell of asserts: {where}"
            continue
        if any(isinstance(node, ast.Assert) for node in ast.walk(nodes)):
            yield f"an assert stands in a cell without remove-cell: {where}"
        length = len(cell.source.splitlines())
        if length > MOST_LINES and (number, where) not in LONG_CELLS:
            yield f"a cell of {length} lines: {where}"
        definitions = [node for node in nodes.body
                       if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        if len(definitions) > MOST_DEFINITIONS:
            yield f"a cell of {len(definitions)} definitions: {where}"
        if "d2l_bn.show(" in cell.source:
            if not folded(cell) or "hide-input" not in tags(cell):
                yield f"the code of a figure is not folded: {where}"
        elif folded(cell) and not is_opening(cell):
            yield f"a folded cell draws nothing: {where}"


def check_names(notebook):
    """A copy without the check cells must run, and print the same."""
    hidden = set()  # assigned by a check cell, and by no visible one since
    for cell in code_cells(notebook):
        for name, assigned in names(compile(tree(cell), "cell", "exec")):
            if is_check(cell) and assigned:
                hidden.add(name)
            elif not is_check(cell) and name in hidden:
                hidden.remove(name)
                if not assigned:
                    yield (f"{name}, which a check cell assigns, is read: "
                           f"{first_line(cell)}")


def check_saved_cells(notebook):
    for cell in code_cells(notebook):
        if "#@save" not in cell.source:
            continue
        faults = {"a word to the linter"} if "# noqa" in cell.source else set()
        for node in ast.walk(tree(cell)):
            text = ast.unparse(node)
            if isinstance(node, ast.Attribute) and re.match(r"_(?!_)", node.attr):
                faults.add("a private attribute")
            if isinstance(node, ast.Raise) or isinstance(node, ast.Call) and re.match(
                    r"check_\w+\(|isinstance\(\w+, nn\.Block\)", text):
                faults.add("an argument check")
            if isinstance(node, ast.Name) and node.id == "d2l_bn":
                faults.add("a tool of the package")
        for fault in sorted(faults):
            yield f"{fault} in a #@save cell: {first_line(cell)}"


def check_outputs(notebook):
    verdicts, printing, ignored = 0, 0, 0
    for cell in code_cells(notebook):
        texts = [output.get("text") or output.get("data", {}).get("text/plain", "")
                 for output in cell.get("outputs", [])
                 if "image/png" not in output.get("data", {})]
        if is_check(cell) or not texts:
            continue
        printing += 1
        ignored += "nbval-ignore-output" in tags(cell)
        verdicts += len(re.findall(r"\b(?:True|False)\b", "".join(texts)))
    if verdicts > MOST_VERDICTS:
        yield f"{verdicts} printed True or False, at most {MOST_VERDICTS}"
    if ignored > printing / 2:
        yield f"{ignored} of {printing} printing cells are not compared"


def check_text(notebook):
    texts, read = markdown(notebook), without_exercises(notebook)
    words = sum(map(num_words, markdown(read)))
    if words > MOST_WORDS:
        yield f"{words} words, at most {MOST_WORDS}"
    if visible_lines(read) > MOST_CODE_LINES:
        yield f"{visible_lines(read)} visible lines of code, at most {MOST_CODE_LINES}"
    times = (f"About {minutes(notebook)} minutes to read, {exercise_minutes(notebook)} "
             "for the exercises")
    if times not in texts[0]:
        yield f"the head must say: {times}"
    for text in texts:
        for sentence in sentences(text):
            if num_words(sentence) > MOST_WORDS_A_SENTENCE:
                yield f"a sentence of {num_words(sentence)} words: {sentence[:70]} ..."
        for title in re.findall(r"(?m)^## \d+\. (\S+)", text):
            if title.rstrip("?,:") not in TITLE_STARTS:
                yield f"a section's title does not begin with a verb: {title}"
    whole = "\n".join(texts)
    if len(re.findall(r"\*\*Predict", whole)) < 2:
        yield "fewer than two predictions are asked (**Predict.**)"
    if "**A common belief" not in whole:
        yield "no common belief is stated and tested (**A common belief.**)"


def check_parts(notebook):
    whole = "\n\n".join(markdown(notebook))
    sections = dict(part.partition("\n")[::2]
                    for part in re.split(r"(?m)^## ", whole)[1:])
    for title in ("What we have seen", "Exercises"):
        if title not in sections:
            yield f"'## {title}' is missing"
            return
    for bullet in re.findall(r"(?m)^- .+(?:\n +.+)*", sections["What we have seen"]):
        if "](#" not in bullet:
            yield f"a bullet of what we have seen links to no section: {bullet[:60]}"
    titles = list(sections)
    if titles.index("What we have seen") > titles.index("Exercises"):
        yield "'What we have seen' stands below the exercises"
    if re.search(r"(?m)^- We have", sections["Exercises"]):
        yield "a bullet of what we have seen stands among the exercises"


def check_links(path, notebook):
    texts = markdown(notebook)
    for i, text in enumerate(texts):
        for target in re.findall(r"\]\(([^)\s]*)\)", text):
            name, _, anchor = target.partition("#")
            if name and not re.fullmatch(r"\w+\.ipynb", name):
                continue
            other = path.parent / name if name else path
            if not anchor:
                if 0 < i < len(texts) - 1:  # head and foot name whole lessons
                    yield f"a link to a lesson names no section: {target}"
            elif not other.exists() or anchor not in anchors(
                    notebook if other == path else nbformat.read(other, as_version=4)):
                yield f"a link leads nowhere: {target}"


def problems(path):
    """What breaks the rules in the lesson, a list of lines."""
    path = Path(path)
    notebook = nbformat.read(path, as_version=4)
    return [*check_cells(path.name[:2], notebook), *check_names(notebook),
            *check_saved_cells(notebook), *check_outputs(notebook),
            *check_text(notebook), *check_parts(notebook), *check_links(path, notebook)]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        notebook = nbformat.read(name, as_version=4)
        read = without_exercises(notebook)
        print(f"{name}: {sum(map(num_words, markdown(read)))} words, "
              f"{visible_lines(read)} visible lines, {minutes(notebook)} minutes")
        print(*problems(name), sep="\n")
