"""What may a model learn from? Only what a declaration names: features, each with its reason.

A declaration is a TOML file: `[table]` names the columns of outcome, season, person and firm, and
one `[[feature]]` each gives `name`, `kind`, `direction`, `known` and `why`. A column outside the
declaration never enters a model. Protected traits are refused by name, and so is whatever is known
only once the outcome is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from models.protected import is_protected

#: The most features of a declaration, and letters of a name or reason.
MOST, LONGEST_NAME, LONGEST_WHY = 200, 80, 500


class Kind(StrEnum):
    """What a feature's values are: numbers, one of some words, or yes and no."""

    NUMBER = "number"
    CATEGORY = "category"
    FLAG = "flag"


class Direction(StrEnum):
    """Which way the chance goes as the feature rises, whatever the history seems to say."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class Known(StrEnum):
    """When a feature's value is known. Only what comes before the answer may enter a model."""

    REGISTRATION = "registration"
    PROPOSAL = "proposal"
    ANSWER = "answer"
    OUTCOME = "outcome"


#: What is known when a proposal is made.
IN_TIME = frozenset({Known.REGISTRATION, Known.PROPOSAL})


class Flaw(StrEnum):
    """What is wrong with a declaration, or with a table beside it."""

    UNREADABLE = "unreadable"
    KEY_UNKNOWN = "key_unknown"
    VALUE_MISSING = "value_missing"
    VALUE_UNKNOWN = "value_unknown"
    TEXT_TOO_LONG = "text_too_long"
    FEATURES_TOO_MANY = "features_too_many"
    NO_FEATURES = "no_features"
    NAME_TWICE = "name_twice"
    DIRECTION_OF_CATEGORY = "direction_of_category"
    TRAIT_PROTECTED = "trait_protected"
    KNOWN_TOO_LATE = "known_too_late"
    COLUMN_MISSING = "column_missing"
    NOT_A_NUMBER = "not_a_number"
    OUTCOME_NOT_BINARY = "outcome_not_binary"
    SEASON_UNKNOWN = "season_unknown"
    SEASON_AHEAD = "season_ahead"
    TOO_FEW = "too_few"
    ONE_CLASS = "one_class"
    TELLS_THE_OUTCOME = "tells_the_outcome"
    MODEL_UNREADABLE = "model_unreadable"
    MODEL_CHANGED = "model_changed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, as facts: `feature` and `key` say where, `value` what stood there."""

    flaw: Flaw
    feature: str | None = None
    key: str | None = None
    value: str | None = None


class NotUsable(ValueError):
    """A declaration, table or model that can't be used, with everything found at once."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{f.flaw} {f.feature or ''} {f.key or ''}" for f in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Feature:
    """One column that a model may learn from, and why it may."""

    name: str
    kind: Kind
    direction: Direction
    known: Known
    why: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that are no features: outcome, season, person and firm.

    Without a season all rows are of one; without a person or firm every row is its own.
    """

    outcome: str
    season: str | None = None
    person: str | None = None
    firm: str | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """All that a model may learn from. Raises `NotUsable` with everything that forbids it."""

    features: tuple[Feature, ...]
    columns: Columns

    def __post_init__(self) -> None:
        findings = tuple(_forbidden(self))
        if findings:
            raise NotUsable(findings)

    @property
    def names(self) -> tuple[str, ...]:
        """The features' names in their order."""
        return tuple(feature.name for feature in self.features)


def district_declaration() -> Declaration:
    """The declaration that ships with the product."""
    return declaration_of(Path(__file__).with_name("district.toml").read_text(encoding="utf-8"))


def declaration_of(text: str) -> Declaration:
    """Read a declaration. Raises `NotUsable` with every fault of the text at once."""
    try:
        given = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise NotUsable((Finding(Flaw.UNREADABLE, value=str(error)[:80]),)) from None
    findings = [Finding(Flaw.KEY_UNKNOWN, key=key) for key in given if key not in _TOP]
    table, listed = given.get("table", {}), given.get("feature", [])
    if not isinstance(table, dict) or not isinstance(listed, list):
        raise NotUsable((Finding(Flaw.VALUE_UNKNOWN, key="table or feature"),))
    if len(listed) > MOST:
        raise NotUsable((Finding(Flaw.FEATURES_TOO_MANY, value=str(len(listed))),))
    columns = _columns(table, findings)
    features = [_feature(one, number, findings) for number, one in enumerate(listed, start=1)]
    whole = tuple(feature for feature in features if feature is not None)
    findings += _forbidden_in(whole, columns)
    if not listed:
        findings.append(Finding(Flaw.NO_FEATURES))
    if findings:
        raise NotUsable(tuple(findings))
    return Declaration(whole, columns)


