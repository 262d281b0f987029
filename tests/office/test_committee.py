"""Is the committee told what holds, and nothing of a few people? The report, and its parts."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from data.reference.postcodes import municipalities_of_district
from data.sample.schools import SCHOOLS
from data.store.progress import Course, Stage
from matching.chance import chance_of_at_least
from matching.reasons import NoProposal
from office import words
from office.committee import Committee, committee_of, told_rates, told_reasons
from office.drawing import Drawn, Rate
from office.glance import Reason
from office.groups import Group, Kind
from office.outlook import outlook
from office.reports.committee_pdf import committee_pdf, committee_pictures
from office.reports.committee_workbook import committee_xlsx
from office.season_groups import MOST, Dimension, Names, groups_of
from office.suppression import is_small
from office.words import Language
from tests.office.papers import DAY, read, tags, text_of

NAMES = {school.number: school.name for school in SCHOOLS}
OFFICE, DISTRICT, SEASON = "Übergang im Kreis", "Kreis Gütersloh", "2026/27"


@pytest.fixture(scope="module")
def report(scarce: Drawn) -> Committee:
    return committee_of(scarce, OFFICE, DISTRICT, SEASON, DAY, groups_as_told(scarce))


def groups_as_told(drawn: Drawn) -> dict[Dimension, tuple[Group, ...]]:
    """The groups as a planner is shown them, with every proposal of the plan out."""
    problem = drawn.problem
    rows = drawn.result.plan.rows
    live = [
        Course(problem.seekers[s].id, problem.places[p].id, Stage.SENT, DAY, float(chance), True)
        for s, p, chance in zip(
            problem.candidates.seeker[rows].tolist(),
            problem.candidates.place[rows].tolist(),
            problem.candidates.chance[rows].tolist(),
            strict=True,
        )
    ]
    names = Names(NAMES, frozenset(municipalities_of_district()))
    definition = problem.target.definition
    return {
        one: groups_of(problem.seekers, live, definition, names.of(one), MOST[one])
        for one in Dimension
    }


# The outlook


def test_the_outlook_adds_up_and_its_target_is_the_verdicts(scarce: Drawn) -> None:
    """The stretches from the target on are the chance of the target, up to the tails left out."""
    seen = outlook(scarce.problem, scarce.result.plan)
    assert seen.chance == scarce.result.verdict.chance_with_model_error
    above = sum(one.chance for one in seen.stretches if one.low >= seen.wanted)
    assert above == pytest.approx(seen.chance, abs=0.005)
    assert 0.99 < sum(one.chance for one in seen.stretches) <= 1 + 1e-9
    assert not any(one.low < seen.wanted <= one.high for one in seen.stretches)
    assert all(one.high + 1 == other.low for one, other in zip(
        seen.stretches, seen.stretches[1:], strict=False))  # fmt: skip


@pytest.mark.parametrize("within", [0.5, 0.9, 0.99])
def test_the_range_holds_what_it_promises(scarce: Drawn, within: float) -> None:
    """Without a shared error, counted by the exact distribution."""
    drawn = replace(scarce, problem=replace(scarce.problem, spread=0.0))
    seen = outlook(drawn.problem, drawn.result.plan, within)
    chances = drawn.problem.candidates.chance[drawn.result.plan.rows]
    low, high = seen.low - seen.placed, seen.high - seen.placed
    tail = (1 - within) / 2 + 1e-12
    assert 1 - chance_of_at_least(chances, low) <= tail
    assert chance_of_at_least(chances, high + 1) <= tail
    assert chance_of_at_least(chances, low + 1) < 1 - tail
    assert chance_of_at_least(chances, high) > tail


def test_a_plan_without_proposals_ends_where_it_began(scarce: Drawn) -> None:
    plan = replace(scarce.result.plan, rows=scarce.result.plan.rows[:0])
    seen = outlook(scarce.problem, plan)
    assert (seen.low, seen.high, seen.chance) == (seen.placed, seen.placed, 0.0)
    assert sum(one.chance for one in seen.stretches) == 1.0


# What is told


def test_everybody_who_is_counted_stands_in_each_table(report: Committee) -> None:
    for groups in (report.municipalities, report.schools, report.wishes):
        assert sum(group.people for group in groups) == report.plan.base
        assert sum(group.expected for group in groups) == pytest.approx(report.plan.expected)
        for group in groups:
            assert not is_small(group.people)
            if group.placed is not None:
                assert not is_small(group.placed)
                assert not is_small(group.people - group.placed)


def test_schools_go_by_their_names_and_wishes_by_their_titles(report: Committee) -> None:
    assert "Gesamtschule Buchenhain" in {group.name for group in report.schools}
    assert report.wishes[-1].kind is Kind.TOGETHER and report.wishes[-1].members > 100


def _rate(name: str, base: int, placed: int, own: int = 0, unknown: int = 0) -> Rate:
    return Rate(name, base, placed, own, unknown, 30, 20.0, 0.2, 0.5, 0.5)


def test_a_definition_that_differs_by_a_few_people_is_not_told() -> None:
    """Three in training at a school: the difference of two rows would say so."""
    rates = (_rate("district", 100, 40), _rate("entered", 100, 43), _rate("strict", 80, 40))
    told = {rate.definition: rate for rate in told_rates(rates, "district")}
    assert told["district"].shown and told["strict"].shown and not told["entered"].shown
    told = {rate.definition: rate for rate in told_rates(rates, "entered")}
    assert told["entered"].shown and not told["district"].shown


def test_few_own_finds_and_few_unknown_are_not_told() -> None:
    (told,) = told_rates((_rate("district", 100, 40, own=37, unknown=2),), "district")
    assert (told.placed, told.own_finds, told.unknown, told.need) == (40, None, None, 30)
    (told,) = told_rates((_rate("district", 100, 3),), "district")
    assert (told.placed, told.need, told.rate) == (None, None, None)


# The papers


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_report_is_tagged_and_describes_its_drawings(
    report: Committee, language: Language
) -> None:
    words.unsaid.clear()
    made = committee_pdf(report, language)
    root = read(made).trailer["/Root"]
    assert root["/Lang"] == language and "/StructTreeRoot" in root  # type: ignore[index,operator]
    described = [words_read for role, words_read in tags(made) if role == "/Figure"]
    assert len(described) == 2 and all(described)
    told = text_of(made)
    assert {"de": "Wahrscheinlich, aber nicht sicher genug", "en": "Probably, but not surely"}[
        language
    ] in told
    for name in ("Gesamtschule Buchenhain", "Schloß Holte-Stukenbrock", "OpenStreetMap"):
        assert name in told
    committee_xlsx(report, language)
    assert words.unsaid == set()
    assert len(committee_pictures(report, language)) == len(read(made).pages)


@pytest.mark.parametrize("language", ["de", "en"])
def test_with_three_placed_nothing_counts_back_to_them(
    scarce: Drawn, report: Committee, language: Language
) -> None:
    """Neither placed nor still needed nor any sum with the expected is told."""
    few = replace(report.plan, placed=3, wanted=550, without_reasons=())
    rates = told_rates([replace(rate, placed=3) for rate in scarce.rates], "district")
    told = replace(report, plan=few, placed=None, rates=rates, without=())
    shown = text_of(committee_pdf(told, language))
    assert {"de": "unter 5", "en": "under 5"}[language] in shown
    assert {"de": "mit 90 % Sicherheit", "en": "with 90% certainty"}[language] not in shown.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    book = CalamineWorkbook.from_filelike(BytesIO(committee_xlsx(told, language)))
    first = book.get_sheet_by_index(0).to_python()
    assert 3 not in [cell for row in first for cell in row]


def test_the_answer_follows_the_target(report: Committee) -> None:
    sure = replace(report, plan=replace(report.plan, honest=0.99, shortfall=None))
    assert "Ja, soweit sich das sagen lässt." in text_of(committee_pdf(sure, "de"))
    assert "Nichts gefährdet das Ziel" in text_of(committee_pdf(sure, "de"))
    far = replace(report, plan=replace(report.plan, expected=100.0, honest=0.0, invented=False))
    told = text_of(committee_pdf(far, "de"))
    assert "Mit diesem Plan nicht." in told and "Erfundenes Beispiel" not in told
    quarter = replace(report, plan=replace(report.plan, share=report.plan.share / 2))
    assert "Ausbildungsplätze: Bericht" in text_of(committee_pdf(quarter, "de"))


def test_a_report_of_nobody_says_so(report: Committee) -> None:
    empty = replace(report, municipalities=(), schools=(), wishes=())
    assert text_of(committee_pdf(empty, "de")).count("weniger als fünf Personen: keine") == 3


def test_the_workbook_holds_the_figures_of_the_report(report: Committee) -> None:
    book = CalamineWorkbook.from_filelike(BytesIO(committee_xlsx(report, "de")))
    assert book.sheet_names == ["Ziel", "Definitionen", "Ohne Vorschlag", "Gemeinde", "Schule",
                                "Beruf"]  # fmt: skip
    rows = {str(row[0]): row for row in book.get_sheet_by_name("Schule").to_python()}
    school = next(g for g in report.schools if g.name == "Gesamtschule Buchenhain")
    assert isinstance(school, Group)
    placed = "k. A." if school.placed is None else school.placed
    assert rows["Gesamtschule Buchenhain"][1:3] == [school.people, placed]
    definitions = book.get_sheet_by_name("Definitionen").to_python()
    assert definitions[6][1] == report.plan.base


def test_reasons_of_a_few_people_are_told_together() -> None:
    reasons = (
        Reason(NoProposal.BANNED, None, 3),
        Reason(NoProposal.OTHERS_GAIN_MORE, None, 9),
        Reason(NoProposal.NO_OPENINGS, None, 40),
    )
    told = told_reasons(reasons)
    assert [(one.reason, one.count) for one in told] == [(NoProposal.NO_OPENINGS, 40), (None, 12)]
    assert told_reasons(reasons[:1]) == ()
