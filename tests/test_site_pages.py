"""How the site's pages are adapted: links, solutions, figures, the reference."""
import build_site
import pytest
import site_measured
import site_pages
import site_reference
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = build_site.ROOT
PAGES = {"index", "docs/teaching", "notebooks/03_write_batch_norm"}


def relinked(text, address=""):
    return site_pages.relinked(text, "docs/index.md", "index.md", PAGES, ROOT, address)


def test_links_hold_where_the_page_stands():
    assert relinked("[t](teaching.md#A-b)") == "[t](docs/teaching.md#A-b)"
    assert relinked("[l](../notebooks/03_write_batch_norm.ipynb)") == (
        "[l](notebooks/03_write_batch_norm.ipynb)")
    assert relinked("![p](../images/lenet_curves.png)") == (
        "![p](images/lenet_curves.png)")
    assert relinked("[r](../README.md)") == "[r](index.md)"
    assert relinked("[n](https://example.org/x.md)") == "[n](https://example.org/x.md)"


def test_a_file_without_a_page_is_linked_where_the_course_is_published_or_named():
    text = "see [the recipes](../Makefile)"
    assert relinked(text) == "see the recipes (`Makefile`)"
    assert relinked(text, "https://github.com/o/n") == (
        "see [the recipes](https://github.com/o/n/blob/main/Makefile)")


def test_a_link_to_nothing_stays_for_sphinx_to_report():
    assert relinked("[x](nowhere.md)") == "[x](nowhere.md)"


def exercise(number, code):
    part = {"tags": ["exercise"]}
    return [new_markdown_cell(f"### Exercise {number}: a\n\nText.", metadata=part),
            new_code_cell(code, metadata=part), new_markdown_cell("Why.")]


def test_a_solution_is_folded_with_its_explanation_and_without_its_markers():
    code = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    cells = [new_markdown_cell("# Solutions"), *exercise(1, code), *exercise(2, code)]
    sources = [cell.source for cell in
               site_pages.solutions_page(new_notebook(cells=cells)).cells]
    assert sources == ["# Solutions", *[
        text for number in (1, 2) for text in (
            f"## Exercise {number}: a\n\nText.", site_pages.SOLUTION,
            "def f():\n    return 1\n", "Why.", "</details>")]]


def test_a_picture_without_a_text_is_refused_by_its_cell():
    picture = new_output("display_data", data={"image/png": ""})
    cell = new_code_cell("plot()", outputs=[picture])
    with pytest.raises(ValueError, match=f"{cell.id}.*d2l_bn.show"):
        site_pages.lesson_page(new_notebook(cells=[cell]))


def test_every_page_has_one_place_in_the_contents():
    names = {"index", "measured", "docs/teaching", "docs/new", "notebooks/01_a",
             "notebooks/09_b", "notebooks/12_c"}
    lines = site_pages.contents(names).splitlines()
    assert sorted(names - {"index"}) == sorted(set(lines) & names)
    assert all(lines.count(name) == 1 for name in names - {"index"})


def lesson(printed):
    return {"notebooks/05_x": new_notebook(cells=[
        new_markdown_cell("Text.\n\n## 5. Train\n\n|a|b|\n|---|---|\n|1|[2](#2.-B)|"),
        new_code_cell(outputs=[new_output("stream", text=text) for text in printed])])}


def test_figures_are_found_by_section_and_first_words():
    figures = site_measured.Figures("05", "5. Train", "loss", "")
    assert site_measured.looked_up(figures, lesson(["loss 1\n", "time 2\n"])) == (
        "notebooks/05_x", "loss 1")
    table = site_measured.Figures("05", "5. Train", "|a|", "")
    assert site_measured.looked_up(table, lesson([]))[1].endswith("|1|[2](#2.-B)|")


@pytest.mark.parametrize("printed, number", [([], 0), (["loss 1", "loss 2"], 2)])
def test_figures_that_are_not_found_once_end_the_build(printed, number):
    figures = site_measured.Figures("05", "5. Train", "loss", "")
    with pytest.raises(LookupError, match=f"lesson 05, section '5. Train': {number} .*"
                                          "'loss'.*MEASURED in tools/site_measured.py"):
        site_measured.looked_up(figures, lesson(printed))


def test_the_reference_describes_every_public_name_with_its_docstring():
    import d2l_bn
    text = "\n".join(site_reference.reference_pages(ROOT / "d2l_bn").values())
    for name in d2l_bn.__all__:
        first = getattr(d2l_bn, name).__doc__.split(".")[0].split(":")[0].split("`")[0]
        assert f"}} d2l_bn.{name}" in text and first[:40] in text, name


def test_arguments_are_listed_and_sentences_stand_apart():
    text = "Do it.\n\nx, y: (N, C), **k,\n`z` too.\nReturns 1.\n    code * 2"
    assert site_reference.markdown(text).splitlines() == [
        "Do it.", "", "", "- **x, y**: (N, C), \\*\\*k,", "`z` too.", "", "Returns 1.",
        "    code * 2"]


def test_a_folder_without_the_notebooks_is_refused_by_its_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"{tmp_path} holds none.*01_take"):
        build_site.notebook_files(tmp_path)


def test_copies_that_were_run_are_taken_before_the_stored_ones(tmp_path, capsys):
    (tmp_path / "02_normalise_data.ipynb").write_text("{}")
    files = build_site.notebook_files(tmp_path)
    assert files["notebooks/02_normalise_data"].parent == tmp_path
    assert files["notebooks/01_take_means_over_axes"].parent == build_site.LESSONS
    assert "1 of 29 notebooks" in capsys.readouterr().out
