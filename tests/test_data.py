"""Fashion-MNIST: found, verified, fetched, batched.

Small made-up files stand in for the large ones, a server on this machine for the
mirrors, shell scripts for apt.
"""
import gzip
import hashlib
import http.server
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import d2l_bn
from d2l_bn import data

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMES = list(data.FILES)
IMAGES, LABELS = NAMES[2:]  # of the test set


def made_up_files():
    """Name -> content: 12 training and 5 test images of random dots."""
    random, content = np.random.RandomState(0), {}
    for name in NAMES:
        n = 12 if name.startswith("train") else 5
        if "images" in name:
            dots = random.randint(0, 256, n * 784).astype("uint8").tobytes()
            content[name] = struct.pack(">4B3I", 0, 0, 8, 3, n, 28, 28) + dots
        else:
            labels = (np.arange(n) * 3 % 10).astype("uint8").tobytes()
            content[name] = struct.pack(">4BI", 0, 0, 8, 1, n) + labels
    return content


CONTENT = made_up_files()
FILES = {name: (hashlib.sha256(content).hexdigest(), data.FILES[name][1])
         for name, content in CONTENT.items()}
PACKED = {f"{name}.gz": gzip.compress(content) for name, content in CONTENT.items()}


@pytest.fixture(autouse=True)
def alone(request, monkeypatch, tmp_path):
    """The made-up files; no apt, no proxy; nothing of the user's."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    if "real" not in request.fixturenames:
        monkeypatch.setenv("MXNET_HOME", str(tmp_path / "mxnet-home"))
        monkeypatch.setattr(data, "FILES", FILES)


def fill(folder, packed=True):
    """Put the four files into folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in CONTENT.items():
        if packed:
            (folder / f"{name}.gz").write_bytes(PACKED[f"{name}.gz"])
        else:
            (folder / name).write_bytes(content)
    return folder


