"""How is the front end served to be measured? As an office does it: a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from office.commands.serve import APP, command

#: Where it listens unless another port is asked for.
PORT = 8650

#: How a server tells of an error.
_FAULT = re.compile("Error|Traceback|broke off|Exception")

#: A server that does not answer by then never will.
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers: where it is, after how many seconds it did, and where it writes."""

    home: str
    started: float
    number: int
    log: Path

    @property
    def memory(self) -> float:
        """The peak of its memory so far, in GB."""
        lines = Path(f"/proc/{self.number}/status").read_text(encoding="utf-8").splitlines()
        peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        return peak * 1024 / 1e9

    @property
    def used(self) -> float:
        """The seconds that processors spent on it so far, by its own account."""
        told = Path(f"/proc/{self.number}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        user, system = told.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @property
    def faults(self) -> list[str]:
        """The lines in which it tells of an error."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if _FAULT.search(line)]


@contextmanager
def served(store: str, port: int = PORT) -> Iterator[Served]:
    """The front end on a store, behind its gate; it is gone afterwards.

    Raises `RuntimeError` where it does not come up.
    """
    with TemporaryDirectory(prefix="uebergang-served-") as folder:
        log = Path(folder) / "log"
        told = os.environ | {"UEBERGANG_DB": store, "UEBERGANG_DATA": folder}
        told.pop("UEBERGANG_GATE", None)
        began = time.perf_counter()
        with log.open("wb") as out:
            process = subprocess.Popen(
                command(APP, port), env=told, cwd=APP.parent, stdout=out, stderr=out
            )
        try:
            home = f"http://127.0.0.1:{port}"
            _await(home, process)
            yield Served(home, time.perf_counter() - began, process.pid, log)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(home: str, process: subprocess.Popen[bytes]) -> None:
    ends = time.perf_counter() + _PATIENCE
    while time.perf_counter() < ends and process.poll() is None:
        try:
            with urlopen(f"{home}/_stcore/health", timeout=2):
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.05)
    raise RuntimeError(f"no server at {home}: {process.poll()}")
