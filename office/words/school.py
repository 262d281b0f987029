"""How is a school's list said? Fields, cells, standings, outcomes and legal grounds in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from data.intake.cells import date_of
from data.intake.records import Basis, ContactStatus, OutcomeKind
from data.reference.certificates import certificate_of, certificate_title
from data.reference.occupations import code_of, title_of
from data.store.pupil_roll import Became, Ground, Pupil, Totals
from matching.errors import Fault
from matching.target import Standing
from office.words import Language, day, rule_words, say

_FIELDS: Mapping[str, str] = {
    "number": "Number at the school",
    "surname": "Surname",
    "first_name": "First name",
    "full_name": "Surname and first name in one cell",
    "born": "Date of birth",
    "school": "Official number of the school",
    "street": "Street",
    "house_number": "House number",
    "house_number_suffix": "Letter after the house number",
    "postcode": "Postcode",
    "town": "Town",
    "email": "E-mail address",
    "phone": "Phone number",
    "school_class": "Class",
    "grade": "Grade",
    "certificate": "School certificate",
    "compulsory_school_done": "Compulsory school done",
    "leaves": "Leaves school on",
    "wish_1": "First wish",
    "wish_2": "Second wish",
    "wish_3": "Third wish",
    "longest_way": "Longest way in minutes",
    "applied_before": "Applied in an earlier year",
    "standing": "Standing",
    "marks": "Marks",
    "consent": "Consent",
    "consent_on": "Consent given on",
    "consent_version": "Version of the consent",
    "consent_giver": "Consent given by",
    "no_disclosure": "No disclosure to others",
    "note": "Note “invented”",
    "present": "Named in the list",
    "season": "In this season’s list",
    "wishes": "All wishes",
    "basis": "Legal basis",
    "invented": "Invented",
}

#: What a school's list can say of a pupil, and what is kept of it.
FIELDS = frozenset(_FIELDS)

#: How a word ends for him and for her, and for both.
_ENDINGS = (
    ("", "in", "/in"),
    ("e", "in", "e/-in"),
    ("er", "e", "e/r"),
    ("mann", "frau", "mann/-frau"),
    ("arzt", "ärztin", "arzt/-ärztin"),
    ("bauer", "bäuerin", "bauer/-bäuerin"),
)

_STANDINGS: Mapping[Standing, str] = {
    Standing.LOOKING: "still looking",
    Standing.STARTED: "started company-based training",
    Standing.OWN_FIND: "found a place alone",
    Standing.SCHOOL_BASED: "started school-based training",
    Standing.INTERESTED: "interested, not registered",
    Standing.WITHDRAWN: "looks no longer",
    Standing.UNKNOWN: "nothing known yet",
}

_OUTCOMES: Mapping[OutcomeKind, str] = {
    OutcomeKind.DUAL: "company-based training",
    OutcomeKind.SCHOOL_BASED: "school-based training",
    OutcomeKind.EXTERNAL_TRAINING: "training at a provider",
    OutcomeKind.ENTRY_QUALIFICATION: "entry qualification",
    OutcomeKind.PREPARATION: "preparation for training",
    OutcomeKind.SCHOOL: "stays at a school",
    OutcomeKind.STUDY: "studies",
    OutcomeKind.WORK: "works",
    OutcomeKind.SERVICE: "voluntary service",
    OutcomeKind.OTHER: "something else",
    OutcomeKind.NONE: "not yet placed",
    OutcomeKind.UNKNOWN: "nothing known yet",
}

_CONTACTS: Mapping[ContactStatus, str] = {
    ContactStatus.SENT: "proposal sent to the firm",
    ContactStatus.APPLIED: "has applied",
    ContactStatus.INTERVIEW: "was at an interview",
    ContactStatus.CONTRACT: "contract signed",
    ContactStatus.STARTED: "training started",
    ContactStatus.DECLINED: "did not work out",
    ContactStatus.WITHDRAWN: "proposal taken back",
    ContactStatus.UNKNOWN: "answer not known",
}

_WISHES = ("wish_1", "wish_2", "wish_3")
_DAYS = ("born", "leaves", "consent_on")
_FLAGS = ("consent", "compulsory_school_done", "applied_before", "no_disclosure", "present")


def field_words(name: str, language: Language) -> str:
    """What a field of a school's list holds."""
    return say(_FIELDS[name], language)


