"""The pages as they are stored: executed, well formed, and true to the module.

The pages are the numbered lessons and the appendix, to look things up in.

That a fresh run gives the same is the work of test_nbval.py.
"""
import ast
import json
import re
from pathlib import Path

import nbformat
import pytest
from lesson_parts import code_cells, tags
from lesson_rules import check_links

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
NAMES = [path.stem for path in LESSONS]
PAGES = LESSONS + sorted((ROOT / "notebooks").glob("appendix*.ipynb"))
# Folders of whoever ran a lesson, and addresses of machines.
PRIVATE = re.compile(r"/(root|home|tmp|work|usr|opt|Users)/|127\.0\.0\.1|localhost")

every_lesson = pytest.mark.parametrize("path", LESSONS, ids=NAMES)
every_page = pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])


def read(path):
    return nbformat.read(path, as_version=4)


@every_page
def test_page_is_executed_from_first_to_last_cell(path):
    cells = code_cells(read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any(output.output_type == "error" for cell in cells
                   for output in cell.outputs)
    assert sum(bool(cell.outputs) for cell in cells) > 5, "outputs were stripped"


@every_page
def test_outputs_hold_no_warning_folder_or_address(path):
    for cell in code_cells(read(path)):
        for output in cell.outputs:
            assert output.get("name") != "stderr", output
            text = output.get("text", "") + json.dumps(output.get("data", {}).get(
                "text/plain", ""))
            assert not PRIVATE.search(text), text


@every_page
def test_every_figure_has_alt_text(path):
    for cell in code_cells(read(path)):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                assert len(output.metadata["image/png"].get("alt", "")) > 60
            assert "image/svg+xml" not in output.get("data", {})


@every_lesson
def test_lesson_has_the_agreed_parts(path):
    notebook = read(path)
    text = "\n".join(cell.source for cell in notebook.cells
                     if cell.cell_type == "markdown")
    head = notebook.cells[0].source
    assert re.match(rf"# {path.name[:2]} · [A-Z]", head)
    for part in ("What you will do", "What you will learn", "What you need"):
        assert f"**{part}**" in head
    for part in ("## What we have seen", "## Exercises", "## What to read"):
        assert part in text
    assert len(re.findall(r"^### Exercise \d", text, re.M)) >= 3


@every_page
def test_page_is_no_large_file(path):
    assert path.stat().st_size < 1_500_000


@every_lesson
def test_foot_leads_to_the_neighbours(path):
    position = NAMES.index(path.stem)
    foot = read(path).cells[-1].source
    for neighbour in NAMES[max(position - 1, 0):position + 2]:
        assert neighbour == path.stem or f"({neighbour}.ipynb)" in foot


@every_page
def test_links_between_pages_lead_to_their_sections(path):
    assert not [problem for problem in check_links(path, read(path))
                if "nowhere" in problem]


@every_page
def test_what_pages_link_to_is_there(path):
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", cell.source):
                assert (path.parent / target).exists(), target


class CodeAlone(ast.NodeTransformer):
    """Takes out docstrings and argument checks: bare calls of check_..."""

    def visit_Expr(self, node):
        call = node.value
        is_check = (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                    and call.func.id.startswith("check_"))
        is_text = isinstance(call, ast.Constant) and isinstance(call.value, str)
        return None if is_check or is_text else node

    def visit_If(self, node):
        self.generic_visit(node)
        return node if node.body or node.orelse else None  # when to check


def definitions(source):
    """name -> the code of each function and class, as text that can be compared."""
    tree = CodeAlone().visit(ast.parse(source))
    return {node.name: ast.dump(node) for node in tree.body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


SAVED = [(path, cell.source) for path in LESSONS for cell in code_cells(read(path))
         if "#@save" in cell.source]


@pytest.mark.parametrize("path, source", SAVED, ids=[path.stem for path, _ in SAVED])
def test_saved_cell_is_the_code_of_the_module(path, source):
    module = [(name, code) for file in (ROOT / "d2l_bn").glob("*.py")
              for name, code in definitions(file.read_text()).items()]
    shown = definitions(source)
    assert shown
    for name, code in shown.items():
        assert name in dict(module), f"{name} of {path.name} is not in d2l_bn"
        assert (name, code) in module, f"{name} of {path.name} differs from d2l_bn's"


MODULE = '''
class Layer(Block):
    """What it does."""
    def forward(self, X):
        """A docstring."""
        check_array("X", X)
        if X.ndim > 2:
            check_channels(X)
        return X * 2  # doubled
'''
LESSON = """
class Layer(Block):
    def forward(self, X):
        return X * (
            2)
"""


@pytest.mark.parametrize("other, same", [
    (LESSON, True), (MODULE, True), (LESSON.replace("2", "3"), False),
    *[(LESSON.replace("return", f"{line}\n        return"), False)
      for line in ("remember(X)", "X = check_array(X)", "X.check_array()",
                   "if X:\n            X += 1")]])
def test_comparison_leaves_out_docstrings_and_argument_checks_alone(other, same):
    assert (definitions(MODULE) == definitions(other)) is same


def test_what_lessons_build_is_saved():
    shown = {name for _, source in SAVED for name in definitions(source)}
    assert shown >= {"batch_norm", "BatchNorm", "FastBatchNorm", "lenet", "train_epoch",
                     "evaluate_accuracy"}


def test_readme_quotes_the_main_result_as_measured():
    notebook = read(ROOT / "notebooks" / "05_train_lenet_with_and_without.ipynb")
    [table] = [cell.outputs[0].text for cell in code_cells(notebook)
               if "main-result" in tags(cell)]
    [without, with_bn] = [re.search(rf"^{name} .* (\S+) - (\S+) +\S+$", table, re.M)
                          for name in ("no BN", "built-in BN")]
    readme = (ROOT / "README.md").read_text()
    assert (f"{without[1]} to {without[2]} without, "
            f"{with_bn[1]} to {with_bn[2]} with it") in readme