def holds_all(folder):
    return all(data.read_verified(folder, name) == CONTENT[name] for name in NAMES)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = self.path.split("/")[-1]
        self.server.asked.append(name)
        answer = self.server.answers.get(name)
        if callable(answer):
            self.close_connection = True
            answer(self)
        elif answer is None:
            self.send_error(404)
        else:
            self.head(len(answer))
            self.wfile.write(answer)

    def head(self, length):
        self.send_response(200)
        self.send_header("Content-Length", length)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def mirror():
    """A function that starts a mirror, whose `answers` and `asked` are open."""
    servers = []

    def start(**changed):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.asked = []
        server.answers = {**PACKED, **{name.replace("_", "-") + ".gz": answer
                                       for name, answer in changed.items()}}
        server.url = f"http://127.0.0.1:{server.server_port}/some/folder/"
        threading.Thread(target=server.serve_forever, args=(.01,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def in_a_process(folder, url, **environment):
    """Start `_download` of the made-up files from url into folder in a new process."""
    script = ("import json, sys; from pathlib import Path; from d2l_bn import data\n"
              "data.FILES = json.loads(sys.argv[1])\n"
              "data._download(Path(sys.argv[2]), [sys.argv[3]])")
    return subprocess.Popen(
        [sys.executable, "-c", script, json.dumps(FILES), folder, url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment})


@pytest.fixture
def apt(tmp_path):
    """A function that puts fakes of apt-get and dpkg-deb on PATH; returns their log."""
    log, store = tmp_path / "apt.log", fill(tmp_path / "store")

    def install(update=":", download=": > dataset-fashion-mnist_0_all.deb",
                unpack=f"mkdir -p $3/usr/share/datasets "
                       f"&& cp -r {store} $3/usr/share/datasets/fashion-mnist"):
        scripts = {"apt-get": f'case "$*" in *update) {update};; '
                              f"*download*) {download};; esac",
                   "dpkg-deb": unpack}
        for name, script in scripts.items():
            path = tmp_path / "bin" / name
            path.write_text("#!/bin/sh\nPATH=/usr/bin:/bin\n"
                            f'echo {name} "$@" >> {log}\n{script}\n')
            path.chmod(0o755)
        return log

    install.store = store
    return install


# read_verified -----------------------------------------------------------------------

@pytest.mark.parametrize("packed", [False, True])
def test_read_gives_the_content_of_raw_and_packed_files(tmp_path, packed):
    assert holds_all(fill(tmp_path / "data", packed))


@pytest.mark.parametrize("level", [0, 1, 9])
def test_read_takes_a_file_packed_anew(tmp_path, level):
    packed = gzip.compress(CONTENT[LABELS], level, mtime=level)
    assert packed != PACKED[f"{LABELS}.gz"]
    (tmp_path / f"{LABELS}.gz").write_bytes(packed)
    assert data.read_verified(tmp_path, LABELS) == CONTENT[LABELS]


def test_read_of_a_missing_file_names_both_spellings_and_the_folder(tmp_path):
    with pytest.raises(OSError) as info:
        data.read_verified(tmp_path, LABELS)
    assert f"no {LABELS} or {LABELS}.gz in {tmp_path}" in str(info.value)


def test_read_refuses_a_raw_file_with_any_bit_flipped(tmp_path):
    for bit in range(8 * len(CONTENT[LABELS])):
        content = bytearray(CONTENT[LABELS])
        content[bit // 8] ^= 1 << bit % 8
        (tmp_path / LABELS).write_bytes(content)
        with pytest.raises(OSError, match="damaged"):
            data.read_verified(tmp_path, LABELS)


def test_read_gives_no_false_content_when_any_bit_of_a_packed_file_is_flipped(tmp_path):
    packed, refused = PACKED[f"{LABELS}.gz"], 0
    for bit in range(8 * len(packed)):
        content = bytearray(packed)
        content[bit // 8] ^= 1 << bit % 8
        (tmp_path / f"{LABELS}.gz").write_bytes(content)
        try:  # a flip in the time stamp leaves the content as it was
            assert data.read_verified(tmp_path, LABELS) == CONTENT[LABELS]
        except OSError:
            refused += 1
    assert refused > 4 * len(packed)


@pytest.mark.parametrize("name", [LABELS, f"{LABELS}.gz"])
def test_read_refuses_a_file_cut_at_any_length(tmp_path, name):
    whole = {**CONTENT, **PACKED}[name]
    for length in range(len(whole)):
        (tmp_path / name).write_bytes(whole[:length])
        with pytest.raises(OSError, match="damaged|cannot be read"):
            data.read_verified(tmp_path, LABELS)


def test_read_refuses_bytes_after_the_end(tmp_path):
    (tmp_path / LABELS).write_bytes(CONTENT[LABELS] + b"\0")
    (tmp_path / f"{LABELS}.gz").write_bytes(PACKED[f"{LABELS}.gz"] + b"more")
    with pytest.raises(OSError, match="damaged.*; .*cannot be read"):
        data.read_verified(tmp_path, LABELS)


@pytest.mark.parametrize("damaged", [LABELS, f"{LABELS}.gz"])
def test_read_passes_over_a_damaged_spelling(tmp_path, damaged):
    fill(tmp_path, True)
    fill(tmp_path, False)
    (tmp_path / damaged).write_bytes(b"damaged")
    assert data.read_verified(tmp_path, LABELS) == CONTENT[LABELS]


def test_read_reports_a_folder_in_the_place_of_a_file_and_passes_over_it(tmp_path):
    (tmp_path / LABELS).mkdir()
    with pytest.raises(OSError, match="cannot be read"):
        data.read_verified(tmp_path, LABELS)
    (tmp_path / f"{LABELS}.gz").write_bytes(PACKED[f"{LABELS}.gz"])
    assert data.read_verified(tmp_path, LABELS) == CONTENT[LABELS]


# _download ---------------------------------------------------------------------------

def test_download_fetches_each_file_once_and_leaves_nothing_else(tmp_path, mirror):
    server, folder = mirror(), tmp_path / "not" / "yet"
    data._download(folder, [server.url])
    assert holds_all(folder)
    assert sorted(server.asked) == sorted(PACKED) == sorted(os.listdir(folder))


def test_download_takes_mirrors_with_and_without_the_last_slash(tmp_path, mirror):
    server = mirror()
    data._download(tmp_path / "with", [server.url])
    data._download(tmp_path / "without", [server.url.rstrip("/")])
    assert holds_all(tmp_path / "without")


@pytest.mark.parametrize("packed", [False, True])
def test_download_asks_for_nothing_that_is_there(tmp_path, mirror, packed):
    server, folder = mirror(), fill(tmp_path / "data", packed)
    data._download(folder, [server.url])
    assert server.asked == []


def test_download_asks_only_for_the_missing_and_the_damaged(tmp_path, mirror):
    server, folder = mirror(), fill(tmp_path / "data")
    (folder / f"{LABELS}.gz").unlink()
    (folder / f"{IMAGES}.gz").write_bytes(PACKED[f"{IMAGES}.gz"][:-9])
    data._download(folder, [server.url])
    assert sorted(server.asked) == sorted([f"{LABELS}.gz", f"{IMAGES}.gz"])
    assert holds_all(folder)


def test_download_fetches_beside_a_damaged_raw_file(tmp_path, mirror):
    server, folder = mirror(), fill(tmp_path / "data", packed=False)
    (folder / LABELS).write_bytes(b"damaged")
    data._download(folder, [server.url])
    assert server.asked == [f"{LABELS}.gz"]
    assert holds_all(folder)


def cut_short(handler):
    handler.head(len(PACKED[f"{IMAGES}.gz"]))
    handler.wfile.write(PACKED[f"{IMAGES}.gz"][:2000])


def cut_in_a_chunk(handler):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"ff\r\n12345")


def no_http(handler):
    handler.wfile.write(b"this is no HTTP\r\n\r\n")


def length_is_no_number(handler):
    handler.head("many")
    handler.wfile.write(PACKED[f"{IMAGES}.gz"])


def hang_up(handler):
    pass


BAD_ANSWERS = {
    "404": None,
    "a page instead of the file": b"<html>please log in</html>",
    "an empty file": b"",
    "another file": PACKED[f"{LABELS}.gz"],
    "a raw file": CONTENT[IMAGES],
    "cut short": cut_short,
    "cut in a chunk": cut_in_a_chunk,
    "no HTTP": no_http,
    "hung up": hang_up,
    "500": lambda handler: handler.send_error(500),
    "a redirect to itself": lambda handler: (
        handler.send_response(302), handler.send_header("Location", handler.path),
        handler.send_header("Content-Length", 0), handler.end_headers()),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_download_turns_to_the_next_mirror_for_one_bad_file(tmp_path, mirror, answer):
    first, second = mirror(t10k_images_idx3_ubyte=answer), mirror()
    data._download(tmp_path / "data", [first.url, second.url])
    assert holds_all(tmp_path / "data")
    assert second.asked == [f"{IMAGES}.gz"]
    assert sorted(set(first.asked)) == sorted(PACKED)
    assert sorted(os.listdir(tmp_path / "data")) == sorted(PACKED)


def test_download_lives_with_a_length_that_is_no_number(tmp_path, mirror):
    first, second = mirror(t10k_images_idx3_ubyte=length_is_no_number), mirror()
    data._download(tmp_path / "data", [first.url, second.url])
    assert holds_all(tmp_path / "data")


@pytest.mark.parametrize("address", ["no-address", "http://exa mple/", "http://[::1/"])
def test_download_passes_over_an_address_that_is_none(tmp_path, mirror, address):
    data._download(tmp_path / "data", [address, mirror().url])
    assert holds_all(tmp_path / "data")


def test_download_turns_to_the_next_mirror_when_nobody_answers(tmp_path, mirror):
    gone = mirror()
    gone.shutdown()
    gone.server_close()
    data._download(tmp_path / "data", [gone.url, mirror().url])
    assert holds_all(tmp_path / "data")


def test_download_asks_no_second_mirror_while_the_first_serves(tmp_path, mirror):
    first, second = mirror(), mirror()
    data._download(tmp_path / "data", [first.url, second.url])
    assert second.asked == []


def test_failed_download_names_each_address_and_keeps_no_file(tmp_path, mirror):
    bad = [mirror(train_images_idx3_ubyte=answer) for answer in (b"page", None)]
    with pytest.raises(OSError) as info:
        data._download(tmp_path / "data", [server.url for server in bad])
    for server, why in zip(bad, ("cannot be read", "404"), strict=True):
        address = f"{server.url}{NAMES[0]}.gz: "
        assert address in str(info.value)
        assert why in str(info.value).split(address)[1]
    assert os.listdir(tmp_path / "data") == []


def test_download_without_mirrors_says_so(tmp_path):
    with pytest.raises(OSError, match="no mirror given"):
        data._download(tmp_path / "data", ())


def test_interrupted_download_leaves_no_half_file_and_no_scratch(tmp_path, mirror):
    folder, seen, released = tmp_path / "data", [], threading.Event()

    def half(handler):
        whole = PACKED[f"{IMAGES}.gz"]
        handler.head(len(whole))
        handler.wfile.write(whole[:len(whole) // 2])
        handler.wfile.flush()
        while not list(folder.rglob(f"{IMAGES}.gz")):  # until it is being written
            time.sleep(.01)
        seen.extend(os.listdir(folder))
        process.send_signal(signal.SIGINT)
        released.wait()

    # In a process of its own: an interrupt can strike while tqdm holds its lock, for
    # which every later download from another thread of that process would wait.
    process = in_a_process(folder, mirror(t10k_images_idx3_ubyte=half).url)
    error = process.communicate(timeout=3600)[1]
    released.set()
    assert process.returncode != 0 and "KeyboardInterrupt" in error
    done = sorted(f"{name}.gz" for name in NAMES[:2])
    assert sorted(os.listdir(folder)) == done
    assert f"{IMAGES}.gz" not in seen and len(seen) == 3  # two files, a scratch folder
    again = mirror()
    data._download(folder, [again.url])
    assert sorted(again.asked) == sorted([f"{IMAGES}.gz", f"{LABELS}.gz"])
    assert holds_all(folder)


def test_two_downloads_at_once_leave_one_good_copy(tmp_path, mirror):
    folder, both, failures = tmp_path / "data", threading.Barrier(2), []

    def together(handler):  # answers when both downloads have asked
        both.wait()
        handler.head(len(PACKED[f"{NAMES[0]}.gz"]))
        handler.wfile.write(PACKED[f"{NAMES[0]}.gz"])

    server = mirror(train_images_idx3_ubyte=together)

    def fetch():
        try:
            data._download(folder, [server.url])
        except BaseException as err:
            failures.append(err)

    # Daemons: should one hang, the test fails, and Python can still end.
    threads = [threading.Thread(target=fetch, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3600)
    assert failures == [] and not any(thread.is_alive() for thread in threads)
    assert server.asked.count(f"{NAMES[0]}.gz") == 2
    assert holds_all(folder)
    assert sorted(os.listdir(folder)) == sorted(PACKED)


@pytest.mark.parametrize("disable", ["", "1"])
def test_download_shows_its_progress_unless_told_not_to(tmp_path, mirror, disable):
    process = in_a_process(tmp_path / "data", mirror().url, TQDM_DISABLE=disable)
    shown_out, shown_err = process.communicate(timeout=3600)
    assert process.returncode == 0, shown_err
    assert holds_all(tmp_path / "data")
    shown = [name for name in NAMES if f"{name}.gz:" in shown_err]
    assert shown == ([] if disable else NAMES)
    assert shown_out == ""


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


def test_root_that_cannot_be_entered_is_no_harm_beside_debians_data():
    with tempfile.TemporaryDirectory() as place:  # tmp_path is closed to other users
        Path(place).chmod(0o755)
        debian, closed = fill(Path(place, "debian")), Path(place, "closed")
        closed.mkdir()
        closed.chmod(0)
        user = os.geteuid()
        if user == 0:  # who may enter everything
            os.seteuid(65534)
        try:
            assert data.find_fashion_mnist(closed / "data", (), debian) == debian
        finally:
            os.seteuid(user)


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


# load_data_fashion_mnist -------------------------------------------------------------

def test_load_reads_root_and_pairs_images_with_labels(tmp_path):
    train, test = d2l_bn.load_data_fashion_mnist(4, root=fill(tmp_path / "data"))
    assert (len(train), len(test)) == (3, 2)
    X, y = (np.concatenate([part.asnumpy() for part in parts])
            for parts in zip(*test, strict=True))
    expected = np.frombuffer(CONTENT[IMAGES], np.uint8)[16:].reshape(5, 1, 28, 28)
    assert (X == expected / np.float32(255)).all()
    assert y.tolist() == list(CONTENT[LABELS][8:]) == [0, 3, 6, 9, 2]


@pytest.mark.parametrize(("arguments", "error", "name"), [
    ({"batch_size": 0}, ValueError, "batch_size"),
    ({"batch_size": -1}, ValueError, "batch_size"),
    ({"batch_size": True}, TypeError, "batch_size"),
    ({"batch_size": 2.0}, TypeError, "batch_size"),
    ({"batch_size": "256"}, TypeError, "batch_size"),
    ({"batch_size": None}, TypeError, "batch_size"),
    ({"batch_size": 4, "seed": -1}, ValueError, "seed"),
    ({"batch_size": 4, "seed": 2**32}, ValueError, "seed"),
    ({"batch_size": 4, "seed": 1.0}, TypeError, "seed"),
    ({"batch_size": 4, "seed": None}, TypeError, "seed"),
    ({"batch_size": 4, "seed": False}, TypeError, "seed"),
    ({"batch_size": 4, "root": 5}, TypeError, "root"),
    ({"batch_size": 4, "root": ""}, ValueError, "root"),
])
def test_load_refuses_bad_arguments_by_name(tmp_path, arguments, error, name):
    with pytest.raises(error, match=f"^{name} must"):
        d2l_bn.load_data_fashion_mnist(**{"root": fill(tmp_path / "data"), **arguments})


def test_load_takes_numpys_whole_numbers(tmp_path):
    folder = fill(tmp_path / "data")
    train, _ = d2l_bn.load_data_fashion_mnist(np.int64(5), folder, np.int32(1))
    assert [y.size for _, y in train] == [5, 5, 2]


# The published data ------------------------------------------------------------------

@pytest.fixture(scope="module")
def real():
    """The published data set, which must be here already: a test fetches nothing."""
    for folder in (data.data_folder(), data.DEBIAN_FOLDER):
        if all((folder / f"{name}.gz").exists() or (folder / name).exists()
               for name in data.FILES):
            return d2l_bn.load_data_fashion_mnist(256, root=folder, seed=0)
    pytest.fail("Fashion-MNIST is not on this machine. Type: python -c "
                "'from d2l_bn.data import find_fashion_mnist as f; f()'", pytrace=False)


def published(name):
    folder = data.find_fashion_mnist()
    return np.frombuffer(data.read_verified(folder, name), np.uint8)


def test_real_data_has_the_shapes_types_and_number_of_batches_of_the_book(real):
    train, test = real
    assert (len(train), len(test)) == (235, 40)
    for batches, n, last in ((train, 235, 96), (test, 40, 16)):
        least, most, sizes = [], [], []
        for X, y in batches:
            assert X.shape == (y.size, 1, 28, 28) and y.shape == (y.size,)
            assert (X.dtype, y.dtype) == (np.float32, np.int32)
            least.append(X.min().asscalar())
            most.append(X.max().asscalar())
            sizes.append(y.size)
        assert (min(least), max(most)) == (0, 1)
        assert sizes == [256] * (n - 1) + [last]


def test_real_epoch_gives_every_training_image_once_with_its_label(real):
    seen = [np.hstack([np.rint(X.asnumpy() * 255).astype("uint8").reshape(-1, 784),
                       y.asnumpy().astype("uint8")[:, None]]) for X, y in real[0]]
    seen = np.ascontiguousarray(np.concatenate(seen)).view("V785").ravel()
    labels = seen.view(np.uint8).reshape(-1, 785)[:, -1]
    assert np.bincount(labels).tolist() == [6000] * 10
    expected = np.hstack([published(NAMES[0])[16:].reshape(-1, 784),
                          published(NAMES[1])[8:, None]])
    expected = np.ascontiguousarray(expected).view("V785").ravel()
    assert not (seen == expected).all()
    assert sorted(map(hash, seen.tolist())) == sorted(map(hash, expected.tolist()))


def test_real_test_images_are_the_bytes_over_255_in_the_order_published(real):
    X, y = (np.concatenate([part.asnumpy() for part in parts])
            for parts in zip(*real[1], strict=True))
    images = published(IMAGES)[16:].reshape(-1, 1, 28, 28)
    assert (X == images.astype("float32") / 255).all()
    assert (y == published(LABELS)[8:]).all()
    assert np.bincount(y).tolist() == [1000] * 10


def test_real_data_is_kept_in_memory_once(real):
    first, second = (d2l_bn.load_data_fashion_mnist(size) for size in (64, 32))
    for one, other in zip(first, second, strict=True):
        assert id(one.images) == id(other.images)
        assert id(one.labels) == id(other.labels)
        assert one.images.dtype == np.uint8
    assert len(first[0].images) == 60000 and len(first[1].images) == 10000


def test_real_data_is_kept_in_memory_once_for_two_spellings_of_root(real, monkeypatch):
    folder = data.find_fashion_mnist()
    monkeypatch.chdir(folder)
    first, _ = d2l_bn.load_data_fashion_mnist(64, root=folder)
    second, _ = d2l_bn.load_data_fashion_mnist(64, root=".")
    assert id(first.images) == id(second.images)


def test_real_data_comes_in_an_order_that_seed_and_epoch_decide(real):
    def labels(batches):
        return np.concatenate([y.asnumpy() for _, y in batches])

    loaders = [d2l_bn.load_data_fashion_mnist(4096, seed=seed)[0] for seed in (1, 1, 2)]
    one, same, other = ([labels(loader) for _ in range(2)] for loader in loaders)
    assert (one[0] == same[0]).all() and (one[1] == same[1]).all()
    assert (one[0] != one[1]).mean() > .8  # nine in ten by chance
    assert (one[0] != other[0]).mean() > .8
