"""Files that a lesson needs beside it, for whoever has the lesson alone."""
import shutil
from pathlib import Path


def place_programs(folder="programs"):
    """Return the folder with the programs of lesson 12, and copy them if it is missing.

    It stands beside the lesson, except where somebody has the lesson's file alone.
    """
    folder, package = Path(folder), Path(__file__).resolve().parent
    if not folder.exists():
        in_clone = package.parent / "notebooks" / "programs"
        installed = package / "programs"  # by [tool.setuptools] of pyproject.toml
        shutil.copytree(installed if installed.exists() else in_clone, folder)
    return folder
