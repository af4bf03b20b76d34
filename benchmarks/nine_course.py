"""Lesson 05's nine runs with this course's module. Usage: nine_course.py EPOCHS

Three norms, three seeds, in processes of one thread. Prints the seconds as JSON.
"""
import json
import sys
import time

import d2l_bn

NORMS = {"none": None, "scratch": d2l_bn.FastBatchNorm, "builtin": d2l_bn.built_in}


def one_run(norm, seed, num_epochs):
    train_iter, test_iter = d2l_bn.load_data_fashion_mnist(256, seed=seed)
    net = d2l_bn.make_lenet(NORMS[norm], seed)
    return d2l_bn.train(net, train_iter, test_iter, num_epochs, lr=1.0)


def main(num_epochs):
    arguments = [{"norm": norm, "seed": seed, "num_epochs": num_epochs}
                 for norm in NORMS for seed in range(3)]
    start = time.perf_counter()
    histories = d2l_bn.run_in_processes(one_run, arguments)
    print(json.dumps({"seconds": time.perf_counter() - start,
                      "test_acc": [run.test_acc[-1] for run in histories]}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
