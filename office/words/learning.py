"""How is learning said? What models refuse, and what a card says of features and ways."""

from __future__ import annotations

import re
from collections.abc import Mapping

from models.cases import LEAST_KNOWN, LEAST_OF_EITHER
from models.declaration import MOST, Direction, Finding, Flaw, Kind, Known
from office.words import Language, number, percent, say

_FLAWS: Mapping[Flaw, str] = {
    Flaw.UNREADABLE: "The declaration is no valid TOML.",
    Flaw.KEY_UNKNOWN: "A declaration has no such key.",
    Flaw.VALUE_MISSING: "This must be stated.",
    Flaw.VALUE_UNKNOWN: "This value is not among those that a declaration may hold here.",
    Flaw.TEXT_TOO_LONG: "This text is longer than a declaration may hold.",
    Flaw.FEATURES_TOO_MANY: "A declaration names {most} features at most.",
    Flaw.NO_FEATURES: "The declaration names no feature, so that nothing can be learned.",
    Flaw.NAME_TWICE: "One column can’t be two things: a feature twice, or a feature and the "
    "outcome, season, person or firm.",
    Flaw.DIRECTION_OF_CATEGORY: "The words of a category have no order, so no direction either.",
    Flaw.TRAIT_PROTECTED: "The name speaks of a trait that the law protects: never a feature.",
    Flaw.KNOWN_TOO_LATE: "This is known only with the answer or later: no chance can rest on it.",
    Flaw.COLUMN_MISSING: "This column is missing.",
    Flaw.NOT_A_NUMBER: "Here stands neither a number nor a yes or no.",
    Flaw.OUTCOME_NOT_BINARY: "An outcome is 1 (started), 0 (not started) or blank (not known).",
    Flaw.SEASON_UNKNOWN: "Some rows name no season; what came before what must be known.",
    Flaw.SEASON_AHEAD: "This season has not begun yet: nothing can have been learned from it.",
    Flaw.TOO_FEW: "Too little to learn from: {least} outcomes must be known and {either} of "
    "either kind; here {yes} started and {no} did not.",
    Flaw.ONE_CLASS: "All known outcomes are alike, so that nothing can be learned: {yes} started, "
    "{no} did not.",
    Flaw.TELLS_THE_OUTCOME: "This column, or where it is blank, gives the outcome away: it puts "
    "{share} of starts before other cases. Nothing known in time does that.",
    Flaw.MODEL_UNREADABLE: "This is no model file, or one with parts that are not allowed.",
    Flaw.MODEL_CHANGED: "The file was changed after it was written: its hash does not fit.",
}

_KINDS: Mapping[Kind, str] = {
    Kind.NUMBER: "number",
    Kind.CATEGORY: "one of some words",
    Kind.FLAG: "yes or no",
}

_DIRECTIONS: Mapping[Direction, str] = {
    Direction.UP: "more never lowers the chance",
    Direction.DOWN: "more never raises the chance",
    Direction.NONE: "free",
}

_KNOWN: Mapping[Known, str] = {
    Known.REGISTRATION: "at registration",
    Known.PROPOSAL: "when a proposal is made",
    Known.ANSWER: "with the answer",
    Known.OUTCOME: "with the outcome",
}

_LEARNERS: Mapping[str, str] = {
    "logistic regression": "logistic regression",
    "gradient boosting": "gradient boosting",
    "mean of logistic regression and gradient boosting": "mean of logistic regression and gradient "
    "boosting",
}

#: The reasons of the declaration that ships; those of another one stand as it gives them.
REASONS = (
    "people sign, start and stay where they wanted to go",
    "an application near to a person's wishes convinces firms more than an unrelated one",
    "long ways are declined or given up",
    "firms say which certificate they ask for",
    "average of the last report, 1 best: firms ask for it with every application",
    "people who wish for the place's occupation, for each opening in reach",
    "the sooner an application goes out, the more places are still open",
    "how many proposals of this season came before; whoever has many has not started yet",
    "about 42 % of applicants applied in an earlier year; no direction is imposed on them",
    "support given on the way into training; it goes to whoever needs it, so it shows no cause",
    "first digit of the occupation's KldB 2010 code: fields differ in how they choose",
)


def finding_words(finding: Finding, language: Language) -> str:
    """What is wrong with a declaration, a table or a model, for a reader."""
    value = finding.value or ""
    match finding.flaw:
        case Flaw.TOO_FEW | Flaw.ONE_CLASS:
            yes, no = (*map(int, re.findall(r"\d+", value)), 0, 0)[:2]
            facts: dict[str, object] = {
                "yes": number(yes, language),
                "no": number(no, language),
                "least": number(LEAST_KNOWN, language),
                "either": number(LEAST_OF_EITHER, language),
            }
        case Flaw.TELLS_THE_OUTCOME:
            facts = {"share": percent(float(value), language) if value else "?"}
        case Flaw.FEATURES_TOO_MANY:
            facts = {"most": number(MOST, language)}
        case _:
            facts = {}
    return say(_FLAWS[finding.flaw], language, **facts)


#: What these found is part of their words, and no cell of a file.
_WORDED = frozenset({Flaw.TOO_FEW, Flaw.ONE_CLASS, Flaw.TELLS_THE_OUTCOME})


def finding_line(finding: Finding, file: str | None, language: Language) -> str:
    """A finding on a line: where it is, what stands there, and what is wrong with it."""
    where = [] if file is None else [file]
    if finding.feature is not None:
        where.append(say("column {column}", language, column=finding.feature))
    if finding.key is not None:
        where.append(say("key {key}", language, key=finding.key))
    if finding.value is not None and finding.flaw not in _WORDED:
        where.append(f"\u201c{finding.value}\u201d")
    place = f"{', '.join(where)}: " if where else ""
    return f"  {place}{finding_words(finding, language)} [{finding.flaw.value}]"


def finding_facts(finding: Finding, file: str | None, language: Language) -> dict[str, object]:
    """A finding for another program, with words for its reader."""
    return {
        "file": file,
        "column": finding.feature,
        "key": finding.key,
        "rule": finding.flaw.value,
        "value": finding.value,
        "words": finding_words(finding, language),
    }


def kind_words(kind: str, language: Language) -> str:
    """What a feature's values are, for a reader."""
    return say(_KINDS[Kind(kind)], language)


def direction_words(direction: str, language: Language) -> str:
    """Which way the chance goes as a feature rises, for a reader."""
    return say(_DIRECTIONS[Direction(direction)], language)


def known_words(known: str, language: Language) -> str:
    """When a feature's value is known, for a reader."""
    return say(_KNOWN[Known(known)], language)


def learner_words(learner: str, language: Language) -> str:
    """What a way of learning is called; one without words keeps its own name."""
    words = _LEARNERS.get(learner)
    return learner if words is None else say(words, language)


def why_words(why: str, language: Language) -> str:
    """Why a feature may be used; in the reader's language where the product states it itself."""
    return say(why, language) if why in REASONS else why
