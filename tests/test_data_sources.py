"""Where Fashion-MNIST is looked for and fetched from, Debian's package among it."""
import gzip
import os
import subprocess

import d2l_bn
from d2l_bn import data

import pytest
from fashion_files import LABELS, NAMES, PACKED, as_nobody, fill, holds_all

pytestmark = pytest.mark.usefixtures("alone")


# Debian's package --------------------------------------------------------------------

def test_apt_package_is_unpacked_and_nothing_else_stays(tmp_path, apt, capsys):
    log, folder = apt(), tmp_path / "data"
    data._fetch_debian_package(folder)
    assert holds_all(folder)
    assert sorted(os.listdir(folder)) == sorted(PACKED)
    update, download, unpack = log.read_text().splitlines()
    assert update.endswith("update")
    assert download.endswith("download dataset-fashion-mnist")
    assert unpack.startswith("dpkg-deb -x dataset-fashion-mnist_0_all.deb")
    for command in (update, download):  # lists and cache of our own: no root is needed
        assert f"Dir::State::Lists={folder}/.fetching-" in command
        assert f"Dir::Cache={folder}/.fetching-" in command
        assert "Debug::NoLocking=1" in command
    assert "dataset-fashion-mnist" in capsys.readouterr().out


def test_apt_gets_its_own_folders_made(tmp_path, apt):
    made = "test -d lists/partial && test -d cache/archives/partial || exit 7"
    apt(update=made)
    data._fetch_debian_package(tmp_path / "data")
    assert holds_all(tmp_path / "data")


def test_apt_package_replaces_only_what_is_not_good(tmp_path, apt):
    apt()
    folder = fill(tmp_path / "data")
    (folder / f"{LABELS}.gz").write_bytes(b"damaged")
    before = {name: (folder / name).stat().st_ino for name in PACKED}
    data._fetch_debian_package(folder)
    changed = [name for name in PACKED if (folder / name).stat().st_ino != before[name]]
    assert changed == [f"{LABELS}.gz"]
    assert holds_all(folder)


@pytest.mark.parametrize(("step", "command", "why"), [
    ("update", "echo no network >&2; exit 100", "apt-get failed: no network"),
    ("download", "echo E: unable to locate >&2; exit 100", "apt-get failed: E: unable"),
    ("download", ":", f"no {NAMES[0]}"),
    ("unpack", "echo not a deb >&2; exit 2", "dpkg-deb failed: not a deb"),
    ("unpack", "mkdir -p $3", f"no {NAMES[0]}"),
])
def test_failing_apt_says_why_and_leaves_nothing(tmp_path, apt, step, command, why):
    apt(**{step: command})
    with pytest.raises(OSError) as info:
        data._fetch_debian_package(tmp_path / "data")
    assert why in str(info.value)
    assert os.listdir(tmp_path / "data") == []


def test_damaged_apt_package_is_refused(tmp_path, apt):
    apt()
    (apt.store / f"{LABELS}.gz").write_bytes(gzip.compress(b"damaged"))
    with pytest.raises(OSError, match="damaged"):
        data._fetch_debian_package(tmp_path / "data")
    assert f"{LABELS}.gz" not in os.listdir(tmp_path / "data")


@pytest.mark.parametrize("missing", ["apt-get", "dpkg-deb"])
def test_without_apt_nothing_is_run(tmp_path, apt, missing):
    log = apt()
    (tmp_path / "bin" / missing).unlink()
    with pytest.raises(OSError, match="no apt-get and dpkg-deb"):
        data._fetch_debian_package(tmp_path / "data")
    assert not log.exists()


def test_apt_that_hangs_is_given_up(tmp_path, apt, monkeypatch):
    apt(update="sleep 60")
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run",
                        lambda *command, **how: run(*command, **{**how, "timeout": .2}))
    with pytest.raises(OSError, match="apt-get failed.*timed out"):
        data._fetch_debian_package(tmp_path / "data")


# find_fashion_mnist ------------------------------------------------------------------

def test_sources_are_tried_in_the_order_said(tmp_path, mirror, apt):
    log, server, root = apt(), mirror(), fill(tmp_path / "root")
    debian = fill(tmp_path / "debian", packed=False)
    sources = dict(root=root, mirrors=[server.url], debian_folder=debian)
    assert data.find_fashion_mnist(**sources) == root
    (root / f"{LABELS}.gz").unlink()
    assert data.find_fashion_mnist(**sources) == debian
    assert server.asked == []
    (debian / LABELS).write_bytes(b"damaged")
    assert data.find_fashion_mnist(**sources) == root
    assert server.asked == [f"{LABELS}.gz"]
    assert not log.exists()
    (root / f"{LABELS}.gz").unlink()
    server.answers.clear()
    assert data.find_fashion_mnist(**sources) == root
    assert log.exists()
    assert holds_all(root)


