"""`batch_norm` with one mistake at a time: the ways in which it is really got wrong.

Each is as published code had it (see lesson 14); the checks compare answers with them.
"""
from mxnet import autograd, nd

SENTENCES = {
    "channels last": "The mean is over the wrong axes: (0, 1, 2) fits channels last; "
                     "here axis 1 holds the channels.",
    "per pixel": "The mean is over axis 0 alone, so that each pixel has a statistic of "
                 "its own; a channel's pixels share one.",
    "per sample": "Each sample has statistics of its own; the whole batch shares one "
                  "mean a channel.",
    "sample variance": "The variance divides by m - 1; batch normalization divides by "
                       "m.",
    "two moments": "The variance is E[x^2] - E[x]^2, which loses its digits, and may "
                   "turn negative, where the mean is large.",
    "eps outside": "eps is added to the standard deviation; it belongs to the "
                   "variance, inside the root.",
    "eps subtracted": "eps is subtracted; it must be added to the variance.",
    "eps forgotten": "eps is forgotten: a channel whose values are equal divides 0 "
                     "by 0.",
    "no root": "The root is missing: it divides by the variance, not by the standard "
               "deviation.",
    "last axis": "gamma and beta go along the last axis, not along the channels: shape "
                 "them (1, C, 1, 1).",
    "gamma and beta swapped": "gamma and beta are swapped: gamma multiplies, beta is "
                              "added.",
    "detached": "The batch statistics are cut out of the gradient (detach or pause): "
                "the output is right, the gradient is not.",
    "mean detached": "The mean is cut out of the gradient (detach or pause), and the "
                     "variance is not: the gradient needs both.",
    "no modes": "There are no two modes: prediction does what training does. Ask "
                "autograd.is_training().",
    "recording for training": "autograd.is_recording() decides; a recorded prediction "
                              "is none of training. Ask autograd.is_training().",
    "momentum fixed": "The momentum is 0.9, whatever is given.",
    "standard deviation stored": "The moving variance collects standard deviations.",
    "written in place": "The arrays of the moving statistics are written to; return "
                        "new ones.",
    "momentum reversed": "The momentum is the wrong way round: here it is the share of "
                         "the old value.",
    "moves in prediction": "The moving statistics also move in prediction mode; they "
                           "must stay as they are.",
    "never moves": "The moving statistics never move: training must update them.",
    "batch statistics in prediction": "Prediction uses the statistics of its own "
                                      "batch; it must use the moving ones.",
    "moving statistics in training": "Training normalises with the moving statistics; "
                                     "it must use those of the batch.",
    "statistics in the graph": "The moving statistics are left in the graph: each step "
                               "keeps all earlier ones, and a gradient flows through.",
}


def mistaken(mistake):
    """`batch_norm`, as in lesson 03, with the one mistake named."""
    def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
        training = (mistake == "no modes" or autograd.is_recording()
                    if mistake in ("no modes", "recording for training")
                    else autograd.is_training())
        per_channel = (1, -1) + (1,) * (X.ndim - 2)
        if training and mistake != "moving statistics in training" or (
                mistake == "batch statistics in prediction"):
            mean, var = batch_statistics(X, mistake)
        else:
            mean, var = (moving_mean.reshape(per_channel),
                         moving_var.reshape(per_channel))
        Y = scale_and_shift((X - mean) / divisor(var, eps, mistake), gamma, beta,
                            "last axis" if mistake == "last axis" else per_channel,
                            mistake)
        if (training or mistake == "moves in prediction") and mistake != "never moves":
            new = moved(X, moving_mean, moving_var, momentum, mistake)
            if mistake == "written in place":
                moving_mean[:], moving_var[:] = new
            moving_mean, moving_var = new
        return Y, moving_mean, moving_var
    return batch_norm


def batch_statistics(X, mistake):
    axes = {"channels last": tuple(range(X.ndim - 1)), "per pixel": (0,),
            "per sample": tuple(range(2, X.ndim)) or (1,)}.get(
                mistake, (0, *range(2, X.ndim)))
    mean = X.mean(axis=axes, keepdims=True)
    if mistake == "two moments":
        var = nd.square(X).mean(axis=axes, keepdims=True) - nd.square(mean)
    else:
        var = nd.square(X - mean).mean(axis=axes, keepdims=True)
    if mistake == "sample variance":
        m = X.size / mean.size
        var = var * (m / (m - 1))
    if mistake in ("detached", "mean detached"):
        return mean.detach(), var.detach() if mistake == "detached" else var
    return mean, var


def divisor(var, eps, mistake):
    if mistake == "eps outside":
        return nd.sqrt(var) + eps
    if mistake == "no root":
        return var + eps
    sign = {"eps subtracted": -1, "eps forgotten": 0}.get(mistake, 1)
    return nd.sqrt(var + sign * eps)


def scale_and_shift(X_hat, gamma, beta, shape, mistake):
    if shape != "last axis":
        gamma, beta = gamma.reshape(shape), beta.reshape(shape)
    if mistake == "gamma and beta swapped":
        gamma, beta = beta, gamma
    return gamma * X_hat + beta


def moved(X, moving_mean, moving_var, momentum, mistake):
    """The moving statistics after a step, each in the shape it came in."""
    keep = {"momentum reversed": 1 - momentum, "momentum fixed": 0.9}.get(mistake,
                                                                          momentum)
    whose = mistake if mistake in ("sample variance", "two moments") else None
    if mistake == "statistics in the graph":
        mean, var = batch_statistics(X, whose)
        return (keep * moving_mean + (1 - keep) * mean.reshape(moving_mean.shape),
                keep * moving_var + (1 - keep) * var.reshape(moving_var.shape))
    with autograd.pause():
        mean, var = batch_statistics(X, whose)
        if mistake == "standard deviation stored":
            var = nd.sqrt(var)
        return (keep * moving_mean + (1 - keep) * mean.reshape(moving_mean.shape),
                keep * moving_var + (1 - keep) * var.reshape(moving_var.shape))


def mistakes_of_batch_norm(names=tuple(SENTENCES)):
    """(mistaken batch_norm, sentence) for `judge`, in the order of the names."""
    return [(mistaken(name), SENTENCES[name]) for name in names]
