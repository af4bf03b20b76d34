"""Layers with a mistake (lesson 14)."""
from mxnet import autograd, init, nd
from mxnet.gluon import nn

from ..norm import batch_norm
from .formulas import STILL
from .observe_layer import array, looking_first_at
from .zoo import SENTENCES, batch_statistics, mistaken

FIXED = {"grad_req": "null", "differentiable": False}


def layer_with(function=batch_norm, start=(0., 1.), momentum=0.9, fixed=FIXED,
               stored=("running_mean", "running_var")):
    """The class of a layer that computes with a function like `batch_norm`.

    start: where the statistics start. momentum: the default. stored: which of the
    statistics are parameters; the others are plain arrays.
    """
    default = momentum

    class Layer(nn.Block):
        def __init__(self, num_features, eps=1e-5, momentum=default):
            super().__init__()
            self.eps, self.momentum = eps, momentum
            shape = (num_features,)
            self.gamma = self.params.get("gamma", shape=shape, init=init.One())
            self.beta = self.params.get("beta", shape=shape, init=init.Zero())
            names = "running_mean", "running_var"
            for name, value in zip(names, start, strict=True):
                setattr(self, name, self.params.get(
                    name, shape=shape, init=init.Constant(value), **fixed)
                    if name in stored else nd.full(shape, value))

        def forward(self, X):
            statistics = [array(self.running_mean), array(self.running_var)]
            Y, *new = function(X, self.gamma.data(), self.beta.data(), *statistics,
                               self.eps, self.momentum)
            with autograd.pause():
                for old, value in zip(statistics, new, strict=True):
                    old[:] = value
            return Y
    return Layer


def layers(*names):
    """(layer with the mistake, sentence) for mistakes of the zoo."""
    return [(layer_with(mistaken(name)), SENTENCES[name]) for name in names]


def recording_taken_for_training(moves_alone=False):
    """`batch_norm` that asks whether autograd records, not whether it is training.

    moves_alone: only the moving statistics ask so; the output asks rightly.
    """
    def function(X, gamma, beta, mean, var, eps, momentum):
        recording = autograd.is_recording()
        mode = autograd.train_mode if recording else autograd.predict_mode
        if not moves_alone:
            with mode():
                return batch_norm(X, gamma, beta, mean, var, eps, momentum)
        Y, *_ = batch_norm(X, gamma, beta, mean, var, eps, momentum)
        with mode():
            _, mean, var = batch_norm(X, gamma, beta, mean, var, eps, momentum)
        return Y, mean, var
    return function


def started_afresh_in_prediction(X, gamma, beta, mean, var, eps, momentum):
    Y, mean, var = batch_norm(X, gamma, beta, mean, var, eps, momentum)
    if autograd.is_training():
        return Y, mean, var
    return Y, nd.zeros_like(mean), nd.ones_like(var)


def only_one_moves_rightly(X, gamma, beta, mean, var, eps, momentum):
    Y, mean_new, _ = batch_norm(X, gamma, beta, mean, var, eps, momentum)
    return Y, mean_new, batch_norm(X, gamma, beta, mean, var, eps, 1 - momentum)[2]


def first_batch_taken_whole(X, gamma, beta, mean, var, eps, momentum):
    """The statistics of the first batch replace those of the start, mean 0, var 1."""
    untouched = autograd.is_training() and not mean.abs().sum().asscalar()
    return batch_norm(X, gamma, beta, mean, var, eps, 0. if untouched else momentum)


def batch_until_trained(X, gamma, beta, mean, var, eps, momentum):
    """Before the first step a prediction uses its own batch."""
    if not autograd.is_training() and not mean.abs().sum().asscalar():
        mean, var = (value.reshape(mean.shape) for value in batch_statistics(X, None))
        Y, *_ = batch_norm(X, gamma, beta, mean, var, eps, momentum)
        return Y, nd.zeros_like(mean), nd.ones_like(var)
    return batch_norm(X, gamma, beta, mean, var, eps, momentum)


def restless_mean():
    mistakes = [
        (layer_with(mistaken("momentum reversed")),
         STILL + "after each step the stored mean lies near that batch's mean."),
        (layer_with(mistaken("momentum reversed"), momentum=0.1),
         "The default has changed instead of the formula: with momentum = 0.8, given "
         "by hand, the stored mean still follows the last batch."),
        (layer_with(only_one_moves_rightly),
         "The mean is mended, the variance still follows the last batch."),
        *layers("never moves")]
    return {"right": layer_with(), "mistakes": mistakes,
            "cases": [{"given": "three steps with momentum = 0.8"}],
            "observe": looking_first_at("stored mean after step 1")}


def loud_start():
    mistakes = [
        (layer_with(start=(0., 0.)),
         STILL + "before the first step predictions are many times too large."),
        (layer_with(start=(0., 1e-5)), "The start has grown to eps; for an output "
                                       "about as large as the input it must be 1."),
        (layer_with(start=(1., 1.)), "The moving mean starts at 1 too; only the "
                                     "variance should."),
        (layer_with(batch_until_trained),
         "Before the first step predictions use their own batch now: a single row "
         "comes out as beta."),
        (layer_with(first_batch_taken_whole),
         "The first batch is taken whole. That can be defended, but it is not what "
         "nn.BatchNorm does: one batch then weighs ten times as much as the others.")]
    return {"right": layer_with(), "mistakes": mistakes,
            "cases": [{"given": "predictions before and after 3 steps, eps = 0.01"}],
            "observe": looking_first_at("prediction before the first step")}


def in_company():
    mistakes = [
        (layer_with(mistaken("batch statistics in prediction")),
         STILL + "a row alone comes out as beta, and otherwise than in its batch."),
        *layers("moving statistics in training"),
        (layer_with(recording_taken_for_training()),
         "The layer asks whether autograd records. record(train_mode=False) records a "
         "prediction, train_mode() trains without recording: ask is_training().")]
    return {"right": layer_with(), "mistakes": mistakes,
            "cases": [{"given": "three steps, then 6 rows together and one alone"}],
            "observe": looking_first_at("prediction of row 1 alone")}


def second_time():
    mistakes = [
        (layer_with(mistaken("moves in prediction")),
         STILL + "the same rows are predicted otherwise the second time."),
        *layers("never moves"),
        (layer_with(recording_taken_for_training(moves_alone=True)),
         "The statistics move whenever autograd records, in record(train_mode=False) "
         "too: ask is_training()."),
        (layer_with(started_afresh_in_prediction),
         "Each prediction puts the statistics back to 0 and 1: what training has "
         "gathered is lost."),
        *layers("batch statistics in prediction")]
    return {"right": layer_with(), "mistakes": mistakes,
            "cases": [{"given": "three steps, then the same 6 rows predicted twice"}],
            "observe": looking_first_at("prediction of the same 6 rows again")}


def after_loading():
    mistakes = [
        (layer_with(stored=()),
         STILL + "the loaded layer predicts as if it had never been trained."),
        (layer_with(stored=("running_mean",)),
         "The mean is in the file now, the variance is not."),
        (layer_with(stored=("running_var",)),
         "The variance is in the file now, the mean is not."),
        (layer_with(fixed={}),
         "They are parameters now, but to be trained: without grad_req 'null' a "
         "trainer waits for their gradient.")]
    return {"right": layer_with(), "mistakes": mistakes,
            "cases": [{"given": "three steps with a trainer, saved, and loaded"}],
            "observe": looking_first_at("prediction of the loaded layer")}