def test_error_lists_each_source_and_what_to_type(tmp_path, mirror, apt):
    apt(update="echo no network >&2; exit 100")
    server = mirror()
    server.answers.clear()
    root, debian = tmp_path / "root", tmp_path / "debian"
    with pytest.raises(FileNotFoundError) as info:
        data.find_fashion_mnist(root, [server.url], debian)
    lines = str(info.value).splitlines()
    for line, (source, why) in zip(lines[1:5], (
            ("the data folder", str(root)),
            ("Debian's installed package", str(debian)),
            ("a download", f"{server.url}{NAMES[0]}.gz: HTTP Error 404"),
            ("Debian's package, by apt-get", "no network")), strict=True):
        assert line.startswith(f"- {source}: ")
        assert why in line
    for what in ("sudo apt install dataset-fashion-mnist", str(root), "MXNET_HOME"):
        assert what in lines[5]


@pytest.mark.parametrize("parent", ["a-file", "/proc/nothing"])
def test_root_that_cannot_be_written_is_reported(tmp_path, mirror, apt, parent):
    apt()
    (tmp_path / "a-file").write_text("in the way")
    server, root = mirror(), tmp_path / parent / "data"
    with pytest.raises(FileNotFoundError) as info:
        data.find_fashion_mnist(root, [server.url], tmp_path / "debian")
    lines = str(info.value).splitlines()
    assert lines[3].startswith("- a download: ") and "Errno" in lines[3]
    assert lines[4].startswith("- Debian's package") and "Errno" in lines[4]
    assert server.asked == []


@pytest.mark.parametrize("parent", ["a-file", "/proc/nothing"])
def test_root_that_cannot_be_written_is_no_harm_beside_debians_data(tmp_path, parent):
    (tmp_path / "a-file").write_text("in the way")
    debian = fill(tmp_path / "debian", packed=False)
    assert data.find_fashion_mnist(tmp_path / parent / "data", (), debian) == debian


def test_root_that_cannot_be_entered_is_no_harm_beside_debians_data(open_folder):
    debian, closed = fill(open_folder / "debian"), open_folder / "closed"
    closed.mkdir()
    closed.chmod(0)
    with as_nobody():
        assert data.find_fashion_mnist(closed / "data", (), debian) == debian


def test_root_with_a_name_too_long_is_reported_as_the_rest(tmp_path):
    with pytest.raises(FileNotFoundError, match="Tried in turn"):
        data.find_fashion_mnist(tmp_path / ("long" * 100), (), tmp_path / "debian")


def test_root_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ValueError, match="root must be a folder.*file"):
        data.find_fashion_mnist(tmp_path / "file", (), fill(tmp_path / "debian"))


def test_data_folder_is_where_mxnet_home_says(tmp_path, monkeypatch):
    folder = fill(tmp_path / "elsewhere" / "datasets" / "fashion-mnist")
    monkeypatch.setenv("MXNET_HOME", str(tmp_path / "elsewhere"))
    assert data.data_folder() == folder
    assert data.find_fashion_mnist(None, (), tmp_path / "debian") == folder


def test_data_folder_is_in_the_home_folder_without_mxnet_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = tmp_path / ".mxnet" / "datasets" / "fashion-mnist"
    monkeypatch.setenv("MXNET_HOME", "~/.mxnet")
    assert data.data_folder() == expected
    monkeypatch.setenv("MXNET_HOME", "")
    assert data.data_folder() == expected
    monkeypatch.delenv("MXNET_HOME")
    assert data.data_folder() == expected


@pytest.mark.parametrize("home", ["~/.mxnet", "~nobody-of-this-name/data"])
def test_no_home_folder_is_reported_with_what_to_set(monkeypatch, home):
    def nobody(path):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(data.Path, "expanduser", nobody)
    monkeypatch.setenv("MXNET_HOME", home)
    with pytest.raises(ValueError, match="^root must.*no home folder: set MXNET_HOME"):
        d2l_bn.load_data_fashion_mnist(4)


def test_root_may_begin_with_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = fill(tmp_path / "data")
    assert data.find_fashion_mnist("~/data", (), tmp_path / "debian") == folder
