"""Wrong answers to the exercises of lesson 03."""
from d2l_bn import batch_norm

from mxnet import autograd, nd


def one_mean_a_pixel(shape):
    pixels = 1
    for length in shape[1:]:
        pixels *= length
    return pixels, shape[0]


def one_mean_a_sample(shape):
    area = 1
    for length in shape[2:]:
        area *= length
    return shape[0] * shape[1], area


def forgot_eps(X, eps):
    spread = ((X - X.mean(axis=0)) ** 2).mean(axis=0).sqrt()
    return 2 * spread, 2 * X.mean(axis=0)


def doubles_the_normalised_values(X, eps):
    C = X.shape[1]
    return nd.full(C, 2), nd.zeros(C)


def momentum_of_pytorch(momentum):
    mean, steps = 0., 0
    while mean < 0.99 - 1e-9 and steps < 10000:
        mean = (1 - momentum) * mean + momentum
        steps += 1
    return steps if momentum else float("inf")


def starts_counting_at_one(momentum):
    mean, steps = 0., 1
    while mean < 0.99 - 1e-9:
        mean = momentum * mean + (1 - momentum)
        steps += 1
    return steps


def axes_of_channels_first(X, eps):
    mean = X.mean(axis=(0, 2, 3), keepdims=True)
    var = ((X - mean) ** 2).mean(axis=(0, 2, 3), keepdims=True)
    return (X - mean) / (var + eps).sqrt()


def eps_outside(X, eps):
    mean = X.mean(axis=(0, 1, 2), keepdims=True)
    var = ((X - mean) ** 2).mean(axis=(0, 1, 2), keepdims=True)
    return (X - mean) / (var.sqrt() + eps)


def statistics_without_a_gradient(X, gamma, beta, moving_mean, moving_var, eps,
                                  momentum):
    shape = [1] * X.ndim
    shape[1] = -1
    if autograd.is_training():
        axes = tuple(axis for axis in range(X.ndim) if axis != 1)
        with autograd.pause():
            mean = X.mean(axis=axes)
            var = ((X - mean.reshape(shape)) ** 2).mean(axis=axes)
            moving_mean = moving_mean * momentum + mean * (1 - momentum)
            moving_var = moving_var * momentum + var * (1 - momentum)
    else:
        mean, var = moving_mean, moving_var
    normal = (X - mean.reshape(shape)) / (var.reshape(shape) + eps).sqrt()
    return (normal * gamma.reshape(shape) + beta.reshape(shape), moving_mean,
            moving_var)


def momentum_reversed(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    return batch_norm(X, gamma, beta, moving_mean, moving_var, eps, 1 - momentum)


WRONG = {
    "count_statistics": [(one_mean_a_pixel, "Each pixel"),
                         (one_mean_a_sample, "Each sample")],
    "scale_by_two": [(forgot_eps, "eps is missing"),
                     (doubles_the_normalised_values, "double the normalised")],
    "steps_needed": [(momentum_of_pytorch, "wrong way round"),
                     (starts_counting_at_one, "One too many")],
    "eps_for_half": [(0.001, "outside the root"), (0.000001, "halves the variance")],
    "batch_norm_channels_last": [(axes_of_channels_first, "axes (0, 2, 3)"),
                                 (eps_outside, "inside the root")],
    "from_memory": [(statistics_without_a_gradient, "cut out of the gradient"),
                    (momentum_reversed, "wrong way round")],
}
