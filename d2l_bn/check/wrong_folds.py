"""Ways of folding batch normalization into a neighbour that people take."""
import numpy as np
from mxnet import nd

from .folding import line_of


def into_next(combine, **options):
    """fold_into_next(bn, dense); combine: function (W, b, s, shift) -> weight, bias."""
    def fold(bn, dense):
        W, b = (p.data().asnumpy() for p in (dense.weight, dense.bias))
        return tuple(map(nd.array, combine(W, b, *line_of(bn, **options))))
    return fold


def right_next(W, b, s, shift):
    return W * s, b + W @ shift


def next_in_place(bn, dense):
    W, b = into_next(right_next)(bn, dense)
    dense.weight.set_data(W)
    dense.bias.set_data(b)
    return W, b


def rows(W, s):
    """Each row of W times its s; the numbers of s repeat or end where W's do."""
    return W * np.resize(s, len(W))[:, None]


def behind(W, b, s, shift):
    """The bias that BN behind the layer gives."""
    s, shift = (np.resize(x, len(b)) for x in (s, shift))
    return b * s + shift


INTO_NEXT = [
    (into_next(right_next, eps=0),
     "epsilon is forgotten: s = gamma / sqrt(v + epsilon), with the layer's own."),
    (into_next(right_next, eps=1e-5),
     "epsilon is 1e-5 here whatever the layer says; take bn._kwargs['eps']."),
    (into_next(lambda W, b, s, shift: (rows(W, s), b + W @ shift)),
     "s goes along the output axis of the weight; BN stands before the layer, so "
     "that s belongs to the input axis, 1."),
    (into_next(lambda W, b, s, shift: (rows(W, s), behind(W, b, s, shift))),
     "That is the fold of a BN that stands behind the layer. Here it stands before: "
     "s belongs to the inputs, and the shift passes through the weights."),
    (into_next(lambda W, b, s, shift: (W * s, behind(W, b, s, shift))),
     "The bias is that of a BN that stands behind the layer. Here the shift "
     "beta - mu * s passes through the weights, and the layer's bias stays whole."),
    (into_next(lambda W, b, s, shift: (W * s, b)),
     "The bias is left as it was; beta - mu * s also passes through the weights."),
    (into_next(lambda W, b, s, shift: (W * s, b + (W * s) @ shift)),
     "s goes into the bias twice: the shift passes through the old weights."),
    (into_next(lambda W, b, s, shift: (W * s, W @ shift)),
     "The layer's own bias is lost: W (beta - mu s) is added to it."),
    (into_next(lambda W, b, s, shift: (W * s, b + np.resize(shift, len(b)))),
     "The shift is added to the bias as it is; it must pass through the weights."),
    (into_next(right_next, shift=lambda beta, mean, s: -mean * s),
     "beta is left out of the shift, beta - mu * s."),
    (into_next(right_next, shift=lambda beta, mean, s: beta + mean * s),
     "mu * s has the wrong sign: BN subtracts the mean, so the shift is "
     "beta - mu * s."),
    (into_next(right_next, shift=lambda beta, mean, s: beta - mean),
     "mu stands in the shift without s: it is beta - mu * s."),
    (into_next(right_next, shift=lambda beta, mean, s: beta),
     "mu is left out of the shift, beta - mu * s."),
    (into_next(right_next, root="outside"),
     "epsilon is added to the root; it belongs inside: s = gamma / sqrt(v + epsilon)."),
    (into_next(right_next, root=False), "The root is missing in s."),
    (into_next(right_next, scale=False), "gamma is left out of s."),
    (next_in_place, "The layers themselves are changed; return new arrays."),
]


def back(axis=0, bias=lambda b, s, shift: b * s + shift, shape=None, **options):
    """fold_any(layer, bn); shape: what s is reshaped to, whatever the layer."""
    def made(layer, bn):
        W = layer.weight.data().asnumpy()
        s, shift = line_of(bn, **options)
        b = 0 if layer.bias is None else layer.bias.data().asnumpy()
        along = [1] * W.ndim
        along[axis] = -1
        return nd.array(W * s.reshape(shape or along)), nd.array(bias(b, s, shift))
    return made


def without_bias(layer, bn):
    W, b = back()(layer, bn)
    return W, b if layer.bias is not None else None


def overwrites_gamma(layer, bn):
    if bn._kwargs["fix_gamma"]:
        bn.gamma.set_data(nd.ones_like(bn.gamma.data()))
    return back()(layer, bn)


def one_for_s(layer, bn):
    if not bn._kwargs["fix_gamma"]:
        return back()(layer, bn)
    b = 0 if layer.bias is None else layer.bias.data()
    return layer.weight.data(), b - bn.running_mean.data() + bn.beta.data()


BACK = [
    (back(scale=True), "With scale=False gamma counts as 1, whatever the array "
                       "holds; here the array is used."),
    (one_for_s, "With scale=False s counts as 1; it is gamma that does, and "
                "s = 1 / sqrt(v + epsilon)."),
    (without_bias,
     "Without a bias the folded layer still needs one: beta - mu * s."),
    (back(bias=lambda b, s, shift: b * s + shift * np.any(b)),
     "Without a bias beta and mu are left out; they still act."),
    (back(eps=0), "epsilon is forgotten: s = gamma / sqrt(v + epsilon)."),
    (back(axis=1), "s goes along axis 1, the input channels; in the weights of "
                   "Conv2D and Dense axis 0 is the output."),
    (back(axis=-1), "s goes along the last axis; in the weights of Conv2D and Dense "
                    "axis 0 is the output: reshape s."),
    (back(axis=-2), "s has shape (C, 1) for Conv2D, too; there it goes along the rows "
                    "of the kernel. The weight has four axes: (C, 1, 1, 1)."),
    (back(shape=(-1, 1, 1, 1)), "s has shape (C, 1, 1, 1) for Dense, too; its weight "
                                "has two axes: (C, 1)."),
    (back(bias=lambda b, s, shift: b + shift),
     "The layer's own bias must be multiplied by s, too."),
    (back(scale=False), "gamma counts as 1 in every layer; only with scale=False "
                        "it does."),
    (back(eps=1e-5), "epsilon is 1e-5 here whatever the layer says; take "
                     "bn._kwargs['eps']."),
    (back(shift=lambda beta, mean, s: -mean * s), "beta is left out of the bias."),
    (overwrites_gamma, "A layer is changed: set_data, or a call of bn with "
                       "scale=False, writes ones into its array gamma. Use ones of "
                       "your own."),
]
