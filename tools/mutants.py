"""Put known bugs into a copy of d2l_bn, one at a time: do the project's tests see them?

    python tools/mutants.py              a table: what found each; LIVES if nothing did
    python tools/mutants.py --write      writes it to docs/mutants.md too
    python tools/mutants.py momentum     only those with the word in name or file

Exit status 1 if a mutant lives. The mutants are in tools/mutants/.
"""
# Not mutmut or cosmic-ray: they make up mutants, and cannot hold a published bug.
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it on Python 3.10

ROOT = Path(__file__).resolve().parent.parent
MUTANTS, PAGE = ROOT / "tools/mutants", ROOT / "docs/mutants.md"
GROUPS = {"zoo": "Published bugs", "layers": "Slips in layers, nets and statistics",
          "training": "Slips in training, data and what is around them"}
# Tests of modules whose tests have other names.
TESTS = {"norm.py": ["test_norm.py", "test_layer.py"],
         "fast_norm.py": ["test_norm.py", "test_layer.py"],
         "arguments.py": ["test_refusals.py"],
         "models.py": ["test_models.py", "test_make_lenet.py"],
         "compat.py": ["test_engine.py"],
         "mending.py": ["test_numpy_arguments.py"]}
OPTIONS = ["-q", "-rfE", "--tb=no", "--color=no", "-p", "no:cacheprovider",
           "--hypothesis-seed=0"]
START = """
import pathlib, sys
import d2l_bn
here = pathlib.Path.cwd().resolve()
assert pathlib.Path(d2l_bn.__file__).resolve().is_relative_to(here), d2l_bn.__file__
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def read_mutants():
    """All mutants, each with the name of its file, in turn."""
    return [{**mutant, "group": group} for group in GROUPS for mutant in
            tomllib.loads((MUTANTS / f"{group}.toml").read_text())["mutant"]]


def mutated(mutant, text):
    """The text of the module's file with the mutant in it."""
    if text.count(mutant["old"]) != 1:
        raise ValueError(f"the mutant {mutant['name']!r} no longer fits: its old text "
                         f"occurs {text.count(mutant['old'])} times in "
                         f"d2l_bn/{mutant['file']}, not once")
    return text.replace(mutant["old"], mutant["new"])


def tests_of(file):
    """The test files of a file of the module, as pytest is given them."""
    return [f"tests/{name}" for name in TESTS.get(file) or sorted(
        path.name for path in ROOT.glob(f"tests/test_{Path(file).stem}*.py"))]


def copy_project(folder):
    """Put what git has or would take, as it is now, into a folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def first_failure(folder, tests, *options):
    """The first test that fails of those in a copy of the project; None if none does.

    RuntimeError with what was printed when the tests did not run.
    """
    other = os.environ.get("D2L_BN_OTHER_NUMPY", ROOT / ".venv/other-numpy")
    done = subprocess.run(
        [sys.executable, "-c", START, *OPTIONS, *options, *tests], cwd=folder,
        capture_output=True, text=True, timeout=3600,  # a guard against a hang
        env={**os.environ, "PYTHONPATH": str(folder), "PYTEST_ADDOPTS": "",
             "D2L_BN_OTHER_NUMPY": str(other)})
    if done.returncode == 0:
        return None
    if found := re.search(r"^(?:FAILED|ERROR) tests/(\w+\.py(?:::\w+)?)", done.stdout,
                          re.M):
        return found[1]
    raise RuntimeError(f"the tests did not run:\n{done.stdout}{done.stderr}")


def killer(mutant):
    """The first test that fails with the mutant in a copy; None if it lives."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        folder = Path(folder)
        copy_project(folder)
        path = folder / "d2l_bn" / mutant["file"]
        path.write_text(mutated(mutant, path.read_text()))
        return first_failure(folder, tests_of(mutant["file"]), "-x")


def check_unmutated(mutants):
    """Stop if a test that judges mutants fails without any."""
    tests = sorted({test for mutant in mutants for test in tests_of(mutant["file"])})
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy_project(Path(folder))
        failure = first_failure(Path(folder), tests, "--numprocesses", "auto",
                                "--dist", "worksteal")
    if failure:
        sys.exit(f"{failure} fails without any mutant")


def page(mutants, killers):
    """The text of docs/mutants.md."""
    lines = ["# Do the tests see a bug?", "",
             f"`make mutants` puts {len(mutants)} bugs into a copy of the module, one "
             "at a time, and runs the tests of what is hit until one fails. It takes "
             "five to ten minutes on two cores, and wrote this page "
             "(`python tools/mutants.py --write`)."]
    for group, title in GROUPS.items():
        reason = "where from" if group == "zoo" else "how it comes about"
        lines += ["", f"## {title}", "", f"| mutant | file | {reason} | found by |",
                  "|---|---|---|---|"]
        lines += [f"| {mutant['name']} | `{mutant['file']}` | {mutant['why']} | "
                  f"{f'`{found}`' if found else '**LIVES**'} |"
                  for mutant, found in zip(mutants, killers, strict=True)
                  if mutant["group"] == group]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="?", default="")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if given.write and given.word:
        parser.error("--write needs all mutants")
    mutants = [one for one in read_mutants()
               if given.word in f"{one['file']} {one['name']}"]
    for mutant in mutants:  # all of them, before the first is run
        mutated(mutant, (ROOT / "d2l_bn" / mutant["file"]).read_text())
    print("the tests without any mutant ...", flush=True)
    check_unmutated(mutants)
    width, killers = max(len(mutant["name"]) for mutant in mutants), []
    with ThreadPoolExecutor(min(2, os.cpu_count())) as pool:
        for mutant, found in zip(mutants, tqdm(pool.map(killer, mutants), "mutants",
                                               len(mutants), leave=False), strict=True):
            tqdm.write(f"{mutant['name']:{width}}  {mutant['file']:13} "
                       f"{found or 'LIVES'}")
            killers.append(found)
    print(f"{len(mutants) - killers.count(None)} of {len(mutants)} were found")
    if given.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(mutants, killers))
    return None in killers


if __name__ == "__main__":
    sys.exit(main())
