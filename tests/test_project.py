"""The project's files agree with each other."""
import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it on Python 3.10

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK_TEXT = (ROOT / "requirements.lock").read_text()
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
# d2l_bn's modules in order: each imports only those before it.
MODULES = ("speed", "compat", "arguments", "data", "norm", "models", "training",
           "plots")


def applies(requirement, python):
    return requirement.marker is None or requirement.marker.evaluate({
        "python_version": python, "python_full_version": f"{python}.9",
        "sys_platform": "linux", "platform_system": "Linux",
        "platform_machine": "x86_64", "extra": ""})


def locked(python):
    """name -> locked version, for one Python."""
    lines = re.findall(r"^([a-z0-9].*?==.*?)(?: \\)?$", LOCK_TEXT, re.M)
    requirements = [Requirement(line) for line in lines]
    return {r.name: str(r.specifier).removeprefix("==") for r in requirements
            if applies(r, python)}


def wanted():
    extras = PROJECT["optional-dependencies"]
    return [Requirement(text) for text in
            PROJECT["dependencies"] + sum(extras.values(), [])]


@pytest.mark.parametrize("python", PYTHONS)
def test_lock_satisfies_the_package_metadata(python):
    versions = locked(python)
    for requirement in wanted():
        if applies(requirement, python):
            assert requirement.specifier.contains(versions[requirement.name])


def test_lock_has_hashes_and_no_address():
    packages = re.findall(r"^[a-z0-9][^\n]*==[^\n]* \\\n    --hash=sha256:", LOCK_TEXT,
                          re.M)
    assert len(packages) == len(re.findall(r"^[a-z0-9]", LOCK_TEXT, re.M)) > 50
    assert "://" not in LOCK_TEXT


def test_environment_yml_has_the_locked_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    [python] = [line.split("=")[1] for line in environment["dependencies"]
                if isinstance(line, str) and line.startswith("python=")]
    [pip] = [item["pip"] for item in environment["dependencies"]
             if isinstance(item, dict)]
    pins = {r.name: str(r.specifier) for r in map(Requirement, pip[:-1])}
    assert pip[-1] == "-e ."
    versions = locked(python)
    for name, specifier in pins.items():
        assert specifier == f"=={versions[name]}", name
    extras = PROJECT["optional-dependencies"]
    direct = [Requirement(text).name for text in
              PROJECT["dependencies"] + extras["lab"] + extras["ship"]]
    assert sorted(pins) == sorted(direct)


def test_ci_runs_the_test_command_on_the_promised_pythons():
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.10", "3.11", "3.12"]
    assert job["steps"][-1]["run"] == "bash .ci/run"
    assert "\nmake test\n" in (ROOT / ".ci/run").read_text()
    for command in ("make run", "make test"):
        assert command in (ROOT / "README.md").read_text()


def test_module_stays_small():
    files = [path for path in (ROOT / "d2l_bn").glob("*.py") if path.name != "check.py"]
    assert {path.stem for path in files} == {"__init__", *MODULES}
    assert sum(len(path.read_text().splitlines()) for path in files) < 800


@pytest.mark.parametrize("name", MODULES)
def test_module_imports_only_those_before_it(name):
    tree = ast.parse((ROOT / "d2l_bn" / f"{name}.py").read_text())
    imported = [node.module for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and node.level]
    assert all(MODULES.index(other) < MODULES.index(name) for other in imported)


def test_every_lesson_is_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        assert f"(notebooks/{path.name})" in readme, path.name


def test_every_link_of_the_readme_leads_somewhere():
    readme = (ROOT / "README.md").read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (ROOT / target).exists(), target


def test_licences_are_whole():
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "Attribution 4.0 International" in (ROOT / "LICENSE-text").read_text()
    assert PROJECT["license"] == "Apache-2.0"


def run_lessons(*arguments, cwd):
    return subprocess.run([sys.executable, cwd / "tools/run_lessons.py", *arguments],
                          capture_output=True, text=True, timeout=300)


def test_a_failing_cell_fails_the_run_and_is_named(tmp_path):
    import nbformat
    from nbformat import v4
    (tmp_path / "tools").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "tools/run_lessons.py").write_text(
        (ROOT / "tools/run_lessons.py").read_text())
    good = v4.new_notebook(cells=[v4.new_code_cell("print(1)")])
    bad = v4.new_notebook(cells=[v4.new_code_cell("x = 1"),
                                 v4.new_code_cell("missing + x")])
    nbformat.write(bad, tmp_path / "notebooks/01_bad.ipynb")
    nbformat.write(good, tmp_path / "notebooks/02_good.ipynb")
    done = run_lessons(cwd=tmp_path)
    assert done.returncode == 1
    assert re.search(r"01_bad .* FAILED in cell \[2\] 'missing \+ x': NameError",
                     done.stdout)
    assert re.search(r"02_good .* s  ok", done.stdout), "the others still run"
    assert (tmp_path / "build/02_good.html").exists()
    done = run_lessons("02", cwd=tmp_path)
    assert done.returncode == 0
    assert run_lessons("77", cwd=tmp_path).returncode == 2
