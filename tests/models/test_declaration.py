"""Does nothing enter a model that may not, and is every fault of a declaration told at once?"""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.intake.columns import PROTECTED
from data.sample.history import FEATURES
from models.declaration import (
    Columns,
    Declaration,
    Direction,
    Feature,
    Flaw,
    Kind,
    Known,
    NotUsable,
    declaration_of,
    district_declaration,
)
from models.protected import PARTS, WORDS, is_protected

TABLE = '[table]\noutcome = "started"\n'


def feature(**changed: str) -> str:
    keys = {"name": "minutes", "kind": "number", "direction": "down", "known": "proposal"}
    keys |= {"why": "long ways are given up"} | changed
    lines = "\n".join(f'{key} = "{value}"' for key, value in keys.items() if value != "-")
    return f"[[feature]]\n{lines}\n"


def flaws(text: str) -> set[Flaw]:
    with pytest.raises(NotUsable) as refusal:
        declaration_of(text)
    return {finding.flaw for finding in refusal.value.findings}


def test_the_districts_declaration_names_what_the_history_has() -> None:
    assert set(district_declaration().names) == set(FEATURES)


def test_no_feature_of_the_district_is_without_a_reason() -> None:
    assert all(len(one.why) > 20 for one in district_declaration().features)


@given(
    st.sampled_from(PARTS),
    st.sampled_from(["", "_", " ", "-"]),
    st.sampled_from([str.lower, str.upper, str.title]),
)
def test_no_spelling_helps_a_protected_trait(part: str, between: str, case: object) -> None:
    assert callable(case)
    assert is_protected(case(f"has{between}{part}{between}x"))


@pytest.mark.parametrize("word", sorted(WORDS))
def test_protected_words_are_refused(word: str) -> None:
    assert is_protected(word)
    assert is_protected(f"is_{word}")


@pytest.mark.parametrize(
    "name",
    [
        *("Geschlecht", "GESCHLECHT_m", "isFemale", "Staatsangehörigkeit", "staatsangehoerigkeit"),
        *("Migrationshintergrund", "Religion", "Bekenntnis", "Schwerbehinderung", "age", "Alter"),
        *("Muttersprache", "birthYear", "Vorname", "ethnic group", "sexual_identity", "sex"),
        *("catholic", "evangelisch", "Muslim", "male", "female"),
        *("Staats-Angehörigkeit", "Rasse", "race", "Herkunft", "gewerkschaft"),
    ],
)
def test_traits_are_refused_in_both_languages(name: str) -> None:
    assert flaws(TABLE + feature(name=name)) == {Flaw.TRAIT_PROTECTED}


@pytest.mark.parametrize("name", FEATURES)
def test_no_harmless_name_is_refused(name: str) -> None:
    assert not is_protected(name)


@pytest.mark.parametrize("name", ["distance", "Essex Street", "Wohnort", "average", "message"])
def test_a_word_inside_another_is_harmless(name: str) -> None:
    assert not is_protected(name)


def test_what_the_intake_never_reads_is_no_feature_either() -> None:
    """Two rooms keep a list each; the one of models may be longer, never shorter."""
    known_apart = {"foerder", "masern", "impf", "bafoeg"}
    assert [part for part in PROTECTED if not is_protected(part) and part not in known_apart] == []


@pytest.mark.parametrize("known", [Known.ANSWER, Known.OUTCOME])
def test_what_is_known_too_late_is_refused(known: Known) -> None:
    assert flaws(TABLE + feature(known=known)) == {Flaw.KNOWN_TOO_LATE}


def test_a_declaration_in_code_is_held_to_the_same() -> None:
    late = Feature("salary", Kind.NUMBER, Direction.UP, Known.OUTCOME, "known with the contract")
    with pytest.raises(NotUsable):
        Declaration((late,), Columns("started"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[table", {Flaw.UNREADABLE}),
        (TABLE, {Flaw.NO_FEATURES}),
        (feature(), {Flaw.VALUE_MISSING}),
        (TABLE + feature(why="-"), {Flaw.VALUE_MISSING}),
        (TABLE + feature(why="  "), {Flaw.VALUE_MISSING}),
        (TABLE + feature(kind="text"), {Flaw.VALUE_UNKNOWN}),
        (TABLE + feature(direction="sideways"), {Flaw.VALUE_UNKNOWN}),
        (TABLE + feature(colour="red"), {Flaw.KEY_UNKNOWN}),
        (TABLE + feature(why="x" * 501), {Flaw.TEXT_TOO_LONG}),
        (TABLE + feature() + feature(), {Flaw.NAME_TWICE}),
        (TABLE + feature(name="started"), {Flaw.NAME_TWICE}),
        (TABLE + feature(kind="category"), {Flaw.DIRECTION_OF_CATEGORY}),
        ("colour = 1\n" + TABLE + feature(), {Flaw.KEY_UNKNOWN}),
        ("feature = 3\n" + TABLE, {Flaw.VALUE_UNKNOWN}),
        ("table = 3\n", {Flaw.VALUE_UNKNOWN}),
        (TABLE + "colour = 1\n" + feature(), {Flaw.KEY_UNKNOWN}),
        ("feature = [1]\n" + TABLE, {Flaw.VALUE_UNKNOWN}),
        (TABLE + "season = 4\n" + feature(), {Flaw.VALUE_UNKNOWN}),
        (TABLE + '[[feature]]\nname = 3\nkind = "flag"', {Flaw.VALUE_UNKNOWN, Flaw.VALUE_MISSING}),
        (TABLE + feature() * 201, {Flaw.FEATURES_TOO_MANY}),
    ],
)
def test_every_kind_of_fault_is_found(text: str, found: set[Flaw]) -> None:
    assert flaws(text) == found


def test_every_fault_is_told_at_once() -> None:
    text = TABLE + feature(name="Religion", kind="text") + feature(known="outcome", colour="red")
    assert flaws(text) == {
        *(Flaw.TRAIT_PROTECTED, Flaw.VALUE_UNKNOWN, Flaw.KNOWN_TOO_LATE, Flaw.KEY_UNKNOWN)
    }


@given(st.text(max_size=200))
def test_no_text_makes_it_stumble(text: str) -> None:
    """Whatever a file holds is read or refused, never an error of another kind."""
    with contextlib.suppress(NotUsable):
        declaration_of(text)
