"""The site as it is built: whole, local, and with the figures of the notebooks."""
import html
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import nbformat
import opening
import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "notebooks"
PYTHON = ROOT / "build" / "site-env" / "bin" / "python"
LOADED = {"img": "src", "script": "src", "source": "src", "iframe": "src",
          "link": "href"}

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """What a page has: ids, links, what it loads, pictures, and the way on."""

    def __init__(self, path):
        super().__init__()
        self.path, self.next = path, None
        self.ids, self.links, self.loaded, self.pictures = {""}, [], [], []
        self.html = path.read_text(encoding="utf-8")
        self.feed(self.html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids.add(given.get("id", ""))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
            if "right-next" in given.get("class", ""):
                self.next = self.file(given["href"])
        if given.get(LOADED.get(tag)):
            self.loaded.append(given[LOADED[tag]])
        if tag == "img":
            self.pictures.append(given)

    def file(self, target):
        """The file that a link of this page leads to."""
        name = unquote(urldefrag(target)[0]).partition("?")[0]
        return (self.path.parent / name).resolve() if name else self.path

    def text(self):
        """What stands on the page, with the code's colours taken out."""
        return html.unescape(re.sub(r"<[^>]+>", "", self.html))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Path in the site -> page."""
    assert PYTHON.exists(), "make build/site-env/ready, which `make test` does"
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run([PYTHON, ROOT / "tools" / "build_site.py", "--into", folder],
                          capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    site = (folder / "site").resolve()
    return {path.relative_to(site).as_posix(): Page(path)
            for path in site.rglob("*.html")
            if "_static" not in path.parts}  # the theme's templates


def page_of(path, pages):
    name = path.relative_to(ROOT).with_suffix(".html").as_posix()
    return pages[name]


def test_every_link_leads_to_a_place_that_is_there(pages):
    by_file = {page.path: page for page in pages.values()}
    dead = []
    for name, page in pages.items():
        for target in page.links:
            if re.match(r"[a-z]+:", target):
                continue
            file, place = page.file(target), unquote(urldefrag(target)[1])
            if not file.exists() or (file in by_file
                                     and place not in by_file[file].ids):
                dead.append(f"{name} -> {target}")
    assert dead == []
    # The lessons' own links to sections are among them.
    assert sum("#" in target for page in pages.values() for target in page.links) > 1000


def test_pages_load_only_files_of_the_site(pages):
    for name, page in pages.items():
        assert page.loaded, name
        for target in page.loaded:
            assert "//" not in target, f"{name}: {target}"
            assert page.file(target).exists(), f"{name}: {target}"
    site = pages["index.html"].path.parent
    for path in site.rglob("*.css"):
        style = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*[\"']?(https?:)?//", style), path


def test_every_picture_of_a_notebook_is_there_with_its_text(pages):
    for path in opening.notebooks():
        cells = nbformat.read(path, as_version=4).cells
        texts = [output.metadata["image/png"]["alt"] for cell in cells
                 for output in cell.get("outputs", [])
                 if "image/png" in output.get("data", {})]
        shown = [picture.get("alt") for picture in page_of(path, pages).pictures]
        assert shown == texts, path
    assert all(picture.get("alt") for page in pages.values()
               for picture in page.pictures)


def test_the_largest_page_with_its_pictures_is_under_three_megabytes(pages):
    def size(page):
        pictures = {page.file(picture["src"]) for picture in page.pictures}
        return sum(path.stat().st_size for path in {page.path, *pictures})

    assert max(map(size, pages.values())) < 3e6


def test_the_search_knows_a_name_that_stands_in_code(pages):
    index = pages["index.html"].path.parent / "searchindex.js"
    assert re.search(r"\"?running_mean\"?:", index.read_text(encoding="utf-8"))


def test_next_leads_through_all_lessons_in_order(pages):
    page, way = pages["index.html"], []
    by_file = {page.path: page for page in pages.values()}
    while page.next:
        page = by_file[page.next]
        way.append(page)
    lessons = sorted(LESSONS.glob("[0-9]*.ipynb"))
    assert way[:len(lessons)] == [page_of(path, pages) for path in lessons]
    # The others follow: all but the start and the search.
    assert len(way) == len(set(way)) == len(pages) - 2


def test_the_measured_figures_are_those_of_the_notebooks(pages):
    printed = {output.text.strip() for path in LESSONS.glob("[0-9]*.ipynb")
               for cell in nbformat.read(path, as_version=4).cells
               for output in cell.get("outputs", []) if output.output_type == "stream"}
    page = pages["measured.html"]
    shown = [html.unescape(re.sub(r"<[^>]+>", "", text)).strip()
             for text in re.findall(r"<pre>(.*?)</pre>", page.html, re.S)]
    assert len(shown) == 10 and set(shown) <= printed
    assert "scratch BN                   0.300" in page.text()
    assert page.html.count("<table") == 2
    assert "refuted at the start" in page.text()  # lesson 09's ledger


def test_cells_that_only_check_do_not_show(pages):
    hidden = 0
    for path in opening.notebooks():
        text = page_of(path, pages).text()
        for cell in nbformat.read(path, as_version=4).cells:
            lines = cell.source.strip()
            shown = "remove-cell" not in cell.metadata.get("tags", [])
            hidden += not shown
            if cell.cell_type == "code" and "SOLUTION" not in lines:
                assert (lines in text) is shown, f"{path.name}: {lines}"
    assert hidden > 100


def test_each_exercise_of_the_solutions_is_folded(pages):
    for path in (LESSONS / "solutions").glob("*.ipynb"):
        page = page_of(path, pages)
        exercises = len(re.findall(r"<h2>Exercise ", page.html))
        assert page.html.count('<details class="solution">') == exercises > 0
        assert page.html.count("<details") == page.html.count("</details>")
        assert "BEGIN SOLUTION" not in page.text()


def launch_buttons(text):
    return re.findall(r"https://(?:colab\.research\.google\.com/github|mybinder\.org/v2/gh)"
                      r"[^\"]*", text)


def test_a_lesson_can_be_launched_where_the_course_is_published(tmp_path, pages):
    name = "notebooks/01_take_means_over_axes.ipynb"
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "index.md").write_text(f"# A\n\n```{{toctree}}\n{name}\n```\n")
    subprocess.run([PYTHON, "-m", "sphinx", "--quiet", "-c", ROOT / "docs", tmp_path,
                    tmp_path / "site"], check=True, capture_output=True,
                   env={**os.environ, "COURSE_ADDRESS": "https://github.com/o/n"})
    page = Page(tmp_path / "site" / name.replace(".ipynb", ".html"))
    colab, binder = sorted(launch_buttons(page.html))
    assert colab.endswith(f"/github/o/n/blob/main/{name}")
    assert "/gh/o/n/main?" in binder and name in unquote(binder)
    launched = any(launch_buttons(page.html) for page in pages.values())
    address = opening.read_address(ROOT / "pyproject.toml")
    assert launched is address.startswith(opening.GITHUB)
