"""`make grade`: thirty hand-ins, some of them hostile, earn what they must."""
import csv
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from hand_ins import HOSTILE, hand_ins

ROOT = Path(__file__).resolve().parent.parent


def make_grade(folder, *settings):
    return subprocess.run(
        ["make", "-o", ".venv/ready", "-o", "data", f"PY={sys.executable}",
         f"FOLDER={folder}", *settings, "grade"], cwd=ROOT, capture_output=True,
        text=True)


def table(marks):
    """(learner, exercise) -> (points, what the check said)."""
    with open(marks / "marks.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["max"] == "1" for row in rows)
    found = {(row["learner"], row["exercise"]): (int(row["points"]), row["said"])
             for row in rows}
    assert len(found) == len(rows)
    return found


def hand_in(folder, made):
    for one in made:
        (folder / one.learner).mkdir(parents=True)
        (folder / one.learner / f"{one.name}.ipynb").write_text(one.content,
                                                                encoding="utf-8")


def left_running():
    """What tests/hand_ins.py starts; a process that has ended shows no command."""
    return [process for process in psutil.process_iter(["cmdline"])
            if process.info["cmdline"] == ["sleep", "3607"]]


@pytest.mark.lesson
def test_thirty_hand_ins_earn_what_they_must(tmp_path):
    made = list(hand_ins(30))
    assert len(made) == 30 and len(HOSTILE) >= 8
    folder = tmp_path / "hand ins"
    hand_in(folder, made)
    done = make_grade(folder, "OPTIONS=--cell-seconds 15 --memory-mb 1500")
    assert done.returncode == 0, done.stdout + done.stderr
    marks = tmp_path / "hand ins-marks"
    found = table(marks)
    wanted = {(one.learner, exercise): earned for one in made
              for exercise, earned in one.earns.items()}
    assert found.keys() == wanted.keys()
    wrong = {key: (found[key], wanted[key]) for key in wanted
             if found[key][0] != wanted[key][0] or wanted[key][1] not in found[key][1]}
    assert not wrong
    for one in made:
        page = (marks / one.learner / f"{one.name}.html").read_text(encoding="utf-8")
        earned = sum(points for points, _ in one.earns.values())
        assert f"(Score: {float(earned)} / {float(len(one.earns))})" in page
    assert not left_running()


def test_a_folder_without_hand_ins_is_refused(tmp_path):
    (tmp_path / "handins" / "ann").mkdir(parents=True)
    (tmp_path / "handins" / "ann" / "notes.ipynb").write_text("{}")
    done = make_grade(tmp_path / "handins")
    assert done.returncode != 0
    assert "notes.ipynb has no assignment's name" in done.stdout
    assert "no learner/NN_exercises.ipynb" in done.stderr


def test_marks_that_are_there_are_left_alone(tmp_path):
    (tmp_path / "handins").mkdir()
    (tmp_path / "handins-marks").mkdir()
    done = make_grade(tmp_path / "handins/")
    assert done.returncode != 0 and "handins-marks is there" in done.stderr


def test_no_folder_named():
    done = make_grade("")
    assert done.returncode != 0 and "make grade FOLDER=handins" in done.stdout
