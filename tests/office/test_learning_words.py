"""Is everything said that models refuse, and all that a card tells, in both languages?"""

from __future__ import annotations

import pytest

from models.declaration import Direction, Finding, Flaw, Kind, Known, district_declaration
from models.learners import Both, Branching, Straight
from office import words
from office.words import LANGUAGES, Language
from office.words.learning import (
    REASONS,
    direction_words,
    finding_facts,
    finding_line,
    finding_words,
    kind_words,
    known_words,
    learner_words,
    why_words,
)

#: What stands in a finding's value where the models give one that is part of the words.
VALUES = {
    Flaw.TOO_FEW: "3 started, 21 not",
    Flaw.ONE_CLASS: "0 started, 200 not",
    Flaw.TELLS_THE_OUTCOME: "0.993",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_refusal_lacks_words(language: Language) -> None:
    words.unsaid.clear()
    told = [finding_words(Finding(flaw, value=VALUES.get(flaw)), language) for flaw in Flaw]
    assert all(told) and len(set(told)) == len(told)
    assert not [text for text in told if "{" in text]
    # Whatever lacks its value is worded too.
    assert all(finding_words(Finding(flaw), language) for flaw in Flaw)
    assert words.unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_of_a_card_lacks_words(language: Language) -> None:
    words.unsaid.clear()
    assert all(kind_words(one, language) for one in Kind)
    assert all(direction_words(one, language) for one in Direction)
    assert all(known_words(one, language) for one in Known)
    for learner in (Straight(), Branching(), Both()):
        assert learner_words(learner.name, language)
    assert all(why_words(one, language) for one in REASONS)
    assert words.unsaid == set()


def test_the_reasons_of_the_declaration_that_ships_are_said_and_no_others() -> None:
    assert set(REASONS) == {feature.why for feature in district_declaration().features}
    assert why_words("long ways are declined or given up", "de").startswith("weite Wege")
    assert why_words("our own reason", "de") == "our own reason"
    assert learner_words("a way of tomorrow", "de") == "a way of tomorrow"


def test_figures_stand_in_the_words_and_not_beside_them() -> None:
    few = Finding(Flaw.TOO_FEW, value="3 started, 21 not")
    line = finding_line(few, "past.csv", "de")
    assert line == (
        "  past.csv: Zu wenig, um daraus zu lernen: 30 Ergebnisse müssen bekannt sein und 5 von "
        "jeder Art; hier haben 3 begonnen und 21 nicht. [too_few]"
    )
    leak = Finding(Flaw.TELLS_THE_OUTCOME, "contract", value="0.993")
    assert "99.3%" in finding_words(leak, "en") and "0.993" not in finding_line(leak, None, "en")


def test_where_a_finding_is_stands_before_its_words() -> None:
    late = Finding(Flaw.KNOWN_TOO_LATE, "contract", "known", "outcome")
    line = finding_line(late, "mine.toml", "en")
    assert line.startswith("  mine.toml, column contract, key known, “outcome”: This is known only")
    assert finding_facts(late, "mine.toml", "en") == {
        "file": "mine.toml",
        "column": "contract",
        "key": "known",
        "rule": "known_too_late",
        "value": "outcome",
        "words": finding_words(late, "en"),
    }
