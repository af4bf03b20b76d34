"""Name the lessons that a change can have touched, for continuous integration.

    python tools/changed_lessons.py main     those changed since main: 03 12
    python tools/changed_lessons.py          all of them
    python tools/changed_lessons.py --json   as a workflow's matrix takes them

It needs nothing but Python and git, since it runs before the environment is made.
"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Which lesson a file belongs to; its number is the group, or stands beside the pattern.
OF_ONE = {
    r"notebooks/(?:solutions/)?(\d\d|appendix)_\w+\.ipynb": None,
    r"d2l_bn/check/lesson(\d\d)\.py": None,
    r"notebooks/programs/.+": "12",
}
# What every lesson runs on.
OF_ALL = (r"d2l_bn/.+|requirements\.lock|pyproject\.toml|notebooks/conftest\.py"
          r"|tests/test_nbval\.py")


def all_lessons():
    """The numbers of the lessons, and the appendix."""
    names = (ROOT / "notebooks").glob("*_*.ipynb")
    return sorted({path.name.partition("_")[0] for path in names})


def touched(files):
    """The lessons that changes of these files can have touched."""
    lessons = set()
    for file in files:
        for pattern, number in OF_ONE.items():
            if found := re.fullmatch(pattern, file):
                lessons.add(number or found[1])
                break
        else:
            if re.fullmatch(OF_ALL, file):
                return all_lessons()
    return [lesson for lesson in all_lessons() if lesson in lessons]


def changed_since(base):
    """The files that differ from a commit; None where git does not have it.

    So it is for the first push of a branch, which names forty zeros.
    """
    done = subprocess.run(["git", "diff", "--name-only", "--no-renames", base, "--"],
                          cwd=ROOT, capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode == 0 else None


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", nargs="?", default="", help="a commit or branch")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    files = changed_since(given.base) if given.base else None
    if given.base and files is None:
        print(f"git has no commit {given.base!r}: all lessons", file=sys.stderr)
    lessons = all_lessons() if files is None else touched(files)
    print(json.dumps(lessons) if given.json else " ".join(lessons))


if __name__ == "__main__":
    main()