_TOP = ("table", "feature")
_COLUMNS = tuple(field.name for field in fields(Columns))
_KEYS = tuple(field.name for field in fields(Feature))


def _columns(table: Mapping[str, Any], findings: list[Finding]) -> Columns:
    findings += [Finding(Flaw.KEY_UNKNOWN, key=f"table.{k}") for k in table if k not in _COLUMNS]
    if "outcome" not in table:
        findings.append(Finding(Flaw.VALUE_MISSING, key="table.outcome"))
    given = {}
    for key in _COLUMNS:
        value = table.get(key)
        if value is None:
            continue
        if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_NAME:
            findings.append(Finding(Flaw.VALUE_UNKNOWN, key=f"table.{key}", value=_shown(value)))
        else:
            given[key] = value
    return Columns(**{"outcome": "", **given})


def _feature(given: object, number: int, findings: list[Finding]) -> Feature | None:
    """One feature, or `None` with its faults added to the findings."""
    if not isinstance(given, dict):
        findings.append(Finding(Flaw.VALUE_UNKNOWN, feature=f"#{number}"))
        return None
    label = _shown(given.get("name", f"#{number}"))
    found = [Finding(Flaw.KEY_UNKNOWN, label, _shown(key)) for key in given if key not in _KEYS]
    for key in _KEYS:
        value = given.get(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            found.append(Finding(Flaw.VALUE_MISSING, label, key))
        elif not isinstance(value, str):
            found.append(Finding(Flaw.VALUE_UNKNOWN, label, key, _shown(value)))
        elif len(value) > (LONGEST_WHY if key == "why" else LONGEST_NAME):
            found.append(Finding(Flaw.TEXT_TOO_LONG, label, key))
    words = {"kind": Kind, "direction": Direction, "known": Known}
    wrong = {f.key for f in found}
    found += [
        Finding(Flaw.VALUE_UNKNOWN, label, key, _shown(given[key]))
        for key, word in words.items()
        if key not in wrong and given[key] not in {*word}
    ]
    findings += found
    if any(f.key in _KEYS for f in found):
        # What it may be called is worth saying even where the rest can't be read.
        if isinstance(given.get("name"), str) and is_protected(given["name"]):
            findings.append(Finding(Flaw.TRAIT_PROTECTED, label))
        return None
    return Feature(
        given["name"],
        Kind(given["kind"]),
        Direction(given["direction"]),
        Known(given["known"]),
        given["why"],
    )


def _forbidden(declaration: Declaration) -> Iterator[Finding]:
    if not declaration.features:
        yield Finding(Flaw.NO_FEATURES)
    yield from _forbidden_in(declaration.features, declaration.columns)


def _forbidden_in(features: tuple[Feature, ...], columns: Columns) -> Iterator[Finding]:
    """What no declaration may say."""
    taken = {getattr(columns, key) for key in _COLUMNS} - {None, ""}
    for feature in features:
        if feature.name in taken:
            yield Finding(Flaw.NAME_TWICE, feature.name)
        taken.add(feature.name)
        if is_protected(feature.name):
            yield Finding(Flaw.TRAIT_PROTECTED, feature.name)
        if feature.known not in IN_TIME:
            yield Finding(Flaw.KNOWN_TOO_LATE, feature.name, "known", feature.known)
        if feature.kind is Kind.CATEGORY and feature.direction is not Direction.NONE:
            yield Finding(Flaw.DIRECTION_OF_CATEGORY, feature.name, "direction")


def _shown(value: object) -> str:
    return str(value)[:LONGEST_NAME] if isinstance(value, str | int | float) else "?"
