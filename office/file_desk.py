"""What is asked of files? A plan of a district's folder or of a list of pairs, from a terminal.

Nobody signs in here: whoever asks has the machine's shell and the files already, and nothing of
the store is read or written. No page may come this way; an import contract holds that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Literal

from data.intake.checks import attempt
from data.intake.district_files import read_district
from data.intake.pins import examine_pins
from data.intake.problem_files import read_stated
from data.intake.target_file import parse_share, placed_above_base
from data.sample import district_folder
from matching.errors import Fault, FaultyInput, NoPlanPossible, Rule
from matching.policy import Steered, steer
from matching.problem import Problem
from matching.solve import solve
from matching.target import Target
from office.drawing import CANDIDATES, Drawn, NotDrawn, Progress
from office.reports.plan_folder import (
    LEFT_EMPTY,
    OF_DISTRICT,
    OF_PROBLEM,
    WITHOUT_PROPOSAL,
    check_nothing_lost,
    facts_of,
    open_folder,
    write_impossible,
    write_plan,
    write_problem,
    write_rows,
)
from office.rulings import draw_ruled, strangers
from office.settings import Settings

SampleName = Literal["district", "scarce"]


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A solved pair list and where its files are."""

    problem: Problem
    steered: Steered
    folder: Path
    seconds: dict[str, float]
    dropped: Mapping[str, tuple[str, ...]]


class FileDesk:
    """What a terminal may ask of files; it opens no store."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()

    def draw_plan(
        self,
        seekers: Sequence[Path],
        places: Path,
        target: Path | None = None,
        pins: Path | None = None,
        travel_times: Path | None = None,
        candidates: int = CANDIDATES,
        progress: Progress | None = None,
    ) -> Drawn:
        """Draw a district's plan from its files.

        Raises `FaultyInput` with every fault of every file, `NoPlanPossible` if pins contradict
        each other.
        """
        tell = progress or (lambda step, number: None)
        tell("read", 0)
        began = perf_counter()
        faults: list[Fault] = []
        rulings = None if pins is None else attempt(faults, examine_pins, pins)
        faults += () if rulings is None else rulings.faults
        district = attempt(
            faults,
            partial(read_district, occupations=self.settings.data_folder, key=self.settings.key),
            seekers,
            places,
            target,
            travel_times,
        )
        if rulings is not None and district is not None:
            faults += strangers(rulings, district)
        if faults or district is None:
            raise FaultyInput(tuple(faults))
        read = perf_counter() - began
        unread = {"seekers": district.dropped, "places": district.places_dropped}
        if rulings is not None:
            unread["pins"] = rulings.dropped
        try:
            drawn = draw_ruled(district, rulings, candidates, progress)
        except NotDrawn as refusal:
            refusal.seconds, refusal.dropped = {"read": read, **refusal.seconds}, unread
            raise
        return replace(drawn, seconds={"read": read, **drawn.seconds}, unread=unread)

    def draw_sample(self, name: SampleName = "district", progress: Progress | None = None) -> Drawn:
        """Draw the plan of the bundled, invented district or of the scarce one."""
        return self.draw_folder(district_folder(name), progress)

    def draw_folder(self, folder: Path, progress: Progress | None = None) -> Drawn:
        """Draw the plan of a folder with `schools/*.csv`, `places.csv` and maybe `target.toml`."""
        target = folder / "target.toml"
        return self.draw_plan(
            sorted((folder / "schools").glob("*.csv")),
            folder / "places.csv",
            target if target.exists() else None,
            progress=progress,
        )

    def facts_of(self, drawn: Drawn) -> dict[str, object]:
        """What a drawn plan comes to, for other programs: its folder's result without the files."""
        facts = facts_of(drawn.problem, drawn.steered, _seconds(drawn), drawn.unread, ())
        return facts | _more_of(drawn)

    def write_drawn(self, drawn: Drawn, folder: Path, read: Iterable[Path | None] = ()) -> None:
        """Write a drawn plan, what proves it, and who has no proposal and why.

        An older plan in the folder goes, but for files that were `read`.
        """
        write_rows(
            open_folder(folder, read) / WITHOUT_PROPOSAL,
            ("seeker", "reason", "rule", "places_refused", "nearest_place", "missing"),
            ((u.seeker, u.reason, u.rule, u.refused, u.nearest, u.missing) for u in drawn.unplaced),
        )
        write_rows(
            folder / LEFT_EMPTY,
            ("place", "openings", "reason"),
            ((v.place, v.openings, v.reason) for v in drawn.vacancies),
        )
        write_problem(folder, drawn.problem)
        write_plan(
            folder,
            drawn.problem,
            drawn.steered,
            _seconds(drawn),
            drawn.unread,
            _more_of(drawn),
            files=OF_DISTRICT,
        )

    def write_refused(
        self, refusal: NotDrawn, folder: Path, read: Iterable[Path | None] = ()
    ) -> None:
        """Write that no plan is possible and why; an older plan in the folder goes."""
        write_impossible(
            open_folder(folder, read),
            refusal.problem,
            refusal.faults,
            refusal.seconds,
            refusal.dropped,
            {"rates": None, "without_proposal": None, "openings_left_empty": None},
        )

    def solve_pairs(
        self,
        pairs: Path,
        openings: Path,
        folder: Path,
        pins: Path | None = None,
        target: Target | None = None,
        serve: bool = False,
        min_expected: float | None = None,
        progress: Progress | None = None,
    ) -> Solved:
        """Solve a list of pairs and write plan, prices and result.

        Raises `FaultyInput` with every fault and writes nothing; raises `NoPlanPossible` after
        writing a result that says so.
        """
        tell = progress or (lambda step, number: None)
        files = (pairs, openings, pins)
        check_nothing_lost(folder, OF_PROBLEM, files)
        tell("read", 0)
        began = perf_counter()
        stated = read_stated(pairs, openings, pins, target, wishes=serve)
        problem = stated.problem
        above = placed_above_base(problem.placed_already, problem.base)
        if above:
            raise FaultyInput(tuple(above))
        read = perf_counter()
        try:
            if serve:
                steered = steer(problem, min_expected=min_expected, progress=progress)
            else:
                tell("reach", 1)
                steered = Steered(solve(problem), None, (), 1)
        except NoPlanPossible as refusal:
            seconds = {"read": read - began}
            write_impossible(
                open_folder(folder, files), problem, refusal.faults, seconds, stated.dropped
            )
            raise
        took = steered.chosen.seconds
        spent = perf_counter() - read
        seconds = {
            "read": read - began,
            "build": took.build,
            "solve": spent - took.build - took.verify,
            "verify": took.verify,
        }
        tell("write", 0)
        write_plan(open_folder(folder, files), problem, steered, seconds, stated.dropped)
        return Solved(problem, steered, folder, seconds, stated.dropped)


