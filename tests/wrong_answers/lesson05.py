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


def number_as_axis(num_features, num_dims):
    return nn.BatchNorm(num_features, center=False, scale=False)


def axes_as_channels(num_features, num_dims):
    return nn.BatchNorm(center=False, scale=False, in_channels=num_dims)


def nothing_stored(num_features, num_dims):
    def normalise(F, X):
        axes = (0, 2, 3) if num_dims == 4 else 0
        mean = F.mean(X, axis=axes, keepdims=True)
        var = F.mean(F.broadcast_sub(X, mean) ** 2, axis=axes, keepdims=True)
        return F.broadcast_sub(X, mean) / F.broadcast_like(F.sqrt(var + 1e-5), X)
    return nn.HybridLambda(normalise)


def lenet_of(norm, pooling, pooling_first=False):
    net = nn.HybridSequential()
    for num_channels in (6, 16):
        middle = [norm(), nn.Activation("sigmoid")]
        net.add(nn.Conv2D(num_channels, kernel_size=5, use_bias=False))
        net.add(*([pooling, *middle] if pooling_first else [*middle, pooling]))
    for units in (120, 84):
        net.add(nn.Dense(units, use_bias=False), norm(), nn.Activation("sigmoid"))
    net.add(nn.Dense(10))
    return net


def no_shift_left():
    return lenet_of(lambda: nn.BatchNorm(center=False), nn.MaxPool2D(2, 2))


def average_pooling():
    return lenet_of(nn.BatchNorm, nn.AvgPool2D(2, 2))


def pooling_first():
    return lenet_of(nn.BatchNorm, nn.MaxPool2D(2, 2), pooling_first=True)


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
                   (each_sample, "InstanceNorm gives each sample"),
                   (number_as_axis, "first argument of nn.BatchNorm is axis"),
                   (axes_as_channels, "num_dims counts the axes"),
                   (nothing_stored, "must store some")],
    "lenet_without_biases": [(lambda: lenet(built_in), "All biases are still there"),
                             (lenet, "LeNet without BN"),
                             (dense_forgotten, "dense layers before BN"),
                             (no_bias_at_all, "last bias is gone"),
                             (sigmoids_forgotten, "sigmoids are missing"),
                             (normalised_after_the_sigmoid, "after the sigmoid"),
                             (no_shift_left, "beta is gone too"),
                             (average_pooling, "average pooling"),
                             (pooling_first, "pooling comes before BN")],
    "diagnoses": [({**DIAGNOSES, "net 2": "saturates"}, ".000 everywhere"),
                  ({**DIAGNOSES, "net 3": "fades"}, "the signal arrives"),
                  ({**DIAGNOSES, "net 1": "fades", "net 2": "saturates"},
                   "where the slope is almost zero")],
    "flaws": [({**FLAWS, "a": "seeds"}, "more would not help"),
              ({**FLAWS, "b": "fair"}, "tried one rate"),
              ({**FLAWS, "d": "fair"}, "the best of twenty"),
              ({**FLAWS, "f": "rate"}, "A rate of its own for each net")],
}
