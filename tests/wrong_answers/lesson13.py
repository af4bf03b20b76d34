"""Wrong answers to the exercises of lesson 13."""
import numpy as np


def adds_lengths(length, gradient, rate, decay):
    return length - rate * decay * length + rate * gradient


def subtracts_lengths(length, gradient, rate, decay):
    return length - rate * (gradient + decay * length)


def forgets_the_rate_of_the_decay(length, gradient, rate, decay):
    return np.sqrt((length - decay * length) ** 2 + (rate * gradient) ** 2)


def decays_at_the_end(length, gradient, rate, decay):
    longer = np.sqrt(length ** 2 + (rate * gradient) ** 2)
    return longer - rate * decay * longer


def forgets_the_root(length, gradient, rate, decay):
    return (length * (1 - rate * decay)) ** 2 + (rate * gradient) ** 2


def squared_decay(length, gradient, rate, decay):
    return ((1 - 2 * rate * decay) * length ** 2 + (rate * gradient) ** 2) ** 0.5


def decay_in_the_step(length, gradient, rate, decay):
    step = rate * (gradient + decay * length)
    return np.hypot(length, step)


def decay_after_the_root(length, gradient, rate, decay):
    return np.hypot(length, rate * gradient) - rate * decay * length


IS_ZERO = {"early gamma": True, "early beta": True, "early weight": True,
           "late gamma": False, "late beta": False, "late weight": True}


def without_mask(X, lengths):
    mean, var = X.mean(axis=(0, 1)), X.var(axis=(0, 1))
    return (X - mean) / np.sqrt(var + 1e-5)


def multiplies_by_the_mask(X, lengths):
    mask = np.arange(X.shape[1])[None, :, None] < lengths.reshape(-1, 1, 1)
    Z = X * mask
    return (Z - Z.mean(axis=(0, 1))) / np.sqrt(Z.var(axis=(0, 1)) + 1e-5)


def masks_before_subtracting(X, lengths):
    mask = np.arange(X.shape[1])[None, :, None] < lengths.reshape(-1, 1, 1)
    Z, count = X * mask, lengths.sum()
    mean = Z.sum(axis=(0, 1)) / count
    var = ((Z - mean) ** 2).sum(axis=(0, 1)) / count
    return (Z - mean) / np.sqrt(var + 1e-5)


def each_sample_alone(X, lengths):
    Y = np.zeros(X.shape)
    for n in range(len(X)):
        tokens = X[n, :lengths[n]]
        Y[n] = (X[n] - tokens.mean(axis=0)) / np.sqrt(tokens.var(axis=0) + 1e-5)
    return Y


def one_token_more(X, lengths):
    tokens = X[np.arange(X.shape[1])[None] <= lengths[:, None]]
    return (X - tokens.mean(axis=0)) / np.sqrt(tokens.var(axis=0) + 1e-5)


def layer_norm(X, lengths):
    mean, var = X.mean(axis=2, keepdims=True), X.var(axis=2, keepdims=True)
    return (X - mean) / np.sqrt(var + 1e-5)


def position_by_position(X, lengths):
    Y = np.zeros(X.shape)
    for t in range(lengths.max()):
        tokens = X[lengths > t, t]
        Y[:, t] = (X[:, t] - tokens.mean(axis=0)) / np.sqrt(tokens.var(axis=0) + 1e-5)
    return Y


def cuts_to_the_shortest(X, lengths):
    tokens = X[:, :min(lengths)]
    mean, var = tokens.mean(axis=(0, 1)), tokens.var(axis=(0, 1))
    return (X - mean) / np.sqrt(var + 1e-5)


def cuts_to_the_longest(X, lengths):
    tokens = X[:, :max(lengths)]
    mean, var = tokens.mean(axis=(0, 1)), tokens.var(axis=(0, 1))
    return (X - mean) / np.sqrt(var + 1e-5)


def eps_outside(X, lengths):
    tokens = X[np.arange(X.shape[1])[None] < lengths[:, None]]
    return (X - tokens.mean(axis=0)) / (tokens.std(axis=0) + 1e-5)


def without_eps(X, lengths):
    tokens = X[np.arange(X.shape[1])[None] < lengths[:, None]]
    return (X - tokens.mean(axis=0)) / tokens.std(axis=0)


NORM_FOR = {"a": "LayerNorm", "b": "RMSNorm", "c": "GroupNorm", "d": "BN",
            "e": "SkipInit"}
FACTORS = {"scores": 1, "gradient": 0.2, "angle": 0.04, "rate": 25}
WRONG = {
    "five_times_as_long": [
        ({**FACTORS, "scores": 5}, "BN divides the factor 5 away"),
        ({**FACTORS, "gradient": 1}, "but not the gradient"),
        ({**FACTORS, "gradient": 5, "rate": 5}, "gradient shrinks"),
        ({**FACTORS, "angle": 0.2}, "step / length"),
        ({**FACTORS, "angle": 1}, "do not change alike"),
        ({**FACTORS, "rate": 5}, "asks for more"),
        ({**FACTORS, "rate": 0.04}, "must become larger")],
    "next_length": [(adds_lengths, "are added"), (subtracts_lengths, "is subtracted"),
                    (forgets_the_rate_of_the_decay, "not decay alone"),
                    (decays_at_the_end, "shortened by the decay too"),
                    (forgets_the_root, "the root is missing"),
                    (squared_decay, "its square shrinks"),
                    (decay_in_the_step, "is added to the gradient's"),
                    (decay_after_the_root, "after the root")],
    "zero_gradients": [({**IS_ZERO, "late gamma": True, "late beta": True},
                        "though gamma is"),
                       ({**IS_ZERO, "late weight": False}, "multiplied by gamma"),
                       ({**IS_ZERO, "early beta": False}, "beta's gradient comes back"),
                       ({**IS_ZERO, "early weight": np.bool_(False)}, "layer's input")],
    "masked_batch_norm": [(without_mask, "All tokens count"),
                          (multiplies_by_the_mask, "but still counted"),
                          (masks_before_subtracting, "mask after you subtract"),
                          (each_sample_alone, "Each sample has statistics"),
                          (one_token_more, "One token too many"),
                          (layer_norm, "as in LayerNorm"),
                          (position_by_position, "Each position"),
                          (cuts_to_the_shortest, "to the shortest"),
                          (cuts_to_the_longest, "to the longest"),
                          (eps_outside, "inside the root"),
                          (without_eps, "eps is forgotten")],
    "choose_the_norm": [({**NORM_FOR, "a": "BN", "d": "LayerNorm"}, "independent"),
                        ({**NORM_FOR, "b": "LayerNorm", "a": "RMSNorm"},
                         "a common rise still shows"),
                        ({**NORM_FOR, "c": "LayerNorm"}, "over some of the channels")],
}
