"""What a fetch leaves, or a package would put, where it does not belong."""
import errno
import io
import os
import shutil
import tarfile
import threading
import time

from d2l_bn import data, fetching

import pytest
from fashion_files import LABELS, NAMES, PACKED, fill, holds_all
from folders import content

pytestmark = pytest.mark.usefixtures("alone")


# Temporary folders -------------------------------------------------------------------

def leave(folder, name=".fetching-dead", days=0):
    """A temporary folder as a killed fetch leaves it."""
    scratch = folder / name
    (scratch / "cache" / "partial").mkdir(parents=True)
    (scratch / f"{LABELS}.gz").write_bytes(b"half")
    os.utime(scratch, (time.time() - days * 86400,) * 2)
    return scratch


def test_next_start_removes_what_a_killed_fetch_has_left(tmp_path):
    folder = fill(tmp_path / "data")
    leave(folder)
    leave(folder, ".fetching-dead-too")
    assert data.find_fashion_mnist(folder, (), tmp_path / "none") == folder
    assert sorted(os.listdir(folder)) == sorted(PACKED)


def test_start_that_takes_the_data_elsewhere_tidies_up_too(tmp_path):
    left, debian = leave(tmp_path / "data"), fill(tmp_path / "debian")
    assert data.find_fashion_mnist(tmp_path / "data", (), debian) == debian
    assert not left.exists()


def test_temporary_folder_of_a_live_fetch_is_left_alone(tmp_path):
    folder = tmp_path / "data"
    left = leave(folder)
    with fetching.temporary_folder(folder) as live:
        os.utime(live, (0, 0))
        fetching.remove_leftovers(folder)
        assert live.is_dir() and not left.exists()
    assert os.listdir(folder) == []


def test_without_locks_only_a_folder_more_than_a_day_old_is_removed(
        tmp_path, mirror, monkeypatch):
    def no_locks(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fetching.fcntl, "flock", no_locks)
    young, old = leave(tmp_path), leave(tmp_path, ".fetching-old", days=2)
    data.find_fashion_mnist(tmp_path, [mirror().url], tmp_path / "none")
    assert holds_all(tmp_path)
    assert young.is_dir() and not old.exists()


def test_fetches_that_begin_while_others_tidy_up_keep_their_folders(tmp_path):
    folder, failures, ended = tmp_path / "data", [], threading.Event()
    folder.mkdir()

    def tidy():
        while not ended.is_set():
            fetching.remove_leftovers(folder)

    def begin():
        try:
            for _ in range(150):
                with fetching.temporary_folder(folder) as scratch:
                    (scratch / "file").write_text("mine")
                    assert (scratch / "file").read_text() == "mine"
        except BaseException as err:
            failures.append(err)

    tidying = [threading.Thread(target=tidy, daemon=True) for _ in range(2)]
    beginning = [threading.Thread(target=begin, daemon=True) for _ in range(2)]
    for thread in tidying + beginning:
        thread.start()
    for thread in beginning:
        thread.join(600)
    ended.set()
    assert failures == [] and os.listdir(folder) == []


# Packages ----------------------------------------------------------------------------

# The real dpkg-deb; where there is none, tar, which is what it calls.
UNPACK = ('if command -v dpkg-deb > /dev/null; then dpkg-deb "$@"; '
          'else mkdir -p "$3" && ar p "$2" data.tar | tar -x -C "$3"; fi')
HOME = "./usr/share/datasets/fashion-mnist"


def link(name, target):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, str(target)
    return member, b""


def file(name, content=b"escaped"):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


def write_deb(path, members):
    """A Debian package, which is an `ar` archive of three files."""
    packed = []
    for parts in ([file("./control", b"Package: made-up\nVersion: 0\n")], members):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            for member, content in parts:
                tar.addfile(member, io.BytesIO(content))
        packed.append(archive.getvalue())
    with open(path, "wb") as deb:
        deb.write(b"!<arch>\n")
        for name, content in (("debian-binary", b"2.0\n"), ("control.tar", packed[0]),
                              ("data.tar", packed[1])):
            head = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n"
            deb.write(head.encode() + content + b"\n" * (len(content) % 2))


HOSTILE = {  # members of a package; `out` is a folder with the good files
    "above": lambda out: [file(f"{HOME}/../../../../../../../out/escaped")],
    "above from the start": lambda out: [file("../../../out/escaped")],
    "absolute": lambda out: [file(f"{out}/escaped")],
    "through a link": lambda out: [link("./usr", out), file("./usr/escaped")],
    "a link to the folder": lambda out: [link(HOME, out)],
    "links to the files": lambda out: [link(f"{HOME}/{name}.gz", out / f"{name}.gz")
                                       for name in NAMES],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_package_neither_writes_nor_takes_anything_outside(tmp_path, apt, members):
    out = fill(tmp_path / "out")
    write_deb(tmp_path / "hostile.deb", members(out))
    apt(unpack=UNPACK, download=f"cp {tmp_path}/hostile.deb .")
    before = content(tmp_path)
    with pytest.raises(OSError):
        data._fetch_debian_package(tmp_path / "data")
    (tmp_path / "apt.log").unlink()
    assert os.listdir(tmp_path / "data") == []
    (tmp_path / "data").rmdir()
    assert content(tmp_path) == before


def test_made_up_package_without_tricks_is_unpacked(tmp_path, apt):
    write_deb(tmp_path / "good.deb",
              [file(f"{HOME}/{name}", content) for name, content in PACKED.items()])
    apt(unpack=UNPACK, download=f"cp {tmp_path}/good.deb .")
    data._fetch_debian_package(tmp_path / "data")
    assert holds_all(tmp_path / "data")


def test_folder_behind_a_link_is_as_good_as_any(tmp_path, mirror, apt):
    apt()
    (tmp_path / "large-disk").mkdir()
    (tmp_path / "data").symlink_to("large-disk")
    data._download(tmp_path / "data", [mirror().url])
    assert holds_all(tmp_path / "large-disk")
    shutil.rmtree(tmp_path / "large-disk")
    (tmp_path / "large-disk").mkdir()
    data._fetch_debian_package(tmp_path / "data")
    assert holds_all(tmp_path / "large-disk")
