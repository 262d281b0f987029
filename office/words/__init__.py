"""How is it said? Words, numbers and dates in the reader's language.

English words stand in the code; `de.po` holds the German ones of files and terminal, `de_pages.po`
those of the pages. Nothing below this room words anything: it hands over facts.
"""

from __future__ import annotations

import gettext
import os
from datetime import date
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from matching.errors import Fault, Rule
from matching.plan import Check, Status
from matching.reasons import NoProposal, StaysEmpty
from matching.rules import Refusal

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")

_HERE = Path(__file__).parent


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    """The words of a language, from all its files; English needs none."""
    sources = sorted(_HERE.glob(f"{language}*.po"))
    if not sources:
        return gettext.NullTranslations()
    catalogue = Catalog(locale=language)
    for source in sources:
        with source.open("rb") as lines:
            for message in read_po(lines, locale=language):
                if message.id and not message.fuzzy:
                    catalogue[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


#: Texts that were said in a language whose catalogue lacks them; a test keeps this empty.
unsaid: set[tuple[Language, str]] = set()


def say(text: str, language: Language, /, **facts: object) -> str:
    """The text in the reader's language, with the facts filled in; English where words lack."""
    words = text
    if text and language != "en":
        words = _catalogue(language).gettext(text)
        if words is text:
            unsaid.add((language, text))
    return words.format(**facts) if facts else words


def language_of(name: str | None) -> Language | None:
    """The language that a locale such as `de_DE.UTF-8` or `en-GB` names, if it is one of ours."""
    short = (name or "").lower().replace("-", "_").split("_")[0].split(".")[0]
    return next((language for language in LANGUAGES if language == short), None)


def language_of_terminal() -> Language:
    """The language of a terminal: `UEBERGANG_LANG`, then the locale, else English."""
    for variable in ("UEBERGANG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        language = language_of(os.environ.get(variable))
        if language is not None:
            return language
    return "en"


#: A page tells hundreds of figures, mostly the same again: so many are remembered.
_remembered = lru_cache(maxsize=20_000, typed=True)


def number(value: float, language: Language, decimals: int = 0) -> str:
    """1,234.5 or 1.234,5."""
    return _number(value or 0, language, decimals)  # a zero below zero is one, too


@_remembered
def _number(value: float, language: Language, decimals: int) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=language)


@_remembered
def percent(share: float, language: Language, decimals: int = 1) -> str:
    """33.3% or 33,3 %. What is short of certain never reads as 100 %, nor the possible as 0 %."""
    smallest = 0.1 ** (decimals + 2)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + "%"
    sign = ""
    if 1 - smallest / 2 <= share < 1:
        share, sign = 1 - smallest, "> "
    elif 0 < share < smallest / 2:
        share, sign = smallest, "< "
    if language == "de":
        pattern = pattern.replace("%", "\N{NO-BREAK SPACE}%")
    return sign + format_percent(share, format=pattern, locale=language)


def day(when: date, language: Language) -> str:
    """1. August 2027 or 1 August 2027."""
    return format_date(when, "d. MMMM y" if language == "de" else "d MMMM y", locale=language)


_RULES: dict[Rule, str] = {
    Rule.FILE_MISSING: "There is no such file.",
    Rule.FILE_EMPTY: "The file is empty.",
    Rule.FILE_UNREADABLE: "The file can't be read as what it should be.",
    Rule.FILE_REFUSED: "The system did not let this be read or written.",
    Rule.FILE_WOULD_BE_LOST: "This file would be overwritten by the result: choose another folder.",
    Rule.NO_PLAN_TO_CHECK: "This result says that no plan is possible: there is nothing to check.",
    Rule.NO_ROWS: "The file has headings but no rows.",
    Rule.COLUMN_MISSING: "This column is missing.",
    Rule.COLUMN_TWICE: "This column is there more than once.",
    Rule.COLUMN_COUNT: "The row has more or fewer cells than there are headings.",
    Rule.KEY_UNKNOWN: "This key is not known.",
    Rule.VALUE_MISSING: "The cell is empty.",
    Rule.VALUE_UNKNOWN: "This value is not among those known here.",
    Rule.NUMBER_UNREADABLE: "This is not a number.",
    Rule.DATE_UNREADABLE: "This is not a date.",
    Rule.NOT_WHOLE: "This must be a whole number.",
    Rule.NEGATIVE: "This must not be negative.",
    Rule.NOT_POSITIVE: "This must be above 0.",
    Rule.NUMBER_TOO_LARGE: "This number is too large to be true.",
    Rule.CONTROL_CHARACTER: "An id must have no line breaks, tabs or other control characters.",
    Rule.DATE_OUT_OF_RANGE: "This date is too early or too late to be true.",
    Rule.CHANCE_OUT_OF_RANGE: "A chance must be above 0 and at most 1.",
    Rule.WISH_OUT_OF_RANGE: "A wish must lie between 0 and 1.",
    Rule.SHARE_OUT_OF_RANGE: "A share must be above 0 and at most 1, such as 1/3.",
    Rule.CONFIDENCE_OUT_OF_RANGE: "A confidence must be above 0 and at most 1.",
    Rule.PLACED_ABOVE_BASE: "More people are placed than the share is taken of.",
    Rule.ID_TWICE: "This id is there more than once.",
    Rule.PAIR_TWICE: "This pair is there more than once.",
    Rule.SEEKER_UNKNOWN: "Nobody with this id is known here.",
    Rule.PLACE_UNKNOWN: "No place with this id is among the places.",
    Rule.PAIR_UNKNOWN: "This pair is not among the possible pairs.",
    Rule.POSTCODE_UNKNOWN: "This postcode is not known in Germany.",
    Rule.OCCUPATION_UNKNOWN: "This is neither a known KldB 2010 code nor a known title.",
    Rule.TITLE_KNOWN: "This title means an occupation by itself; there is nothing to confirm.",
    Rule.CERTIFICATE_UNKNOWN: "This school certificate is not known.",
    Rule.PINNED_TWICE: "One person is pinned to more than one place.",
    Rule.PINNED_AND_BANNED: "A pair is both pinned and banned.",
    Rule.PINNED_OVER_OPENINGS: "More people are pinned to a place than it has openings.",
    Rule.EXPECTED_OUT_OF_REACH: "So many expected placements can't be had.",
    Rule.FILE_TOO_LARGE: "The file is larger than may be uploaded.",
    Rule.FILE_KIND_UNKNOWN: "Files of this kind are not read; save it as CSV, XLSX or ODS.",
    Rule.FILES_APART: "These files don't belong together; hand them over one by one.",
    Rule.NUL_BYTES: "The file holds bytes that no text has; it is damaged or no text.",
    Rule.ENCODING_MIXED: "The file mixes two encodings; save it again as UTF-8.",
    Rule.QUOTE_UNCLOSED: "A quotation mark that opens here is never closed.",
    Rule.LINE_TOO_LONG: "A line is too long to be a row of a list.",
    Rule.COLUMNS_TOO_MANY: "The file has more columns than any list has.",
    Rule.CELLS_TOO_MANY: "The sheet has more cells than any list has.",
    Rule.CELL_TOO_LONG: "The cell holds more text than belongs here.",
    Rule.CELL_CONTROL: "The cell holds control characters.",
    Rule.CELL_FORMULA: "The cell holds a formula; only its value may be handed over.",
    Rule.ARCHIVE_INFLATES: "The file unpacks to far more than a list of this size.",
    Rule.ARCHIVE_MACROS: "The file holds macros; save it without them (XLSX).",
    Rule.ARCHIVE_LINKS: "The file points to other files; save it with its values only.",
    Rule.XML_ENTITIES: "The file defines entities of its own, as no list does.",
    Rule.SHEET_UNREAD: "This sheet was not read; hand it over by itself.",
    Rule.LOAD_PARTIAL: "The answers hold a part of what was found; the rest is not taken as gone.",
    Rule.HEADINGS_UNKNOWN: "No heading of the file is known; say which column is which.",
    Rule.FIELD_UNKNOWN: "There is no such field to read a column as.",
    Rule.FIELD_TWICE: "Two columns are to be read as the same field.",
    Rule.FIELD_PROTECTED: "This column may not be read at all.",
    Rule.SCHOOL_OTHER: "The row names another school.",
    Rule.JOIN_AMBIGUOUS: "Several people have this name and date of birth.",
    Rule.JOIN_MISSING: "Nobody with this name and date of birth is in the basic file.",
    Rule.PERSON_TWICE: "The file names this person twice, and not alike.",
    Rule.PERSON_CONFLICT: "Number or pseudonym say somebody else than the row's other cells.",
    Rule.PAIRS_LEFT_OUT: "So many people are nearly alike that not every pair is asked about.",
    Rule.CHANGED_SINCE: "This was changed again since.",
    Rule.RULED_OTHERWISE: "Other rulings on these people say otherwise.",
    Rule.IMPORT_UNKNOWN: "There is no such import.",
    Rule.UNDONE_ALREADY: "This import was taken back already.",
    Rule.UNDO_EXPIRED: "What was before this import is deleted: it can't be taken back any more.",
    Rule.SETTLED_ALREADY: "This row was settled already.",
    Rule.HEAD_TOO_OLD: "The log begins after this head, so that it can't be checked against it.",
    Rule.STORE_UNREACHABLE: "The store can't be reached or is no store.",
    Rule.STORE_NEWER: "The store was made by a newer version of the product.",
    Rule.STORE_REFUSED: "The database broke off.",
    Rule.SEASON_EMPTY: "The store holds none of these for the season.",
    Rule.STORE_NOT_EMPTY: "The store to fill is not empty.",
    Rule.BACKUP_DAMAGED: "The backup is damaged or is no backup.",
    Rule.RUN_UNKNOWN: "There is no such run.",
    Rule.RUN_DAMAGED: "What was kept of this run has been changed since.",
    Rule.PLAN_UNKNOWN: "There is no such plan.",
    Rule.PROPOSAL_UNKNOWN: "There is no such proposal.",
    Rule.RULING_UNKNOWN: "There is no ruling about this pair to lift.",
    Rule.TURNED_DOWN: "This place was declined or given up: correct the answer first.",
    Rule.BASIS_MISSING: "There is no legal basis to propose anything to this person.",
    Rule.LAST_ADMINISTRATOR: "Nobody else is an administrator: make somebody else one first.",
    Rule.MODEL_UNKNOWN: "There is no such model.",
    Rule.MODEL_DAMAGED: "What was kept of this model has been changed since.",
    Rule.CARD_OF_ANOTHER: "This card is not the one that was made with this model.",
    Rule.MANUAL_ON: "Chances are switched off: people do without them, and no plan is drawn.",
    Rule.MARK_UNKNOWN: "This is not a mark from 1 to 6.",
    Rule.OUTCOME_PLANNED: "This is what was planned; say what became of it.",
    Rule.OUTCOMES_APART: "These are outcomes, not pupils: take them in with `outcomes import`.",
    Rule.PUPILS_MISSING: "This is a list of a school's staff, not of its pupils.",
}


_CHECKS: dict[Check, str] = {
    Check.ONE_PLACE_EACH: "Nobody has more than one place:",
    Check.WITHIN_OPENINGS: "No place takes more people than it has openings:",
    Check.AMONG_CANDIDATES: "Every pair of the plan is among the possible pairs:",
    Check.CHANCE_AS_GIVEN: "Every chance is the one given:",
    Check.PINS_KEPT: "Every pinned pair is kept:",
    Check.BANS_KEPT: "No banned pair is taken:",
    Check.NOBODY_LEFT_BESIDE_A_FREE_PLACE: "Nobody is left while a place they could take is free:",
    Check.EXPECTED_AT_FLOOR: "Expected placements stay at their floor:",
    Check.PRICES_COMPLETE: "Everybody and every place has one price:",
    Check.PRICES_NOT_NEGATIVE: "No price is negative:",
    Check.PRICES_COVER_EVERY_PAIR: "No pair is worth more than its two prices together:",
    Check.WORTH_REACHES_BOUND: "The plan is worth what its prices prove possible:",
    Check.FIGURES_AS_REPORTED: "Every reported figure is the recounted one:",
}

_STATUS: dict[Status, str] = {
    Status.OPTIMAL: "proven the best",
    Status.FEASIBLE: "good, and proven close to the best",
    Status.IMPOSSIBLE: "no plan is possible",
}

_REASONS: dict[NoProposal | StaysEmpty, str] = {
    NoProposal.NO_PLACE_ALLOWED: "No place that this person is allowed to take",
    NoProposal.NO_OPENINGS: "The only places that this person is allowed to take have no openings",
    NoProposal.BANNED: "Every possible place was ruled out or declined",
    NoProposal.BY_HAND: "Objected to being matched by a program: people alone look for a place",
    NoProposal.OTHERS_GAIN_MORE: "At every possible place others gain more",
    NoProposal.HELD_BACK: "This part of the plan did not pass its checks and was held back",
    StaysEmpty.NOBODY_ALLOWED: "Openings that nobody is allowed to take or can reach",
    StaysEmpty.NOBODY_LEFT: "Openings left over: everybody who could go there has another place",
}

_REFUSALS: dict[Refusal, str] = {
    Refusal.STILL_LOOKING: "not looking any more",
    Refusal.CERTIFICATE_SUFFICES: "the certificate asked for is missing or not known",
    Refusal.OLD_ENOUGH: "too young",
    Refusal.SCHOOL_DONE: "compulsory school is not done by the start",
    Refusal.FREE_BY_START: "not free by the start",
    Refusal.WAY_KNOWN: "the way is not known",
    Refusal.WAY_ACCEPTABLE: "the way is too long",
}


_STEPS: dict[str, str] = {
    "read": "reading the files",
    "candidates": "finding out who could go where",
    "chances": "counting chances",
    "reach": "first the target: most expected placements",
    "serve": "then people's wishes",
    "reasons": "gathering reasons",
    "honest": "asking what the plan may truly be held to",
    "write": "writing the files",
    "verify": "recounting",
    "keep": "keeping the plan in the store",
}


def step_words(step: str, language: Language) -> str:
    """What is being done at this step of drawing a plan, for who waits."""
    return say(_STEPS[step], language)


def check_words(check: Check, language: Language) -> str:
    """The rule that a plan must satisfy, for a reader."""
    return say(_CHECKS[check], language)


def status_words(status: Status, language: Language) -> str:
    """How far a plan is proven, for a reader."""
    return say(_STATUS[status], language)


def reason_words(
    reason: NoProposal | StaysEmpty, language: Language, rule: Refusal | None = None
) -> str:
    """Why somebody has no proposal or an opening stays empty, with the rule behind it."""
    words = say(_REASONS[reason], language)
    return words if rule is None else f"{words}: {say(_REFUSALS[rule], language)}"


#: What lacks in a form, by its field.
_LEFT_EMPTY: dict[str, str] = {"reason": "Please give a reason."}


def rule_words(fault: Fault, language: Language) -> str:
    """What rule a fault broke, for a reader."""
    if fault.rule is Rule.FIELD_UNKNOWN and fault.file is None:
        # Said of a correction, which no file knows; its value names the fields.
        return say("There is no such field; those there are stand in quotation marks.", language)
    if fault.rule is Rule.VALUE_MISSING and fault.file is None and fault.row is None:
        # Left empty in a form, where no cell is.
        return say(_LEFT_EMPTY.get(fault.column or "", "An entry is missing."), language)
    return say(_RULES[fault.rule], language)
