"""The rules that keep lessons readable, as functions that list what breaks them.

    python tools/lesson_rules.py notebooks/03_write_batch_norm.ipynb

`make check` holds the lessons to them (tests/test_lesson_rules.py).
"""
import ast
import re
import sys
from pathlib import Path

import nbformat

MOST_LINES, MOST_DEFINITIONS = 25, 2  # of a cell
MOST_WORDS, MOST_CODE_LINES, MOST_MINUTES = 2500, 400, 55  # of a lesson
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


def tags(cell):
    return cell.metadata.get("tags", [])


def folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def is_check(cell):
    return "remove-cell" in tags(cell)


def lines(source):
    """Lines that hold something."""
    return [line for line in source.splitlines() if line.strip()]


def tree(source):
    """The cell as Python reads it, magics left out."""
    return ast.parse(re.sub(r"(?m)^(\s*)%.*$", r"\1pass", source))


def prose(text):
    """Markdown as it is read aloud: a formula is one word, links are their text."""
    text = re.sub(r"```.*?```", " ", text, flags=re.S)
    text = re.sub(r"\$\$.+?\$\$|\$[^$\n]+\$", "FORMULA", text, flags=re.S)
    text = re.sub(r"<[^>]+>", " ", text)
    return re.sub(r"\]\([^)]*\)", "]", text)


def num_words(text):
    return len(re.findall(r"\S*\w\S*", prose(text)))


def sentences(text):
    """Sentences of prose; tables are left out, each line of a list begins anew."""
    text = "\n".join("" if line.lstrip().startswith("|") else line
                     for line in prose(text).splitlines())
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*#]|\d+\.)\s)", text):
        yield from re.split(r"(?<=[.!?:;])[)*\"”]*\s+", " ".join(block.split()))


def visible_lines(notebook):
    """Lines of code that the reader meets unfolded."""
    return sum(len(lines(cell.source)) for cell in code_cells(notebook)
               if not folded(cell) and not is_check(cell))


def minutes(notebook):
    """Reading time: 100 words or 15 lines of code a minute, to the nearest 5."""
    words = sum(map(num_words, markdown(notebook)))
    return 5 * round((words / 100 + visible_lines(notebook) / 15) / 5)


def anchors(notebook):
    """The ids that JupyterLab and nbconvert give the headings."""
    return {re.sub(r"\s", "-", heading.strip())
            for text in markdown(notebook)
            for heading in re.findall(r"(?m)^#+ (.+)$", text)}


def check_cells(number, notebook):
    checks = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            checks = 0 if re.search(r"(?m)^## ", cell.source) else checks
            continue
        where = cell.source.split("\n")[0]
        nodes = tree(cell.source).body
        asserts = sum(isinstance(node, ast.Assert) for node in ast.walk(
            tree(cell.source)))
        if is_check(cell):
            checks += 1
            if not folded(cell):
                yield f"a cell of asserts is not folded: {where}"
            if checks > 1:
                yield f"a section has a second cell of asserts: {where}"
            continue
        if asserts:
            yield f"an assert stands in a cell without remove-cell: {where}"
        if len(lines(cell.source)) > MOST_LINES and (number, where) not in LONG_CELLS:
            yield f"a cell of {len(lines(cell.source))} lines: {where}"
        definitions = [node for node in nodes
                       if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        if len(definitions) > MOST_DEFINITIONS:
            yield f"a cell of {len(definitions)} definitions: {where}"
        if "d2l_bn.show(" in cell.source:
            if not folded(cell) or "hide-input" not in tags(cell):
                yield f"the code of a figure is not folded: {where}"
        elif folded(cell):
            yield f"a folded cell draws nothing: {where}"


def check_saved_cells(notebook):
    for cell in code_cells(notebook):
        if "#@save" in cell.source:
            for what, name in ((r"\._\w", "a private attribute"),
                               (r"# noqa", "a word to the linter"),
                               (r"\bcheck_\w+\(|isinstance\(\w+, nn\.Block\)|raise ",
                                "an argument check"),
                               (r"\bd2l_bn\.", "a tool of the package")):
                if re.search(what, cell.source):
                    yield f"{name} in a #@save cell: {cell.source.splitlines()[0]}"


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
    texts = markdown(notebook)
    words = sum(map(num_words, texts))
    if words > MOST_WORDS:
        yield f"{words} words, at most {MOST_WORDS}"
    if visible_lines(notebook) > MOST_CODE_LINES:
        yield f"{visible_lines(notebook)} visible lines of code"
    if minutes(notebook) > MOST_MINUTES:
        yield f"{minutes(notebook)} minutes, at most {MOST_MINUTES}"
    if f"About {minutes(notebook)} minutes to read" not in texts[0]:
        yield f"the head must say: About {minutes(notebook)} minutes to read"
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
    seen = re.search(r"## What we have seen\n(.*?)\n## ", whole, re.S)
    if not seen:
        return ["'## What we have seen' is missing"]
    problems = [f"a bullet of what we have seen links to no section: {bullet[:60]}"
                for bullet in re.findall(r"(?m)^- .+$", seen[1])
                if not re.search(r"\]\(#", bullet)]
    if whole.index("## What we have seen") > whole.index("## Exercises"):
        problems.append("'What we have seen' stands below the exercises")
    if re.search(r"(?m)^- We have", whole[whole.index("## Exercises"):]):
        problems.append("a bullet of what we have seen stands among the exercises")
    return problems


def check_links(path, notebook):
    for text in markdown(notebook)[1:-1]:  # head and foot name whole lessons
        for target in re.findall(r"\]\(([^)\s]*)\)", text):
            name, _, anchor = target.partition("#")
            if name and not re.fullmatch(r"\w+\.ipynb", name):
                continue
            other = path.parent / name if name else path
            if not anchor:
                yield f"a link to a lesson names no section: {target}"
            elif not other.exists() or anchor not in anchors(
                    notebook if other == path else nbformat.read(other, as_version=4)):
                yield f"a link leads nowhere: {target}"


def problems(path):
    """What breaks the rules in the lesson, a list of lines."""
    path = Path(path)
    notebook = nbformat.read(path, as_version=4)
    return [*check_cells(path.name[:2], notebook), *check_saved_cells(notebook),
            *check_outputs(notebook), *check_text(notebook), *check_parts(notebook),
            *check_links(path, notebook)]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        notebook = nbformat.read(name, as_version=4)
        print(f"{name}: {sum(map(num_words, markdown(notebook)))} words, "
              f"{visible_lines(notebook)} visible lines, {minutes(notebook)} minutes")
        print(*problems(name), sep="\n")
