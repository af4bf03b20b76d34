"""Hand-ins for tests of the marking: answers of all kinds, with what they must earn.

Each takes one lesson in turn, of those that have solutions.
"""
import itertools
import random
import re
from collections import namedtuple
from pathlib import Path

import assignments
import exercises
import nbformat
from nbformat.v4 import new_code_cell

WRONG = Path(__file__).parent / "wrong_answers"
HIDDEN = re.compile(r"(?ms)^### BEGIN HIDDEN TESTS\n.*?^### END HIDDEN TESTS(?:\n|$)")
# learner, assignment's name, content: the file. earns: exercise -> (points, words that
# the table says).
HandIn = namedtuple("HandIn", "learner name content earns")
RIGHT, STUB, NO_POINT = (1, "✓ Right"), (0, "not answered yet"), (0, "")


def whole(module):
    """A module of wrong answers as one text, with what it imports from the others."""
    text = (WRONG / f"{module}.py").read_text(encoding="utf-8")
    return re.sub(r"(?m)^from \.(\w+) import (?:\([^)]*\)|[^\n(]*)$",
                  lambda found: whole(found[1]), text)


class Sheet:
    """A lesson's assignment as its learner has filled it in."""

    def __init__(self, path):
        self.path, self.cells, self.earns = path, [], {}
        notebook = assignments.source(path)
        self.exercises = {exercise.check.partition(".")[2]: exercise
                          for exercise in exercises.exercises(path)}
        for cell in notebook.cells:  # as the class has it: no hidden part
            if cell.id.endswith(assignments.CHECK):
                cell.source = HIDDEN.sub("", cell.source)
        self.notebook = notebook
        for name in self.exercises:
            self.untouched(name)

    def cell(self, name):
        [cell] = [cell for cell in self.notebook.cells if cell.id == name[:64]]
        return cell

    def right(self, name):
        self.cell(name).source = assignments.answer_and_check(
            self.exercises[name])[0].source
        self.earns[name] = RIGHT

    def untouched(self, name):
        self.right(name)
        cell = self.cell(name)
        cell.source = exercises.stub(cell.source)
        self.earns[name] = STUB

    def wrong(self, name, which=0):
        """One of tests/wrong_answers/, and the words that the check has for it."""
        module = f"lesson{self.path.stem[:2]}"
        answer = re.search(r"\ncheck\.\w+\.\w+\((\w+)", self.exercises[name].code)[1]
        scope = {"__name__": "wrong_answers"}
        text = whole(module)
        exec(compile(text, module, "exec"), scope)
        which %= len(scope["WRONG"][name])
        self.cell(name).source = f"{text}\n{answer} = WRONG[{name!r}][{which}][0]"
        self.earns[name] = (0, " ".join(scope["WRONG"][name][which][1].split()))

    def mixed(self, seed):
        choose = random.Random(seed)
        for name in self.exercises:
            choose.choice([self.right, self.right, self.wrong, self.untouched])(name)
        return self

    def content(self):
        return nbformat.writes(self.notebook)

    def victim(self, seed):
        """The exercise that the hostile code stands in; others are answered as may be.
        """
        self.mixed(seed)
        return list(self.exercises)[seed % len(self.exercises)]


def hostile(code, said, at_the_end=True):
    """A hand-in whose answer to one exercise is code that harms; it loses that one."""
    def made(sheet, seed):
        name = sheet.victim(seed)
        sheet.wrong(name, seed)
        cell = sheet.cell(name)
        cell.source = f"{cell.source}\n{code}" if at_the_end else code
        sheet.earns[name] = (0, said)
        return sheet.content()
    return made


def kills(sheet, seed):
    """Ends the kernel; all answers use a cell that the learner has added."""
    hostile("import os\nos.kill(os.getpid(), 9)", "the kernel ended")(sheet, seed)
    for name in sheet.exercises:
        cell = sheet.cell(name)
        cell.source = f"assert helper == 1\n{cell.source}"
    sheet.notebook.cells.insert(2, new_code_cell("helper = 1"))
    return sheet.content()


LOOPS = """
while True:
    try:
        __import__("time").sleep(1)
    except BaseException:
        pass"""
EATS = """
hoard = []
while True:
    hoard.append(b"x" * 2 ** 24)"""
REPLACES = """
import sys
import types
import d2l_bn.check.judge
import d2l_bn.check.verdict


class Always:
    state = "passed"

    def __getattr__(self, name):
        return lambda *_, **__: self

    def __bool__(self):
        return True

    def __repr__(self):
        return "✓ Right."


d2l_bn.check.verdict.Verdict.__init__ = lambda self, *_: setattr(
    self, "state", "passed")
d2l_bn.check.judge.judge = lambda *_, **__: Always()
check = d2l_bn.check = sys.modules["d2l_bn.check"] = Always()"""
WRITES = """
import pathlib
import subprocess
import d2l_bn.check
for folder in (pathlib.Path("."), pathlib.Path.home() / ".cache"):
    (folder / "written-by-a-hand-in").mkdir(parents=True, exist_ok=True)
for path in pathlib.Path(d2l_bn.check.__file__).parent.glob("*.py"):
    path.write_text("raise SystemExit")
pathlib.Path("d2l_bn.py").write_text("raise SystemExit")
subprocess.Popen(["sleep", "3607"], start_new_session=True)"""


def no_json(sheet, seed):
    sheet.earns = dict.fromkeys(sheet.exercises, (0, "cannot be marked"))
    return sheet.content()[:-20]


def without_checks(sheet, seed):
    """Check cells are deleted or say that all is right; so is the set-up."""
    sheet.mixed(seed)
    kept = []
    for number, cell in enumerate(sheet.notebook.cells):
        if cell.id.endswith(assignments.CHECK) and number % 2:
            cell.source = "verdict = True\nprint('✓ Right')"
        elif cell.id.endswith(assignments.CHECK) or cell.id.startswith("setup"):
            continue
        kept.append(cell)
    sheet.notebook.cells = [new_code_cell("check = print"), *kept]
    return sheet.content()


HOSTILE = {
    "loops": hostile(LOOPS, "no end after"),
    "kills": kills,
    "floods": hostile("while True:\n    print('and on')", "characters printed"),
    "no-python": hostile("def f(:", "SyntaxError", at_the_end=False),
    "no-json": no_json,
    "without-checks": without_checks,
    "replaces": hostile(REPLACES, "✗"),
    "eats": hostile(EATS, "", at_the_end=False),
    "writes": hostile(WRITES, "✗"),
}


def honest(sheet, number):
    """All right, all wrong, all untouched, then mixed ones."""
    kinds = [sheet.right, lambda name: sheet.wrong(name, number), sheet.untouched]
    if number < 2 * len(kinds):
        for name in sheet.exercises:
            kinds[number % len(kinds)](name)
    else:
        sheet.mixed(number)
    return sheet.content()


def hand_ins(count):
    """`count` hand-ins, all hostile kinds among them."""
    lessons = itertools.cycle(exercises.solutions())
    makers = [*HOSTILE.items(), *[(f"honest {number:02}", honest)
                                  for number in range(count - len(HOSTILE))]]
    for number, (learner, make) in enumerate(makers):
        sheet = Sheet(next(lessons))
        seed = number if learner in HOSTILE else number - len(HOSTILE)
        content = make(sheet, seed)
        yield HandIn(learner, assignments.name_of(sheet.path), content, sheet.earns)
