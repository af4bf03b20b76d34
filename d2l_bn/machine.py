"""What MXNet 1.9.1 needs of a machine, and what to do where that is missing.

    python -I d2l_bn/machine.py     says what is missing; exit status 1 if anything is

It is run before anything is installed: the standard library alone, and syntax that an
old Python can read too, so that it can say that it is too old.
"""
import ctypes
import importlib.util
import os
import platform
import shutil
import sys

OLDEST, NEWEST = (3, 10), (3, 14)
# The shared libraries that the wheel neither holds nor shares with every system that
# has the GNU C library: name -> package of Debian and Ubuntu, package of Fedora.
LIBRARIES = {
    "libgomp.so.1": ("libgomp1", "libgomp"),
    "libquadmath.so.0": ("libquadmath0", "libquadmath"),
    "libstdc++.so.6": ("libstdc++6", "libstdc++"),
    "libgcc_s.so.1": ("libgcc-s1", "libgcc"),
}
CONTAINER = ("Use a Linux x86-64 container: .devcontainer in the course's folder "
             "describes one for Docker and VS Code.")


def has_glibc():
    """Whether the C library of this Linux is GNU's, as Alpine's is not."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") is not None
    except (ValueError, OSError):
        return False


def wrong_kind_of_machine():
    """Why no wheel of MXNet fits this machine and where to go; None where one fits."""
    processor = platform.machine().lower()
    if sys.platform == "win32":
        return ("MXNet 1.9.1 has no wheel for Windows. Use the Windows Subsystem for "
                "Linux (WSL 2): type `wsl --install` in PowerShell, and go on in the "
                "Linux window that it gives you.")
    if sys.platform not in ("linux", "darwin"):
        return f"MXNet 1.9.1 has no wheel for {sys.platform}. {CONTAINER}"
    if processor not in ("x86_64", "amd64"):
        return (f"MXNet 1.9.1 has no wheel for the processor {processor}, only for "
                f"x86-64. {CONTAINER}")
    if sys.maxsize < 2**32:
        return "MXNet 1.9.1 needs a Python of 64 bits; this one has 32."
    if sys.platform == "linux" and not has_glibc():
        return ("MXNet 1.9.1 needs the GNU C library (glibc), which this Linux lacks "
                f"(Alpine has another). {CONTAINER}")
    return None


def wrong_python():
    """What to say of a Python that the course does not run on; None if it does."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return None
    oldest, newest = (".".join(map(str, version)) for version in (OLDEST, NEWEST))
    return (f"This is Python {platform.python_version()}; the course runs on Python "
            f"{oldest} to {newest}. Install one of these, or name it: "
            "make run PYTHON=/path/to/python3.12")


def missing_libraries():
    """The names in LIBRARIES that this system cannot load."""
    missing = []
    for name in LIBRARIES if sys.platform == "linux" else ():
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def advice_on(libraries, venv=False):
    """What to type where these libraries, or Python's venv, are missing; or None."""
    if not libraries and not venv:
        return None
    debian, fedora = ([LIBRARIES[name][i] for name in libraries] for i in range(2))
    if venv:
        debian.append(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
        fedora.append("python3")
    sudo = "" if os.geteuid() == 0 else "sudo "
    if shutil.which("apt-get"):
        how = (f"{sudo}apt-get update && "
               f"{sudo}apt-get install -y {' '.join(debian)}")
    elif shutil.which("dnf"):
        how = f"{sudo}dnf install -y {' '.join(fedora)}"
    else:
        how = (f"the packages of your system that hold them (Debian and Ubuntu: "
               f"{' '.join(debian)}; Fedora: {' '.join(fedora)})")
    names = " and ".join(libraries + ["Python's venv"] * venv)
    return f"The course needs {names}, which this system lacks. Install:\n    {how}"


def what_is_missing():
    """Why the course cannot be set up here, and what to do; None if all is there."""
    venv = importlib.util.find_spec("ensurepip") is None  # Debian keeps it apart
    return (wrong_kind_of_machine() or wrong_python()
            or advice_on(missing_libraries(), venv))


if __name__ == "__main__":
    sys.exit(what_is_missing())
