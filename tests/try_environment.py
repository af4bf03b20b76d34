"""environment.yml installs and runs a lesson; `make conda` runs this, no other.

Its pip part alone goes into a new environment of its Python, which must be on the PATH;
conda would bring nothing else. About 900 MB.
"""
import shutil
import subprocess

import pytest
import yaml
from test_opened_alone import ROOT, call, clone, first_cells, no_error, run  # noqa: F401


def test_pip_part_installs_without_conflict_and_lesson_01_opens(
        tmp_path, clone, run):  # noqa: F811
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, _, packages = environment["dependencies"]
    name = python.replace("=", "")
    if shutil.which(name) is None or subprocess.run([name, "-c", ""]).returncode:
        pytest.fail(f"{name} is needed on the PATH: install it", pytrace=False)
    folder = tmp_path / "environment"
    call(name, "-m", "venv", folder)
    inside = folder / "bin" / "python"
    listed = tmp_path / "requirements.txt"
    listed.write_text("\n".join(packages["pip"]))
    call(inside, "-m", "pip", "install", "-r", listed, cwd=clone)  # `-e .` is the clone
    call(inside, "-m", "pip", "check")
    *_, last = no_error(run(inside, clone / "notebooks", [
        *first_cells("01", ""), "d2l_bn.__file__"]))
    assert last.outputs[0].data["text/plain"] == repr(
        str(clone / "d2l_bn" / "__init__.py"))
