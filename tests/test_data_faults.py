"""Fashion-MNIST fetched while something is wrong: a mirror, the folder, the disk."""
import errno
import gzip
import io
import os
import socket
import threading
import time
from pathlib import Path

from d2l_bn import data, fetching

import pytest
from fashion_files import (
    CONTENT,
    IMAGES,
    LABELS,
    NAMES,
    PACKED,
    as_nobody,
    fill,
    holds_all,
)
from folders import content

pytestmark = pytest.mark.usefixtures("alone")


# Mirrors that keep one waiting -------------------------------------------------------

@pytest.fixture
def released():
    """What answers wait for that would never end; set when the test ends."""
    event = threading.Event()
    yield event
    event.set()


def no_answer(handler, released):
    released.wait()


def a_byte_now_and_then(handler, released):
    handler.head(len(PACKED[f"{IMAGES}.gz"]))
    for byte in PACKED[f"{IMAGES}.gz"]:
        handler.wfile.write(bytes([byte]))
        if released.wait(.05):
            return


def half_a_header(handler, released):
    while not released.wait(.05):
        handler.wfile.write(b"H")


@pytest.mark.parametrize("answer", [no_answer, a_byte_now_and_then, half_a_header])
def test_mirror_that_hangs_or_crawls_is_given_up(
        tmp_path, mirror, released, monkeypatch, answer):
    monkeypatch.setattr(fetching, "PATIENCE", .3)
    first = mirror(t10k_images_idx3_ubyte=lambda handler: answer(handler, released))
    with pytest.raises(OSError, match="less than 65536 bytes came in 0.3|timed out"):
        data._download(tmp_path / "data", [first.url])
    second = mirror()
    data._download(tmp_path / "data", [first.url, second.url])
    assert second.asked == [f"{IMAGES}.gz"]
    assert sorted(os.listdir(tmp_path / "data")) == sorted(PACKED)


@pytest.mark.slow
def test_slow_mirror_that_goes_on_is_waited_for(tmp_path, mirror, monkeypatch):
    monkeypatch.setattr(fetching, "PATIENCE", 3)
    monkeypatch.setattr(fetching, "BLOCK", 2000)

    def in_parts(handler):  # in longer than a part may take
        whole = PACKED[f"{NAMES[0]}.gz"]
        handler.head(len(whole))
        for start in range(0, len(whole), 1000):
            time.sleep(.4)
            handler.wfile.write(whole[start:start + 1000])

    data._download(tmp_path, [mirror(train_images_idx3_ubyte=in_parts).url])
    assert holds_all(tmp_path)


def test_mirror_that_sends_without_end_is_given_up(tmp_path, mirror, monkeypatch):
    monkeypatch.setattr(fetching, "LARGEST", 300_000)
    sent = []

    def too_much(handler):
        handler.head(10**9)
        for _ in range(1000):
            sent.append(handler.wfile.write(bytes(10**5)))

    first, second = mirror(t10k_images_idx3_ubyte=too_much), mirror()
    with pytest.raises(OSError, match="more than 300000 bytes came"):
        data._download(tmp_path / "data", [first.url])
    data._download(tmp_path / "data", [first.url, second.url])
    assert holds_all(tmp_path / "data")
    assert sum(sent) < 10**8  # what the system had room for


@pytest.mark.parametrize("why", ["Name or service not known", "Connection refused"])
def test_without_a_network_the_error_names_each_mirror_and_what_to_do(
        tmp_path, monkeypatch, why):
    def fail(*arguments, **options):
        raise (socket.gaierror(socket.EAI_NONAME, why) if why[0] == "N"
               else ConnectionRefusedError(errno.ECONNREFUSED, why))

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(FileNotFoundError) as info:
        data.find_fashion_mnist(tmp_path / "data", debian_folder=tmp_path / "none")
    for mirror in data.MIRRORS:
        assert mirror in str(info.value)
    assert str(info.value).count(why) == len(data.MIRRORS)
    assert "put the four .gz files" in str(info.value)


# Odd things in the folder ------------------------------------------------------------

ODD = {
    "a pipe": os.mkfifo,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
}


