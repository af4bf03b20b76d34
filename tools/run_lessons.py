"""Execute the lessons in order, each in a fresh kernel, and render them to HTML.

    python tools/run_lessons.py                 executed copies and HTML into build/
    python tools/run_lessons.py --in-place 03   lesson 03, outputs stored in notebooks/
"""
import argparse
import base64
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from tqdm import tqdm
from traitlets.config import Config

ROOT = Path(__file__).resolve().parent.parent
LESSONS, BUILD = ROOT / "notebooks", ROOT / "build"
CELL_SECONDS = 1200
MAIN_RESULT = "main-result"  # the tag of the cell whose output closes a run
README_PICTURE = "readme-picture"  # the tag of the cell whose figure the README shows


def execute(notebook, name):
    """Run all cells; return what failed, as text, or None."""
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    client = NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3",
                            record_timing=False, coalesce_streams=True,
                            # No word about the kernel's unencrypted local sockets.
                            extra_arguments=["--IPKernelApp.log_level=40"],
                            resources={"metadata": {"path": LESSONS}})
    # On a terminal alone: a log keeps one line a lesson.
    with tqdm(total=len(code_cells), desc=name, unit="cell", leave=False,
              disable=None) as bar:
        client.on_cell_executed = lambda **_: bar.update()
        running = []
        client.on_cell_execute = lambda cell, cell_index: running.append(cell)
        try:
            client.execute()
            return None
        except CellExecutionError as err:
            reason = f"{err.ename}: {err.evalue}"
        except CellTimeoutError:
            reason = f"no end after {CELL_SECONDS} s"
        except DeadKernelError:
            reason = "the kernel died"
    number = sum(cell.cell_type == "code" for cell in running)
    first_line = running[-1].source.strip().split("\n")[0] if running else ""
    return f"cell [{number}] {first_line!r}: {reason}"


def tidy(notebook):
    """Leave nothing in the metadata that differs from machine to machine."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return notebook


def render(notebook):
    """The notebook as HTML, without the cells that only check what the text says."""
    config = Config({"TagRemovePreprocessor": {"enabled": True,
                                               "remove_cell_tags": ["remove-cell"]}})
    return HTMLExporter(config=config).from_notebook_node(notebook)[0]


def outputs(notebook, tag):
    """The outputs of the cells that carry the tag."""
    return [output for cell in notebook.cells if tag in cell.metadata.get("tags", [])
            for output in cell.get("outputs", [])]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--in-place", action="store_true",
                        help="store the outputs in notebooks/ instead of build/")
    parser.add_argument("lessons", nargs="*", help="how the names begin; all when none")
    options = parser.parse_args(arguments)
    paths = [path for path in sorted(LESSONS.glob("[0-9]*.ipynb"))
             if path.name.startswith(tuple(options.lessons or ("",)))]
    if not paths:
        parser.error(f"no lesson in notebooks/ begins with {options.lessons}")
    os.environ["TQDM_DISABLE"] = "1"  # a progress bar would stay in a stored output
    BUILD.mkdir(exist_ok=True)
    failed, result = 0, ""
    for path in paths:
        notebook, start = nbformat.read(path, as_version=4), time.perf_counter()
        failure = execute(notebook, path.stem)
        print(f"{path.stem:34} {time.perf_counter() - start:6.1f} s  "
              f"{'FAILED in ' + failure if failure else 'ok'}", flush=True)
        failed += bool(failure)
        result += "".join(output.text for output in outputs(notebook, MAIN_RESULT))
        nbformat.write(tidy(notebook), BUILD / path.name)
        (BUILD / f"{path.stem}.html").write_text(render(notebook), encoding="utf-8")
        if options.in_place and not failure:
            nbformat.write(notebook, path)
            for output in outputs(notebook, README_PICTURE):
                picture = base64.b64decode(output.data["image/png"])
                (ROOT / "images" / "lenet_curves.png").write_bytes(picture)
    print(f"{len(paths) - failed} of {len(paths)} lessons ran to their end; "
          "copies and HTML are in build/")
    if result:
        print("\n" + result.strip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
