"""Does the page's layout of a plan add up to the plan?"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from data.sample import district_folder
from matching.plan import Check
from matching.target import Standing
from office.changes import mark_of
from office.desk import Desk, SampleName
from office.drawing import Drawn
from office.glance import areas, glance


@pytest.fixture(scope="module", params=["district", "scarce"])
def drawn(request: pytest.FixtureRequest) -> Drawn:
    name: SampleName = request.param
    return Desk().draw_sample(name)


def test_every_person_who_looks_lives_somewhere_once(drawn: Drawn) -> None:
    plan = glance(drawn)
    looking = [s for s in drawn.problem.seekers if s.standing is Standing.LOOKING]
    assert sum(area.people for area in plan.areas) == len(looking) == plan.looking
    assert sum(area.proposals for area in plan.areas) == plan.proposals
    assert sum(area.expected for area in plan.areas) == pytest.approx(plan.expected)


def test_who_has_no_proposal_is_who_looks_less_the_proposals(drawn: Drawn) -> None:
    plan = glance(drawn)
    assert len(plan.without) == plan.looking - plan.proposals
    assert sum(reason.count for reason in plan.without_reasons) == len(plan.without)


def test_openings_are_proposed_or_empty(drawn: Drawn) -> None:
    plan = glance(drawn)
    empty = sum(place.openings for place in plan.empty)
    assert empty == plan.openings - plan.proposals
    assert sum(reason.count for reason in plan.empty_reasons) == empty
    assert sum(count for _, count in plan.empty_occupations) <= empty


def test_no_figure_of_the_page_differs_from_the_recount(drawn: Drawn) -> None:
    plan, verdict = glance(drawn), drawn.result.verdict
    assert (plan.expected, plan.rate) == (verdict.expected, verdict.rate)
    assert (plan.chance, plan.honest) == (verdict.chance_of_target, verdict.chance_with_model_error)
    assert plan.wanted - plan.placed == verdict.need
    assert (plan.proof.value, plan.proof.bound) == (drawn.result.value, drawn.result.bound)
    assert plan.proof.fingerprint == drawn.problem.fingerprint()


def test_the_floor_is_named_as_a_rule_only_where_there_was_one(drawn: Drawn) -> None:
    plan = glance(drawn)
    assert (Check.EXPECTED_AT_FLOOR in plan.proof.checks) == plan.proof.of_wishes


def test_one_opening_more_is_told_in_expected_placements(drawn: Drawn) -> None:
    """Also where wishes were served: a price there is in wishes, so the first plan is asked."""
    plan = glance(drawn)
    assert plan.helpful
    assert all(0 < one.adds <= 1 for one in plan.helpful)
    assert [one.adds for one in plan.helpful] == sorted(
        (o.adds for o in plan.helpful), reverse=True
    )


def test_the_answer_is_likely_before_it_is_sure(drawn: Drawn) -> None:
    plan = glance(drawn)
    sure = replace(plan, honest=plan.confidence)
    assert sure.holds and not replace(plan, honest=plan.confidence - 1e-9).holds
    assert replace(plan, expected=float(plan.wanted - plan.placed)).likely
    assert not replace(plan, expected=plan.wanted - plan.placed - 0.5).likely


def test_homes_outside_the_district_are_added_up_and_unknown_ones_kept_apart() -> None:
    rows = areas(
        {"Verl": (4, 2, 1.0), "Lippstadt": (2, 1, 0.5), "Oelde": (1, 1, 0.25), "": (3, 0, 0)}
    )
    away, unknown = rows[-2:]
    assert (away.name, away.outside, away.people, away.expected) == (None, True, 3, 0.75)
    assert (unknown.name, unknown.outside, unknown.people) == (None, False, 3)
    verl = next(area for area in rows if area.name == "Verl")
    assert verl.rate == 0.25
    gone = next(area for area in rows if area.name == "Rietberg")
    assert (gone.people, gone.rate) == (0, 0.0)


def test_a_folders_mark_changes_with_every_file_and_only_then(tmp_path: Path) -> None:
    folder = tmp_path / "kreis"
    shutil.copytree(district_folder("scarce"), folder)
    first = mark_of(folder)
    assert mark_of(folder) == first
    seen = {first}
    for path in (
        folder / "places.csv",
        folder / "target.toml",
        next((folder / "schools").iterdir()),
    ):
        path.write_bytes(path.read_bytes() + b"\n")
        seen.add(mark_of(folder))
        path.unlink()
        seen.add(mark_of(folder))
    assert len(seen) == 7
