"""Predictions with statistics for each camera: what an answer does, and mistakes."""
import numpy as np
from mxnet import autograd, nd
from mxnet.gluon import nn

from ..parameters import get_arrays, set_arrays
from ..statistics import estimate_statistics
from .judge import something
from .statistics_of_nets import arrays, changes, with_random_arrays

STORED = ".*running"


def use_prediction(candidate, cameras, seed):
    random = np.random.RandomState(seed)
    names = ("north", "east", "west", "up")  # "up" has a sample and no image
    light = {name: (random.uniform(.2, 2), random.normal()) for name in names}

    def take(name, number):
        factor, shift = light[name]
        return factor * random.normal(size=(number, 1, 5, 5)) + shift

    samples = {name: nd.array(take(name, 9)) for name in names}
    X = nd.array(np.concatenate([take(name, 1) for name in cameras]))
    net = with_random_arrays([nn.Conv2D(3, kernel_size=3), nn.BatchNorm(),
                              nn.Activation("sigmoid"), nn.Dense(4)], X, seed)
    before = arrays(net)
    scores = something(candidate(net, X.copy(), list(cameras), samples))
    nd.waitall()
    return {"scores": scores, "what has changed in net": changes(net, before)}


def by_camera(mistake=None):
    """`predict_by_camera`, right or with one mistake."""
    def candidate(net, X, cameras, samples):
        own, rows = get_arrays(net, STORED), {}
        for name in dict.fromkeys(cameras):
            places = [i for i, camera in enumerate(cameras) if camera == name]
            images = X.take(nd.array(places, dtype="int32"))
            if mistake == "own images":
                with autograd.train_mode():
                    scores = net(images)
            else:
                estimate_statistics(net, [(samples[name], None)], 1)
                scores = net(images)
            rows.update(zip(places, scores.asnumpy(), strict=True))
        if mistake != "left":
            set_arrays(net, own, STORED)
        order = rows if mistake == "grouped" else sorted(rows)
        scores = nd.array(np.array([rows[i] for i in order]))
        return scores.argmax(axis=1) if mistake == "classes" else scores
    return candidate


def with_one_set(choose, left=False):
    """All images with the statistics of the batches choose(X, cameras, samples)."""
    def candidate(net, X, cameras, samples):
        own, batches = get_arrays(net, STORED), choose(X, cameras, samples)
        estimate_statistics(net, [(batch, None) for batch in batches], len(batches))
        scores = net(X)
        if not left:
            set_arrays(net, own, STORED)
        return scores
    return candidate


def of_all(X, cameras, samples):
    return list(samples.values())


def of_those_in_X(X, cameras, samples):
    return [samples[name] for name in dict.fromkeys(cameras)]


POOLED = "All cameras share one set of statistics; each needs its own."
LAST = ("All images were predicted with the statistics of the last camera: predict "
        "inside the loop.")
TOGETHER = ("All of X was normalised together, by statistics of its own: its cameras "
            "share them. Take each camera's sample.")
ONE_SETS = [
    (lambda *given: [nd.concat(*of_all(*given), dim=0)], POOLED),
    (lambda *given: [nd.concat(*of_those_in_X(*given), dim=0)], POOLED),
    (of_all, POOLED), (of_those_in_X, POOLED),
    (lambda *given: of_all(*given)[-1:], LAST),
    (lambda *given: of_those_in_X(*given)[-1:], LAST),
    (lambda X, cameras, samples: [samples[sorted(set(cameras))[-1]]], LAST),
    (lambda X, cameras, samples: [samples[cameras[-1]]], LAST),
    (lambda X, cameras, samples: [X], TOGETHER),
]
MISTAKEN_CAMERAS = [
    (lambda net, X, cameras, samples: net(X),
     "The stored statistics were used for all cameras."),
    (by_camera("grouped"), "The scores stand camera by camera; they belong in the "
                           "order of X."),
    (by_camera("left"), "The scores are right, but the last camera's statistics stay "
                        "in the net: put its own back."),
    *((with_one_set(choose, left), sentence) for choose, sentence in ONE_SETS
      for left in (False, True)),
    (by_camera("own images"), "Each camera's images in X were normalised by themselves "
                              "(training mode, or an estimate on them): their "
                              "batch-mates count. Take `samples`."),
    (by_camera("classes"), "These are the classes; scores are asked."),
]