@pytest.mark.parametrize("spelling", [LABELS, f"{LABELS}.gz"])
@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_what_is_no_file_is_neither_read_nor_in_the_way(
        tmp_path, mirror, make, spelling):
    folder = fill(tmp_path / "data")
    (folder / f"{LABELS}.gz").unlink()
    make(folder / spelling)
    assert data.find_fashion_mnist(folder, [mirror().url], tmp_path / "none") == folder
    assert holds_all(folder)
    assert sorted(os.listdir(folder)) == sorted({*PACKED, spelling})


def test_folder_in_the_place_of_a_file_is_named_and_kept(tmp_path, mirror):
    in_place = fill(tmp_path / "data") / f"{LABELS}.gz"
    in_place.unlink()
    in_place.mkdir()
    (in_place / "mine").write_text("kept")
    with pytest.raises(FileNotFoundError) as info:
        data.find_fashion_mnist(tmp_path / "data", [mirror().url], tmp_path / "none")
    assert f"{in_place} cannot be read (it is no regular file: move it away)" in str(
        info.value)
    assert (in_place / "mine").read_text() == "kept"


def test_file_that_may_not_be_read_is_fetched_anew(open_folder, mirror):
    closed = fill(open_folder) / f"{LABELS}.gz"
    closed.chmod(0)
    with as_nobody():
        data.find_fashion_mnist(open_folder, [mirror().url], open_folder / "none")
        assert holds_all(open_folder)


def test_damaged_file_under_two_names_is_replaced_under_ours_alone(tmp_path, mirror):
    damaged, other = fill(tmp_path / "data") / f"{LABELS}.gz", tmp_path / "other"
    damaged.write_bytes(b"damaged")
    other.hardlink_to(damaged)
    data.find_fashion_mnist(tmp_path / "data", [mirror().url], tmp_path / "none")
    assert holds_all(tmp_path / "data")
    assert other.read_bytes() == b"damaged"


def test_file_that_unpacks_without_end_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(data, "LARGEST", 50_000)
    (tmp_path / f"{LABELS}.gz").write_bytes(gzip.compress(bytes(10**6)))
    (tmp_path / LABELS).write_bytes(bytes(10**6))
    with pytest.raises(OSError, match="(damaged .50000 bytes.*){2}"):
        data.read_verified(tmp_path, LABELS)


@pytest.mark.parametrize("answer", [CONTENT[LABELS], PACKED[f"{LABELS}.gz"]],
                         ids=["a failed fetch", "a fetch"])
def test_good_files_and_those_of_others_stay_as_they_are(tmp_path, mirror, answer):
    folder = fill(tmp_path / "data")
    (folder / f"{LABELS}.gz").unlink()
    (folder / "results").mkdir()
    (folder / "results" / "mine.csv").write_text("kept")
    (folder / f"{LABELS}.old").write_text("kept")
    (folder / ".fetching-notes").write_text("kept")  # no folder, so not one of ours
    (folder / ".fetching-link").symlink_to("results")
    before = content(folder)
    try:
        data.find_fashion_mnist(
            folder, [mirror(t10k_labels_idx1_ubyte=answer).url], tmp_path / "none")
    except FileNotFoundError:
        assert answer == CONTENT[LABELS]
    after = content(folder)
    assert after.pop(Path(f"{LABELS}.gz"), None) or answer == CONTENT[LABELS]
    assert after == before


# No room, and no right to write ------------------------------------------------------

def test_full_disk_is_reported_with_how_much_is_needed(tmp_path, mirror, monkeypatch):
    class Full(io.BytesIO):
        def write(self, block):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(fetching, "open", lambda *how: Full(), raising=False)
    with pytest.raises(FileNotFoundError, match="(?s)No space left.*100 MB free"):
        data.find_fashion_mnist(tmp_path / "data", [mirror().url], tmp_path / "none")
    assert os.listdir(tmp_path / "data") == []


def test_home_that_is_read_only_is_reported_with_what_to_set(
        open_folder, mirror, monkeypatch):
    server = mirror()
    monkeypatch.setenv("HOME", str(open_folder))
    monkeypatch.delenv("MXNET_HOME")
    open_folder.chmod(0o555)
    with as_nobody(), pytest.raises(FileNotFoundError) as info:
        data.find_fashion_mnist(None, [server.url], open_folder / "none")
    for part in ("Permission denied", "set MXNET_HOME to a folder that you may write"):
        assert part in str(info.value)
    assert server.asked == [] and os.listdir(open_folder) == []
