"""A hand-in before and after it is marked: completed, and its verdicts read."""
import assignments
import nbformat
import pytest
from hand_in import completed, in_one_line, keep_verdict, prepared, rows
from hand_ins import WRONG, whole
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output


def released():
    """An assignment with two exercises, a and b."""
    cells = [assignments.code("import d2l_bn", "setup-1", locked=True)]
    for name in "ab":
        cells += [new_markdown_cell(f"Find {name}.", id=f"{name}-statement"),
                  assignments.code(f"{name} = ...", name, solution=True),
                  assignments.code(f"verdict = check.{name}({name})", f"{name}-check",
                                   grade=True, locked=True, points=1)]
    return new_notebook(cells=cells)


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_answers_are_taken_over_and_nothing_else():
    handed_in = released()
    for cell in handed_in.cells:
        cell.source = f"{cell.id} by the learner"
    marked = completed(released(), handed_in)
    assert sources(marked) == [
        "import d2l_bn", "Find a.", "a by the learner", "verdict = check.a(a)",
        "Find b.", "b by the learner", "verdict = check.b(b)"]
    assert [cell.metadata for cell in marked.cells] == [
        cell.metadata for cell in released().cells]


def test_deleted_and_moved_cells_are_where_they_were():
    handed_in = released()
    handed_in.cells = handed_in.cells[:3:-1]  # b's, the last one first
    handed_in.cells[1].source = "b = 2"
    assert sources(completed(released(), handed_in)) == [
        "import d2l_bn", "Find a.", "verdict = check.a(a)", "Find b.", "b = 2",
        "verdict = check.b(b)"]


def test_added_cells_stay_where_they_are():
    handed_in = released()
    handed_in.cells.insert(3, new_code_cell("a += helper"))
    handed_in.cells.insert(2, new_code_cell("helper = 1"))
    handed_in.cells.insert(0, new_markdown_cell("By Ann"))
    handed_in.cells.append(handed_in.cells[4].copy())  # a copy has its metadata
    assert sources(completed(released(), handed_in)) == [
        "By Ann", "import d2l_bn", "Find a.", "helper = 1", "a = ...", "a += helper",
        "verdict = check.a(a)", "Find b.", "b = ...", "verdict = check.b(b)",
        "a = ..."]


@pytest.mark.parametrize("lost", ["id", "metadata"])
def test_a_cell_is_known_by_its_id_or_its_metadata(lost):
    handed_in = released()
    for cell in handed_in.cells:
        if lost == "id":
            cell.pop("id")
        else:
            cell.metadata = {}
    handed_in.cells[2].source = "a = 1"
    assert "a = 1" in sources(completed(released(), handed_in))


ANOTHER = nbformat.writes(new_notebook(cells=[new_code_cell("1")]))


@pytest.mark.parametrize("content, word", [
    (b"{", "JSON"), (b"\xff\xfe\x00", "utf-8"), (b"", "JSON"), (b"[]", ""),
    (b'{"cells": 3}', ""),
    (ANOTHER.encode(), "another file")])
def test_a_file_that_cannot_be_read_is_told(tmp_path, content, word):
    nbformat.write(released(), tmp_path / "released.ipynb")
    (tmp_path / "handed-in.ipynb").write_bytes(content)
    notebook, wrong = prepared(tmp_path)
    assert wrong.startswith("The file cannot be marked: ") and word in wrong
    assert sources(notebook)[1:] == sources(released())


def printed(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def kept(*outputs):
    cell = new_code_cell("check", outputs=list(outputs))
    keep_verdict(cell)
    return [output.output_type for output in cell.outputs], cell


def test_a_right_verdict_is_kept_and_a_warning_is_no_failure():
    assert kept(printed("a line of the answer's own\n✓ Right. Verified: all.\n"),
                printed("DeprecationWarning", "stderr"))[0] == ["stream"]


def test_points_come_from_the_verdict_alone():
    forged = new_output("execute_result", data={"text/plain": "1.0"})
    failed = new_output("error", ename="AssertionError", evalue="no point",
                        traceback=["many", "lines"])
    types, cell = kept(forged, printed("✗ a: not yet."), failed)
    assert types == ["stream", "error"]
    assert cell.outputs[1].traceback == ["AssertionError: no point"]


@pytest.mark.parametrize("said", [[], [printed("")], [printed("fine")],
                                  [printed("✓ Right.\nand more")]])
def test_no_verdict_is_no_point(said):
    assert kept(*said)[0][-1] == "error"


def error(name, what):
    return new_output("error", ename=name, evalue=what, traceback=[])


def test_the_table_says_in_one_line_what_was_found():
    check = new_code_cell("", outputs=[
        printed("noise\n✗ a: not yet.\n  got:      1\n  fits:     Half of it.\n"),
        error("AssertionError", "no point")])
    assert in_one_line([check]) == "✗ a: not yet. got: 1 fits: Half of it."
    answer = new_code_cell("", outputs=[error("SyntaxError", "invalid\nsyntax")])
    unknown = new_code_cell("", outputs=[error("NameError", "name 'a'")])
    assert in_one_line([answer, unknown]) == "SyntaxError: invalid"


def test_rows_are_the_exercises_with_their_points():
    notebook = released()
    for cell in notebook.cells:
        if cell.id.endswith("-check"):
            cell.outputs = [printed(f"✓ Right. Verified: {cell.id}.")]
    points = {"a-check": (1.0, 1.0), "b-check": (0.0, 1.0)}
    assert list(rows(notebook, points, None)) == [
        ("a", 1, 1, "✓ Right. Verified: a-check."),
        ("b", 0, 1, "✓ Right. Verified: b-check.")]
    assert [row[3] for row in rows(notebook, points, "no file")] == ["no file"] * 2


@pytest.mark.parametrize("name", [path.stem for path in WRONG.glob("lesson*.py")])
def test_wrong_answers_can_be_handed_in(name):
    """As one text: a hand-in cannot import from the tests."""
    text = whole(name)
    assert "wrong_answers" not in text and "\nfrom ." not in text
    scope = {"__name__": "handed in"}
    exec(compile(text, name, "exec"), scope)
    assert scope["WRONG"]
