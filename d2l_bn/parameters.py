"""The parameters of a net as NumPy arrays, to compare, to keep and to put back."""
from mxnet import nd

from .arguments import check_arrays, check_net


def get_arrays(net, names=".*"):
    """Copies of the parameters whose names match, a list, in the net's order.

    names: a regular expression, such as ".*weight" or ".*running". Where no name
    matches the list is empty.
    """
    check_net(net)
    nd.waitall()  # Gluon's BN writes its statistics late in MXNet's own engine
    return [parameter.data().asnumpy()
            for parameter in net.collect_params(names).values()]


def set_arrays(net, arrays, names=".*"):
    """Put back what `get_arrays` gave, into that net or one built alike.

    Raises ValueError, and changes nothing, when number or shapes are not the net's.
    """
    check_net(net)
    parameters = net.collect_params(names).values()
    check_arrays(names, parameters, arrays)
    for parameter, array in zip(parameters, arrays, strict=True):
        parameter.set_data(nd.array(array, dtype=array.dtype))
