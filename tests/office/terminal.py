"""How do the tests stand at the terminal? One call a command, and files written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from typer.testing import CliRunner

from matching.problem import Problem
from office.cli import app

#: Two people want x, which has one opening; c can only go to y; nobody can go to z.
PAIRS = "seeker,place,chance,wish\na,x,0.5,1\na,y,0.4,0\nb,x,0.6,0\nc,y,0.3,0.5\n"
OPENINGS = "place,openings\nx,1\ny,1\nz,2\n"


Told = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


def run(*words: object, language: str = "en") -> Run:
    """Run a command in this process; any exception but its own exit is an error of the test."""
    answer = CliRunner().invoke(
        app,
        ["--lang", language, *map(str, words)],
        catch_exceptions=False,
        env={"COLUMNS": "200", "TERM": "dumb"},
    )
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    assert "Traceback" not in answer.output
    return Run(answer.exit_code, answer.stdout, answer.stderr)


def write(folder: Path, **texts: str | bytes) -> Path:
    """Write files into a folder: `pairs="..."` becomes `pairs.csv`, `target_toml` `target.toml`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        file = name.replace("_", ".") if "_" in name else f"{name}.csv"
        content = text.encode() if isinstance(text, str) else text
        (folder / file).write_bytes(content)
    return folder


def write_problem(folder: Path, problem: Problem) -> Path:
    """Write a problem's pairs and openings, as another tool would."""
    candidates = problem.candidates
    columns = {
        "seeker": [problem.seekers[number].id for number in candidates.seeker.tolist()],
        "place": [problem.places[number].id for number in candidates.place.tolist()],
        "chance": candidates.chance,
    }
    if candidates.wish is not None:
        columns["wish"] = candidates.wish
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(columns).to_csv(folder / "pairs.csv", index=False)
    places = {"place": [place.id for place in problem.places], "openings": problem.openings}
    pd.DataFrame(places).to_csv(folder / "places.csv", index=False)
    return folder


def solve(folder: Path, *words: object, to: str = "out", language: str = "en") -> Run:
    """Solve the pairs of a folder into a folder beside them."""
    given = (folder / "pairs.csv", "--openings", folder / "places.csv", "--out", folder / to)
    return run("solve", *given, *words, language=language)


def verify(folder: Path, *words: object, of: str = "out", language: str = "en") -> Run:
    """Check the plan that `solve` wrote."""
    given = (folder / "pairs.csv", "--openings", folder / "places.csv")
    return run("verify", *given, "--plan", folder / of / "plan.csv", *words, language=language)


def change_result(path: Path, edit: Callable[[Told], object]) -> None:
    """Edit what a result tells."""
    told = json.loads(path.read_text())
    edit(told)
    path.write_text(json.dumps(told))
