"""Many learners on one machine: one course and one data folder that none can change."""
import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from fashion_files import FILES, fill
from folders import content
from fresh_python import ROOT, output

# Root may write anywhere. Without that capability it is stopped like anybody else, and
# still gets through the folders of its own on the way to this one.
NO_OVERRIDE = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0):
    sys.exit(os.strerror(ctypes.get_errno()))
os.execv(sys.argv[1], sys.argv[1:])
"""
START = f"""
import json, os
from pathlib import Path

import d2l_bn
from d2l_bn import data

data.FILES = json.loads({json.dumps(FILES)!r})
"""
TRAIN = START + """
train_iter, test_iter = d2l_bn.load_data_fashion_mnist(4, seed=0)
net = d2l_bn.make_lenet(d2l_bn.FastBatchNorm, 0)
history = d2l_bn.train(net, train_iter, test_iter, num_epochs=2, lr=.1)
seen = [y.asnumpy().tolist() for _, y in train_iter]
print(json.dumps([seen, float(train_iter.images.sum().asscalar()), history.loss]))
"""


def set_writable(folder, writable):
    """Give or take the right to write, of a folder and of all in it."""
    for path in (folder, *folder.rglob("*")):
        mode = 0o777 if path.is_dir() else 0o666
        path.chmod(mode & (0o755 if writable else 0o555))


@pytest.fixture
def learner(python, tmp_path):
    """A function that runs code as a learner does; nothing can be fetched."""
    course, home = tmp_path / "course", tmp_path / "home"
    shutil.copytree(ROOT / "d2l_bn", course / "d2l_bn",
                    ignore=shutil.ignore_patterns("__pycache__"))
    fill(tmp_path / "data" / "datasets" / "fashion-mnist")
    home.mkdir()
    set_writable(course, False)
    set_writable(tmp_path / "data", False)
    closed = "http://127.0.0.1:9"  # nobody listens there
    prefix = [sys.executable, "-c", NO_OVERRIDE] if os.geteuid() == 0 else []

    def run(code):
        return python(code, path=[course], prefix=prefix, HOME=str(home), PATH="",
                      MXNET_HOME=str(tmp_path / "data"), http_proxy=closed,
                      https_proxy=closed, TQDM_DISABLE="1")

    yield run
    set_writable(course, True)  # or pytest could not remove them
    set_writable(tmp_path / "data", True)


@pytest.mark.slow
def test_what_all_share_is_only_read(learner, tmp_path):
    shared = [tmp_path / "course", tmp_path / "data"]
    before = [content(folder) for folder in shared]
    printed = output(learner(START + f"""
for folder in {list(map(str, shared))}:
    try:
        Path(folder, "mine").touch()
    except PermissionError:
        print("closed")
print(d2l_bn.__file__)
train_iter, test_iter = d2l_bn.load_data_fashion_mnist(5)
print(len(train_iter.images), len(test_iter.images))
"""))
    module = tmp_path / "course" / "d2l_bn" / "__init__.py"
    assert printed.splitlines() == ["closed", "closed", str(module), "12 5"]
    assert [content(folder) for folder in shared] == before
    # Only what matplotlib keeps for itself, such as its list of fonts.
    kept = [path for path in content(tmp_path / "home").items() if path[1] is not False]
    assert all("matplotlib" in path.parts for path, _ in kept)


@pytest.mark.slow
def test_a_learners_training_computes_in_one_thread(learner):
    ticks = output(learner(START + """
import mxnet as mx

def ticks():  # of the processor: those of the first thread, and of all others
    taken = {path.parent.name: sum(map(int, path.read_text().split()[13:15]))
             for path in Path("/proc/self/task").glob("*/stat")}
    first = taken.pop(str(os.getpid()))
    return first, sum(taken.values())

batch = mx.nd.random.uniform(shape=(128, 1, 28, 28)), mx.nd.arange(128) % 10
net = d2l_bn.make_lenet(d2l_bn.FastBatchNorm, 0)
first, others = ticks()
d2l_bn.train(net, [batch] * 4, [batch], num_epochs=1, lr=1.0)
first, others = ticks()[0] - first, ticks()[1] - others
print(mx.base._LIB.omp_get_max_threads(), first, others)
""")).splitlines()[-1]
    threads, first, others = map(int, ticks.split())
    assert threads == 1
    assert others < first / 10


@pytest.mark.slow
def test_eight_learners_at_once_get_what_one_alone_gets(learner):
    alone = output(learner(TRAIN)).splitlines()[-1]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(learner, [TRAIN] * 8))
    assert [output(one).splitlines()[-1] for one in together] == [alone] * 8
    seen, pixels, losses = json.loads(alone)
    assert sorted(sum(seen, [])) == sorted(n * 3 % 10 for n in range(12))
    assert pixels > 0 and losses[1] < losses[0]
