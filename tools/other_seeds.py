"""Run lessons with seeds other than their own: do their asserts hold there too?

    python tools/other_seeds.py 09 10      with 3, 4, 5 where they have 0, 1, 2

The executed copies, whose numbers can be held against the text, go to
build/other_seeds/. Nothing else is changed.
"""
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
OWN, OTHER = "(0, 1, 2)", "(3, 4, 5)"
SINGLE = re.compile(r"(\bseed ?= ?|seed_everything\(|RandomState\(|random\.seed\()"
                    r"([012])\b")


def reseeded(source):
    """The code of a cell with 3 added to its seeds."""
    lines = [line.replace(OWN, OTHER) if "seed" in line else line
             for line in source.split("\n")]
    return SINGLE.sub(lambda found: found[1] + str(int(found[2]) + 3),
                      "\n".join(lines))


def run_reseeded(path, folder):
    """Execute a copy of the lesson; return how many cells changed, and the errors."""
    notebook, changed = nbformat.read(path, as_version=4), 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            source = reseeded(cell.source)
            changed += source != cell.source
            cell.source = source
    NotebookClient(notebook, timeout=None, allow_errors=True,
                   extra_arguments=["--IPKernelApp.log_level=40"],  # no word of sockets
                   resources={"metadata": {"path": str(path.parent)}}).execute()
    nbformat.write(notebook, folder / path.name)
    return changed, [(cell.execution_count, f"{output.ename}: {output.evalue}")
                     for cell in notebook.cells for output in cell.get("outputs", [])
                     if output.output_type == "error"]


def main(names):
    folder = ROOT / "build" / "other_seeds"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["TQDM_DISABLE"] = "1"  # a progress bar would stay in the output
    failed = 0
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        if path.name.startswith(tuple(names or ("",))):
            changed, errors = run_reseeded(path, folder)
            failed += bool(errors)
            print(f"{path.stem}: {changed} cells with other seeds, {len(errors)} fail",
                  flush=True)
            for number, error in errors:
                print(f"    cell [{number}] {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
