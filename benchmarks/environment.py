"""On what machine, with which versions, and beside which packages is measured?"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import HERE

#: Where the packages live that can't stand beside ours.
STRANGERS_HOME = HERE / ".peers-venv"
STRANGERS_PYTHON = STRANGERS_HOME / "bin" / "python"

_OURS = ("numpy", "scipy", "ortools", "pandas", "pyarrow", "scikit-learn")

_VERSION = "import sys; from importlib.metadata import version as v; print(v(sys.argv[1]))"


def install_strangers(packages: Sequence[str]) -> dict[str, str | None]:
    """Make the peers' own environment; the version of each package, `None` where it failed."""
    if not packages:
        return {}
    if not STRANGERS_PYTHON.exists():
        made = _quiet(sys.executable, "-m", "venv", STRANGERS_HOME)
        if made is None:
            return dict.fromkeys(packages)
    return {package: _installed(package) for package in packages}


def installed_alone(package: str) -> Path | None:
    """A package in the peers' environment, without what it depends on; the folder that holds it."""
    if not STRANGERS_PYTHON.exists():
        _quiet(sys.executable, "-m", "venv", STRANGERS_HOME)
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    _quiet(STRANGERS_PYTHON, *pip, package)
    return next(STRANGERS_HOME.glob(f"lib/python*/site-packages/{package}"), None)


def _installed(package: str) -> str | None:
    found = _quiet(STRANGERS_PYTHON, "-I", "-c", _VERSION, package)
    if found is None:
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _quiet(STRANGERS_PYTHON, *pip, package)
        found = _quiet(STRANGERS_PYTHON, "-I", "-c", _VERSION, package)
    return found


def _quiet(*command: str | Path) -> str | None:
    """What a command says, `None` where it fails."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def machine() -> list[str]:
    """Cores, memory and versions; no names and no paths."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    system = f"{platform.system()} on {platform.machine()}"
    versions = ", ".join(f"{package} {version(package)}" for package in _OURS)
    return [
        f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {system}",
        f"Python {platform.python_version()}, {versions}",
    ]


def busy() -> str:
    """How busy the machine is: the average number of running processes in the last minute."""
    return f"{os.getloadavg()[0]:.1f}"
