"""Prints the PyTorch figures that lesson 06 stores: batch normalization on a CPU.

    pip install torch==2.13.0 numpy && python tools/torch_card.py

Run once; the lesson keeps the numbers, under these names, and never needs PyTorch.
"""
import torch

X = torch.tensor([[1., 10.], [2., 30.], [3., 50.], [6., 30.]])  # 4 samples, 2 features


def rounded(values):
    return [round(value, 5) + 0. for value in values.detach().flatten().tolist()]


def message(layer, X):
    """What the layer says when it refuses X."""
    try:
        layer(X)
    except (RuntimeError, ValueError) as err:
        return f"{type(err).__name__}: {err}"


def figures():
    out, layer = {}, torch.nn.BatchNorm1d(2)
    assert (layer.eps, layer.momentum, layer.affine, layer.track_running_stats) == (
        1e-5, 0.1, True, True)
    out["names"] = list(layer.state_dict())
    plain = torch.nn.BatchNorm1d(2, affine=False)
    out["names, affine=False"] = list(plain.state_dict())
    with torch.no_grad():  # forward passes alone, nothing recorded
        out["training output"] = rounded(layer(X))
        out["mean 1"] = rounded(layer.running_mean)
        out["var 1"] = rounded(layer.running_var)
        layer(X), layer(X)
        out["mean 3"] = rounded(layer.running_mean)
        out["var 3"] = rounded(layer.running_var)
    out["batches"] = int(layer.num_batches_tracked)
    layer = torch.nn.BatchNorm1d(2)
    layer.running_mean.fill_(2.), layer.running_var.fill_(4.)
    out["eval output"] = rounded(layer.eval()(X))
    untracked = torch.nn.BatchNorm1d(2, track_running_stats=False)
    out["untracked eval output"] = rounded(untracked.eval()(X))
    out["batch of one"] = message(torch.nn.BatchNorm1d(2), X[:1])
    out["too many channels"] = message(torch.nn.BatchNorm1d(2), torch.ones(4, 3))
    out["tiny"] = rounded(torch.nn.BatchNorm1d(1)(torch.tensor([[-1e-3], [1e-3]])))
    layer = torch.nn.BatchNorm1d(2, eps=1e-3, momentum=0.01)
    with torch.no_grad():
        layer(X), layer(X), layer(X)
    out["var 3, momentum 0.01"] = rounded(layer.running_var)
    return out


if __name__ == "__main__":
    print("torch", torch.__version__)
    for name, value in figures().items():
        print(f"{name!r}: {value!r},")
