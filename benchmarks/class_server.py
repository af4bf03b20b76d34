"""What learners cost a machine that they share: memory of a kernel, and its speed.

    python benchmarks/class_server.py [--kernels 8] [--rounds 5] [--images 6400]

The kernels are those that JupyterLab starts. Memory is what processes have for
themselves (USS): what would be free again if they ended. The work that is timed is one
epoch of LeNet with batch normalization, in one kernel alone and in all at once.
"""
import argparse
import ast
import contextlib
import os
import queue
import statistics
from pathlib import Path

import psutil
from jupyter_client.manager import start_new_kernel
from tqdm import tqdm

SECONDS = 3600  # to start a kernel: a guard against a hang
IMPORTS = """
import random
import d2l_bn
import mxnet as mx
import numpy as np
from matplotlib import pyplot as plt
from mxnet import autograd, nd
from mxnet.gluon import nn
"""
PREPARE = """
import contextlib, io, itertools, time

def epoch():
    net = d2l_bn.make_lenet(d2l_bn.FastBatchNorm, 0)
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        d2l_bn.train(net, batches, batches[:1], num_epochs=1, lr=1.0)
    return time.perf_counter() - start

train_iter, _ = d2l_bn.load_data_fashion_mnist(256, seed=0)
batches = list(itertools.islice(train_iter, IMAGES // 256))
epoch()  # what is set up once does not count
"""
LESSON_05 = """
from nine_course import one_run
d2l_bn.run_in_processes(one_run, [{"norm": "scratch", "seed": 0, "num_epochs": 1}])
"""


class Kernel:
    """A running kernel: begin some code, wait for its end, ask for its memory."""

    def __init__(self):
        self.manager, self.client = start_new_kernel(
            kernel_name="python3", startup_timeout=SECONDS,
            cwd=Path(__file__).resolve().parent,  # LESSON_05 imports a neighbour
            # No word about the kernel's unencrypted local sockets.
            extra_arguments=["--IPKernelApp.log_level=40"],
            env={**os.environ, "TQDM_DISABLE": "1"})

    def begin(self, code, value="None"):
        self.message = self.client.execute(code, silent=True,
                                           user_expressions={"value": value})

    def wait(self, meanwhile=lambda: None):
        """What `value` is, once the code has run; meanwhile is called often."""
        reply = {"parent_header": {}}
        # Answers to the questions whether the kernel has started may still come.
        while reply["parent_header"].get("msg_id") != self.message:
            meanwhile()
            with contextlib.suppress(queue.Empty):
                reply = self.client.get_shell_msg(timeout=.05)
        if reply["content"]["status"] != "ok":
            raise RuntimeError("\n".join(reply["content"]["traceback"]))
        value = reply["content"]["user_expressions"]["value"]
        return ast.literal_eval(value["data"]["text/plain"])

    def megabytes(self):
        """What the kernel and the processes that it started have for themselves."""
        process, found = psutil.Process(self.manager.provisioner.pid), 0
        for one in (process, *process.children(recursive=True)):
            try:
                found += one.memory_full_info().uss
            except psutil.NoSuchProcess:  # it has just ended
                pass
        return found / 1e6

    def most_megabytes(self, code):
        """The most that is seen while the code runs."""
        seen = []
        self.begin(code)
        self.wait(lambda: seen.append(self.megabytes()))
        return max(seen)

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def memory(prepare):
    """MB of one kernel: name of the moment -> figure."""
    kernel = Kernel()
    try:
        found = {"started": kernel.megabytes()}
        kernel.most_megabytes(IMPORTS)
        found["after lesson 01's imports"] = kernel.megabytes()
        found["training, at most"] = kernel.most_megabytes(prepare)
        found["after training"] = kernel.megabytes()
        found["lesson 05: with one process that trains, at most"] = (
            kernel.most_megabytes(LESSON_05))
        return found
    finally:
        kernel.end()


def seconds(kernels, rounds, title):
    """Seconds of an epoch in each kernel, all beginning at once: a list a round."""
    found = []
    for _ in tqdm(range(rounds), title, unit="round"):
        for kernel in kernels:
            kernel.begin("taken = epoch()", "taken")
        found.append([kernel.wait() for kernel in kernels])
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=6400)
    arguments = parser.parse_args()
    prepare = PREPARE.replace("IMAGES", str(arguments.images))
    for moment, megabytes in memory(prepare).items():
        print(f"a kernel, {moment:50}{megabytes:6.0f} MB", flush=True)
    kernels = []
    try:
        for _ in tqdm(range(arguments.kernels), "starting", unit="kernel"):
            kernels.append(Kernel())
            kernels[-1].begin(IMPORTS + prepare)
            kernels[-1].wait()
        alone = statistics.median(
            one for [one] in seconds(kernels[:1], arguments.rounds, "alone"))
        together = seconds(kernels, arguments.rounds, "at once")
    finally:
        for kernel in kernels:
            kernel.end()
    cores = len(os.sched_getaffinity(0))
    times = [statistics.median(taken) / alone
             for taken in zip(*together, strict=True)]
    print(f"an epoch of {arguments.images} images alone: {alone:.2f} s (median of "
          f"{arguments.rounds})")
    print(f"{arguments.kernels} kernels at once on {cores} cores: "
          f"{min(times):.2f} to {max(times):.2f} times as long (a kernel's median); a "
          f"fair share would be {max(1, arguments.kernels / cores):.2f} times")


if __name__ == "__main__":
    main()
