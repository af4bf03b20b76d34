"""Checks for the exercises of lesson 05: train LeNet with and without BN."""
import functools

from mxnet.gluon import nn

from ..models import built_in
from ..norm import BatchNorm
from .choices import judge_choices
from .judge import judge
from .observe_blocks import run_net, train_layer
from .remember import remember


def claims(answer):
    """claims: key -> "shown", "refuted" or "open", after the lesson's own runs."""
    questions = {
        "a": "at rate 1.0 two epochs with BN end lower than five without",
        "b": "the sigmoids saturate without BN",
        "c": "with BN the test accuracy rises in every epoch",
        "d": "standardised inputs alone bring none of BN's gain",
        "e": "BN also learns at rates too low for the plain net",
        "f": "BN learns faster because it reduces covariate shift"}
    right = {"a": "shown", "b": "refuted", "c": "refuted", "d": "refuted",
             "e": "shown", "f": "open"}
    sentences = {
        ("a", "refuted"): "Section 5 counts it: all six runs with BN were ahead.",
        ("a", "open"): "Section 5 counts just this, in all six runs with BN.",
        ("b", "shown"): "Section 4 found no saturated input without BN: the signal "
                        "fades instead.",
        ("b", "open"): "Section 4 measured the saturated share, at the start and "
                       "after 100 steps.",
        ("c", "shown"): "The training loss fell in every epoch; the test accuracy of "
                        "several runs with BN fell between two epochs.",
        ("c", "open"): "Section 6 follows the six runs with BN one by one.",
        ("d", "shown"): "Section 8 found that they bring about a third of the gain in "
                        "loss.",
        ("d", "open"): "Section 8 ran this control with three seeds.",
        ("e", "refuted"): "At 0.1 and 0.3 the plain net still guessed after two "
                          "epochs; with BN the loss was near 0.5.",
        ("e", "open"): "Section 7 tried four rates, two of them too low for the plain "
                       "net.",
        ("f", "shown"): "No run measured covariate shift: that BN learns faster does "
                        "not say why.",
        ("f", "refuted"): "No run measured covariate shift, so none speaks against it "
                          "either: lesson 09 does that.",
    }
    return judge_choices("claims", answer, right, sentences, questions,
                         ("shown", "refuted", "open"),
                         verified="six claims against the lesson's runs.")


def plain_norm(answer):
    """plain_norm(num_features, num_dims) -> BN whose gamma stays 1 and beta 0."""
    def fixed(num_features, num_dims):  # another way than the arguments
        layer = BatchNorm(num_features, num_dims)
        layer.gamma.grad_req = layer.beta.grad_req = "null"
        return layer

    def gluons(**arguments):
        return lambda num_features, num_dims: nn.BatchNorm(**arguments)

    def by_the_batch(num_features, num_dims):
        axes = (0, 2, 3)[:num_dims - 1]

        def normalise(F, X):
            X = F.broadcast_sub(X, X.mean(axis=axes, keepdims=True))
            var = F.square(X).mean(axis=axes, keepdims=True)
            return F.broadcast_div(X, F.sqrt(var + 1e-5))

        return nn.HybridLambda(normalise)

    off = {"center": False, "scale": False}
    mistakes = [
        (built_in, "gamma and beta start at 1 and 0, but training moves them: both "
                   "must be switched off."),
        (gluons(center=False), "beta stays 0, but gamma is still learned."),
        (gluons(scale=False), "gamma stays 1, but beta is still learned."),
        (gluons(use_global_stats=True), "use_global_stats freezes the statistics; "
                                        "gamma and beta are still learned."),
        (gluons(use_global_stats=True, **off),
         "The statistics are frozen too (use_global_stats): training must use those "
         "of the batch."),
        (lambda num_features, num_dims: nn.LayerNorm(**off),
         "LayerNorm gives each sample statistics of its own."),
        (lambda num_features, num_dims: nn.InstanceNorm(**off),
         "InstanceNorm gives each sample statistics of its own."),
        (gluons(momentum=1, **off), "With momentum 1 the statistics never move."),
        (gluons(momentum=0, **off), "With momentum 0 only the last batch is stored."),
        (by_the_batch, "The layer uses the batch's statistics in prediction mode too: "
                       "it must store some for that."),
        (gluons(axis=-1, **off), "The channels are on axis 1, not on the last axis."),
        (lambda num_features, num_dims: nn.BatchNorm(num_features, **off),
         "The first argument of nn.BatchNorm is axis, not the number of channels."),
        (lambda num_features, num_dims: nn.BatchNorm(in_channels=num_dims, **off),
         "num_dims counts the axes; the number of channels is num_features."),
    ]
    cases = [{"given": f"num_features = {C}, num_dims = {dims}, and three steps of SGD",
              "num_features": C, "num_dims": dims} for C, dims in ((3, 4), (5, 2))]
    return judge("plain_norm", answer, fixed, mistakes, cases, observe=train_layer,
                 verified="outputs and gradient over three steps, then predictions. "
                          "Your guess? In LeNet, measured with three seeds, the first "
                          "loss is .68 to .69: near that of BN, .66 to .68.")


