"""What does a planner see first? A drawn plan laid out as the figures and rows of one page.

Everything here is taken over or added up from what was recounted; nothing is worded, and of people
only pseudonyms are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import ceil
from pathlib import Path

from data.reference.occupations import title_of
from data.reference.postcodes import ATTRIBUTION
from matching.explain import Shortfall
from matching.plan import Check, Result, Serve, Status
from matching.problem import Place
from matching.reasons import NoProposal, StaysEmpty
from matching.rules import Refusal
from matching.target import Standing
from office.drawing import Drawn, Rate
from office.worth import Opening, Worth, worth_of


@dataclass(frozen=True, slots=True)
class Step:
    """One plan between target and wishes: its expected placements and its wish points.

    `chance` is that of the target, with the model's error.
    """

    expected: float
    wishes: float
    chance: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why people have no proposal or openings stay empty, and how many."""

    reason: NoProposal | StaysEmpty
    rule: Refusal | None
    count: int


@dataclass(frozen=True, slots=True)
class PersonWithout:
    """One person without a proposal, by pseudonym, and why; see `matching.explain.Unplaced`."""

    seeker: str
    reason: NoProposal
    rule: Refusal | None
    refused: int
    nearest: str | None
    missing: float | None


@dataclass(frozen=True, slots=True)
class EmptyPlace:
    """A place with openings that stay empty; `where` is its municipality, else its postcode."""

    occupation: str | None
    employer: str | None
    where: str | None
    openings: int
    reason: StaysEmpty


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves the plan: its value, what no plan can exceed, and what was recounted.

    `of_wishes` says that wish points were maximised, not expected placements.
    """

    value: float
    bound: float
    gap: float
    of_wishes: bool
    status: Status
    solver: str
    fingerprint: str
    checks: tuple[Check, ...]
    pairs: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """A district's plan as one page shows it.

    `placed` people are placed already, `expected` more are expected from the plan, `wanted` is
    the target in people. `chance` takes the estimates as exact, `honest` counts the model's error
    in. `most_wishes` is the far end of the trade-off, `None` where there was no room to serve.
    `as_of` is when people were looked at, where the store is newer.
    """

    invented: bool
    share: Fraction
    confidence: float
    cut_off: date | None
    base: int
    placed: int
    wanted: int
    expected: float
    rate: float
    chance: float
    honest: float
    looking: int
    proposals: int
    openings: int
    rates: tuple[Rate, ...]
    shortfall: Shortfall | None
    worth: Worth
    reached: Step
    chosen: Step
    most_wishes: Step | None
    curve: tuple[Step, ...]
    without: tuple[PersonWithout, ...]
    without_reasons: tuple[Reason, ...]
    empty: tuple[EmptyPlace, ...]
    empty_reasons: tuple[Reason, ...]
    empty_occupations: tuple[tuple[str | None, int], ...]
    proof: Proof
    dropped: tuple[str, ...]
    attribution: str
    as_of: datetime | None = None

    @property
    def helpful(self) -> tuple[Opening, ...]:
        """Where one opening more would help most: the first few."""
        return self.worth.openings[:5]

    @property
    def holds(self) -> bool:
        """Whether the target holds with the wanted confidence, the model's error counted in."""
        return self.honest >= self.confidence

    @property
    def likely(self) -> bool:
        """Whether the plan is expected to reach the target, however surely."""
        return self.placed + self.expected >= self.wanted


def glance(drawn: Drawn, data_folder: Path | None = None) -> Glance:
    """Lay a drawn plan out for the page; `data_folder` may hold imported occupations."""
    problem, verdict = drawn.problem, drawn.result.verdict
    target, steered = problem.target, drawn.steered
    titles = _Titles(data_folder)
    empty = _empty(drawn, titles)
    return Glance(
        invented=problem.invented,
        share=target.share,
        confidence=target.confidence,
        cut_off=target.cut_off,
        base=problem.base,
        placed=problem.placed_already,
        wanted=ceil(target.share * problem.base),
        expected=verdict.expected,
        rate=verdict.rate,
        chance=verdict.chance_of_target,
        honest=verdict.chance_with_model_error,
        looking=sum(seeker.standing is Standing.LOOKING for seeker in problem.seekers),
        proposals=verdict.placed,
        openings=int(problem.openings.sum()),
        rates=drawn.rates,
        shortfall=drawn.shortfall,
        worth=worth_of(problem, steered.reached, titles.of_code),
        reached=_step(steered.reached),
        chosen=_step(drawn.result),
        most_wishes=None if steered.served is None else _curve(drawn)[-1],
        curve=_curve(drawn),
        without=tuple(_without(drawn, titles)),
        without_reasons=_counted((one.reason, one.rule, 1) for one in drawn.unplaced),
        empty=empty,
        empty_reasons=_counted((one.reason, None, one.openings) for one in empty),
        empty_occupations=_by_occupation(empty),
        proof=_proof(drawn),
        dropped=drawn.dropped,
        attribution=ATTRIBUTION,
    )