def faults_words(faults: tuple[Fault, ...], language: Language) -> str:
    """Every rule that a field broke, one after the other."""
    return " ".join(rule_words(fault, language) for fault in faults)


def cell_words(name: str, text: str | None, language: Language, folder: Path | None = None) -> str:
    """What a cell says, for a reader: days and occupations in words; a dash for nothing."""
    if not text:
        return "\N{EN DASH}"
    when = date_of(text) if name in _DAYS else None
    if when is not None:
        return day(when, language)
    if name in _WISHES:
        return title_of(text, folder)
    if name in _FLAGS and text in ("ja", "nein"):
        return say("yes" if text == "ja" else "no", language)
    return input_text(name, text, language)


def input_text(name: str, text: str, language: Language, folder: Path | None = None) -> str:
    """What a cell says in the way in which a person would type it, and the check reads it."""
    when = date_of(text) if name in _DAYS else None
    if when is not None:
        return f"{when:%d.%m.%Y}" if language == "de" else when.isoformat()
    if name == "certificate" and (found := certificate_of(text)) is not None:
        return certificate_title(found)
    if name in _WISHES:
        title = title_of(text, folder)
        return title if code_of(title, folder) == text else text
    return text


def wish_words(pupil: Pupil, folder: Path | None = None) -> str:
    """A pupil's wishes, dearest first."""
    return ", ".join(short_title(title_of(kldb, folder)) for kldb in pupil.wishes)


def short_title(title: str) -> str:
    """A title that names both genders in full, said once: "Tischler / Tischlerin" is "Tischler/in".

    A title that can't be joined without a guess is left as it is.
    """
    he, parted, she = title.partition(" / ")
    his, hers = he.split(), she.split()
    if not parted or len(his) != len(hers):
        return title
    joined = [_both(one, other) for one, other in zip(his, hers, strict=True)]
    return " ".join(one for one in joined if one) if all(joined) else title


def _both(his: str, hers: str) -> str:
    if his == hers:
        return his
    for ending, other, both in _ENDINGS:
        if his.endswith(ending) and hers == his[: len(his) - len(ending)] + other:
            return his[: len(his) - len(ending)] + both
    return ""


def standing_words(standing: Standing, language: Language) -> str:
    """How somebody stands in the season."""
    return say(_STANDINGS[standing], language)


def stands_words(totals: Totals, language: Language) -> dict[str, int]:
    """Where a school's pupils stand, each heading with its count, the largest first."""
    counts = {say(_STANDINGS[one], language): count for one, count in totals.standings.items()}
    counts |= {say(_OUTCOMES[one], language): count for one, count in totals.outcomes.items()}
    if totals.contracts:
        counts[say(_CONTACTS[ContactStatus.CONTRACT], language)] = totals.contracts
    return dict(sorted(counts.items(), key=lambda one: -one[1]))


def became_of(pupil: Pupil, language: Language) -> str:
    """What became of a pupil, as far as told: an outcome, else a contact, else the list's word."""
    if pupil.outcome not in (None, OutcomeKind.UNKNOWN):
        return say(_OUTCOMES[pupil.outcome], language)
    if pupil.standing is Standing.LOOKING and pupil.contact is not None:
        return say(_CONTACTS[pupil.contact], language)
    return standing_words(pupil.standing, language)


def became_words(one: Became, language: Language) -> str:
    """One thing that was told of somebody."""
    known = one.what
    words = _OUTCOMES[known] if isinstance(known, OutcomeKind) else _CONTACTS[known]
    return say(words, language)


def ground_words(ground: Ground | None, language: Language) -> str:
    """On what ground a pupil's data may be used, and since when."""
    if ground is None or ground.basis.kind is Basis.NONE:
        return say("no legal basis: nobody matches them", language)
    if ground.withdrawn_at is not None:
        when = day(ground.withdrawn_at.astimezone().date(), language)
        return say("withdrawn on {day}: nobody matches them", language, day=when)
    if ground.basis.kind is Basis.LAW:
        return say("task by law", language)
    if ground.basis.given_on is None:
        return say("consent", language)
    return say("consent of {day}", language, day=day(ground.basis.given_on, language))


def moment_words(when: datetime, language: Language) -> str:
    """A point in time in the clock of the house: 22 November 2026, 16:45."""
    here = when.astimezone()
    return f"{day(here.date(), language)}, {here:%H:%M}"
