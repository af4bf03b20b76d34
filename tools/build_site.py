"""Build the course's site from the stored outputs: no lesson runs.

    python tools/build_site.py                     into build/site
    python tools/build_site.py --notebooks build   with the copies that `make run` left

Started by `make site`, in an environment of its own. The pages are gathered in
build/site-pages as adapted copies; what is there is replaced. `--into` names another
folder than build.
"""
import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import opening
import site_measured
import site_pages
import site_reference

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ROOT / "notebooks"
MATHJAX = ("tex-chtml.js", "output/chtml/fonts/woff-v2")


def notebook_files(folder):
    """Page name -> the notebook's file: from `folder`, else as it is stored."""
    stored = [path.relative_to(LESSONS) for path in opening.notebooks()]
    files = {f"notebooks/{path.with_suffix('').as_posix()}":
             folder / path if (folder / path).exists() else LESSONS / path
             for path in stored}
    ours = sum(folder in path.parents for path in files.values())
    if not ours:
        raise FileNotFoundError(f"{folder} holds none of the course's notebooks, such "
                                f"as {stored[0]}")
    print(f"{ours} of {len(files)} notebooks from {folder}"
          + ("" if ours == len(files) else ", the others as they are stored"))
    return files


def text_files():
    """Page name -> the text's file."""
    files = {"index": ROOT / "docs" / "index.md"}
    for path in [*sorted((ROOT / "docs").glob("*.md")),
                 *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md"))]:
        name = path.relative_to(ROOT).with_suffix("").as_posix()
        if path.exists() and name != "docs/index":
            files[name] = path
    return files


def made_pages(notebooks):
    """Page name -> Markdown of the pages that have no file of their own."""
    solutions = [name.rpartition("/")[2] for name in notebooks if "/solutions/" in name]
    programs = sorted((LESSONS / "programs").glob("*.py"))
    return {
        "measured": site_measured.measured_page(notebooks),
        "notebooks/solutions/index": site_pages.listing(
            "Solutions", "Try each exercise first: its check tells you what is wrong "
            "with an answer. Each solution unfolds.", solutions),
        "notebooks/programs/index": site_pages.programs_page(programs),
        **site_reference.reference_pages(ROOT / "d2l_bn"),
    }


def gather(folder, target, address):
    """Write all pages into `target`; return the notebooks' files."""
    files, texts = notebook_files(folder), text_files()
    notebooks = {name: nbformat.read(path, as_version=4)
                 for name, path in files.items()}
    headings = {name: site_pages.heading(book) for name, book in notebooks.items()}
    made = made_pages(notebooks)
    pages = {*notebooks, *texts, *made}
    for name, notebook in notebooks.items():
        adapt = (site_pages.solutions_page if "/solutions/" in name
                 else site_pages.lesson_page)
        site_pages.written(target / f"{name}.ipynb", nbformat.writes(adapt(notebook)))
    for name, path in texts.items():
        text = site_pages.relinked(path.read_text(encoding="utf-8"),
                                   path.relative_to(ROOT).as_posix(), f"{name}.md",
                                   pages, ROOT, address)
        if name == "index":
            text += (site_pages.tracks(pages, headings) + "\n\n"
                     + site_pages.contents(pages))
        site_pages.written(target / f"{name}.md", text)
    for name, text in made.items():
        site_pages.written(target / f"{name}.md", text)
    return files


def gather_static(target):
    """Pictures, style and MathJax, which the package has as files beside its code."""
    shutil.copytree(ROOT / "images", target / "images")
    static = target / "_static"
    static.mkdir()
    shutil.copy(ROOT / "docs" / "site.css", static)
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    for name in MATHJAX:
        source, copy = package / "static" / "mathjax" / name, static / "mathjax" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--notebooks", type=Path, default=LESSONS, metavar="FOLDER",
                        help="where the notebooks are taken from; notebooks/ if not "
                        "given")
    parser.add_argument("--into", type=Path, default=ROOT / "build", metavar="FOLDER",
                        help="where the folder `site` is made; build/ if not given")
    options = parser.parse_args(arguments)
    address = opening.read_address(ROOT / "pyproject.toml")
    if not address.startswith(opening.GITHUB):  # whose pages the links below are
        address = ""
    site, pages, doctrees = (options.into.resolve() / name
                             for name in ("site", "site-pages", "site-doctrees"))
    for folder in (site, pages, doctrees):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        files = gather(options.notebooks.resolve(), pages, address)
    except (LookupError, OSError, ValueError) as err:
        print(f"The site was not built. {err}", file=sys.stderr)
        return 1
    gather_static(pages)
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet",
         "--jobs", "auto", "-c", ROOT / "docs", "-d", doctrees,
         "-D", f"html_static_path={pages / '_static'}", pages, site],
        env={**os.environ, "COURSE_ADDRESS": address})
    if done.returncode:
        print("The site was not built: Sphinx names the reason above.", file=sys.stderr)
        return 1
    for name, path in files.items():  # what the button for a download gives
        shutil.copy(path, site / "_sources" / f"{name}.ipynb")
    count = len([*pages.rglob("*.md"), *files])
    print(f"{count} pages; open {site / 'index.html'}\n"
          "From a server the search also shows what surrounds a word: "
          f"python3 -m http.server --directory {site}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
