"""Wrong answers to the exercises of lesson 07."""
from d2l_bn import estimate_statistics, get_arrays, set_arrays

import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

UPDATES = {"a": 0, "b": 0, "c": 1, "d": 2, "e": 0, "f": 1, "g": 0, "h": 1}
CAUSES = {"a": "training mode", "b": "lag", "c": "shift", "d": "two modes",
          "e": "training mode", "f": "overfitting"}


def record_alone(net, X, k):
    X.attach_grad()
    with autograd.record():
        score = net(X)[:, k].sum()
    score.backward()
    return X.grad


def predict_mode_around_record(net, X, k):
    X = X.copy()
    X.attach_grad()
    with autograd.predict_mode(), autograd.record():
        score = net(X)[:, k].sum()
    score.backward(train_mode=False)
    return X.grad


def backward_in_training_mode(net, X, k):
    X.attach_grad()
    with autograd.record(train_mode=False):
        Y = net(X)
        score = Y[:, k].sum()
    score.backward()
    return X.grad


def of_all_scores(net, X, k):
    X.attach_grad()
    with autograd.record(train_mode=False):
        Y = net(X)
    Y.backward(train_mode=False)
    return X.grad


def mean_instead_of_sum(net, X, k):
    X.attach_grad()
    with autograd.record(train_mode=False):
        score = nd.mean(net(X)[:, k])
    score.backward(train_mode=False)
    return X.grad


def forward_passes(net, batches):
    with autograd.train_mode():
        for X in batches:
            net(X)


def passes_with_zeros(net, batches):
    for X in batches:
        with autograd.record():
            Y = net(X)
        Y.backward(nd.zeros_like(Y))


def one_start(net, batches):
    for p in net.collect_params(".*running").values():
        p.set_data(nd.zeros(p.shape))
    passes_with_zeros(net, batches)


def corrected_as_adam(net, batches):
    one_start(net, batches)
    for p in net.collect_params(".*running").values():
        p.set_data(p.data() / (1 - 0.9 ** len(batches)))


def without_times_ten(net, batches):
    found = []
    for X in batches:
        one_start(net, [X])
        found.append(get_arrays(net, ".*running"))
    set_arrays(net, [sum(arrays) / len(batches) for arrays in zip(*found, strict=True)],
               ".*running")


def last_batch(net, batches):
    estimate_statistics(net, [(batches[-1], None)], 1)


def as_one_batch(net, batches):
    estimate_statistics(net, [(nd.concat(*batches, dim=0), None)], 1)


def hooks_in_prediction_mode(net, batches):
    inputs, layers = [], [layer for layer in net if isinstance(layer, nn.BatchNorm)]
    for X in batches:
        for layer in net:
            if layer in layers:
                inputs.append((layer, X))
            X = layer(X)
    for layer in layers:
        mean = var = 0
        for other, X in inputs:
            if other is layer:
                axes = (0, 2, 3)[:X.ndim - 1]
                batch_mean = X.mean(axis=axes, keepdims=True)
                mean = mean + batch_mean.reshape((-1,)) / len(batches)
                var = var + nd.square(X - batch_mean).mean(axis=axes) / len(batches)
        layer.running_mean.set_data(mean)
        layer.running_var.set_data(var)


def hook_left(net, batches):
    found = []
    for layer in net:
        layer.register_forward_hook(lambda *_: found.append(1))
    estimate_statistics(net, [(X, None) for X in batches], len(batches))


def age_of_the_lesson(momentum):
    k = np.arange(10000)
    weights = (1 - momentum) * momentum ** k
    return (weights * (k + 1)).sum(), np.sqrt((weights ** 2).sum())


def equal_weights(momentum):
    number = 1 / (1 - momentum)
    return number - 1, 1 / np.sqrt(number)


def variance(momentum):
    return momentum / (1 - momentum), (1 - momentum) / (1 + momentum)


def pytorchs_momentum(momentum):
    weights = momentum * (1 - momentum) ** np.arange(10000)
    return (weights * np.arange(10000)).sum(), np.sqrt((weights ** 2).sum())


