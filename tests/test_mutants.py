"""tools/mutants.py: its mutants fit, and what it says of a test run is so."""
import ast
import re

import mutants
import pytest

ALL = mutants.read_mutants()
NAMES = [mutant["name"] for mutant in ALL]


def text_of(mutant):
    return (mutants.ROOT / "d2l_bn" / mutant["file"]).read_text()


@pytest.mark.parametrize("mutant", ALL, ids=NAMES)
def test_each_mutant_fits_once_and_gives_a_program(mutant):
    assert mutant.keys() == {"name", "why", "file", "old", "new", "group"}
    text = text_of(mutant)
    changed = mutants.mutated(mutant, text)
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))


def test_there_are_16_published_bugs_and_20_others_at_least():
    groups = [mutant["group"] for mutant in ALL]
    assert groups.count("zoo") == 16 and len(ALL) >= 36
    assert len(set(NAMES)) == len(NAMES)


def test_the_page_lists_all_mutants_and_tests_that_are_there():
    page = mutants.PAGE.read_text()
    rows = re.findall(r"^\| (.+) \| `(\w+\.py)` \| (.+) \| `(\w+\.py)::(\w+)` \|$",
                      page, re.M)
    assert [row[:3] for row in rows] == [
        (mutant["name"], mutant["file"], mutant["why"]) for mutant in ALL]
    assert f" {len(ALL)} bugs" in page
    for *_, file, test in rows:
        assert f"def {test}(" in (mutants.ROOT / "tests" / file).read_text()


def test_a_mutant_that_no_longer_fits_is_named():
    mutant = ALL[0]
    for text in ("", 2 * mutant["old"]):
        with pytest.raises(ValueError, match=f"'{mutant['name']}' no longer fits"):
            mutants.mutated(mutant, text)


def test_a_copy_has_the_project_as_it_is(tmp_path):
    mutants.copy_project(tmp_path)
    for name in ("d2l_bn/norm.py", "tests/test_mutants.py", "Makefile"):
        assert (tmp_path / name).read_bytes() == (mutants.ROOT / name).read_bytes()
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("value, found", [(1, None), (2, "test_x.py::test_b")])
def test_the_first_failure_is_that_of_the_copy(tmp_path, value, found):
    (tmp_path / "d2l_bn").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "d2l_bn/__init__.py").write_text(f"x = {value}\n")
    (tmp_path / "tests/test_x.py").write_text(
        "from d2l_bn import x\ndef test_a():\n    assert x\n"
        "def test_b():\n    assert x == 1\n")
    assert mutants.first_failure(tmp_path, ["tests/test_x.py"]) == found


def test_a_test_run_that_does_not_come_about_is_no_failure(tmp_path):
    with pytest.raises(RuntimeError, match="the tests did not run"):
        mutants.first_failure(tmp_path, ["tests/test_x.py"])
