"""What stands in for Fashion-MNIST and its sources in tests.

Small made-up files stand in for the large ones, a server on this machine for the
mirrors, shell scripts for apt.
"""
import contextlib
import gzip
import hashlib
import http.server
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

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


@pytest.fixture
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


def in_a_process(folder, url, prefix=(),
                 code="data._download(folder, mirrors)", **environment):
    """Start code, with the made-up files, the folder and the mirror, in a process."""
    script = ("import json, sys; from pathlib import Path\n"
              "from d2l_bn import data, fetching\n"
              "data.FILES = json.loads(sys.argv[1])\n"
              f"folder, mirrors = Path(sys.argv[2]), [sys.argv[3]]\n{code}")
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", script, json.dumps(FILES), folder, url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "PYTHONPATH": str(ROOT), **environment})


@contextlib.contextmanager
def as_nobody():
    """As another user, if this one is root, who may do everything."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def open_folder():
    """A folder that every user may enter and write to, unlike tmp_path."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o777)
        yield Path(place)


@pytest.fixture
def apt(alone, tmp_path):
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
