"""Does a sheet show every place of a person, and is each reason on it true?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from data.intake.district_files import District, read_district
from data.sample import district_folder
from matching.candidates import find_candidates
from matching.edits import Pinned
from matching.plan import Serve
from matching.prices import PriceRange
from matching.problem import Bond, Certificate, Pin, Place, Seeker, Site
from matching.reasons import NotProposed
from matching.rules import Refusal
from matching.scenario import compare
from matching.target import Standing, Target
from models.scorecard import Scorecard
from office.chance_ranges import ChanceRange
from office.counseling import Sheet, pin_of, prices_for, sheet
from office.drawing import Drawn, draw
from office.file_desk import FileDesk, SampleName
from office.helping import Helpful, Lever
from office.refusing import Refused, refused_places

Given = tuple[Drawn, District, PriceRange]

HERE, NEAR, FAR = Site(51.9, 8.4, "33330"), Site(51.95, 8.45, "33428"), Site(52.5, 8.4)


@pytest.fixture(scope="module", params=["district", "scarce"])
def given(request: pytest.FixtureRequest) -> Given:
    name: SampleName = request.param
    folder = district_folder(name)
    drawn = FileDesk().draw_sample(name)
    lists = sorted((folder / "schools").glob("*.csv"))
    district = read_district(lists, folder / "places.csv", folder / "target.toml")
    return drawn, district, prices_for(drawn)


def people(drawn: Drawn) -> list[str]:
    """Some who look: the first with each reason for no proposal, and three with one."""
    placed = drawn.result.plan.seekers(drawn.problem)[[5, 200, 500]].tolist()
    without = {one.reason: one.seeker for one in drawn.unplaced}
    return [*without.values(), *(drawn.problem.seekers[number].id for number in placed)]


def sheets(given: Given) -> list[Sheet]:
    drawn, district, prices = given
    return [sheet(drawn, district, prices, who) for who in people(drawn)]


def test_every_place_is_on_the_sheet_once(given: Given) -> None:
    """No hidden cut-off: what is not possible is refused, by name of the rule."""
    for page in sheets(given):
        places = [o.place for o in page.options] + [r.place for r in page.refused]
        assert sorted(places) == sorted(place.id for place in given[0].problem.places)


def test_the_proposal_is_the_plans(given: Given) -> None:
    drawn = given[0]
    holds = drawn.result.plan.place_of(drawn.problem)
    for page in sheets(given):
        at = holds[drawn.problem.seeker_number[page.seeker.id]]
        assert (page.proposal is None) == (at < 0) == (page.without is not None)
        if page.proposal is not None:
            assert page.proposal.place == drawn.problem.places[at].id
        assert sum(option.proposed for option in page.options) == (at >= 0)


def test_chances_are_the_plans_own(given: Given) -> None:
    """Also where a place was beyond the best ones: there is one model, asked once more."""
    columns = given[0].problem.candidates
    for page in sheets(given):
        rows = columns.rows_of(given[0].problem.seeker_number[page.seeker.id])
        chance = {
            given[0].problem.places[int(columns.place[row])].id: columns.chance[row]
            for row in range(rows.start, rows.stop)
        }
        assert page.candidates == len(chance)
        for option in page.options:
            assert option.chance is not None
            assert option.chance.low < option.chance.value < option.chance.high
            assert option.chance.value == pytest.approx(
                chance.get(option.place, option.chance.value)
            )
            why = option.why_not
            beyond = why is not None and why.reason is NotProposed.BEYOND_CANDIDATES
            assert beyond == (option.place not in chance)


def test_what_collides_with_nobody_moves_nobody_out(given: Given) -> None:
    """Whoever moves because of it moves into what the person leaves, to their gain."""
    drawn, district, _ = given
    for page in sheets(given):
        assert all(option.free > 0 and not option.proposed for option in page.by_wish)
        assert {o.place for o in page.by_wish} == {o.place for o in page.by_chance}
        for option in page.by_chance[:1]:
            pin = pin_of(drawn, district, page.seeker.id, option.place)
            change = compare(drawn.problem, drawn.steered, pin)
            assert all(move.place_after is not None for move in change.others)


def test_the_price_on_the_sheet_frames_the_exact_cost(given: Given) -> None:
    drawn, district, _ = given
    assert isinstance(drawn.result.aim, Serve) == sheets(given)[0].of_wishes
    for page in sheets(given):
        priced = [o for o in page.options if o.why_not and o.why_not.most is not None]
        for option in priced[:3]:
            assert option.why_not and option.why_not.most is not None
            assert option.why_not.least is not None
            pin = pin_of(drawn, district, page.seeker.id, option.place)
            cost = compare(drawn.problem, drawn.steered, pin).cost
            assert option.why_not.least - 1e-6 <= cost <= option.why_not.most + 1e-6


def test_lists_without_scoring_know_no_chance(given: Given) -> None:
    drawn, district, prices = given
    for who in people(drawn):
        scored = sheet(drawn, district, prices, who)
        page = sheet(drawn, district, prices, who, scoring=False)
        assert all(option.chance is None and not option.grounds for option in page.options)
        assert all(o.why_not is None or o.why_not.most is None for o in page.options)
        assert page.by_chance == () and all(one.best is None for one in page.helpful)
        assert {o.place for o in page.options} == {o.place for o in scored.options}
        order = [(-option.wish, option.minutes) for option in page.options]
        assert order == sorted(order)
        assert [o.place for o in page.by_wish] == [o.place for o in scored.by_wish]


def test_taking_a_reason_away_moves_the_chance_as_stated(given: Given) -> None:
    """The reason is in the model: a scorecard without that weight says so."""
    drawn, district, prices = given
    page = sheet(drawn, district, prices, people(drawn)[-1])
    option = page.options[0]
    assert option.grounds and option.chance
    assert [abs(g.effect) for g in option.grounds] == sorted(
        (abs(g.effect) for g in option.grounds), reverse=True
    )
    full = Scorecard()
    for ground in option.grounds:
        weights = tuple(weight for weight in full.weights if weight.name != ground.name)
        model = replace(full, weights=weights)
        without = sheet(drawn, district, prices, page.seeker.id, model)
        (same,) = (one for one in without.options if one.place == option.place)
        assert same.chance is not None
        assert option.chance.value - same.chance.value == pytest.approx(ground.effect)


def small(*seekers: Seeker, pins: tuple[Pin, ...] = (), candidates: int = 60) -> Given:
    """Four places: a near one, one that asks for more, a far one, and a near other trade."""
    places = (
        Place("near", occupation="25212", site=HERE, starts=date(2027, 8, 1)),
        Place("asks", occupation="25212", site=HERE, requires=Certificate.MSA, openings=2),
        Place("far", occupation="25212", site=FAR),
        Place("other", occupation="25222", site=NEAR, openings=3),
    )
    district = District(seekers, places, Target(), date(2027, 8, 1), invented=True)
    drawn = draw(district, pins=pins, candidates=candidates)
    return drawn, district, prices_for(drawn)


ANNA = Seeker(
    "anna", home=HERE, wishes=("25212",), certificate=Certificate.ESA, age=16, longest_way=60
)


def test_rules_refuse_with_both_values() -> None:
    found = refused_places(ANNA, small(ANNA)[0].problem.places)
    assert [(one.place, one.rule, one.asked) for one in found] == [
        ("asks", Refusal.CERTIFICATE_SUFFICES, Certificate.MSA),
        ("far", Refusal.WAY_ACCEPTABLE, 60.0),
    ]
    assert found[0].has is Certificate.ESA
    assert isinstance(found[1].has, float) and found[1].has > 60


@pytest.mark.parametrize(
    ("seeker", "place", "rule", "asked", "has"),
    [
        (replace(ANNA, standing=Standing.STARTED), Place("p", site=HERE), Refusal.STILL_LOOKING,
         Standing.LOOKING, Standing.STARTED),
        (ANNA, Place("p", site=HERE, minimum_age=18), Refusal.OLD_ENOUGH, 18, 16),
        (replace(ANNA, age=14), Place("p", site=HERE), Refusal.OLD_ENOUGH, 15, 14),
        (replace(ANNA, compulsory_school_done=False),
         Place("p", site=HERE, starts=date(2027, 8, 1)),
         Refusal.SCHOOL_DONE, date(2027, 8, 1), None),
        (replace(ANNA, free_from=date(2027, 9, 1)),
         Place("p", site=HERE, starts=date(2027, 8, 1)),
         Refusal.FREE_BY_START, date(2027, 8, 1), date(2027, 9, 1)),
        (replace(ANNA, home=None), Place("p", site=HERE), Refusal.WAY_KNOWN, None, None),
        (ANNA, Place("p"), Refusal.WAY_KNOWN, None, None),
    ],
)  # fmt: skip
def test_each_rule_names_its_values(
    seeker: Seeker, place: Place, rule: Refusal, asked: object, has: object
) -> None:
    assert refused_places(seeker, (place,)) == (Refused("p", rule, asked, has),)  # type: ignore[arg-type]
    assert len(find_candidates((seeker,), (place,))) == 0
    assert refused_places(seeker, ()) == ()


def levers(given: Given, who: str) -> dict[Lever, list[Helpful]]:
    drawn, district, prices = given
    page = sheet(drawn, district, prices, who)
    found: dict[Lever, list[Helpful]] = {}
    for one in page.helpful:
        found.setdefault(one.lever, []).append(one)
    return found


def test_what_would_help_by_hand() -> None:
    """A higher certificate opens one place with two openings; `far` lies beyond any longer way."""
    found = levers(small(ANNA), "anna")
    (certificate,) = found[Lever.CERTIFICATE]
    assert (certificate.value, certificate.places, certificate.free) == (Certificate.MSA, 1, 2)
    (occupation,) = found[Lever.ANOTHER_OCCUPATION]
    assert (occupation.places, occupation.free) == (1, 3)
    assert occupation.best is not None
    drawn, district, prices = small(ANNA)
    other = next(o for o in sheet(drawn, district, prices, "anna").options if o.place == "other")
    assert other.chance is not None and occupation.best > other.chance.value
    assert Lever.LONGER_WAY not in found


def test_a_longer_way_helps_where_it_reaches_more() -> None:
    tight = replace(ANNA, longest_way=12)
    found = levers(small(tight), "anna")
    assert [(one.value, one.places, one.free) for one in found[Lever.LONGER_WAY]] == [(27, 1, 3)]


def test_school_start_and_home_may_be_what_is_missing() -> None:
    bound = replace(ANNA, compulsory_school_done=False)
    late = replace(ANNA, id="late", free_from=date(2027, 9, 1))
    lost = replace(ANNA, id="lost", home=None)
    started = replace(ANNA, id="done", standing=Standing.STARTED)
    given = small(bound, late, lost, started)
    assert [one.places for one in levers(given, "anna")[Lever.SCHOOL_DONE]] == [2]
    (earlier,) = levers(given, "late")[Lever.FREE_EARLIER]
    assert (earlier.value, earlier.places) == (date(2027, 8, 1), 1)
    assert [one.places for one in levers(given, "lost")[Lever.HOME_KNOWN]] == [4]
    assert levers(given, "done") == {}


def test_rulings_stand_on_the_sheet() -> None:
    """What was ruled out is no alternative, however free."""
    pins = (Pin("anna", "other", Bond.BAN), Pin("anna", "near"))
    drawn, district, prices = small(ANNA, pins=pins)
    page = sheet(drawn, district, prices, "anna")
    ruled = {option.place: option.ruled for option in page.options}
    assert ruled == {"near": Bond.PIN, "other": Bond.BAN}
    assert page.by_wish == () and page.proposal is not None
    assert not page.proposal.collides


def test_a_place_beyond_the_best_is_pinned_from_the_sheet() -> None:
    drawn, district, prices = small(ANNA, candidates=1)
    page = sheet(drawn, district, prices, "anna")
    (beyond,) = (o for o in page.options if not o.proposed)
    assert beyond.why_not and beyond.why_not.reason is NotProposed.BEYOND_CANDIDATES
    pin = pin_of(drawn, district, "anna", beyond.place)
    change = compare(drawn.problem, drawn.steered, pin)
    assert change.own.place_after == beyond.place
    again = draw(district, pins=(Pin("anna", beyond.place),), candidates=1)
    assert again.problem.fingerprint() == change.problem.fingerprint()
    assert again.result.plan.rows.tolist() == change.after.chosen.plan.rows.tolist()
    assert pin_of(drawn, district, "anna", "far") == Pinned("anna", "far")
    with pytest.raises(KeyError):
        sheet(drawn, district, prices, "nobody")


class Plain:
    """A model that names no reasons: a wish is worth a half, and a quarter is always there."""

    columns = ("wish",)
    spread = 0.0

    def chances(self, table: object, /) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        wish = table["wish"]  # type: ignore[index]
        return 0.25 + 0.5 * np.asarray(wish)


def test_a_model_without_reasons_shows_none() -> None:
    drawn, district, _ = small(ANNA)
    drawn = replace(drawn, problem=replace(drawn.problem, spread=0.0))
    page = sheet(drawn, district, prices_for(drawn), "anna", Plain())
    assert [(o.place, o.chance, o.grounds) for o in page.options] == [
        ("near", ChanceRange(0.75, 0.75, 0.75), ()),
        ("other", ChanceRange(0.55, 0.55, 0.55), ()),
    ]
