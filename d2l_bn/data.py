"""Fashion-MNIST: find it, verify it, hold it in memory.

Whatever its source, a file counts only if its decompressed content has the SHA-256 of
the published data set.
"""
import functools
import gzip
import hashlib
import http.client
import os
import shutil
import stat
import zlib
from pathlib import Path

import numpy as np
from mxnet import nd

from .arguments import check_number, check_path
from .batches import Batches
from .fetching import LARGEST, receive, remove_leftovers, run, temporary_folder

# Name, SHA-256 of the decompressed content, bytes of header before the numbers.
FILES = {
    "train-images-idx3-ubyte":
        ("c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888", 16),
    "train-labels-idx1-ubyte":
        ("bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9", 8),
    "t10k-images-idx3-ubyte":
        ("5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", 16),
    "t10k-labels-idx1-ubyte":
        ("0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34", 8),
}
# Web folders with the four files as .gz: the authors', their repository, Gluon's.
MIRRORS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/dataset/fashion-mnist/",
)
DEBIAN_PACKAGE = "dataset-fashion-mnist"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")


def data_folder(root=None):
    """`root`, or where MXNet keeps the data: under $MXNET_HOME or ~/.mxnet."""
    if root is None:
        root = Path(os.getenv("MXNET_HOME") or "~/.mxnet", "datasets/fashion-mnist")
    check_path("root", root)
    try:
        return Path(root).expanduser()
    except RuntimeError as err:  # no HOME, and no such user
        raise ValueError(f"root must be a folder that can be found, got {root}, and "
                         "there is no home folder: set MXNET_HOME to a folder for the "
                         "data") from err


def _read(path):
    """The bytes of a file, decompressed; of no more than a file of the data set has."""
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe, for one, might never end
        raise OSError("it is no regular file: move it away")
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        return file.read(LARGEST)


def read_verified(folder, name):
    """The bytes of `name`, decompressed, in `folder`; OSError if not as published."""
    expected, reasons = FILES[name][0], []
    for path in (Path(folder) / name, Path(folder) / f"{name}.gz"):
        try:
            content = _read(path)
        except FileNotFoundError:
            continue
        except (OSError, EOFError, zlib.error) as err:
            reasons.append(f"{path} cannot be read ({err})")
            continue
        if hashlib.sha256(content).hexdigest() == expected:
            return content
        reasons.append(f"{path} is damaged ({len(content)} bytes, wrong SHA-256)")
    raise OSError("; ".join(reasons) or f"no {name} or {name}.gz in {folder}")


def files_not_good(folder):
    """What `folder` lacks: a dict, name of a file -> what is wrong with it."""
    wrong = {}
    for name in FILES:
        try:
            read_verified(folder, name)
        except OSError as err:
            wrong[name] = str(err)
    return wrong


def move_verified(name, source, folder):
    """Move name.gz from the folder `source` into `folder`, once it is verified."""
    read_verified(source, name)
    path = source / f"{name}.gz"
    if path.resolve() != path:  # what lies elsewhere is somebody else's
        raise OSError(f"{path} is not where it seems: it leads to {path.resolve()}")
    os.replace(path, folder / f"{name}.gz")


def _download(folder, mirrors):
    """Fetch each file not yet good in `folder` from the first mirror that has it."""
    for name in files_not_good(folder):
        reasons = []
        for mirror in mirrors:
            url = f"{mirror.rstrip('/')}/{name}.gz"
            try:
                with temporary_folder(folder) as scratch:
                    receive(url, scratch / f"{name}.gz")
                    move_verified(name, scratch, folder)
                break
            except (OSError, ValueError, http.client.HTTPException) as err:
                reasons.append(f"{url}: {err}")
        else:
            raise OSError("; ".join(reasons) or "no mirror given")


