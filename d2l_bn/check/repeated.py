"""Statistics of a layer that a pass uses more than once (lesson 14)."""
import numpy as np
from mxnet import autograd, nd
from mxnet.gluon import nn

from .formulas import STILL


class Repeated(nn.Block):
    """A net that uses its one normalization `times` times a pass."""

    def __init__(self, times):
        super().__init__()
        self.times, self.norm = times, nn.BatchNorm(in_channels=3)

    def forward(self, X):
        return sum(self.norm((k + 1) * X + k) for k in range(self.times))


def estimate(candidate, times, seed):
    """What `candidate(net, layer, batches)` leaves in the layer."""
    random = np.random.RandomState(seed)
    net = Repeated(times)
    net.initialize()
    candidate(net, net.norm, [nd.array(random.normal(3 + k, 2, (8, 3)))
                              for k in range(4)])
    nd.waitall()
    return {"stored mean": net.norm.running_mean.data().copy(),
            "stored variance": net.norm.running_var.data().copy(),
            "hooks left behind": len(net.norm._forward_pre_hooks)}


def estimated(combine):
    """A function (net, layer, batches): combine(uses, batches) -> mean and variance.

    uses: a list, a batch each, of lists of inputs as NumPy arrays.
    """
    def function(net, layer, batches):
        uses = []
        hook = layer.register_forward_pre_hook(
            lambda _, inputs: uses[-1].append(inputs[0].asnumpy()))
        with autograd.train_mode():
            for X in batches:
                uses.append([])
                net(X)
        hook.detach()
        mean, var = combine(uses)
        layer.running_mean.set_data(nd.array(mean))
        layer.running_var.set_data(nd.array(var))
    return function


def average(arrays, count=None):
    """Mean over arrays of their means and variances; or their sum over `count`."""
    count = count or len(arrays)
    return (sum(X.mean(0) for X in arrays) / count,
            sum(X.var(0) for X in arrays) / count)


def twice_as_much():
    def flat(uses):
        return [X for batch in uses for X in batch]

    def pooled(uses):
        joined = [np.concatenate(batch) for batch in uses]
        return average(joined)

    mistakes = [
        (estimated(lambda uses: average(flat(uses), len(uses))),
         STILL + "a layer used twice a pass gets twice the mean and variance."),
        (estimated(lambda uses: average(flat(uses), 2 * len(uses))),
         "Halved for every net: a layer used once now gets half, one used three times "
         "too much. Count the uses."),
        (estimated(lambda uses: average([batch[-1] for batch in uses])),
         "Only the last use of each pass counts; all uses should."),
        (estimated(lambda uses: average([batch[0] for batch in uses])),
         "Only the first use of each pass counts; all uses should."),
        (estimated(pooled), "The inputs of a pass are joined before the statistics are "
                            "taken; the layer takes them for each use alone.")]
    return {"right": estimated(lambda uses: average(flat(uses))), "mistakes": mistakes,
            "cases": [{"given": f"a layer used {times} times a pass, four batches",
                       "times": times, "seed": times} for times in (2, 1, 3)],
            "observe": estimate}
