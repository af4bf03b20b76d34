"""A worker: takes two training steps on its part of each batch, beside the others.

    python worker.py FOLDER SEED ...      the folder is for its parameter files
"""
import itertools
import signal
import sys

import d2l_bn

import mxnet as mx
from mxnet import autograd, gluon, nd

signal.alarm(3600)  # seconds: if another worker never comes and nobody else ends us
folder, *seeds = sys.argv[1:]
store = mx.kv.create("dist_sync")  # "sync": a step waits for all workers
nets = {(name, seed): d2l_bn.make_lenet(norm, int(seed)) for seed in seeds
        for name, norm in (("no BN", None), ("BN", d2l_bn.built_in))}
# One trainer for all nets, so that one start of the processes is enough.
parameters = [parameter for net in nets.values()
              for parameter in net.collect_params().values()]
trainer = gluon.Trainer(parameters, "sgd", {"learning_rate": 1}, kvstore=store)
loss = gluon.loss.SoftmaxCrossEntropyLoss()
batches = {seed: list(itertools.islice(
    d2l_bn.load_data_fashion_mnist(256, seed=int(seed))[0], 2)) for seed in seeds}
for step in range(2):
    for (_, seed), net in nets.items():
        X, y = batches[seed][step]
        n = len(X) // store.num_workers
        mine = slice(n * store.rank, n * (store.rank + 1))
        with autograd.record():
            losses = loss(net(X[mine]), y[mine])
        losses.backward()
    trainer.step(len(X))  # the size of the whole batch: the server adds
    nd.waitall()
    for (name, seed), net in nets.items():
        net.save_parameters(f"{folder}/{name} {seed} {store.rank} step {step + 1}")
print(f"worker {store.rank} of {store.num_workers}: {n} images a step")
