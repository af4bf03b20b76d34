"""Wrong answers to the exercises of lesson 04."""
from .plain_norms import WRONG_LAYERS


def by_name(net):
    trained = kept = 0
    for name, parameter in net.collect_params().items():
        if name.endswith(("running_mean", "running_var")):
            kept += parameter.data().size
        else:
            trained += parameter.data().size
    return trained, kept


def counts_arrays(net):
    parameters = list(net.collect_params().values())
    kept = len([p for p in parameters if p.grad_req == "null"])
    return len(parameters) - kept, kept


def everything_is_trained(net):
    parameters = net.collect_params().values()
    return (sum(p.data().size for p in parameters),
            sum(p.data().size for p in parameters if p.grad_req == "null"))


def divides_alone(moving_var, t, start, momentum):
    return moving_var / (1 - momentum ** t)


def subtracts_the_whole_start(moving_var, t, start, momentum):
    return (moving_var - start) / (1 - momentum ** t)


def multiplies(moving_var, t, start, momentum):
    q = momentum ** t
    return (moving_var - q * start) * (1 - q)


def strips_letters(arrays, prefix):
    return rename({name.lstrip(prefix): array for name, array in arrays.items()})


def replaces_everywhere(arrays, prefix):
    return rename({name.replace(prefix, ""): array for name, array in arrays.items()})


def looks_at_shapes(arrays, prefix):
    renamed = rename({name[len(prefix):]: array for name, array in arrays.items()})
    return {name: array.reshape(-1) if array.shape[0] == 1 else array
            for name, array in renamed.items()}


def forgets_the_shapes(arrays, prefix):
    return {name[len(prefix):].replace("moving_", "running_"): array
            for name, array in arrays.items()}


def forgets_the_names(arrays, prefix):
    return {name[len(prefix):]: array.reshape((-1,)) if "moving" in name or
            name.endswith(("gamma", "beta")) else array
            for name, array in arrays.items()}


def rename(arrays):
    made = {}
    for name, array in arrays.items():
        if name.split(".")[-1] in ("gamma", "beta", "moving_mean", "moving_var"):
            array = array.reshape(-1)
        made[name.replace("moving", "running")] = array
    return made


def compares_with_none(net):
    parameters = net.collect_params().values()
    return (sum(p.data().size for p in parameters if p.grad_req is not None),
            sum(p.data().size for p in parameters if p.grad_req is None))


def does_not_add_up(net):
    trained = kept = 0
    for parameter in net.collect_params().values():
        if parameter.grad_req == "null":
            kept = parameter.data().size
        else:
            trained = parameter.data().size
    return trained, kept


def in_place(moving_var, t, start, momentum):
    weight = momentum ** t
    moving_var -= weight * start
    moving_var /= 1 - weight
    return moving_var


def divides_by_the_root(moving_var, t, start, momentum):
    weight = momentum ** t
    return (moving_var - weight * start) / (1 - weight) ** 0.5


def times_instead_of_power(moving_var, t, start, momentum):
    weight = momentum * t
    return (moving_var - weight * start) / (1 - weight)


def leaves_out_the_others(arrays, prefix):
    return {name: array for name, array in rename(
        {name[len(prefix):]: array for name, array in arrays.items()}).items()
        if not name.endswith(("weight", "bias"))}


def changes_arrays(arrays, prefix):
    for name in list(arrays):
        array = arrays.pop(name)
        arrays.update(rename({name[len(prefix):]: array}))
    return arrays


CAUSES = {"a": "plain arrays", "b": "grad_req", "c": "set_data", "d": "start",
          "e": "graph"}

WRONG = {
    "count_numbers": [(by_name, "not the name"), (counts_arrays, "These are arrays"),
                      (everything_is_trained, "count as trained"),
                      (compares_with_none, "not None"), (does_not_add_up, "add up")],
    "corrected": [(divides_alone, "start is still in it"),
                  (subtracts_the_whole_start, "whole start"),
                  (multiplies, "It is multiplied"), (in_place, "itself is changed"),
                  (divides_by_the_root, "by a root"),
                  (times_instead_of_power, "not momentum * t")],
    "plain_norm": WRONG_LAYERS,
    "causes": [({**CAUSES, "a": "start"}, "the file lacks"),
               ({**CAUSES, "b": "graph", "e": "grad_req"}, "no loss reaches"),
               ({**CAUSES, "d": "momentum"}, "has seen nothing")],
    "mended": [(strips_letters, "lstrip"), (replaces_everywhere, "inside a name"),
               (looks_at_shapes, "not by their shapes"),
               (forgets_the_shapes, "keep their axes"),
               (forgets_the_names, "book's names"),
               (leaves_out_the_others, "are left out"),
               (changes_arrays, "itself is changed")],
}
