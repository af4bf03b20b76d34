"""What a machine lacks is named in plain words, before anything is downloaded."""
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from d2l_bn import machine

import pytest

ROOT = Path(__file__).resolve().parent.parent
WHEEL = Path(machine.importlib.util.find_spec("mxnet").origin).parent


@pytest.fixture
def linux(monkeypatch):
    """A machine that has all; a test takes away from it. A root user with apt-get."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(os, "confstr", lambda name: "glibc 2.41")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine.ctypes, "CDLL", lambda name: None)
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(shutil, "which", {"apt-get": "/usr/bin/apt-get"}.get)
    return monkeypatch


def lack(monkeypatch, *libraries, venv=False):
    def load(name):
        if name in libraries:
            raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(machine.ctypes, "CDLL", load)
    if venv:
        monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: None)


def test_nothing_is_said_where_all_is_there(linux):
    assert machine.what_is_missing() is None


@pytest.mark.parametrize("system, processor, words", [
    ("win32", "AMD64", ["Windows", "WSL 2", "wsl --install"]),
    ("darwin", "arm64", ["arm64", ".devcontainer"]),  # Apple silicon
    ("linux", "aarch64", ["aarch64", ".devcontainer"]),
    ("freebsd14", "amd64", ["freebsd14", ".devcontainer"])])
def test_other_machines_are_sent_where_it_runs(linux, system, processor, words):
    linux.setattr(sys, "platform", system)
    linux.setattr(platform, "machine", lambda: processor)
    said = machine.what_is_missing()
    assert all(word in said for word in words), said


def test_an_intel_mac_is_taken(linux):
    linux.setattr(sys, "platform", "darwin")
    lack(linux, *machine.LIBRARIES)  # names of Linux
    assert machine.what_is_missing() is None


def no_such_setting(name):
    raise ValueError("unrecognized configuration name")


@pytest.mark.parametrize("confstr", [no_such_setting, lambda name: None])
def test_another_c_library_is_sent_to_the_container(linux, confstr):
    linux.setattr(os, "confstr", confstr)
    said = machine.what_is_missing()
    assert "glibc" in said and "Alpine" in said and ".devcontainer" in said


def test_a_python_of_32_bits_is_refused(linux):
    linux.setattr(sys, "maxsize", 2**31 - 1)
    assert "64 bits" in machine.what_is_missing()


@pytest.mark.parametrize("version, taken", [
    ((2, 7), False), ((3, 9), False), ((3, 10), True), ((3, 11), True),
    ((3, 12), True), ((3, 13), True), ((3, 14), True), ((3, 15), False)])
def test_pythons(linux, version, taken):
    linux.setattr(sys, "version_info", (*version, 0))
    said = machine.what_is_missing()
    assert said is None if taken else "3.10 to 3.14" in said and "PYTHON=" in said


@pytest.mark.parametrize("library", machine.LIBRARIES)
def test_each_library_is_named_with_its_package(linux, library):
    lack(linux, library)
    said = machine.what_is_missing()
    [package] = re.findall(r"apt-get update && apt-get install -y (\S+)$", said)
    assert library in said and package == machine.LIBRARIES[library][0]


def test_all_that_is_missing_stands_in_one_line(linux):
    lack(linux, "libgomp.so.1", "libquadmath.so.0", venv=True)
    said = machine.what_is_missing()
    assert said.endswith("Install:\n    apt-get update && "
                         "apt-get install -y libgomp1 libquadmath0 python3.12-venv")
    assert "libgomp.so.1 and libquadmath.so.0 and Python's venv" in said


def test_others_than_root_are_told_to_use_sudo(linux):
    linux.setattr(os, "geteuid", lambda: 1000)
    lack(linux, "libgomp.so.1")
    assert machine.what_is_missing().endswith(
        "    sudo apt-get update && sudo apt-get install -y libgomp1")


def test_fedora_gets_its_own_line(linux):
    linux.setattr(shutil, "which", {"dnf": "/usr/bin/dnf"}.get)
    lack(linux, "libgomp.so.1", "libquadmath.so.0")
    assert machine.what_is_missing().endswith("    dnf install -y libgomp libquadmath")


def test_other_systems_hear_both_names(linux):
    linux.setattr(shutil, "which", lambda name: None)
    lack(linux, "libquadmath.so.0")
    said = machine.what_is_missing()
    assert "libquadmath0" in said and "Fedora: libquadmath)" in said


GLIBC = {"libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0",
         "/lib64/ld-linux-x86-64.so.2", "linux-vdso.so.1"}


def test_the_libraries_are_those_that_the_wheel_asks_for():
    listed = subprocess.run(["ldd", WHEEL / "libmxnet.so"], capture_output=True,
                            text=True, timeout=60).stdout
    asked = set(re.findall(r"^\s+(\S+)", listed, re.M))
    bundled = {path.name for path in WHEEL.iterdir()}
    assert asked - GLIBC - bundled == set(machine.LIBRARIES)


def script(*options):
    return subprocess.run([sys.executable, *options, ROOT / "d2l_bn" / "machine.py"],
                          capture_output=True, text=True, timeout=60)


def test_the_file_runs_with_the_standard_library_alone():
    done = script("-I", "-S")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_file_fails_where_something_is_missing(tmp_path):
    (tmp_path / "ctypes.py").write_text("def CDLL(name):\n    raise OSError(name)\n")
    done = subprocess.run([sys.executable, ROOT / "d2l_bn" / "machine.py"],
                          env={**os.environ, "PYTHONPATH": str(tmp_path)},
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("The course needs libgomp.so.1 and libquadmath.so.0")


def test_make_says_what_is_missing_before_it_creates_anything(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / "d2l_bn").mkdir()
    (tmp_path / "d2l_bn/machine.py").write_text("raise SystemExit('no libgomp')\n")
    done = subprocess.run(["make", "run", f"PYTHON={sys.executable}"], cwd=tmp_path,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "no libgomp" in done.stderr
    assert done.stdout == "" and not (tmp_path / ".venv").exists()


@pytest.fixture
def pythons(tmp_path):
    """A function that makes a folder of Pythons that give themselves these versions."""
    def make(**versions):
        for name, version in versions.items():
            path = tmp_path / name.replace("_", ".")
            path.write_text(f'#!/bin/sh\nexec {sys.executable} -c '
                            f'"import sys; sys.version_info = {version}; $2"\n')
            path.chmod(0o755)
        (tmp_path / "make").symlink_to(shutil.which("make"))
        return str(tmp_path)

    return make


def make(path, *arguments):
    return subprocess.run(["make", "-f", "-", *arguments], cwd=ROOT, text=True,
                          input="include Makefile\nchosen:\n\t@:$(info $(PYTHON))\n",
                          env={"PATH": path}, capture_output=True, timeout=60)


def test_make_takes_the_first_python_that_fits(pythons):
    path = pythons(python3=(3, 9), python3_12=(3, 15), python3_13=(3, 13),
                   python3_10=(3, 10))
    assert make(path, "chosen").stdout == "python3.13\n"


def test_make_without_a_fitting_python_says_so(pythons):
    done = make(pythons(python3=(3, 9)), "run", "VENV=build/no-such-folder")
    assert done.returncode == 2 and "No Python 3.10 to 3.14 was found" in done.stdout
    assert not (ROOT / "build/no-such-folder").exists()
