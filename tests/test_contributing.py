"""What contributors are told is so: versions, commands, style and workflows agree."""
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from test_project import MAKEFILE, TARGETS

ROOT = Path(__file__).resolve().parent.parent
GITHUB = ROOT / ".github"
WORD = "rec" + "ieve"  # misspelt, but not for the check of this very file


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def loaded(name):
    return yaml.safe_load(read(name))


def test_the_version_and_its_date_are_the_same_everywhere():
    [version] = re.findall(r'(?m)^version = "(.*)"', read("pyproject.toml"))
    citation = loaded("CITATION.cff")
    newest = re.search(r"(?m)^## (\S+) \((\S+)\)$", read("CHANGELOG.md"))
    assert citation["version"] == version == newest[1]
    assert str(citation["date-released"]) == newest[2]


@pytest.mark.parametrize("name, words", [("CONTRIBUTING.md", 900),
                                         ("CHANGELOG.md", 500)])
def test_pages_for_contributors_are_short(name, words):
    assert len(read(name).split()) < words


def test_every_command_that_is_named_is_there():
    for path in (ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md",
                 *GITHUB.rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"(?m)(?:^|run: |`)make (\w+)", text):
            assert target in TARGETS, f"{path.name}: make {target}"
        for tool in re.findall(r"tools/\w+\.\w+", text):
            assert (ROOT / tool).exists(), f"{path.name}: {tool}"


def test_a_commit_is_checked_as_make_lint_checks():
    recipe = re.search(r"(?m)^lint:.*\n((?:\t.*\n)+)", MAKEFILE)[1]
    [repository] = loaded(".pre-commit-config.yaml")["repos"]
    assert [hook["entry"] for hook in repository["hooks"]] == [
        line.strip().replace("$(PY)", ".venv/bin/python")
        for line in recipe.splitlines()]


def linted(*command):
    done = subprocess.run([sys.executable, "-m", *map(str, command)], cwd=ROOT,
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_lint_reads_the_code_of_notebooks(tmp_path):
    path = tmp_path / "03_made_up.ipynb"
    cells = [new_code_cell("import os\nimport sys"), new_code_cell("print(sys.path)")]
    nbformat.write(new_notebook(cells=cells), path)
    code, said = linted("ruff", "check", "--config", "pyproject.toml", path)
    assert code == 1 and "F401" in said and "sys" not in re.findall(r"`(\w+)`", said)
    listed = linted("ruff", "check", "--show-files")[1]
    assert str(ROOT / "notebooks" / "03_write_batch_norm.ipynb") in listed


def test_lint_reads_the_words_of_notebooks_and_not_their_pictures(tmp_path):
    path = tmp_path / "03_made_up.ipynb"
    picture = new_output("display_data", {"image/png": f"+{WORD}+"})
    cells = [new_code_cell("nd.ones(3)", outputs=[picture]), new_markdown_cell("Well.")]
    nbformat.write(new_notebook(cells=cells), path)
    assert linted("codespell_lib", path) == (0, "")
    cells[1].source = f"We {WORD}."
    nbformat.write(new_notebook(cells=cells), path)
    code, said = linted("codespell_lib", path)
    assert code and WORD in said


def test_a_push_runs_the_changed_lessons_and_a_pull_request_all_and_the_browser():
    jobs = loaded(".github/workflows/test.yml")["jobs"]
    commands = {name: [step["run"] for step in job["steps"] if "run" in step]
                for name, job in jobs.items()}
    assert commands["check"] == ["make check"]
    assert commands["browser"] == ["make browser"]
    assert jobs["browser"]["if"] == "github.event_name == 'pull_request'"
    assert commands["lessons"][0] == 'make compare LESSON="$LESSON"'
    assert "changed_lessons.py --json $BEFORE" in commands["set-up"][0]
    [listed] = [step for step in jobs["set-up"]["steps"] if step.get("id") == "lessons"]
    assert "github.event_name == 'push'" in listed["env"]["BEFORE"]
    kept = jobs["lessons"]["steps"][-1]
    assert kept["if"] == "failure()" and "build/*.ipynb" in kept["with"]["path"]


def test_the_cache_is_kept_by_the_locks_and_its_stamps_are_those_of_make():
    steps = loaded(".github/actions/set-up/action.yml")["runs"]["steps"]
    assert "hashFiles('requirements*.lock', 'pyproject.toml')" in (
        steps[1]["with"]["key"])
    paths = steps[1]["with"]["path"].split()
    touched = steps[2]["run"].split()[2:]
    assert all(any(stamp.startswith(path) for path in paths) for stamp in touched)
    stamps = (MAKEFILE.replace("$(VENV)", ".venv")
              .replace("$(GRADING)", "build/grading"))
    assert all(f"\n{stamp}:" in stamps for stamp in touched)


def test_the_form_for_faults_asks_for_what_the_report_prints():
    form = loaded(".github/ISSUE_TEMPLATE/fault.yml")
    parts = [part for part in form["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in parts}) == len(parts)
    [machine] = [part for part in parts if part["id"] == "machine"]
    assert "python tools/report.py" in machine["attributes"]["description"]
    assert all(isinstance(option, str) for part in parts
               for option in part["attributes"].get("options", []))
