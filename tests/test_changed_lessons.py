"""Continuous integration runs the lessons that a change can have touched."""
import subprocess

import changed_lessons
import pytest

ALL = [f"{number:02}" for number in range(1, 15)] + ["appendix"]


@pytest.mark.parametrize("files, lessons", [
    ([], []), (["README.md", "tests/test_norm.py", "tools/grade.py"], []),
    (["notebooks/03_write_batch_norm.ipynb", "README.md"], ["03"]),
    (["notebooks/solutions/11_ship_it.ipynb", "d2l_bn/check/lesson02.py"],
     ["02", "11"]),
    (["notebooks/programs/worker.py"], ["12"]),
    (["notebooks/appendix_mxnet_traps.ipynb"], ["appendix"]),
    (["notebooks/07_removed_long_ago.ipynb", "notebooks/99_removed.ipynb"], ["07"]),
    *[([file, "notebooks/03_write_batch_norm.ipynb"], ALL) for file in (
        "d2l_bn/norm.py", "d2l_bn/check/judge.py", "requirements.lock",
        "pyproject.toml", "notebooks/conftest.py")]])
def test_a_change_names_its_lessons(files, lessons):
    assert changed_lessons.touched(files) == lessons


def git(folder, *arguments):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments],
                   cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A course of two lessons, the second one changed in its last commit."""
    monkeypatch.setattr(changed_lessons, "ROOT", tmp_path)
    (tmp_path / "notebooks").mkdir()
    git(tmp_path, "init", "--quiet")
    for text in ("before", "after"):
        for name in ("01_a", "02_b"):
            path = tmp_path / "notebooks" / f"{name}.ipynb"
            path.write_text(text if name == "02_b" else "same")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "--message", text)
    return tmp_path


@pytest.mark.parametrize("arguments, printed", [
    (["HEAD~1"], "02\n"), (["HEAD"], "\n"), (["HEAD", "--json"], "[]\n"),
    ([], "01 02\n"), (["--json"], '["01", "02"]\n')])
def test_what_git_says_is_named(repository, capsys, arguments, printed):
    changed_lessons.main(arguments)
    assert capsys.readouterr().out == printed


def test_a_commit_that_is_not_there_means_all_lessons(repository, capsys):
    changed_lessons.main(["0" * 40])
    said = capsys.readouterr()
    assert said.out == "01 02\n" and "git has no commit" in said.err