class _Titles:
    """Occupations in words, and a place in one line."""

    def __init__(self, data_folder: Path | None) -> None:
        self.data_folder = data_folder

    def of(self, place: Place) -> str | None:
        """The place's occupation, by its code or else as the firm wrote it."""
        return place.title if place.occupation is None else self.of_code(place.occupation)

    def of_code(self, code: str) -> str:
        return title_of(code, self.data_folder)

    def line(self, place: Place) -> str:
        return ", ".join(filter(None, (self.of(place), place.employer, _where(place)))) or place.id


def _where(place: Place) -> str | None:
    """The place's municipality, or its postcode where that is all there is."""
    return (place.site.municipality or place.site.postcode) if place.site else None


def _step(result: Result) -> Step:
    verdict = result.verdict
    return Step(verdict.expected, verdict.wishes, verdict.chance_with_model_error)


def _curve(drawn: Drawn) -> tuple[Step, ...]:
    return tuple(Step(p.expected, p.wishes, p.chance) for p in drawn.steered.curve)


def _without(drawn: Drawn, titles: _Titles) -> Iterable[PersonWithout]:
    problem = drawn.problem
    for one in drawn.unplaced:
        near = None if one.nearest is None else problem.places[problem.place_number[one.nearest]]
        yield PersonWithout(
            one.seeker,
            one.reason,
            one.rule,
            one.refused,
            None if near is None else titles.line(near),
            one.missing,
        )


def _empty(drawn: Drawn, titles: _Titles) -> tuple[EmptyPlace, ...]:
    problem = drawn.problem
    rows = []
    for vacancy in drawn.vacancies:
        place = problem.places[problem.place_number[vacancy.place]]
        facts = (titles.of(place), place.employer, _where(place))
        rows.append(EmptyPlace(*facts, vacancy.openings, vacancy.reason))
    return tuple(sorted(rows, key=lambda row: (row.occupation or "", -row.openings)))


def _counted(
    each: Iterable[tuple[NoProposal | StaysEmpty, Refusal | None, int]],
) -> tuple[Reason, ...]:
    counts: Counter[tuple[NoProposal | StaysEmpty, Refusal | None]] = Counter()
    for reason, rule, count in each:
        counts[reason, rule] += count
    return tuple(Reason(*why, count) for why, count in counts.most_common())


def _by_occupation(
    empty: Iterable[EmptyPlace], most: int = 8
) -> tuple[tuple[str | None, int], ...]:
    counts: Counter[str | None] = Counter()
    for place in empty:
        counts[place.occupation] += place.openings
    return tuple(counts.most_common(most))


def _proof(drawn: Drawn) -> Proof:
    result = drawn.result
    skipped = _OF_FILES if isinstance(result.aim, Serve) else (*_OF_FILES, Check.EXPECTED_AT_FLOOR)
    return Proof(
        value=result.value,
        bound=result.bound,
        gap=result.gap,
        of_wishes=isinstance(result.aim, Serve),
        status=result.status,
        solver=result.solver,
        fingerprint=drawn.problem.fingerprint(),
        checks=tuple(check for check in Check if check not in skipped),
        pairs=len(drawn.problem.candidates),
        seconds=sum(drawn.seconds.values()),
    )


#: What only a recount of written files can check.
_OF_FILES = (Check.AMONG_CANDIDATES, Check.CHANCE_AS_GIVEN, Check.FIGURES_AS_REPORTED)
