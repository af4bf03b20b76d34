"""Wrong answers to the exercises of lesson 05."""
from d2l_bn import BatchNorm, built_in, lenet

from mxnet.gluon import nn

CLAIMS = {"a": "shown", "b": "refuted", "c": "refuted", "d": "refuted", "e": "shown",
          "f": "open"}
DIAGNOSES = {"net 1": "saturates", "net 2": "fades", "net 3": "wrong labels",
             "net 4": "learns"}
FLAWS = {"a": "pooling", "b": "rate", "c": "seeds", "d": "test images", "e": "input",
         "f": "fair"}


def same_as_ours(num_features, num_dims):
    return BatchNorm(num_features, num_dims)


def no_shift(num_features, num_dims):
    return nn.BatchNorm(center=False, in_channels=num_features)


def no_scale(num_features, num_dims):
    layer = nn.BatchNorm(in_channels=num_features)
    layer.gamma.grad_req = "null"
    return layer


def frozen_statistics(num_features, num_dims):
    return nn.BatchNorm(use_global_stats=True)


def everything_frozen(num_features, num_dims):
    return nn.BatchNorm(center=False, scale=False, use_global_stats=True)


def each_sample(num_features, num_dims):
    return nn.InstanceNorm(center=False, scale=False)


def dense_forgotten():
    net = nn.Sequential()
    net.add(nn.Conv2D(6, 5, use_bias=False), nn.BatchNorm(), nn.Activation("sigmoid"),
            nn.MaxPool2D(2, 2),
            nn.Conv2D(16, 5, use_bias=False), nn.BatchNorm(), nn.Activation("sigmoid"),
            nn.MaxPool2D(2, 2),
            nn.Dense(120), nn.BatchNorm(), nn.Activation("sigmoid"),
            nn.Dense(84), nn.BatchNorm(), nn.Activation("sigmoid"), nn.Dense(10))
    return net


def no_bias_at_all():
    net = nn.HybridSequential()
    for num_channels in (6, 16):
        net.add(nn.Conv2D(num_channels, kernel_size=5, use_bias=False), nn.BatchNorm(),
                nn.Activation("sigmoid"), nn.MaxPool2D(2, 2))
    for units in (120, 84):
        net.add(nn.Dense(units, use_bias=False), nn.BatchNorm(),
                nn.Activation("sigmoid"))
    net.add(nn.Dense(10, use_bias=False))
    return net


def sigmoids_forgotten():
    net = nn.HybridSequential()
    for num_channels in (6, 16):
        net.add(nn.Conv2D(num_channels, kernel_size=5, use_bias=False), nn.BatchNorm(),
                nn.MaxPool2D(2, 2))
    for units in (120, 84):
        net.add(nn.Dense(units, use_bias=False), nn.BatchNorm())
    net.add(nn.Dense(10))
    return net


def normalised_after_the_sigmoid():
    net = nn.HybridSequential()
    for num_channels in (6, 16):
        net.add(nn.Conv2D(num_channels, kernel_size=5, use_bias=False),
                nn.Activation("sigmoid"), nn.BatchNorm(), nn.MaxPool2D(2, 2))
    for units in (120, 84):
        net.add(nn.Dense(units, use_bias=False), nn.Activation("sigmoid"),
                nn.BatchNorm())
    net.add(nn.Dense(10))
    return net


WRONG = {
    "claims": [({**CLAIMS, "b": "shown", "f": "shown"}, "no saturated input"),
               ({**CLAIMS, "c": "Shown "}, "several runs with BN fell"),
               ({**CLAIMS, "d": "shown"}, "a third of the gain"),
               ({**CLAIMS, "f": "shown"}, "does not say why"),
               ({**CLAIMS, "f": "refuted"}, "none speaks against it")],
    "plain_norm": [(same_as_ours, "both must be switched off"),
                   (no_shift, "gamma is still learned"),
                   (no_scale, "beta is still learned"),
                   (frozen_statistics, "freezes the statistics"),
                   (everything_frozen, "frozen too"),
                   (each_sample, "InstanceNorm gives each sample")],
    "lenet_without_biases": [(lambda: lenet(built_in), "All biases are still there"),
                             (lenet, "LeNet without BN"),
                             (dense_forgotten, "dense layers before BN"),
                             (no_bias_at_all, "last bias is gone"),
                             (sigmoids_forgotten, "sigmoids are missing"),
                             (normalised_after_the_sigmoid, "after the sigmoid")],
    "diagnoses": [({**DIAGNOSES, "net 2": "saturates"}, ".000 everywhere"),
                  ({**DIAGNOSES, "net 3": "fades"}, "the signal arrives"),
                  ({**DIAGNOSES, "net 1": "fades", "net 2": "saturates"},
                   "where the slope is almost zero")],
    "flaws": [({**FLAWS, "a": "seeds"}, "More seeds would not help"),
              ({**FLAWS, "b": "fair"}, "tried one rate"),
              ({**FLAWS, "d": "fair"}, "the best of twenty"),
              ({**FLAWS, "f": "rate"}, "A rate of its own for each net")],
}