def one_set_for_all(net, X, cameras, samples):
    own = get_arrays(net, ".*running")
    estimate_statistics(net, [(nd.concat(*samples.values(), dim=0), None)], 1)
    scores = net(X)
    set_arrays(net, own, ".*running")
    return scores


def camera_by_camera(net, X, cameras, samples):
    own, scores = get_arrays(net, ".*running"), []
    for name in dict.fromkeys(cameras):
        estimate_statistics(net, [(samples[name], None)], 1)
        mine = [i for i, camera in enumerate(cameras) if camera == name]
        scores.append(net(X[mine]))
    set_arrays(net, own, ".*running")
    return nd.concat(*scores, dim=0)


def not_put_back(net, X, cameras, samples):
    rows = [None] * len(X)
    for name in dict.fromkeys(cameras):
        estimate_statistics(net, [(samples[name], None)], 1)
        for i, camera in enumerate(cameras):
            if camera == name:
                rows[i] = net(X[i:i + 1])
    return nd.concat(*rows, dim=0)


def in_training_mode(net, X, cameras, samples):
    scores = nd.zeros((len(X), 4))
    for name in samples:
        mine = [i for i, camera in enumerate(cameras) if camera == name]
        if mine:
            with autograd.train_mode():
                scores[mine] = net(X[mine])
    return scores


def sample_of_the_last(net, X, cameras, samples):
    own = get_arrays(net, ".*running")
    for name in samples:
        estimate_statistics(net, [(samples[name], None)], 1)
    scores = net(X)
    set_arrays(net, own, ".*running")
    return scores


def together_in_training_mode(net, X, cameras, samples):
    with autograd.train_mode():
        return net(X)


def stored_for_all(net, X, cameras, samples):
    return net(X)


def trains_on_the_way(net, batches):
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": .1})
    for X in batches:
        with autograd.record():
            loss = net(X).square().sum()
        loss.backward()
        trainer.step(len(X))


WRONG = {
    "updates": [({**UPDATES, "b": 1}, "in the backward pass"),
                ({**UPDATES, "f": 0}, "keeps trainers away"),
                ({**UPDATES, "d": 0, "g": 1}, "Zeros move no weight"),
                ({**UPDATES, "g": 1}, "leave them alone"),
                ({**UPDATES, "h": 0}, "forward pass already")],
    "gradient_of_prediction": [(record_alone, "Both passes are in training mode"),
                               (predict_mode_around_record, "The forward pass is in"),
                               (backward_in_training_mode, "The backward pass is in"),
                               (of_all_scores, "All scores"),
                               (mean_instead_of_sum, "that of the mean")],
    "reestimate": [(forward_passes, "Forward passes alone"),
                   (passes_with_zeros, "moved on"),
                   (one_start, "pile up in one moving average"),
                   (corrected_as_adam, "in which the last batch weighs most"),
                   (without_times_ten, "multiply by 10"),
                   (as_one_batch, "one large batch"),
                   (last_batch, "Only the last batch"),
                   (hooks_in_prediction_mode, "in prediction mode"),
                   (hook_left, "hooks are still on"),
                   (trains_on_the_way, "weights have moved too")],
    "lag_and_noise": [(age_of_the_lesson, "one step old"),
                      (equal_weights, "add up their squares"),
                      (variance, "take its root"),
                      (pytorchs_momentum, "wrong way round")],
    "causes": [({**CAUSES, "b": "overfitting"}, "would not undo it"),
               ({**CAUSES, "e": "shift"}, "only their order"),
               ({**CAUSES, "f": "lag"}, "change nothing")],
    "predict_by_camera": [(one_set_for_all, "share one set"),
                          (camera_by_camera, "camera by camera"),
                          (not_put_back, "put its own back"),
                          (in_training_mode, "batch-mates count"),
                          (sample_of_the_last, "of the last camera"),
                          (together_in_training_mode, "normalised together"),
                          (stored_for_all, "stored statistics were used")],
}
