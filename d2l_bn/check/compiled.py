"""A layer that Gluon compiles, and what it hears of afterwards (lesson 14)."""
import numpy as np
from mxnet import autograd, init, nd
from mxnet.gluon import nn

from ..norm import batch_norm
from ..statistics import all_blocks
from .formulas import STILL, array_like
from .judge import something
from .layers import FIXED


def compiled_layer(read=lambda layer: layer.eps, **members):
    """The class of a layer around MXNet's operator; read: where eps comes from."""
    class Layer(nn.HybridBlock):
        def __init__(self, num_features, eps=1e-5, momentum=0.9):
            super().__init__()
            self.eps, self.momentum, self.first_eps = eps, momentum, eps
            shape = (num_features,)
            self.gamma = self.params.get("gamma", shape=shape, init=init.One())
            self.beta = self.params.get("beta", shape=shape, init=init.Zero())
            self.running_mean = self.params.get("running_mean", shape=shape,
                                                init=init.Zero(), **FIXED)
            self.running_var = self.params.get("running_var", shape=shape,
                                               init=init.One(), **FIXED)

        def hybrid_forward(self, F, X, gamma, beta, running_mean, running_var):
            return F.BatchNorm(X, gamma, beta, running_mean, running_var,
                               fix_gamma=False, eps=read(self), momentum=self.momentum)

    for name, value in members.items():
        setattr(Layer, name, value)
    return Layer


def set_and_compile_anew(layer, name, value):
    nn.HybridBlock.__setattr__(layer, name, value)
    if name == "eps" and "_active" in vars(layer):
        layer.hybridize(layer._active)


def half_compiled():
    """Predictions with eps as it is now; training as it was compiled."""
    def forward(self, X, *args):
        if autograd.is_training():
            return nn.HybridBlock.forward(self, X, *args)
        return batch_norm(X, self.gamma.data(), self.beta.data(),
                          self.running_mean.data(), self.running_var.data(), self.eps,
                          self.momentum)[0]
    return compiled_layer(forward=forward)


def change_eps(candidate, compiled):
    """Outputs before and after a change of eps, in both modes."""
    random = np.random.RandomState(6)
    layer = candidate(4, eps=0.01, momentum=0.8)
    layer.initialize()
    layer.gamma.set_data(nd.array(random.uniform(0.5, 2, 4)))
    X, seen = nd.array(random.normal(1, 2, (6, 4))), {}
    if compiled:
        layer.hybridize()
    for name, mode in (("prediction", autograd.predict_mode),
                       ("training", autograd.train_mode)):  # last: it may move them
        for eps in (0.01, 3., 0.5):
            layer.eps = eps
            with mode():
                Y = array_like(something(layer(X)), X).copy()
            seen[f"spread in {name} mode, eps = {eps}"] = float(Y.asnumpy().std())
            seen[f"output in {name} mode, eps = {eps}"] = Y
    is_compiled = any(getattr(block, "_cached_graph", ())
                      for block in all_blocks(layer))
    seen["after hybridize() and a call the layer is"] = (
        "compiled" if is_compiled else "not compiled")
    return seen


def deaf():
    mistakes = [
        (compiled_layer(), STILL + "once compiled, the layer does not hear of a new "
                                   "eps."),
        (compiled_layer(read=lambda layer: layer.first_eps),
         "Now the layer never hears of a new eps, compiled or not."),
        (half_compiled(), "Predictions hear of the new eps, training does not: both "
                          "must use the same."),
        (compiled_layer(hybridize=lambda layer, *args, **kwargs: None),
         "It hears because hybridize() does nothing any more: it should still "
         "compile.")]
    return {"right": compiled_layer(__setattr__=set_and_compile_anew),
            "mistakes": mistakes,
            "cases": [{"given": f"eps set to 0.01, 3 and 0.5, {word}",
                       "compiled": word == "compiled"}
                      for word in ("compiled", "not compiled")],
            "observe": change_eps}
