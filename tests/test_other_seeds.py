"""tools/other_seeds.py: seeds change, and nothing else."""
import nbformat
import other_seeds
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


@pytest.mark.parametrize("source, expected", [
    ("seeds = (0, 1, 2)", "seeds = (3, 4, 5)"),
    ("for seed in (0, 1, 2):\n    run(seed)", "for seed in (3, 4, 5):\n    run(seed)"),
    ("seed_everything(0)", "seed_everything(3)"),
    ("d2l_bn.seed_everything(2)", "d2l_bn.seed_everything(5)"),
    ("make_lenet(None, seed=1)", "make_lenet(None, seed=4)"),
    ("np.random.RandomState(0)", "np.random.RandomState(3)"),
    ("np.random.seed(0)", "np.random.seed(3)"), ("seed = 0", "seed = 3"),
    ("X.mean(axis=(0, 1, 2))", "X.mean(axis=(0, 1, 2))"),
    ("seed_everything(10)", "seed_everything(10)"),
    ("speed = 0", "speed = 0")])
def test_seeds_and_nothing_else_are_changed(source, expected):
    assert other_seeds.reseeded(source) == expected


def test_a_claim_of_one_seed_is_found_out(tmp_path):
    notebook = new_notebook(cells=[
        new_markdown_cell("seeds = (0, 1, 2)"), new_code_cell("seeds = (0, 1, 2)"),
        new_code_cell("assert sum(seeds) == 3, sum(seeds)"),
        new_code_cell("print(seeds)")])
    path, folder = tmp_path / "01_claim.ipynb", tmp_path / "copies"
    folder.mkdir()
    nbformat.write(notebook, path)
    changed, errors = other_seeds.run_reseeded(path, folder)
    assert changed == 1 and errors == [(2, "AssertionError: 12")]
    copy = nbformat.read(folder / path.name, as_version=4)
    assert copy.cells[3].outputs[0].text == "(3, 4, 5)\n"
    assert copy.cells[0].source == "seeds = (0, 1, 2)"
    assert nbformat.read(path, as_version=4).cells[1].source == "seeds = (0, 1, 2)"
