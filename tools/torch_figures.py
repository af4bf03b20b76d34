"""Makes tests/torch_figures.npz: batch normalization as PyTorch 2.13.0 computes it.

    pip install torch==2.13.0 numpy && python tools/torch_figures.py

Run once; the tests read the stored file and never need PyTorch. The inputs are stored
too, so that the figures do not hang on a random generator. PyTorch's running variance
is made of sample variances; it is stored here as the population variances would have
given it.
"""
from pathlib import Path

import numpy as np
import torch

MOMENTUM, EPS, STEPS = 0.9, 1e-5, 3  # MXNet's momentum; PyTorch's is 1 minus it
SHAPES = {"2d": (8, 5), "3d": (6, 4, 7), "4d": (10, 3, 6, 5)}
DATA = {"unit": (0, 1), "mean50": (50, 1), "std1e-3": (0, 1e-3)}
LAYERS = {2: torch.nn.BatchNorm1d, 3: torch.nn.BatchNorm1d, 4: torch.nn.BatchNorm2d}


def figures(shape, mean, std, dtype, random):
    C, m = shape[1], np.prod(shape) // shape[1]
    given = {"X": random.normal(mean, std, (STEPS, *shape)),
             "dY": random.normal(size=(STEPS, *shape)),
             "gamma": random.uniform(.5, 2, C), "beta": random.normal(size=C)}
    given = {name: torch.tensor(value, dtype=dtype) for name, value in given.items()}
    layer = LAYERS[len(shape)](C, eps=EPS, momentum=1 - MOMENTUM, dtype=dtype)
    with torch.no_grad():
        layer.weight.copy_(given["gamma"])
        layer.bias.copy_(given["beta"])
    out = dict(given)
    moving_var = torch.ones(C, dtype=dtype)
    for step in range(STEPS + 1):  # the last one in prediction mode
        layer.train(step < STEPS)
        X = given["X"][step % STEPS].clone().requires_grad_()
        layer.zero_grad()
        Y = layer(X)
        Y.backward(given["dY"][step % STEPS])
        if step == 0 or step == STEPS:
            mode = "train" if step == 0 else "predict"
            out |= {f"{mode}_Y": Y, f"{mode}_dX": X.grad,
                    f"{mode}_dgamma": layer.weight.grad.clone(),
                    f"{mode}_dbeta": layer.bias.grad.clone()}
        if step < STEPS:
            population = X.detach().transpose(0, 1).reshape(C, m).var(1, correction=0)
            moving_var = MOMENTUM * moving_var + (1 - MOMENTUM) * population
        if step == STEPS - 1:
            layer.running_var.copy_(moving_var)
    out |= {"moving_mean": layer.running_mean, "moving_var": moving_var}
    return {name: value.detach().numpy() for name, value in out.items()}


def main():
    random, stored = np.random.RandomState(0), {}
    for dims, shape in SHAPES.items():
        for data, (mean, std) in DATA.items():
            for dtype in (torch.float32, torch.float64):
                case = f"{dims}/{data}/{str(dtype).removeprefix('torch.')}"
                for name, value in figures(shape, mean, std, dtype, random).items():
                    stored[f"{case}/{name}"] = value
    stored_at = Path(__file__).parent.parent / "tests" / "torch_figures.npz"
    np.savez_compressed(stored_at, **stored)
    print(len(stored), "arrays, torch", torch.__version__)


if __name__ == "__main__":
    main()
