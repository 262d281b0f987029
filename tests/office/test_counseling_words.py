"""Is every fact of a sheet said, in both languages, and as a counselor would read it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from matching.edits import Banned, Pinned
from matching.explain import WhyNot
from matching.policy import steer
from matching.problem import Bond, Certificate
from matching.reasons import NotProposed
from matching.rules import Refusal
from matching.scenario import Change, compare
from matching.target import Standing, Target
from models.declaration import district_declaration
from models.scorecard import WEIGHTS
from office import words
from office.chance_ranges import ChanceRange, Evidence, Ground
from office.counseling import Option
from office.helping import Helpful, Lever
from office.refusing import Refused
from office.words import LANGUAGES, Language
from office.words.cases import step_reason_words
from office.words.counseling import (
    amount,
    change_words,
    evidence_words,
    ground_words,
    help_words,
    option_words,
    range_words,
    refused_words,
    too_little_words,
    why_not_words,
)
from tests.districts import by_hand

PERCENT = "\N{NO-BREAK SPACE}%"

#: a holds x; c would push b out of y: the cost is 0.1, and the target of all three never holds.
THREE = by_hand(
    {"x": 1, "y": 1},
    {("a", "x"): 0.9, ("b", "x"): 0.6, ("b", "y"): 0.5, ("c", "y"): 0.4},
    target=Target(Fraction(1)),
)


def option(wished: int | None = None, fit: float = 0.0) -> Option:
    return Option("p", "Koch", None, "Verl", 1, 1, 0.0, wished, 25.0, fit, Bond.PIN, None)


def change(edit: Pinned | Banned) -> Change:
    return compare(THREE, steer(THREE), edit)


def test_every_fact_has_words_in_both_languages() -> None:
    words.unsaid.clear()
    for language in LANGUAGES:
        for reason in NotProposed:
            for wishes in (False, True):
                for low, high in ((0.1, 0.1), (0.1, 0.2), (None, None)):
                    assert why_not_words(WhyNot("p", reason, low, high), language, 60, wishes)
        for refusal in Refusal:
            for value in (None, 15, date(2027, 8, 1), Certificate.MSA, Standing.STARTED):
                assert refused_words(Refused("p", refusal, value, value), language)
        for weight in WEIGHTS:
            for effect in (-0.1, 0.1):
                assert ground_words(Ground(weight.name, effect), language)
        for lever in Lever:
            for free in (0, 3):
                assert help_words(Helpful(lever, 90, 3, free, 0.5 if free else None), language)
        for each in (option(1), option(None, 0.7), option()):
            assert option_words(each, language)
        assert evidence_words(ChanceRange(0.4, 0.5, 0.6), language)
        for edit in (Pinned("c", "y"), Pinned("a", "x")):
            assert all(change_words(change(edit), language))
    assert words.unsaid == set()


def test_every_declared_reason_has_words_for_against_and_where_it_is_not_known() -> None:
    """No reader meets a column's name: each differs from it, and from what is not known."""
    words.unsaid.clear()
    declared = district_declaration()
    for language in LANGUAGES:
        for name in (*declared.names, str(declared.columns.firm)):
            told = [
                ground_words(Ground(name, effect, value), language)
                for effect in (-0.1, 0.1)
                for value in (0.0, 1.0)
            ]
            assert all(not one.startswith(f"{name} (") for one in told)
        for name in declared.names:
            unknown = ground_words(Ground(name, 0.1), language)
            assert unknown not in {ground_words(Ground(name, 0.1, n), language) for n in (0.0, 1.0)}
            assert not unknown.startswith(f"{name} (")
    assert words.unsaid == set()


def test_a_flag_says_what_is_so_whichever_way_it_speaks() -> None:
    """To a learned model an earlier application may speak for a place."""
    for effect in (-0.1, 0.1):
        said = ground_words(Ground("applied_before", effect, 1.0), "en")
        assert said.startswith("applied in an earlier year already")
        assert ground_words(Ground("applied_before", effect, 0.0), "en").startswith("first")
    assert ground_words(Ground("of another district", 0.1, 2.0), "de").startswith("of another")