def lenet_without_biases(answer):
    """lenet_without_biases() -> LeNet with BN, its last bias and no other."""
    return judge("lenet_without_biases", answer, lenet_with, MISTAKEN_NETS,
                 observe=remember(run_net, MISTAKEN_NETS),
                 verified="which biases, betas and weights there are, and the output "
                          "for given ones.")


def lenet_with(conv=False, dense=False, last=True, norm=nn.BatchNorm, place="before",
               sigmoid=True, pool=nn.MaxPool2D):
    """LeNet with BN. conv, dense, last: whether these layers have biases."""
    def block(layer, *pooling):
        act = [nn.Activation("sigmoid")] if sigmoid else []
        norms = [norm()] if norm else []
        return [layer, *{"before": [*norms, *act, *pooling],
                         "after": [*act, *norms, *pooling],
                         "pooling first": [*pooling, *norms, *act],
                         "behind pooling": [*act, *pooling, *norms]}[place]]

    net = nn.Sequential()
    net.add(*block(nn.Conv2D(6, 5, use_bias=conv), pool(2, 2)),
            *block(nn.Conv2D(16, 5, use_bias=conv), pool(2, 2)),
            *block(nn.Dense(120, use_bias=dense)),
            *block(nn.Dense(84, use_bias=dense)),
            nn.Dense(10, use_bias=last))
    return net


NO_SHIFT = functools.partial(nn.BatchNorm, center=False)
MISTAKEN_NETS = [(functools.partial(lenet_with, **arguments), sentence)
                 for arguments, sentence in [
    ({"conv": True, "dense": True}, "All biases are still there: use_bias=False goes "
                                    "to each layer that BN follows."),
    ({"last": False}, "The last bias is gone too: no BN follows that layer, and "
                      "nothing replaces its bias."),
    ({"dense": True}, "The dense layers before BN still have biases."),
    ({"conv": True}, "The convolutions still have biases."),
    ({"norm": None, "conv": True, "dense": True},
     "This is LeNet without BN, with all its biases."),
    ({"norm": None}, "BN is missing: without its beta a bias is needed."),
    ({"norm": NO_SHIFT}, "beta is gone too: it must do what the biases did."),
    ({"norm": NO_SHIFT, "conv": True, "dense": True},
     "The betas are gone instead of the biases."),
    ({"norm": functools.partial(nn.BatchNorm, scale=False)},
     "gamma is held at 1 (scale=False); only the biases are to go."),
    ({"place": "after"}, "BN comes after the sigmoid: there it does not take out a "
                         "bias before it."),
    ({"place": "behind pooling"}, "BN comes after the pooling; it belongs before the "
                                  "sigmoid."),
    ({"place": "pooling first"}, "The pooling comes before BN and the sigmoid; it "
                                 "belongs behind them."),
    ({"pool": nn.AvgPool2D}, "The pooling is average pooling; LeNet of section 2 has "
                             "max pooling."),
    ({"sigmoid": False}, "The sigmoids are missing."),
]]


