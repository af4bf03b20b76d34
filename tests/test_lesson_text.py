"""Every notebook can be edited as Markdown, and nothing of it is lost on the way."""
from pathlib import Path

import lesson_text
import nbformat
import opening
import pytest
from made_up_lesson import code, figure, text
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_raw_cell,
)

ROOT = Path(__file__).resolve().parent.parent
PAGES = opening.notebooks()
NAMES = [str(path.relative_to(ROOT / "notebooks").with_suffix("")) for path in PAGES]
# What no notebook of the course holds today, or may come to hold.
ODD = [
    *map(new_code_cell, [
        "%%time\n!ls -l  # a magic\nx = 1", '"""```python\nfenced\n```"""', "",
        "# comment\n\n\n\ny = 2\n"]),
    text("Lines\n\n\n\nfar apart\n"), text("- a\n  ```\n  code\n  ```"),
    text("```python\nprint('shown, not run')\n```"), text("---\na: rule\n---"),
    new_raw_cell("raw"),
    new_markdown_cell("![](attachment:a.png)", attachments={
        "a.png": {"image/png": "aGVsbG8="}}),
    new_code_cell("answer = ...", metadata={"nbgrader": {
        "schema_version": 3, "grade_id": "a", "solution": True, "points": 1.5}}),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A course with one notebook, 03_short.ipynb, and its path."""
    monkeypatch.setattr(lesson_text, "ROOT", tmp_path)
    monkeypatch.setattr(lesson_text, "LESSONS", tmp_path / "notebooks")
    monkeypatch.setattr(lesson_text, "TEXTS", tmp_path / "build" / "text")
    (tmp_path / "notebooks").mkdir()
    ignored = ["nbval-ignore-output"]
    cells = [text("# Short"), code("a = (1 - (2 - 3))\nprint(a)", "2\n", ignored),
             code("print(a)", "2\n", ignored), figure("fig = draw(a)")]
    for number, cell in enumerate(cells[1:], 1):
        cell.execution_count = number
    path = tmp_path / "notebooks" / "03_short.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"any": "thing"}), path)
    return path


def edited(path, old, new):
    """The cells of the notebook after an edit of its text."""
    lesson_text.main(["write", "03"])
    written = lesson_text.text_of(path)[0]
    words = written.read_text()
    assert words.count(old) == 1
    written.write_text(words.replace(old, new))
    lesson_text.main(["back", "03"])
    return lesson_text.read(path).cells


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_a_notebook_comes_back_from_its_text_as_it_was(path):
    notebook = lesson_text.read(path)
    again, lost = lesson_text.from_text(lesson_text.as_text(notebook), notebook)
    assert again == lesson_text.read(path) and lost == 0


@pytest.mark.parametrize("cell", ODD, ids=range(len(ODD)))
def test_odd_cells_come_back_too(cell):
    twin = nbformat.NotebookNode(cell, id="twin")
    notebook = new_notebook(cells=[text("before"), cell, twin, text("after")])
    again, _ = lesson_text.from_text(lesson_text.as_text(notebook), notebook)
    assert again == notebook


@pytest.mark.parametrize("source", [
    "", "<!-- #region -->\nlooks like a mark of jupytext\n<!-- #endregion -->"])
def test_a_cell_that_would_not_come_back_is_not_written(folder, source):
    notebook = lesson_text.read(folder)
    notebook.cells.append(text(source))
    nbformat.write(notebook, folder)
    with pytest.raises(SystemExit, match="03_short.ipynb has a cell that Markdown"):
        lesson_text.main(["write", "03"])
    assert not lesson_text.text_of(folder)[0].exists()


def test_text_alone_costs_no_output(folder):
    before = lesson_text.read(folder)
    cells = edited(folder, "# Short", "# Shorter")
    assert cells[0].source == "# Shorter" and cells[1:] == before.cells[1:]
    assert lesson_text.read(folder).metadata == before.metadata


@pytest.mark.parametrize("old, new", [
    ("a = (1 - (2 - 3))", "a = 1 - 2 - 3"),  # other brackets, another number
    ("a = (1 - (2 - 3))", "a = 5"),
    ("a = (1 - (2 - 3))\nprint(a)", "print(a)"),  # the end of the old cell
])
def test_a_changed_cell_loses_its_own_output_alone(folder, old, new, capsys):
    before = lesson_text.read(folder).cells
    cells = edited(folder, old, new)
    assert cells[1].source.startswith(new) and cells[1].id == before[1].id
    assert cells[1].outputs == [] and cells[1].execution_count is None
    assert [cells[0], *cells[2:]] == [before[0], *before[2:]]
    said = capsys.readouterr().out
    assert "1 cells lost their output" in said and "make notebooks LESSON=03" in said


def test_tags_can_be_edited_and_cells_added_and_taken_out(folder):
    before = lesson_text.read(folder).cells
    cells = edited(folder, 'tags=["hide-input"]', 'tags=["remove-cell"]')
    assert cells[3].metadata == {"jupyter": {"source_hidden": True},
                                 "tags": ["remove-cell"]}
    assert cells[3].outputs == before[3].outputs
    cells = edited(folder, "# Short", "# Short\n\n```python\nz = 0\n```")
    assert [cell.source for cell in cells[:3]] == ["# Short", "z = 0", before[1].source]
    assert [cell.outputs for cell in cells[1:]] == [
        [], *[cell.outputs for cell in before[1:]]]
    cells = edited(folder, "\n\n```python\nz = 0\n```", "")
    assert [cell.id for cell in cells] == [cell.id for cell in before]


def test_edits_in_the_text_are_not_written_over(folder):
    lesson_text.main(["write", "03"])
    lesson_text.main(["write", "03"])  # nothing was edited
    written, place = lesson_text.text_of(folder)
    written.write_text(written.read_text().replace("# Short", "# My edit"))
    with pytest.raises(SystemExit, match=f"{place} has edits"):
        lesson_text.main(["write", "03"])
    assert "# My edit" in written.read_text()
    lesson_text.main(["back", "03"])
    lesson_text.main(["write", "03"])


def test_edits_in_the_notebook_are_not_written_over(folder):
    lesson_text.main(["write", "03"])
    notebook = lesson_text.read(folder)
    notebook.cells[0].source = "# Changed in Jupyter"
    nbformat.write(notebook, folder)
    with pytest.raises(SystemExit, match="03_short.ipynb has changed since"):
        lesson_text.main(["back", "03"])
    assert lesson_text.read(folder).cells[0].source == "# Changed in Jupyter"


@pytest.mark.parametrize("name, words", [("04", "0 notebooks"), ("0", "2 notebooks"),
                                         ("03", "make text LESSON=03")])
def test_what_cannot_be_put_back_is_told(folder, name, words):
    (folder.parent / "05_other.ipynb").write_bytes(folder.read_bytes())
    with pytest.raises(SystemExit, match=words):
        lesson_text.main(["back", name])


def test_a_diff_compares_text_outputs_and_pictures(folder, capsys):
    def shown():
        lesson_text.main(["show", str(folder)])
        return capsys.readouterr().out

    before = shown()
    assert before.startswith("# Short\n") and "```output\n2\n```" in before
    assert "```python" in before and "\nfigure " in before
    notebook = lesson_text.read(folder)
    notebook.cells[3].outputs[0].data["image/png"] = "bmV3"
    nbformat.write(notebook, folder)
    assert len(set(shown().splitlines()) - set(before.splitlines())) == 1
