"""Wrong answers to the exercises of lesson 06."""
from mxnet.gluon import nn

ARGUMENTS = {"a": "axis=-1", "b": "use_global_stats=True",
             "c": "gamma_initializer='zeros'", "d": "epsilon=1e-3",
             "e": "in_channels=16", "f": "momentum=0.5"}


def every_bias(layers):
    return [i for i, layer in enumerate(layers)
            if isinstance(layer, (nn.Dense, nn.Conv2D)) and layer.bias is not None]


def does_not_look_for_a_bias(layers):
    return [i for i in range(len(layers) - 1)
            if isinstance(layers[i], (nn.Dense, nn.Conv2D))
            and isinstance(layers[i + 1], nn.BatchNorm)]


def past_the_activation(layers):
    found, last = [], None
    for i, layer in enumerate(layers):
        if isinstance(layer, nn.BatchNorm):
            if last is not None and layers[last].bias is not None:
                found.append(last)
        elif not isinstance(layer, (nn.Activation, nn.Flatten)):
            last = i
    return found


def convolutions_alone(layers):
    return [i for i, layer in enumerate(layers[:-1]) if isinstance(layer, nn.Conv2D)
            and layer.bias is not None and isinstance(layers[i + 1], nn.BatchNorm)]


def affine_inverted(num_features, eps, momentum, affine):
    return nn.BatchNorm(epsilon=eps, momentum=1 - momentum, center=not affine,
                        scale=not affine, in_channels=num_features)


def initialises(num_features, eps, momentum, affine):
    layer = nn.BatchNorm(epsilon=eps, momentum=1 - momentum, center=affine,
                         scale=affine, in_channels=num_features)
    layer.initialize()
    return layer


def as_in_lesson_04(running_var, m, t, momentum):
    q = momentum ** t
    return (running_var - q) / (1 - q) * m / (m - 1)


def times_instead_of_power(running_var, m, t, momentum):
    q = momentum * t
    return q + (running_var - q) * m / (m - 1)


def copies_the_momentum(num_features, eps, momentum, affine):
    return nn.BatchNorm(epsilon=eps, momentum=momentum, center=affine, scale=affine,
                        in_channels=num_features)


def affine_is_scale(num_features, eps, momentum, affine):
    return nn.BatchNorm(epsilon=eps, momentum=1 - momentum, scale=affine,
                        in_channels=num_features)


def without_the_size(num_features, eps, momentum, affine):
    return nn.BatchNorm(epsilon=eps, momentum=1 - momentum, center=affine, scale=affine)


def factor_on_everything(running_var, m, t, momentum):
    return running_var * m / (m - 1)


def start_not_put_back(running_var, m, t, momentum):
    return (running_var - momentum ** t) * m / (m - 1)


def upside_down(running_var, m, t, momentum):
    q = momentum ** t
    return q + (running_var - q) * (m - 1) / m


def gradients_only(net):
    for layer in net:
        if isinstance(layer, nn.BatchNorm):
            layer.gamma.grad_req = "null"
            layer.beta.grad_req = "null"
    net.hybridize()
    return net


def statistics_only(net):
    for layer in net:
        if isinstance(layer, nn.BatchNorm):
            layer._kwargs["use_global_stats"] = True
    net.hybridize()
    return net


def by_attribute(net):
    for layer in net:
        if isinstance(layer, nn.BatchNorm):
            layer.use_global_stats = True
    net.hybridize()
    return net


def gamma_replaced(net):
    for layer in net:
        if isinstance(layer, nn.BatchNorm):
            layer.gamma.set_data(layer.gamma.data() * 0 + 1)
            layer.collect_params().setattr("grad_req", "null")
            layer._kwargs["use_global_stats"] = True
    net.hybridize()
    return net


def gamma_fixed(net):
    for layer in net:
        if isinstance(layer, nn.BatchNorm):
            layer._kwargs["use_global_stats"] = True
            layer._kwargs["fix_gamma"] = True
            layer.beta.grad_req = "null"
    net.hybridize()
    return net


def initialised_again(net):
    for layer in net:
        if isinstance(layer, nn.BatchNorm):
            layer._kwargs["use_global_stats"] = True
            layer.initialize(force_reinit=True)
            layer.collect_params().setattr("grad_req", "null")
    net.hybridize()
    return net


def momentum_of_one(net):
    for layer in net:
        if isinstance(layer, nn.BatchNorm):
            layer._kwargs["momentum"] = 1
            layer.collect_params().setattr("grad_req", "null")
    net.hybridize()
    return net


def not_compiled_again(net):
    for layer in net:
        if isinstance(layer, nn.BatchNorm):
            layer._kwargs["use_global_stats"] = True
            layer.collect_params().setattr("grad_req", "null")
    return net


def whole_net(net):
    for layer in net:
        if isinstance(layer, nn.BatchNorm):
            layer._kwargs["use_global_stats"] = True
    net.collect_params().setattr("grad_req", "null")
    net.hybridize()
    return net


def square_for_both(T, optimizer):
    return T ** 2


def once_for_both(T, optimizer):
    return T


def two_t(T, optimizer):
    return 2 * T if optimizer == "sgd" else T


def nothing_under_adam(T, optimizer):
    return T * T if optimizer == "sgd" else 1.0


WRONG = {
    "arguments": [({**ARGUMENTS, "b": "momentum=0.99"}, "its two images"),
                  ({**ARGUMENTS, "c": "scale=False"}, "as loud as before"),
                  ({**ARGUMENTS, "f": "momentum=0.99"}, "0.82")],
    "redundant_biases": [(every_bias, "Every bias counts"),
                         (does_not_look_for_a_bias, "use_bias=False"),
                         (past_the_activation, "an activation stands between"),
                         (convolutions_alone, "Only convolutions")],
    "to_gluon": [(copies_the_momentum, "momentum is copied"),
                 (affine_is_scale, "center=False"),
                 (without_the_size, "number of channels is missing"),
                 (affine_inverted, "is inverted"), (initialises, "already")],
    "to_sample_variance": [(factor_on_everything, "All of it"),
                           (start_not_put_back, "never put back"),
                           (upside_down, "upside down"),
                           (as_in_lesson_04, "divided by 1 - momentum"),
                           (times_instead_of_power, "not momentum * t")],
    "freeze": [(gradients_only, "gamma and beta alone"),
               (statistics_only, "still trained"),
               (not_compiled_again, "net.hybridize() again"),
               (whole_net, "All layers are frozen"),
               (by_attribute, "Nothing is frozen"), (gamma_replaced, "set to 1: pred"),
               (gamma_fixed, "fix_gamma"), (initialised_again, "back at their start"),
               (momentum_of_one, "With momentum 1")],
    "rate_factor": [(square_for_both, "For Adam it is too much"),
                    (once_for_both, "For SGD a factor T"),
                    (nothing_under_adam, "as large as ever"),
                    (two_t, "not 2 * T")],
}
