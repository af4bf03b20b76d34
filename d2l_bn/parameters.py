"""The parameters of a net as NumPy arrays, to compare, to keep and to put back."""
from mxnet import nd


def get_arrays(net, names=".*"):
    """Copies of the parameters whose names match, a list, in the net's order.

    names: a regular expression, such as ".*weight" or ".*running".
    """
    nd.waitall()  # Gluon's BN writes its statistics late in MXNet's own engine
    return [parameter.data().asnumpy()
            for parameter in net.collect_params(names).values()]


def set_arrays(net, arrays, names=".*"):
    """Put back what `get_arrays` gave, into that net or one built alike."""
    parameters = net.collect_params(names).values()
    if len(parameters) != len(arrays):
        raise ValueError(f"arrays must be as many as the net's parameters {names!r}, "
                         f"{len(parameters)}, got {len(arrays)}")
    for parameter, array in zip(parameters, arrays, strict=True):
        parameter.set_data(nd.array(array, dtype=array.dtype))
