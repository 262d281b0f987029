"""How is it measured? Seconds and peak memory, of a whole process or inside one."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

Answer = TypeVar("Answer")

HERE = Path(__file__).parent

#: Linux reports peaks in KiB; a GB is 10**9 bytes here.
_KIB_IN_GB = 1024 / 1e9


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: wall-clock seconds, peak memory in GB, and what it said.

    `overran` says that it was ended at its time limit.
    """

    seconds: float
    memory: float
    code: int
    output: str
    faults: str
    overran: bool = False

    @property
    def answer(self) -> dict[str, Any] | None:
        """The JSON object in the last line of the output, `None` where the run went wrong."""
        if self.code or self.overran or not self.output.strip():
            return None
        answer = json.loads(self.output.strip().splitlines()[-1])
        return answer if isinstance(answer, dict) else None


def run_process(command: Sequence[str], limit: float = 3600.0) -> Run:
    """Run a command in a fresh process and see what it takes.

    The peak is the kernel's own figure. A process inherits its parent's peak, so whoever calls
    this must be small itself. After `limit` seconds the process and its children are ended.
    """
    ended = threading.Event()
    with (
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as faults,
        tempfile.TemporaryDirectory() as scratch,  # whoever is ended does not clear up
    ):
        started = perf_counter()
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=faults,
            cwd=HERE.parent,
            env=os.environ | {"TMPDIR": scratch},
            start_new_session=True,
        )

        def end() -> None:
            ended.set()
            os.killpg(process.pid, 9)

        timer = threading.Timer(limit, end)
        timer.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        seconds = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        faults.seek(0)
        return Run(
            seconds,
            used.ru_maxrss * _KIB_IN_GB,
            process.returncode,
            output.read().decode(),
            faults.read().decode(),
            ended.is_set(),
        )


def run_module(module: str, *words: object, limit: float = 3600.0) -> Run:
    """Run a module of the project in a fresh process of the same Python."""
    return run_process([sys.executable, "-m", module, *map(str, words)], limit)


def peak_memory() -> float:
    """The peak of this process so far, in GB; where the system tells it, not its parent's."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB_IN_GB
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * _KIB_IN_GB


def timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Seconds and answer of one call; rubbish of earlier calls is swept away before."""
    gc.collect()
    started = perf_counter()
    answer = work()
    return perf_counter() - started, answer
