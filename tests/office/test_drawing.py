"""Is a district's plan drawn as its parts say? Small districts that a reader can check by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import isnan

import numpy as np
import numpy.typing as npt
import pytest

from data.intake.district_files import District
from data.reference.postcodes import site
from matching.errors import FaultyInput, Rule
from matching.plan import Reach
from matching.problem import Bond, Certificate, Numbers, Pin, Place, Seeker
from matching.reasons import NoProposal, StaysEmpty
from matching.rules import Refusal
from matching.solve import solve
from matching.target import DEFINITIONS, Standing, Target
from models.declaration import district_declaration
from models.scorecard import Scorecard
from office.drawing import ChanceModel, Drawn, draw

HOME, FAR = site("33330"), site("80331")
START = date(2027, 8, 1)


@dataclass
class Fixed:
    """A model that gives every pair one chance and remembers what it was shown."""

    chance: float = 0.5
    spread: float = 0.0
    columns: tuple[str, ...] = ()
    seen: dict[str, Numbers] = field(default_factory=dict)

    def chances(self, table: Mapping[str, npt.ArrayLike], /) -> Numbers:
        self.seen = {name: np.asarray(values) for name, values in table.items()}
        return np.full(len(self.seen["wish"]), self.chance)


def person(name: str, standing: Standing = Standing.LOOKING, **known: object) -> Seeker:
    facts: dict[str, object] = {"home": HOME, "age": 17, "school": "one", **known}
    return Seeker(name, standing=standing, **facts)  # type: ignore[arg-type]


def offer(name: str, openings: int = 1, **known: object) -> Place:
    facts: dict[str, object] = {"site": HOME, "occupation": "62102", "starts": START, **known}
    return Place(name, openings, **facts)  # type: ignore[arg-type]


def district(
    seekers: tuple[Seeker, ...], places: tuple[Place, ...], target: Target | None = None
) -> District:
    return District(seekers, places, target or Target(), START)


def drawn_with(model: ChanceModel, given: District, pins: tuple[Pin, ...] = ()) -> Drawn:
    return draw(given, model, pins=pins)


def test_any_model_that_keeps_the_protocol_will_do() -> None:
    """Its chances are those of the plan, its spread that of the problem."""
    model = Fixed(0.25, 0.5)
    drawn = drawn_with(model, district((person("a"), person("b")), (offer("x", 2),)))
    assert drawn.problem.candidates.chance.tolist() == [0.25, 0.25]
    assert drawn.problem.spread == 0.5
    assert drawn.result.verdict.expected == pytest.approx(0.5)


def test_the_features_that_a_model_is_shown() -> None:
    """One row a pair; what is not known is NaN, no requirement counts as the lowest certificate."""
    people = (
        person("a", certificate=Certificate.MSA, applied_before=True, wishes=("62102",)),
        person("b"),
    )
    model = Fixed()
    offers = (offer("x", requires=Certificate.ESA), offer("y"))
    drawn = drawn_with(model, district(people, offers))
    pairs = list(zip(*_names(drawn), strict=True))
    assert pairs == [("a", "x"), ("a", "y"), ("b", "y")]
    assert {*Scorecard().columns, *district_declaration().names} <= set(model.seen)
    assert model.seen["certificate_margin"][:2].tolist() == [2.0, 3.0]
    assert model.seen["applied_before"][:2].tolist() == [1.0, 1.0]
    assert isnan(model.seen["certificate_margin"][2]) and isnan(model.seen["applied_before"][2])
    assert model.seen["wish"].tolist() == [1.0, 1.0, 0.0]
    assert model.seen["fit"][0] == 1.0
    for name in ("wish", "fit", "minutes"):
        column = getattr(drawn.problem.candidates, name)
        assert column is not None and column.tolist() == model.seen[name].tolist()


def _names(drawn: Drawn) -> tuple[list[str], list[str]]:
    candidates = drawn.problem.candidates
    return (
        [drawn.problem.seekers[number].id for number in candidates.seeker.tolist()],
        [drawn.problem.places[number].id for number in candidates.place.tolist()],
    )


ONE_OF_EACH = (
    person("looking", wishes=("62102",)),
    person("looking without a wish"),
    *(person(standing.value, standing) for standing in Standing if standing != Standing.LOOKING),
)


def test_the_same_plan_under_four_definitions() -> None:
    """Eight people, one in three wanted; both who look get a place with a chance of one half.

    district: 7 registered, 2 placed, 1 needed. entered: school counts too, so 3 of 7 are enough.
    interested: 8 people, 3 of them placed are enough. strict: 4 (nobody withdrawn, unknown or
    without a wish), of whom 2 are enough.
    """
    drawn = drawn_with(Fixed(), district(ONE_OF_EACH, (offer("x", 2),)))
    assert [rate.definition for rate in drawn.rates] == list(DEFINITIONS)
    figures = {rate.definition: (rate.base, rate.placed, rate.need) for rate in drawn.rates}
    assert figures == {
        "district": (7, 2, 1),
        "entered": (7, 3, 0),
        "interested": (8, 3, 0),
        "strict": (4, 2, 0),
    }
    rates = {rate.definition: rate for rate in drawn.rates}
    assert [rate.expected for rate in drawn.rates] == pytest.approx([1.0] * 4)
    assert [rate.rate for rate in drawn.rates] == pytest.approx([3 / 7, 4 / 7, 4 / 8, 3 / 4])
    assert [rate.chance for rate in drawn.rates] == pytest.approx([0.75, 1, 1, 1])
    assert [rate.chance_with_model_error for rate in drawn.rates] == pytest.approx([0.75, 1, 1, 1])
    assert {name: rate.unknown for name, rate in rates.items()} == {
        "district": 1,
        "entered": 1,
        "interested": 1,
        "strict": 0,
    }
    assert [rate.own_finds for rate in drawn.rates] == [1, 1, 1, 1]


def test_numbers_given_by_hand_hold_for_their_own_definition_only() -> None:
    target = Target(definition="entered", base=30, placed=4)
    drawn = drawn_with(Fixed(), district(ONE_OF_EACH, (offer("x", 2),), target))
    figures = {rate.definition: (rate.base, rate.placed, rate.need) for rate in drawn.rates}
    assert figures["entered"] == (30, 4, 6)
    assert figures["district"] == (7, 2, 1)


def test_why_somebody_has_no_proposal() -> None:
    """One reason each: the rule that refused, the ban, the others who gain more."""
    people = (
        person("asked for more", certificate=Certificate.ESA, longest_way=1),
        person("banned", certificate=Certificate.MSA),
        person("far", home=FAR, certificate=Certificate.MSA),
        person("gets it", certificate=Certificate.MSA),
        person("goes empty", certificate=Certificate.MSA),
        person("placed already", Standing.STARTED),
    )
    places = (offer("x", requires=Certificate.MSA), offer("z", 0, requires=Certificate.MSA))
    pins = (
        Pin("gets it", "x"),
        Pin("banned", "x", Bond.BAN),
        Pin("banned", "z", Bond.BAN),
    )
    drawn = drawn_with(Fixed(), district(people, places), pins)
    found = {one.seeker: one for one in drawn.unplaced}
    assert set(found) == {"asked for more", "banned", "far", "goes empty"}
    assert found["asked for more"].rule is Refusal.CERTIFICATE_SUFFICES
    assert found["far"].rule is Refusal.WAY_ACCEPTABLE and found["far"].refused == 2
    assert found["banned"].reason is NoProposal.BANNED
    assert found["goes empty"].reason is NoProposal.OTHERS_GAIN_MORE


def test_what_stays_empty() -> None:
    people = (person("a"), person("b", school=None, home=None), person("c", Standing.UNKNOWN))
    places = (offer("x", 2), offer("far", 3, site=FAR))
    drawn = drawn_with(Fixed(), district(people, places))
    assert {(one.place, one.openings, one.reason) for one in drawn.vacancies} == {
        ("x", 1, StaysEmpty.NOBODY_LEFT),
        ("far", 3, StaysEmpty.NOBODY_ALLOWED),
    }


def test_the_steps_are_told_in_their_order() -> None:
    heard: list[str] = []
    given = district((person("a"),), (offer("x"),))
    draw(given, Fixed(), progress=lambda step, number: heard.append(step))
    assert heard[:3] == ["candidates", "chances", "reach"] and heard[-1] == "reasons"


def test_a_district_of_nobody() -> None:
    """No people, no places: a plan of nothing, whose target of nobody holds."""
    drawn = draw(district((), ()), Fixed())
    assert (drawn.unplaced, drawn.vacancies, drawn.shortfall) == ((), (), None)
    assert drawn.result.verdict.placed == 0


def test_nobody_learns_of_the_model_but_by_its_chances() -> None:
    """The same chances from another model give the same problem, to the fingerprint."""
    given = district((person("a"), person("b")), (offer("x"),))
    one, other = drawn_with(Fixed(), given), drawn_with(replace(Fixed(), columns=("wish",)), given)
    assert one.problem.fingerprint() == other.problem.fingerprint()


def test_the_shortfall_of_the_scarce_district(scarce: Drawn) -> None:
    """What is missing adds up, and each figure is the one shown elsewhere."""
    short = scarce.shortfall
    assert short is not None and isinstance(scarce.result.aim, Reach)
    verdict = scarce.result.verdict
    assert short.chance == verdict.chance_with_model_error < short.confidence
    assert short.wanted is not None
    assert short.missing == pytest.approx(short.wanted - verdict.expected) and short.missing > 0
    assert short.competition == pytest.approx(short.alone - verdict.expected)
    assert short.empty == sum(one.openings for one in scarce.vacancies)
    reasons = [one.reason for one in scarce.unplaced]
    assert short.without_place_allowed == reasons.count(NoProposal.NO_PLACE_ALLOWED)
    assert short.others_gain_more == reasons.count(NoProposal.OTHERS_GAIN_MORE)
    looking = [one for one in scarce.problem.seekers if one.standing is Standing.LOOKING]
    assert len(looking) == verdict.placed + len(scarce.unplaced)
    prices = [one.price for one in short.scarce]
    assert prices == sorted(prices, reverse=True) and prices[-1] > 0


def test_an_opening_more_adds_what_its_price_says(scarce: Drawn) -> None:
    """The dearest place of the scarce district, with one opening more: a new plan, solved anew."""
    prices = scarce.steered.reached.prices.places
    dearest = int(prices.argmax())
    places = list(scarce.problem.places)
    places[dearest] = replace(places[dearest], openings=places[dearest].openings + 1)
    more = solve(replace(scarce.problem, places=tuple(places)))
    gain = more.value - scarce.steered.reached.value
    assert gain == pytest.approx(float(prices[dearest]), abs=1e-6)


def test_a_pin_beyond_the_best_places_is_kept() -> None:
    """A counselor may pin any place that no hard rule refuses, not only the best few."""
    wanted = person("a", wishes=("62102",))
    near, dull = offer("near"), offer("dull", occupation="11102")
    given = district((wanted,), (near, dull))
    one = draw(given, Fixed(), candidates=1)
    assert [one.problem.places[p].id for p in one.problem.candidates.place] == ["near"]
    pinned = draw(given, Fixed(), candidates=1, pins=(Pin("a", "dull"),))
    kept = pinned.result.plan.places(pinned.problem)
    assert [pinned.problem.places[p].id for p in kept] == ["dull"]
    assert len(pinned.problem.candidates) == 2


def test_a_pin_against_a_hard_rule_is_refused() -> None:
    far = offer("far", site=FAR)
    given = district((person("a"),), (offer("near"), far))
    with pytest.raises(FaultyInput) as refusal:
        draw(given, Fixed(), pins=(Pin("a", "far"),))
    assert [fault.rule for fault in refusal.value.faults] == [Rule.PAIR_UNKNOWN]
