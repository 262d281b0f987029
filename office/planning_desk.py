"""What does a planner ask for? How the season stands, its plans, a new one, a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Literal

from data.reference.boundaries import district_shapes
from data.reference.postcodes import municipalities_of_district
from data.store.caseload import people_of
from data.store.people import gone, is_invented, places, seekers
from data.store.plans import PlanLine, activate, active_plan, listed
from data.store.progress import (
    Course,
    Handled,
    Publication,
    Stage,
    courses,
    handled,
    mark,
    publications,
    school_names,
    starts,
)
from data.store.runs import KeptRun, kept, take
from data.store.seasons import training_start
from matching.errors import Fault, FaultyInput, Rule
from matching.policy import Steered
from matching.problem import Place, Seeker
from matching.target import DEFINITIONS, Standing, Target
from office.access import Right, User, asks
from office.active_model import refuse_if_manual
from office.committee import committee_of
from office.drawing import Drawn, Progress
from office.drawing_work import REASONS, WORKS, Key, Work
from office.flow import Link, field_of, flow
from office.glance import Glance, glance
from office.groups import Group
from office.handling import Handling, handling
from office.held_to import HeldTo
from office.kept_plan import drawn_of, solved_again, today_of, without_who_left
from office.long_work import LongWork
from office.plan_changes import Changes, changes
from office.renewing import Last, Renewed, Shown
from office.reports.committee_pdf import committee_pdf
from office.reports.committee_workbook import committee_xlsx
from office.rulings import left_to_people
from office.season_desk import KeptPlan, SeasonDesk
from office.season_groups import CLOSER, MOST, Dimension, Names, closer, groups_of
from office.season_now import SeasonNow, Stretch, living, problem_of, rates_now, weeks_of
from office.words import Language

#: How far the log is, and on which day: what is counted is counted as of today.
_Mark = tuple[int, date]


@dataclass(frozen=True, slots=True, eq=False)
class _Facts:
    """What the store holds of a season at one moment; `mark` tells it from every other."""

    mark: _Mark
    seekers: tuple[Seeker, ...]
    places: tuple[Place, ...]
    courses: tuple[Course, ...]
    plan: PlanLine | None
    names: Names
    now: SeasonNow


@dataclass(frozen=True, slots=True, eq=False)
class _Reasons:
    """A plan as it was drawn, with people as they stood at the mark."""

    mark: _Mark
    drawn: Drawn


@dataclass(frozen=True, slots=True)
class PastPlan:
    """A plan in the season's history, with what it came to on its day and why it was put in force.

    `held_to` is there for learned chances only. `published` holds each time that it was, the newest
    first.
    """

    plan: int
    run: int
    status: str
    at: datetime
    by: str
    proposals: int
    expected: float
    chance: float
    rate: float
    held_to: HeldTo | None
    published: tuple[Publication, ...]


_facts: Renewed[_Facts] = Renewed(4, lambda facts: facts.mark, lambda facts: len(facts.seekers))
_drawn: Renewed[_Reasons] = Renewed(
    2, lambda reasons: reasons.mark, lambda reasons: len(reasons.drawn.problem.seekers)
)
_runs: Last[KeptRun] = Last(3)
_solved: Last[Steered] = Last(2)


class PlanningDesk(SeasonDesk):
    """The part of the desk where the target is watched and plans are made and published."""

    @asks(Right.SEE_TARGET)
    def see_season(self, by: User, season: str | None = None) -> SeasonNow:
        """How the season stands, with every small count kept back: as it was counted last.

        Where the store is newer than that, `as_of` says so, and it is being counted anew.
        """
        last = self._facts_shown(self.season(season))
        now = replace(last.value.now, as_of=last.as_of)
        # Importing boundaries changes nothing in the store.
        shapes = district_shapes(self.settings.data_folder)
        return replace(now, shapes=tuple(shapes["features"]), schematic=shapes["schematic"])

    @asks(Right.SEE_TARGET)
    def see_group(
        self, dimension: Dimension, name: str, by: User, season: str | None = None
    ) -> Mapping[Dimension, tuple[Group, ...]]:
        """One group by others, as far as it may be told; nothing of one that is not told.

        `name` is that of a group in `SeasonNow.groups`.
        """
        facts = self._facts_shown(self.season(season)).value
        groups = facts.now.groups
        if name not in {one.name for one in groups[dimension]}:
            return {}
        mine, counts = facts.names.of(dimension), DEFINITIONS[facts.now.target.definition]
        chance = {one.pseudonym: one.chance or 0.0 for one in facts.now.live.counted}
        counted = [one for one in facts.seekers if counts.counts(one)]
        return {
            other: closer(
                name,
                groups[dimension],
                groups[other],
                (
                    (mine(one), beside(one), one.standing in counts.placed, chance.get(one.id, 0.0))
                    for one in counted
                ),
            )
            for other, beside in ((one, facts.names.of(one)) for one in CLOSER[dimension])
        }

    @asks(Right.SEE_TARGET)
    def has_reasons(self, plan: int, by: User) -> bool:
        """Whether the reasons of a plan are at hand, so that nobody needs to wait for them."""
        line = self._plan(plan)
        return _drawn.glimpse(self._key(line), self._moment(), self._anew(line)) is not None

    @asks(Right.SEE_TARGET)
    def gather_reasons(self, plan: int, by: User) -> LongWork[None]:
        """Begin to gather the reasons of a plan, or tell of the gathering that goes on."""
        line = self._plan(plan)

        def gather(progress: Progress) -> None:
            self._as_drawn(line, progress)

        people = people_of(self.store, line.season)
        return REASONS.start(self._reasons(plan), by.name, people, gather)

    @asks(Right.SEE_TARGET)
    def reasons_work(self, plan: int, by: User) -> LongWork[None] | None:
        """How far the gathering of a plan's reasons has come, or how the last one ended."""
        return REASONS.look(self._reasons(plan))

    @asks(Right.SEE_TARGET)
    def stop_reasons(self, plan: int, by: User) -> None:
        """Have the gathering of a plan's reasons stopped."""
        REASONS.stop(self._reasons(plan))

    @asks(Right.SEE_TARGET)
    def see_reasons(self, plan: int, by: User, progress: Progress | None = None) -> Glance:
        """A plan as it was drawn: what stood in the way, who has no proposal, and its proof.

        People are told as they stood when the reasons were gathered last; who withdrew since is
        in none of them. Raises as `show_run` does.
        """
        line, folder = self._plan(plan), self.settings.data_folder
        last = _drawn.glimpse(self._key(line), self._moment(), self._anew(line))
        if last is None:
            return glance(self._as_drawn(line, progress), folder)
        drawn = last.value.drawn
        if last.older:
            people = [one.seeker for one in drawn.unplaced]
            away = gone(self.store, line.season, people)
            drawn = without_who_left(drawn, away, left_to_people(self.store))
        return replace(glance(drawn, folder), as_of=last.as_of)

    @asks(Right.SEE_PLANS)
    def plan_history(self, by: User, season: str | None = None) -> tuple[PastPlan, ...]:
        """The season's plans, newest first, with their figures and why they were put in force."""
        at = self.season(season)
        results = {run.id: run.result for run in kept(self.store, at)}
        why = publications(self.store)
        return tuple(
            PastPlan(
                plan=one.id,
                run=one.run,
                status=one.status,
                at=one.at,
                by=one.by,
                proposals=int(results[one.run]["proposals"]),
                expected=float(results[one.run]["expected"]),
                chance=float(results[one.run]["chance_with_model_error"]),
                rate=float(results[one.run]["rate"]),
                held_to=HeldTo.read(results[one.run]),
                published=tuple(reason for reason in why if reason.plan == one.id),
            )
            for one in listed(self.store, at)
            if one.run in results
        )

    @asks(Right.SEE_PLANS)
    def plan_changes(self, before: int, after: int, by: User) -> Changes:
        """What changes from one plan of a season to another.

        Raises `FaultyInput` (`PLAN_UNKNOWN`), also for plans of two seasons.
        """
        one, other = self._plan(before), self._plan(after)
        if one.season != other.season:
            raise FaultyInput((Fault(Rule.PLAN_UNKNOWN, value=str(after)),))
        return changes(self._run(one), self._run(other), courses(self.store, one.season))

    @asks(Right.DRAW_PLANS)
    def start_drawing(self, by: User, season: str | None = None) -> Work:
        """Begin to draw the season's next plan, or tell of the drawing that goes on.

        Raises `FaultyInput` (`MANUAL_ON`) while people do without chances.
        """
        at = self.season(season)
        refuse_if_manual(self.store)
        people = people_of(self.store, at)
        return WORKS.start(self._work(at), by.name, people, partial(self._draw, by, at))

    def _draw(self, by: User, season: str, progress: Progress) -> KeptPlan:
        return self.draw_season(by=by, season=season, progress=progress)

    @asks(Right.DRAW_PLANS)
    def drawing(self, by: User, season: str | None = None) -> Work | None:
        """How far the season's drawing has come, or how the last one ended."""
        return WORKS.look(self._work(self.season(season)))

    @asks(Right.DRAW_PLANS)
    def stop_drawing(self, by: User, season: str | None = None) -> None:
        """Have the season's drawing stopped at its next step; nothing of it is kept."""
        WORKS.stop(self._work(self.season(season)))

    @asks(Right.DRAW_PLANS)
    def forget_drawing(self, by: User, season: str | None = None) -> None:
        """Tell no longer of a drawing that has ended."""
        WORKS.forget(self._work(self.season(season)))

    @asks(Right.PUBLISH_PLANS)
    def publish_plan(self, plan: int, by: User, reason: str) -> int | None:
        """Put a plan in force, with a reason; returns the one that it takes the place of, if any.

        Raises `FaultyInput`: `PLAN_UNKNOWN`, or `VALUE_MISSING` without a reason.
        """
        return activate(self.store, plan, by.name, reason)

    @asks(Right.SEE_TARGET)
    def committee_report(
        self,
        plan: int,
        by: User,
        kind: Literal["pdf", "xlsx"],
        language: Language,
        office: str,
        district: str,
    ) -> bytes:
        """The report for the committee: the plan as far as it counts today, small counts kept back.

        Raises as `show_run` does, and `FaultyInput` (`CHANGED_SINCE`) for a plan not in force.
        """
        line = self._plan(plan)
        facts = self._facts(line.season)
        if facts.plan is None or facts.plan.id != plan:
            raise FaultyInput((Fault(Rule.CHANGED_SINCE, column="plan", value=str(plan)),))
        live = {one.pseudonym: one.place for one in facts.now.live.counted}
        openings = {one.id: one.openings for one in facts.places}
        drawn = today_of(self._as_drawn(line), facts.now.own.rate, live, openings)
        told = committee_of(
            drawn,
            office,
            district,
            line.season,
            date.today(),
            facts.now.groups,
            self.settings.data_folder,
            facts.now,
        )
        return committee_pdf(told, language) if kind == "pdf" else committee_xlsx(told, language)

    @asks(Right.MONITOR_DECISIONS)
    def see_handling(self, by: User, season: str | None = None) -> tuple[Handling, ...]:
        """How often proposals go out unchanged and how long a case takes, of five people or more.

        It tells of schools and of all together, never of one colleague.
        """
        found: Sequence[Handled] = handled(self.store, self.season(season))
        return handling(found, school_names(self.store))

    def _work(self, season: str) -> Key:
        return self.settings.store, season

    def _reasons(self, plan: int) -> Key:
        return self.settings.store, f"reasons of plan {plan}"

    def _plan(self, plan: int) -> PlanLine:
        found = next((one for one in listed(self.store) if one.id == plan), None)
        if found is None:
            raise FaultyInput((Fault(Rule.PLAN_UNKNOWN, value=str(plan)),))
        return found

    def _let_end(self) -> None:
        for renewed in (_drawn, _facts):
            renewed.finish(self.settings.store)
        super()._let_end()

    def _key(self, line: PlanLine) -> tuple[str, ...]:
        return self.settings.store, str(line.id), line.at.isoformat()

    def _run(self, line: PlanLine) -> KeptRun:
        return _runs.get(self._key(line), lambda: take(self.store, line.run))

    def _as_drawn(self, line: PlanLine, progress: Progress | None = None) -> Drawn:
        """A plan with its reasons, people as they stand at this moment."""
        think = self._anew(line, progress)
        return _drawn.present(self._key(line), self._moment(), think).drawn

    def _anew(self, line: PlanLine, progress: Progress | None = None) -> Callable[[], _Reasons]:
        def think() -> _Reasons:
            facts, run = self._facts(line.season), self._run(line)
            rates = [one.rate for one in facts.now.rates]
            steered = _solved.get(self._key(line), lambda: solved_again(run, progress))
            given = run, steered, facts.seekers, facts.places, rates, left_to_people(self.store)
            return _Reasons(facts.mark, drawn_of(*given, progress))

        return think

    def _moment(self) -> _Mark:
        return mark(self.store), date.today()

    def _facts(self, season: str) -> _Facts:
        """What the store holds at this moment; whoever asks waits for it."""
        key = self.settings.store, season
        return _facts.present(key, self._moment(), lambda: self._read(season, self._moment()))

    def _facts_shown(self, season: str) -> Shown[_Facts]:
        """What it held when it was read last; read anew beside whoever asks.

        The plan in force is always that of this moment: whoever publishes sees what comes of it.
        """
        key = self.settings.store, season
        last = _facts.shown(key, self._moment(), lambda: self._read(season, self._moment()))
        if last.older:
            plan, known = active_plan(self.store, season), last.value.plan
            if (plan and plan.id) != (known and known.id):
                return Shown(self._facts(season), last.at)
        return last

    def _read(self, season: str, at: _Mark) -> _Facts:
        people, offers = seekers(self.store, season), places(self.store, season)
        found, plan = courses(self.store, season), active_plan(self.store, season)
        run = None if plan is None else self._run(plan).run
        usual = Target(cut_off=date(training_start(season).year, 9, 30))
        target, known = usual, None
        if run is not None:
            numbers = run.problem.target
            target = Target(
                share=numbers.share,
                definition=numbers.definition,
                cut_off=numbers.cut_off,
                confidence=numbers.confidence,
            )
            known = frozenset(one.id for one in run.problem.seekers)
        live = living(people, offers, found, known)
        problem = problem_of(
            people, offers, live.counted, target, 0.0 if run is None else run.problem.spread
        )
        now = SeasonNow(
            season=season,
            begins=date(training_start(season).year - 1, 10, 1),
            on=date.today(),
            invented=is_invented(self.store, season),
            target=target,
            plan=None if plan is None else plan.id,
            looking=sum(one.standing is Standing.LOOKING for one in people),
            live=live,
            stages=Counter[Stage](one.stage for one in live.counted),
            rates=rates_now(problem, live.counted),
            groups={},
            weeks=self._weeks(people, season, target.definition),
        )
        names = Names(
            school_names(self.store),
            frozenset(municipalities_of_district()),
            self.settings.data_folder,
        )
        facts = _Facts(at, people, offers, found, plan, names, now)
        groups = {
            one: groups_of(people, live.counted, target.definition, names.of(one), MOST[one])
            for one in Dimension
        }
        streams = self._streams(facts, groups[Dimension.SCHOOL])
        return replace(facts, now=replace(now, groups=groups, streams=streams))

    def _streams(self, facts: _Facts, schools: tuple[Group, ...]) -> tuple[Link, ...]:
        """From schools into fields of work; nothing is told where no school is."""
        occupation = {one.id: one.occupation for one in facts.places}
        goes = {
            one.pseudonym: field_of(occupation.get(one.place)) for one in facts.now.live.counted
        }
        counts = DEFINITIONS[facts.now.target.definition]
        school = facts.names.of(Dimension.SCHOOL)
        return flow(
            schools,
            (
                (school(one), goes.get(one.id), one.standing in counts.placed)
                for one in facts.seekers
                if counts.counts(one)
            ),
        )

    def _weeks(self, people: Sequence[Seeker], season: str, definition: str) -> tuple[Stretch, ...]:
        placed = DEFINITIONS[definition].placed
        days = starts(self.store, season)
        return weeks_of(
            (days.get(one.id) for one in people if one.standing in placed), date.today()
        )