def diagnoses(answer):
    """diagnoses: net -> "fades", "saturates", "wrong labels" or "learns"."""
    questions = {
        "net 1": "loss 4.60, saturated .415 .827 .961 .998",
        "net 2": "loss 2.31, saturated .000, deviation .082 .011 .002 .000",
        "net 3": "loss 2.49, saturated .000, deviation near 1 everywhere",
        "net 4": "loss 1.03, saturated .199 .248 .305 .248, deviation 1.1 to 2"}
    right = {"net 1": "saturates", "net 2": "fades", "net 3": "wrong labels",
             "net 4": "learns"}
    sentences = {
        ("net 1", "fades"): "Its inputs are large: at each sigmoid more of them lie "
                            "where the slope is almost zero.",
        ("net 1", "wrong labels"): "Up to 99.8 percent of the inputs are saturated: "
                                   "that alone stops the gradient.",
        ("net 1", "learns"): "4.60 is worse than a guess, 2.303.",
        ("net 2", "saturates"): "The saturated share is .000 everywhere. The deviation "
                                "falls to .000: all images look alike.",
        ("net 2", "wrong labels"): "The fourth sigmoid cannot tell the images apart "
                                   "(.000), so no labels could be learned.",
        ("net 2", "learns"): "2.31 is the loss of a guess.",
        ("net 3", "saturates"): "The saturated share is .000 at every sigmoid.",
        ("net 3", "fades"): "The deviation is about 1 at every sigmoid: the signal "
                            "arrives. What it is compared with must be at fault.",
        ("net 3", "learns"): "2.49 is no better than a guess.",
        ("net 4", "saturates"): "A quarter of the inputs are saturated, three quarters "
                                "are not: the loss is far below a guess.",
        ("net 4", "fades"): "The deviation is above 1 everywhere, and the loss is far "
                            "below a guess.",
        ("net 4", "wrong labels"): "1.03 is far below a guess: it has learned from its "
                                   "labels.",
    }
    return judge_choices("diagnoses", answer, right, sentences, questions,
                         ("fades", "saturates", "wrong labels", "learns"),
                         verified="the causes of four measured nets.")


def flaws(answer):
    """flaws: report -> the one flaw that it shows itself, or "fair"."""
    questions = {
        "a": "average pooling .797; max pooling with BN .849; three seeds",
        "b": "the same rate, 0.1; three seeds; so LeNet cannot be trained without BN",
        "c": "everything equal, one run each: .861 and .858",
        "d": "for each net the rate with the best test accuracy, of twenty",
        "e": "BN got standardised images, the plain net raw ones",
        "f": "rates chosen on held-out images, three seeds, ranges far apart"}
    right = {"a": "pooling", "b": "rate", "c": "seeds", "d": "test images",
             "e": "input", "f": "fair"}
    sentences = {
        ("a", "seeds"): "There are three, and more would not help: two things changed "
                        "at once, and one is not BN.",
        ("a", "fair"): "Two things changed at once: the pooling, too.",
        ("b", "fair"): "It says cannot, and tried one rate: at 1.0 the plain net "
                       "learns.",
        ("b", "seeds"): "There are three seeds. But all of them at one rate, and the "
                        "claim is about all rates.",
        ("c", "fair"): "Single runs of one net differ by more than .003 from seed to "
                       "seed.",
        ("c", "rate"): "At this rate the claim may be made, if seeds did not differ by "
                       "more than .003.",
        ("d", "rate"): "Each net has a rate of its own, which is good. But on which "
                       "images was it chosen?",
        ("d", "fair"): "The test images chose the rate: the best of twenty is partly "
                       "luck on them.",
        ("d", "seeds"): "It has three seeds. On which images were the rates chosen?",
        ("e", "fair"): "Standardised images help a net without BN too (section 8): two "
                       "things changed.",
        ("e", "seeds"): "More seeds would not help: two things changed at once.",
        ("f", "rate"): "A rate of its own for each net, found without the test images, "
                       "is the fair way. One rate for both would favour one.",
        ("f", "seeds"): "Three seeds whose ranges are ten points apart are enough.",
        ("f", "test images"): "The rates were chosen on held-out training images.",
    }
    return judge_choices("flaws", answer, right, sentences, questions,
                         ("pooling", "rate", "seeds", "test images", "input", "fair"),
                         verified="five flaws and one fair comparison.")