def _fetch_debian_package(folder):
    """Fetch Debian's package and unpack it, without root and without installing it."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise OSError("there is no apt-get and dpkg-deb here")
    with temporary_folder(folder) as scratch:
        # Package lists of our own: only root may renew the system's, if there are any.
        for part in ("lists", "cache/archives"):
            (scratch / part / "partial").mkdir(parents=True)
        options = ("-o", f"Dir::State::Lists={scratch / 'lists'}",
                   "-o", f"Dir::Cache={scratch / 'cache'}", "-o", "Debug::NoLocking=1")
        print(f"fetching Debian's package {DEBIAN_PACKAGE} (30 MB) ...", flush=True)
        run("apt-get", *options, "update", cwd=scratch)
        run("apt-get", *options, "download", DEBIAN_PACKAGE, cwd=scratch)
        for package in scratch.glob("*.deb"):
            run("dpkg-deb", "-x", package.name, "unpacked", cwd=scratch)
        unpacked = scratch / "unpacked" / DEBIAN_FOLDER.relative_to("/")
        for name in files_not_good(folder):
            move_verified(name, unpacked, folder)


def find_fashion_mnist(root=None, mirrors=MIRRORS, debian_folder=DEBIAN_FOLDER):
    """The first folder that holds the four verified files; fetched when none does.

    Tried in turn: `root` (MXNet's data folder when None); Debian's installed package;
    a download from `mirrors` into root; Debian's package, fetched into root. When all
    fail, FileNotFoundError lists each, why it failed, and what to do.
    """
    folder = data_folder(root)
    if os.path.isfile(folder):
        raise ValueError(f"root must be a folder for the data, got the file {folder}")
    sources = {  # name: where the files then are, how they get there
        "the data folder": (folder, None),
        "Debian's installed package": (Path(debian_folder), None),
        "a download": (folder, lambda: _download(folder, mirrors)),
        "Debian's package, by apt-get": (folder, lambda: _fetch_debian_package(folder)),
    }
    remove_leftovers(folder)
    reasons = []
    for source, (place, fetch) in sources.items():
        try:
            if fetch:
                fetch()
            if wrong := files_not_good(place):
                raise OSError("; ".join(wrong.values()))
            return place
        except OSError as err:
            reasons.append(f"- {source}: {err}")
    raise FileNotFoundError(
        "Fashion-MNIST was found nowhere. Tried in turn:\n" + "\n".join(reasons)
        + f"\nWhat to do: on Debian or Ubuntu 'sudo apt install {DEBIAN_PACKAGE}'; "
        f"elsewhere put the four .gz files of Fashion-MNIST into {folder}, or set "
        "MXNET_HOME to a folder that you may write to, with 100 MB free, and try "
        "again.")


@functools.lru_cache(maxsize=2)
def _read_arrays(root):
    """Images (n, 1, 28, 28) uint8 and labels (n,) int32, of training and test set."""
    folder = find_fashion_mnist(root)
    content = {name: np.frombuffer(read_verified(folder, name), np.uint8)[header:]
               for name, (_, header) in FILES.items()}
    return [(nd.array(content[f"{part}-images-idx3-ubyte"].reshape(-1, 1, 28, 28),
                      dtype="uint8"),
             nd.array(content[f"{part}-labels-idx1-ubyte"], dtype="int32"))
            for part in ("train", "t10k")]


def load_data_fashion_mnist(batch_size, root=None, seed=0):
    """Fashion-MNIST as `(train_iter, test_iter)`, two iterables of batches `(X, y)`.

    X: (n, 1, 28, 28) float32 in 0..1; y: (n,) int32. The 60,000 training images are
    shuffled anew each epoch, as `seed` decides; the 10,000 test images are not. Both
    sets are kept in memory once. For `root` and for errors see find_fashion_mnist.
    """
    check_number("batch_size", batch_size, 1, whole=True)
    check_number("seed", seed, 0, 2**32 - 1, whole=True)  # as NumPy wants it
    train, test = _read_arrays(data_folder(root).resolve())
    batch_size, seed = int(batch_size), int(seed)
    return Batches(*train, batch_size, seed), Batches(*test, batch_size)