def target_of(
    share: str,
    base: int | None,
    placed: int | None,
    confidence: float | None,
    min_expected: float | None = None,
) -> Target:
    """The target of a command's options.

    Raises `FaultyInput` with every option out of range, a floor of `min_expected` among them.
    """
    faults: list[Fault] = []
    usual = Target()
    sure = usual.confidence if confidence is None else confidence
    part = attempt(faults, parse_share, share) or usual.share
    target = attempt(faults, replace, usual, share=part, base=base, placed=placed, confidence=sure)
    if target is not None:
        faults += placed_above_base(target.placed, target.base)
    if min_expected is not None and not min_expected >= 0:
        rule = Rule.NEGATIVE if min_expected < 0 else Rule.NUMBER_UNREADABLE
        faults.append(Fault(rule, column="min_expected", value=str(min_expected)))
    if faults or target is None:
        raise FaultyInput(tuple(faults))
    return target


def _seconds(drawn: Drawn) -> dict[str, float]:
    return {**drawn.seconds, "verify": drawn.result.seconds.verify}


def _more_of(drawn: Drawn) -> dict[str, object]:
    return {
        "rates": {
            rate.definition: {
                "base": rate.base,
                "placed": rate.placed,
                "own_finds": rate.own_finds,
                "unknown": rate.unknown,
                "need": rate.need,
                "expected_rate": rate.rate,
                "chance": rate.chance,
                "chance_with_model_error": rate.chance_with_model_error,
            }
            for rate in drawn.rates
        },
        "without_proposal": len(drawn.unplaced),
        "openings_left_empty": sum(vacancy.openings for vacancy in drawn.vacancies),
    }
