"""Wrong answers to the exercises of lesson 12."""
from d2l_bn import check  # noqa: F401 - it makes MXNet importable

import numpy as np
from mxnet import nd


def one_part_alone(parts, images, divisor):
    return images / divisor


def trainer_knows(parts, images, divisor):
    return 1


def upside_down(parts, images, divisor):
    return divisor / images / parts


def leaves_q(q, batch_size, part):
    return q


def divides_the_new_share(q, batch_size, part):
    updates = batch_size // part
    return 1 - (1 - q) / updates


def a_power_for_a_root(q, batch_size, part):
    kept = 1.
    for _ in range(batch_size // part):
        kept *= q
    return kept


def signed(Z, first):
    return Z.mean(axis=0) - 0.5 * (Z[:first].mean(axis=0) + Z[first:].mean(axis=0))


def one_number(Z, first):
    halves = np.stack([Z[:first].mean(axis=0), Z[first:].mean(axis=0)])
    return np.abs(halves.mean(axis=0) - Z.mean(axis=0)).mean()


def apart(Z, first):
    return np.abs(Z[:first].mean(axis=0) - Z[first:].mean(axis=0))


def averages_all(first, second, m_1, m_2):
    share = m_1 / (m_1 + m_2)
    return {name: share * first[name] + (1 - share) * second[name] for name in first}


def averages_equally(first, second, m_1, m_2):
    out = {}
    for name, a in first.items():
        b = second[name]
        out[name] = (a + b) / 2
        if name.endswith("running_var"):
            mean = name[:-3] + "mean"
            out[name] = out[name] + ((first[mean] - second[mean]) / 2) ** 2
    return out


def whole_square(first, second, m_1, m_2):
    out = averages_all(first, second, m_1, m_2)
    for name in out:
        if name.endswith("_var"):
            mean = name.replace("_var", "_mean")
            out[name] = out[name] + nd.square(first[mean] - second[mean])
    return out


def statistics_alone(first, second, m_1, m_2):
    out, m = {}, m_1 + m_2
    for name in first:
        if name.endswith("running_mean"):
            mean = (m_1 * first[name] + m_2 * second[name]) / m
            var = name.replace("mean", "var")
            out[name] = mean
            out[var] = (m_1 * (first[var] + (first[name] - mean) ** 2)
                        + m_2 * (second[var] + (second[name] - mean) ** 2)) / m
    return out


def ring(channels, trained, n, numbers=4, waits=2):
    share = 2 - 2 / n
    return {"gradients": share * trained * 4e-6, "waits": waits * len(channels),
            "statistics": share * sum(channels) * numbers * 4e-6}


def forward_alone(channels, trained, n):
    return ring(channels, trained, n, numbers=2, waits=1)


def one_wait_a_layer(channels, trained, n):
    return ring(channels, trained, n, waits=1)


def one_server(channels, trained, n):
    return {"gradients": n * 4 * trained / 1e6, "waits": 2 * len(channels),
            "statistics": n * 16 * sum(channels) / 1e6}


WRONG = {
    "steps_too_long": [(one_part_alone, "all parts count"),
                       (trainer_knows, "does not know"), (upside_down, "inverse")],
    "same_memory": [(leaves_q, "memory shrinks"),
                    (divides_the_new_share, "factors multiply"),
                    (a_power_for_a_root, "must be a root")],
    "error_of_equal_weights": [(signed, "sign is left in"),
                               (one_number, "channels are averaged"),
                               (apart, "two means are apart")],
    "merge_files": [(averages_all, "variance of the means is missing"),
                    (averages_equally, "same weight"), (whole_square, "joint mean"),
                    (statistics_alone, "Only the statistics")],
    "cost_of_sync": [(forward_alone, "Only the forward pass"),
                     (one_wait_a_layer, "waits twice"), (one_server, "one server")],
}
