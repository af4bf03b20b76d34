"""The HTML pages: what a reader of them sees."""
from nbformat.v4 import new_code_cell, new_notebook, new_output
from run_lessons import render


def test_pages_hide_checks_and_the_code_of_figures_alone():
    cells = []
    for name, tags in (("shown", []), ("drawing", ["hide-input"]),
                       ("checking", ["remove-cell"])):
        printed = new_output("stream", name="stdout", text=f"output_of_{name}")
        cells.append(new_code_cell(f"source_of_{name}", outputs=[printed],
                                   metadata={"tags": tags}))
    page = render(new_notebook(cells=cells))
    words = [f"{part}_of_{name}" for part in ("source", "output")
             for name in ("shown", "drawing", "checking")]
    assert [word for word in words if word in page] == [
        "source_of_shown", "output_of_shown", "output_of_drawing"]
