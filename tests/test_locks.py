"""Whatever is installed is held to a hash, but for what says why not."""
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
LOCKS = sorted(ROOT.glob("requirements*.lock"))
# A part of the command -> why it may go without hashes.
WITHOUT = {
    "--no-build-isolation --editable .": "this folder, built by the locked setuptools",
    "torch==": "PyTorch is only compared with; pip picks a build for the machine",
}


def entries(text):
    """The requirements of a lock, each with its lines."""
    plain = re.sub(r"^ *#.*\n", "", text, flags=re.M).strip()
    return re.split(r"\n(?=[a-z0-9])", plain)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_entry_of_a_lock_has_one_version_and_hashes_and_no_address(path):
    found = entries(path.read_text())
    assert len(found) >= 1
    for entry in found:
        first, *rest = entry.splitlines()
        assert re.match(r"[a-z0-9-]+==[^ ;*]+( ; [^\\]+)? \\$", first), entry
        assert rest, entry
        for line in rest:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line), entry
    assert "://" not in path.read_text()


def test_every_lock_is_renewed_by_make_lock(tmp_path):
    """A stand-in for uv notes what it is asked for."""
    stand_in, log = tmp_path / "uv", tmp_path / "log"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
    stand_in.chmod(0o755)
    subprocess.run(["make", "lock"], cwd=ROOT, check=True, env={
        **os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    commands = log.read_text().splitlines()
    assert sorted(command.split()[-1] for command in commands) == [
        path.name for path in LOCKS]
    assert all("--generate-hashes" in command for command in commands)


def installs(text):
    """The commands that install with pip, each in one line."""
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [line.strip() for line in lines
            if re.search(r"\bpip3? install|\$\(PIP\)", line)
            and not re.match(r"\s*(#|PIP :=|@?echo)", line)]


def without_hashes(text):
    return [command for command in installs(text)
            if not ("--require-hashes" in command and ".lock" in command)]


def test_make_installs_everything_with_hashes_but_for_what_says_why():
    assert len(installs(MAKEFILE)) >= 5
    left = without_hashes(MAKEFILE)
    for command in left:
        assert any(part in command for part in WITHOUT), command
    assert len(left) == len(WITHOUT)


def test_workflow_and_container_install_through_make_alone():
    files = [*ROOT.glob(".github/workflows/*"), *ROOT.glob(".devcontainer/*"),
             ROOT / ".ci" / "run"]
    assert len(files) >= 3
    for path in files:
        assert without_hashes(path.read_text()) == [], path.name


def test_environment_yml_says_that_it_has_no_hashes():
    text = (ROOT / "environment.yml").read_text()
    assert "without its hashes" in text
    [pip] = [item["pip"] for item in yaml.safe_load(text)["dependencies"]
             if isinstance(item, dict)]
    assert all("==" in line for line in pip[:-1])


def test_audit_fails_for_what_cannot_be_looked_up_and_passes_over_the_answered_alone():
    [command] = [line for line in re.sub(r"\\\n\s*", "", MAKEFILE).splitlines()
                 if "bin/pip-audit " in line]
    assert "--strict" in command and "$(wildcard requirements*.lock)" in command
    [answered] = re.findall(r"^ANSWERED :=(.*)", MAKEFILE, re.M)
    answers = (ROOT / "docs" / "audit.md").read_text()
    for advisory in answered.split():
        assert f"`{advisory}`" in answers
