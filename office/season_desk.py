"""What plan does a season get? Drawn from the store, kept with its run, replayed, put in force."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import perf_counter

from data.intake.checks import attempt
from data.intake.district_files import District
from data.intake.pins import examine_pins
from data.intake.target_file import placed_above_base, read_target
from data.intake.travel_times import read_travel_times
from data.store.decisions import Ruling, heads, rule, rulings
from data.store.people import is_invented, places, seekers
from data.store.plans import PlanLine, Proposal, lines, listed, move, publish_in
from data.store.runs import KeptRun, Run, RunLine, keep_in, kept, seasons_of_runs, take
from data.store.seasons import training_start
from data.store.sent_before import season_facts
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Bond
from matching.target import Target
from office.access import Right, User, asks
from office.active_model import active_model, refuse_if_manual
from office.drawing import CANDIDATES, Drawn, NotDrawn, Progress
from office.held_to import HeldTo, held_to
from office.replay import Replay, replay, run_of
from office.reports.plan_folder import (
    OF_PROBLEM,
    OPENINGS,
    PAIRS,
    open_folder,
    write_plan,
    write_problem,
)
from office.rulings import Held, by_heads, contrary, draw_ruled, held, strangers
from office.store_desk import StoreDesk

__all__ = ["KeptPlan", "KeptRun", "RunLine", "SeasonDesk"]


@dataclass(frozen=True, slots=True, eq=False)
class KeptPlan:
    """A season's plan as it was drawn, and the numbers of its run and plan in the store.

    `bound` are the store's rulings that it keeps to, `rested` those about people who look no
    longer and places that are offered no longer. `held_to` is there for learned chances only.
    """

    drawn: Drawn
    season: str
    run: int
    plan: int
    bound: tuple[Ruling, ...] = ()
    rested: tuple[Ruling, ...] = ()
    held_to: HeldTo | None = None


class SeasonDesk(StoreDesk):
    """The part of the desk where a season's plans are drawn and kept."""

    @asks(Right.DRAW_PLANS)
    def draw_season(
        self,
        by: User,
        season: str | None = None,
        target: Path | None = None,
        pins: Path | None = None,
        travel_times: Path | None = None,
        candidates: int = CANDIDATES,
        progress: Progress | None = None,
    ) -> KeptPlan:
        """Draw the plan of the people and places that the store holds, and keep it with its run.

        The store's rulings hold, and those of `pins` beside them. Raises `FaultyInput` for files
        that can't be read, for a season without people or places (`SEASON_EMPTY`), for a pair that
        file and store rule otherwise about (`PINNED_AND_BANNED`), and `NoPlanPossible` if pins
        contradict each other; then nothing is kept. So it is while people do without chances
        (`MANUAL_ON`). Chances come from the model in force.
        """
        tell = progress or (lambda step, number: None)
        tell("read", 0)
        began = perf_counter()
        at = self.season(season)
        refuse_if_manual(self.store)
        chances = active_model(self.store)
        faults: list[Fault] = []
        listed = None if pins is None else attempt(faults, examine_pins, pins)
        faults += () if listed is None else listed.faults
        district = attempt(faults, self._district, at, target, travel_times)
        if district is not None:
            district = replace(district, invented=district.invented or chances.invented)
        kept = Held() if district is None else held(self.store, at, district)
        if listed is not None and district is not None:
            listed = by_heads(listed, heads(self.store))
            faults += (*strangers(listed, district), *contrary(listed, kept))
        if faults or district is None:
            raise FaultyInput(tuple(faults))
        read = perf_counter() - began
        unread = {} if listed is None else {"pins": listed.dropped}
        try:
            drawn = draw_ruled(district, listed, candidates, progress, kept, chances.model)
        except NotDrawn as refusal:
            refusal.seconds, refusal.dropped = {"read": read, **refusal.seconds}, unread
            raise
        drawn = replace(drawn, seconds={"read": read, **drawn.seconds}, unread=unread)
        tell("honest", 0)
        more = held_to(drawn, district, chances.model)
        tell("keep", 0)
        config = {
            "candidates": candidates,
            "travel_times": _digest_of(travel_times),
            "model": dict(chances.facts),
        }
        run = run_of(drawn.problem, drawn.steered, at, config, chances.hash, more)
        number, plan = self._keep(run, by.name)
        return KeptPlan(drawn, at, number, plan, kept.bound, kept.rested, HeldTo.read(more))

    def _district(self, season: str, target: Path | None, travel_times: Path | None) -> District:
        """The season's people and places, with the target and the ways that files state."""
        faults: list[Fault] = []
        start = training_start(season)
        usual = Target(cut_off=date(start.year, 9, 30))
        aim = usual if target is None else attempt(faults, read_target, target)
        ways = None if travel_times is None else attempt(faults, read_travel_times, travel_times)
        people, offers = seekers(self.store, season), places(self.store, season)
        faults += [
            Fault(Rule.SEASON_EMPTY, column=name, value=season)
            for name, found in (("seekers", people), ("places", offers))
            if not found
        ]
        if aim is not None and not faults:
            above = placed_above_base(aim.placed_of(people), aim.base_of(people))
            faults += (
                replace(fault, file=None if target is None else str(target)) for fault in above
            )
        if faults or aim is None:
            raise FaultyInput(tuple(faults))
        return District(
            people,
            offers,
            aim,
            start,
            ways,
            invented=is_invented(self.store, season),
            facts=season_facts(self.store, season, people, offers, date.today()),
        )

    def _keep(self, run: Run, by: str) -> tuple[int, int]:
        """Keep the run as it can be replayed and a draft plan of it: both or neither."""
        with self.store.transaction() as connection:
            number = keep_in(connection, run, by)
            plan = publish_in(connection, number, by, "drawn")
        return number, plan

    @asks(Right.SEE_RUNS)
    def runs(self, by: User, season: str | None = None) -> tuple[RunLine, ...]:
        """The runs that are kept, newest first."""
        return kept(self.store, season)

    @asks(Right.SEE_RUNS)
    def run_page(
        self, by: User, season: str | None = None, offset: int = 0, limit: int = 25
    ) -> tuple[RunLine, ...]:
        """Some of the runs that are kept, newest first."""
        return kept(self.store, season, offset, limit)

    @asks(Right.SEE_RUNS)
    def seasons_of_runs(self, by: User) -> Mapping[str, int]:
        """How many runs are kept of each season, the newest first."""
        return seasons_of_runs(self.store)

    @asks(Right.SEE_RUNS)
    def show_run(self, run: int, by: User) -> KeptRun:
        """One run with all that it was drawn from; `FaultyInput` if it is not there or damaged."""
        return take(self.store, run)

    @asks(Right.SEE_RUNS)
    def replay_run(
        self, run: int, by: User, progress: Progress | None = None, folder: Path | None = None
    ) -> Replay:
        """Solve a kept run again, and say what comes out otherwise.

        Into a `folder` go the pairs that were kept and the plan that came out, with its prices:
        the very files that the drawing of the day wrote.
        """
        kept = self.show_run(run, by)
        began = perf_counter()
        found = replay(kept, progress, active_model(self.store).hash)
        if folder is not None and found.steered is not None:
            problem, took = kept.run.problem, found.steered.chosen.seconds
            seconds = {"solve": perf_counter() - began, "verify": took.verify}
            write_problem(open_folder(folder), problem)
            files = (*OF_PROBLEM, PAIRS, OPENINGS)
            write_plan(folder, problem, found.steered, seconds, {}, {"run": run}, files)
        return found

    @asks(Right.SEE_PLANS)
    def plans(self, by: User, season: str | None = None) -> tuple[PlanLine, ...]:
        """The plans of a season, newest first, with the one that is in force."""
        return listed(self.store, season)

    @asks(Right.SEE_PLANS)
    def show_plan(self, plan: int, by: User) -> tuple[PlanLine, tuple[Proposal, ...]]:
        """A plan and each of its proposals; `FaultyInput` (`PLAN_UNKNOWN`)."""
        return lines(self.store, plan)

    @asks(Right.PROPOSE, inside=True)
    def move_proposal(
        self, plan: int, seeker: str, place: str, status: str, by: User, reason: str
    ) -> None:
        """Note that a proposal has come further, who says so and why."""
        at = next((one.season for one in listed(self.store) if one.id == plan), None)
        self._check_person(Right.PROPOSE, seeker, by, at)
        move(self.store, plan, seeker, place, status, by.name, reason)

    @asks(Right.RULE, inside=True)
    def rule_pair(
        self,
        seeker: str,
        place: str,
        bond: Bond | None,
        by: User,
        reason: str,
        season: str | None = None,
    ) -> int:
        """Pin a person to a place or ban the pair, or lift that; returns the ruling's number."""
        at = self.season(season)
        self._check_person(Right.RULE, seeker, by, at)
        return rule(self.store, at, seeker, place, bond, by.name, reason)

    @asks(Right.SEE_PLANS)
    def rulings(self, by: User, season: str | None = None) -> tuple[Ruling, ...]:
        """All that was ruled about pairs in a season, in its order."""
        return rulings(self.store, self.season(season))


def _digest_of(file: Path | None) -> str | None:
    """What tells a file from any other, or `None` without one."""
    return None if file is None else hashlib.sha256(file.read_bytes()).hexdigest()
