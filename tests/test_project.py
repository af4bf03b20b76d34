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
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
# d2l_bn's modules in order: each imports only those before it.
ORDER = ("machine", "cuda_libraries", "mending", "compat", "arguments", "seeding",
         "parameters", "batches", "fetching", "data", "norm", "fast_norm", "models",
         "training", "statistics", "runs", "plots", "lesson_files")
MODULES = sorted(path.stem for path in (ROOT / "d2l_bn").glob("*.py")
                 if path.stem != "__init__")


def applies(requirement, python):
    return requirement.marker is None or requirement.marker.evaluate({
        "python_version": python, "python_full_version": f"{python}.9",
        "sys_platform": "linux", "platform_system": "Linux",
        "platform_machine": "x86_64", "extra": ""})


def locked(python, text=LOCK_TEXT):
    """name -> locked version, for one Python."""
    lines = re.findall(r"^([a-z0-9].*?==.*?)(?: \\)?$", text, re.M)
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
              PROJECT["dependencies"] + extras["lab"] + extras["ship"]
              + extras["modern"]]
    assert sorted(pins) == sorted(direct)


def test_other_numpy_is_locked_for_every_python_and_is_another():
    text = (ROOT / "requirements-other-numpy.lock").read_text()
    for python in PYTHONS:
        other = locked(python, text)["numpy"]
        assert other.startswith("2.") and other != locked(python)["numpy"]
    assert "://" not in text and text.count("--hash=sha256:") > 100


def test_grading_is_locked_for_every_python():
    text = (ROOT / "requirements-grading.lock").read_text()
    for python in PYTHONS:
        versions = locked(python, text)
        assert versions["nbgrader"].startswith("0.9.") and "tqdm" in versions
    assert "://" not in text and text.count("--hash=sha256:") > 1000


def test_the_site_is_locked_for_every_python():
    text = (ROOT / "requirements-site.lock").read_text()
    for python in PYTHONS:
        versions = locked(python, text)
        assert "myst-nb" in versions and "playwright" in versions
    assert "://" not in text and text.count("--hash=sha256:") > 1000


def test_numpy_is_the_one_promised_for_each_python():
    for python in PYTHONS:
        new = python in ("3.13", "3.14")
        assert locked(python)["numpy"].startswith("2." if new else "1.26.4"), python


def test_one_onnx_for_all_pythons():
    assert len({locked(python)["onnx"] for python in PYTHONS}) == 1


def test_ci_runs_the_test_command_on_the_promised_pythons():
    workflow = yaml.safe_load((ROOT / ".github/workflows/weekly.yml").read_text())
    job = workflow["jobs"]["test"]
    assert tuple(job["strategy"]["matrix"]["python"]) == PYTHONS
    assert job["steps"][-1]["run"] == "bash .ci/run"
    assert "\nmake test\n" in (ROOT / ".ci/run").read_text()
    for command in ("make run", "make test"):
        assert command in (ROOT / "README.md").read_text()


def test_everything_promises_the_same_pythons():
    from d2l_bn import machine
    assert PROJECT["requires-python"] == ">=3.10,<3.15"
    assert (machine.OLDEST, machine.NEWEST) == ((3, 10), (3, 14))
    assert all(f"python{version}" in MAKEFILE for version in PYTHONS)


MAKEFILE = (ROOT / "Makefile").read_text()


# What `make` can be asked for by name.
TARGETS = set(re.search(r"^\.PHONY:((?:.*\\\n)*.*)", MAKEFILE, re.M).group(1).replace(
    "\\", "").split())


def test_make_help_names_every_command_and_no_other():
    helped = re.findall(r'@echo "make (\w+) ', MAKEFILE)
    assert set(helped) == TARGETS - {"help"} and len(helped) == len(set(helped))


def make(*arguments):
    done = subprocess.run(
        ["make", "-n", "-o", ".venv/ready", "-o", "build/site-env/ready", *arguments],
        cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_check_leaves_out_the_lessons_and_test_runs_them_last():
    check, test = make("check"), make("test")
    assert "ruff check" in check and check.endswith('-m "not (lesson or slow)"\n')
    assert check.count(" -m pytest") == 1
    assert test.startswith(check)
    other_engine, lessons = test.removeprefix(check).strip().splitlines()
    assert other_engine.startswith("D2L_BN_TUNE=0 ")
    for name in ("norm", "layer", "training", "training_robust", "statistics"):
        assert f" tests/test_{name}.py" in other_engine
    assert "--numprocesses auto" in lessons and lessons.endswith('-m "lesson or slow"')


@pytest.mark.parametrize("cores, processes", [({3}, 1), ({0, 1}, 2), ({0, 2, 4}, 2)])
def test_tests_run_two_at_a_time_where_two_cores_are_there(
        monkeypatch, request, cores, processes):
    import os
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: cores, raising=False)
    hook = request.config.hook.pytest_xdist_auto_num_workers
    assert hook(config=request.config) == processes


def test_no_file_is_long():
    for path in [*ROOT.glob("d2l_bn/**/*.py"), *ROOT.glob("tests/**/*.py"),
                 *ROOT.glob("tools/*"), *ROOT.glob("tools/mutants/*"),
                 *ROOT.glob("notebooks/programs/*")]:
        if path.is_file():
            assert len(path.read_text().splitlines()) <= 250, path.name


@pytest.mark.parametrize("name", MODULES)
def test_module_imports_only_those_before_it(name):
    tree = ast.parse((ROOT / "d2l_bn" / f"{name}.py").read_text())
    imported = [node.module for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and node.level]
    # `from . import machine` names the module after "import".
    imported += [alias.name for node in ast.walk(tree)
                 if isinstance(node, ast.ImportFrom) and node.level and not node.module
                 for alias in node.names]
    assert all(ORDER.index(other) < ORDER.index(name) for other in imported if other)


def test_every_lesson_and_its_solutions_are_in_the_readme():
    readme = (ROOT / "README.md").read_text()
    for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        for folder in ("notebooks", "notebooks/solutions"):
            assert f"({folder}/{path.name})" in readme, path.name


def test_the_way_around_mxnets_metadata_names_every_dependency():
    text = (ROOT / "docs" / "machines.md").read_text()
    commands = " ".join(re.findall(r"^pip install (.*)$", text, re.M))
    for requirement in map(Requirement, PROJECT["dependencies"]):
        assert re.search(rf"(?<![\w-]){requirement.name}(?![\w-])", commands)


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().split()) <= 700


@pytest.mark.parametrize("path", [
    *ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")],
    ids=lambda path: path.name)
def test_every_link_of_a_text_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)#:]+)[)#]", path.read_text()):
        assert (path.parent / target).exists(), target


def test_licences_are_whole():
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "Attribution 4.0 International" in (ROOT / "LICENSE-text").read_text()
    assert PROJECT["license"] == "Apache-2.0"
