"""Does the log say in both languages whatever the program can write into it?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.intake.columns import Words
from data.intake.contacts import CONTACT_WORDS
from data.intake.offers import OFFER_WORDS
from data.intake.outcomes import OUTCOME_WORDS
from data.intake.pupil_rows import PUPIL_WORDS
from data.store.erasure import OF_PERSON
from data.store.export import headings
from data.store.house_settings import Switches
from data.store.tables import cases
from matching.problem import Bond
from office import words
from office.reports.letter import Sender
from office.words import LANGUAGES, Language
from office.words.keeping import GROUPS, KINDS, action_words, field_words

ROOT = Path(__file__).parents[2]

#: What writes into the log, or hands an action on to what does.
WRITERS = {"append", "change_case", "_change", "_log", "_note_names"}
ACTION = re.compile(r"[a-z]+(\.[a-z_]+)+\.?|[a-z]+\.")

#: What follows where an action is put together from a beginning and a fact.
ENDINGS = {
    "decision.": ("lift", *Bond),
    "duplicate.": ("same", "different"),
    "import.": tuple(kind for kind in KINDS if kind != "answer"),
}


def trees() -> Iterator[ast.AST]:
    for room in ("data", "office"):
        for path in sorted((ROOT / room).rglob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in WRITERS and not (name == "append" and isinstance(node.func, ast.Attribute)):
                yield node


def literals(node: ast.AST) -> Iterator[str]:
    """The texts in a piece of code; of one that is put together, its beginning."""
    if isinstance(node, ast.JoinedStr):
        yield from literals(node.values[0])
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from literals(child)


def actions() -> set[str]:
    """Every action that the code can write."""
    found: set[str] = set()
    for tree in trees():
        said = [one for call in calls(tree) for arg in call.args[1:] for one in literals(arg)]
        for node in ast.walk(tree):
            # An action may have a name before it is written: `action = …`, `KEPT = …`.
            if isinstance(node, ast.Assign) and any(
                isinstance(to, ast.Name) and to.id in {"action", "KEPT", "PRUNED"}
                for to in node.targets
            ):
                said += literals(node.value)
        found.update(one for one in said if ACTION.fullmatch(one))
    whole = {one for one in found if not one.endswith(".")}
    for beginning in found - whole:
        ends = ENDINGS.get(beginning, ("any",))
        whole.update(f"{beginning}{end}" for end in ends)
    return whole


def fields() -> set[str]:
    """Every field that the code can write: those it spells out, and what lists are read as."""
    spelt = {
        one
        for tree in trees()
        for call in calls(tree)
        for arg in call.args
        if isinstance(arg, ast.List)
        for one in literals(arg)
    }
    lists: tuple[Words, ...] = (PUPIL_WORDS, OFFER_WORDS, OUTCOME_WORDS, CONTACT_WORDS)
    read = {name for one in lists for name in one.headings}
    office = {*Switches.__slots__, *Sender.__slots__}
    kept = {"contact_again", "agreed_on", "counselor"}
    assert kept <= {column.name for column in cases.columns}
    tables = {table.name for table in OF_PERSON} | {"quarantine"}
    return spelt | read | office | kept | tables | set(headings(True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_of_the_log_has_words(language: Language) -> None:
    found = actions()
    assert {"roll.read", "user.add", "run.keep", "audit.prune", "case.take"} <= found
    words.unsaid.clear()
    assert sorted(one for one in found if action_words(one, language) == one) == []
    assert sorted({one.partition(".")[0] for one in found} - set(GROUPS)) == []
    assert words.unsaid == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_the_log_has_words(language: Language) -> None:
    """In English some fields are called what they are; German has a word for each."""
    found = fields()
    assert {"bond", "fit", "password", "born", "wish_1", "cells", "scores"} <= found
    words.unsaid.clear()
    said = {one: field_words(one, language) for one in found}
    assert [one for one, told in sorted(said.items()) if "_" in told] == []
    if language == "de":
        assert sorted(one for one, told in said.items() if one == told) == []
    assert words.unsaid == set()


def test_an_unknown_word_stays_as_it_is() -> None:
    assert field_words("unheard_of", "de") == "unheard_of"
    assert action_words("unheard.of", "de") == "unheard.of"