def test_a_learned_range_is_said_with_its_cases_and_rounded_outwards() -> None:
    learned = ChanceRange(0.187, 0.33, 0.5149, Evidence(27, 9))
    said = "18 bis 52\N{NO-BREAK SPACE}% – 27 ähnliche Fälle, 9 davon begonnen"
    assert range_words(learned, "de") == said
    assert range_words(learned, "en") == "18 to 52% – similar cases: 27, of them started: 9"
    for language in LANGUAGES:
        assert evidence_words(learned, language) != evidence_words(
            replace(learned, evidence=None), language
        )
    assert too_little_words("de") == "Zu wenig Erfahrung für eine Zahl"


def test_a_price_is_said_with_its_unit_and_without_names() -> None:
    why = WhyNot("p", NotProposed.OTHERS_GAIN_MORE, 0.1, 0.25)
    assert why_not_words(why, "de", 60, of_wishes=False) == (
        "Anderen bringt dieses Angebot mehr. Dieses Angebot vorzuschlagen würde 0,10 bis 0,25 "
        "erwartete Vermittlungen kosten."
    )
    assert why_not_words(why, "de", 60, of_wishes=True).endswith(
        "0,10 bis 0,25 Wunschpunkte kosten."
    )
    assert why_not_words(why, "de", 60, of_wishes=False, scoring=False) == (
        "Anderen bringt dieses Angebot mehr."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_where_no_opening_is_free_others_may_have_to_move(language: Language) -> None:
    why = WhyNot("p", NotProposed.AS_GOOD, 0.0, 0.0)
    may_move = {"de": "andere müssten", "en": "others may have to move"}[language]
    nobody = {"de": "niemand muss", "en": "nobody has to move"}[language]
    for free in (False, True):
        said = why_not_words(why, language, 60, of_wishes=False, free=free)
        assert (may_move in said) is not free and (nobody in said) is free


def test_what_the_program_wrote_as_a_reason_is_said_in_the_readers_language() -> None:
    """What somebody typed stays as typed."""
    assert step_reason_words("drawn", "de") == "Plan erstellt"
    assert step_reason_words("nach dem Gespräch", "de") == "nach dem Gespräch"


def test_what_costs_something_never_reads_as_nothing() -> None:
    assert (amount(0.001, "de"), amount(0.0, "de"), amount(0.5, "en")) == ("< 0,01", "0,00", "0.50")


def test_facts_as_a_counselor_reads_them() -> None:
    assert range_words(ChanceRange(0.42, 0.5, 0.58), "de") == (
        f"50{PERCENT} (zwischen 42{PERCENT} und 58{PERCENT})"
    )
    assert option_words(option(2), "de") == "2. Wunsch, 25 Minuten einfacher Weg"
    assert ground_words(Ground("way", -0.07), "de") == "Weg zum Betrieb (−7 Prozentpunkte)"
    assert ground_words(Ground("unheard-of", 0.2), "en") == "unheard-of (+20 points)"
    refused = Refused("p", Refusal.WAY_ACCEPTABLE, 60.0, 81.0)
    assert refused_words(refused, "de") == "81 Minuten einfacher Weg; höchstens 60 sind möglich."
    helpful = Helpful(Lever.LONGER_WAY, 90, 12, 9, 0.13)
    assert help_words(helpful, "de") == (
        "Ein Weg bis 90 Minuten: weitere mögliche Angebote: 12; freie Stellen dort: 9; "
        f"beste Chance auf eine davon: 13{PERCENT}."
    )


def test_an_override_is_said_line_by_line() -> None:
    lines = change_words(change(Pinned("c", "y")), "de")
    assert lines[0] == "Erwartete Vermittlungen: 1,4 → 1,3 (−0,10)"
    assert lines[-1] == "Andere, deren Vorschlag sich ändert: 1; davon dann ohne Vorschlag: 1"
    nothing = change_words(change(Pinned("a", "x")), "de")
    assert nothing[0].endswith("(±0)") and nothing[-1] == "Für niemand anderen ändert sich etwas."


@pytest.mark.parametrize(("confidence", "told"), [(0.95, True), (0.999, False)])
def test_losing_the_target_is_said(confidence: float, told: bool) -> None:
    """Where it held before: 1 of 2 is needed; two chances of 0.9 give 0.99, one 0.9."""
    problem = by_hand(
        {"x": 1, "y": 1},
        {("a", "x"): 0.9, ("b", "y"): 0.9},
        target=Target(Fraction(1, 2), confidence=confidence),
    )
    lines = change_words(compare(problem, steer(problem), Banned("a", "x")), "de")
    assert lines[-1].startswith("Damit wird das Ziel nicht mehr") == told
