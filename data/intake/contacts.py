"""What happened between people and places, says a list? Sent, applied, met, signed, declined.

A refusal says by whom and why as far as somebody wrote it, and why in few words only: whatever else
people write about a refusal may tell of their health or their home.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from data.intake.columns import Words, words_of
from data.intake.listed_rows import listed_rows, missing_columns, read_list
from data.intake.named_people import SECRET, from_school, named_person
from data.intake.reading import Source
from data.intake.records import (
    ContactRecord,
    ContactStatus,
    Decliner,
    DeclineReason,
    FileRead,
    Waiting,
)
from data.intake.row_check import Cells, CheckedRow
from matching.errors import Fault, Rule

Word = TypeVar("Word", bound=StrEnum)

KIND = "contacts"

#: Every field that a column of such a list can be read as.
CONTACT_WORDS: Words = words_of(Path(__file__).with_name("contact_headings.csv"))

#: Cells in which people write freely; no fault repeats them.
_SECRET = SECRET | {"status", "declined_by", "reason"}

_STATUS = {
    ContactStatus.SENT: ("vorgeschlagen", "vorschlag", "versandt", "gesendet", "vermittelt"),
    ContactStatus.APPLIED: ("beworben", "bewerbung", "bewerbung abgeschickt"),
    ContactStatus.INTERVIEW: ("gespräch", "vorstellungsgespräch", "eingeladen", "probearbeiten"),
    ContactStatus.CONTRACT: ("vertrag", "ausbildungsvertrag", "zusage", "unterschrieben"),
    ContactStatus.STARTED: ("begonnen", "angetreten", "gestartet", "ausbildung begonnen"),
    ContactStatus.DECLINED: ("abgesagt", "absage", "abgelehnt", "ablehnung"),
    ContactStatus.WITHDRAWN: ("zurückgezogen", "bewerbung zurückgezogen"),
    ContactStatus.UNKNOWN: ("unbekannt", "keine rückmeldung", "offen"),
}
_DECLINER = {
    Decliner.SEEKER: ("bewerber", "bewerberin", "jugendliche", "jugendlicher", "schüler"),
    Decliner.EMPLOYER: ("betrieb", "firma", "arbeitgeber", "unternehmen"),
}
_REASON = {
    DeclineReason.FILLED: ("besetzt", "stelle besetzt", "schon besetzt"),
    DeclineReason.CERTIFICATE: ("abschluss", "noten", "abschluss fehlt", "zeugnis"),
    DeclineReason.NO_SHOW: ("nicht erschienen", "nicht gemeldet"),
    DeclineReason.NO_FIT: ("passt nicht", "nicht passend"),
    DeclineReason.OTHER_OFFER: ("andere stelle", "anderes angebot", "andere zusage"),
    DeclineReason.WAY: ("weg", "zu weit", "fahrweg"),
    DeclineReason.OCCUPATION: ("beruf", "anderer beruf", "berufswunsch geändert"),
    DeclineReason.TERMS: ("vergütung", "bedingungen", "arbeitszeit"),
    DeclineReason.OTHER: ("sonstiges", "anderer grund"),
}
#: A refusal that says by its status who refused.
_DECLINED_BY = {
    "absage betrieb": Decliner.EMPLOYER,
    "absage durch betrieb": Decliner.EMPLOYER,
    "absage bewerber": Decliner.SEEKER,
    "absage durch bewerber": Decliner.SEEKER,
}


def read_contacts(
    source: Source, school: str | None = None, mapping: Mapping[str, str] | None = None
) -> FileRead[ContactRecord]:
    """Read contacts from CSV, XLSX, ODS or Parquet.

    Needed are the place, the status, and who is meant (see `named_person`). `school` and `mapping`
    are as for `read_outcomes`. The same contact a second time waits. Raises `FaultyInput` for a
    file that can't be read.
    """
    table = listed_rows(source, CONTACT_WORDS, mapping)
    names = {**CONTACT_WORDS.headings, **table.columns.headings}
    seen: set[ContactRecord] = set()

    def check(row: int, cells: Cells, faults: tuple[Fault, ...]) -> ContactRecord | Waiting:
        cells = from_school(cells, school)
        checked = CheckedRow(table.file, row, cells, names, _SECRET, of_people=True)
        checked.faults += faults
        return _contact(checked, school, seen)

    return read_list(table, KIND, check, missing_columns(table, ["place", "status"], names))


def recheck_contact(cells: Cells, row: int, school: str | None = None) -> ContactRecord | Waiting:
    """A corrected row, held against the same rules; cells of other fields are not looked at."""
    allowed = {f: text for f, text in cells.items() if f in CONTACT_WORDS.fields and text.strip()}
    return _contact(CheckedRow(None, row, allowed, secret=_SECRET, of_people=True), school, set())


def _contact(
    row: CheckedRow, school: str | None, seen: set[ContactRecord]
) -> ContactRecord | Waiting:
    if row.faults:
        return row.waiting()
    place = row.text("place", needed=True)
    told = row.read("status", _status_of, Rule.VALUE_UNKNOWN, needed=True)
    decliner = row.read("declined_by", lambda text: _meant(text, _DECLINER), Rule.VALUE_UNKNOWN)
    reason = row.read("reason", lambda text: _meant(text, _REASON), Rule.VALUE_UNKNOWN)
    person = named_person(row, school)
    on = row.day("on")
    status, by_status = told or (None, None)
    if status is not None and status is not ContactStatus.DECLINED:
        for field in ("declined_by", "reason"):
            if field in row.cells:
                row.blame(field, Rule.VALUE_UNKNOWN)
    if by_status and decliner and by_status is not decliner:
        row.blame("declined_by", Rule.VALUE_UNKNOWN)
    if row.faults or place is None or status is None:
        return row.waiting()
    decliner = decliner or by_status
    record = ContactRecord(0, place, status, on, decliner, reason, *person)
    if record in seen:
        row.blame("place", Rule.PAIR_TWICE)
        return row.waiting()
    seen.add(record)
    return replace(record, row=row.row)


def _status_of(text: str) -> tuple[ContactStatus, Decliner | None] | None:
    decliner = _DECLINED_BY.get(_plain(text))
    if decliner is not None:
        return ContactStatus.DECLINED, decliner
    status = _meant(text, _STATUS)
    return None if status is None else (status, None)


def _meant(text: str, words: Mapping[Word, tuple[str, ...]]) -> Word | None:
    """What a word means, in German or as the value itself."""
    wanted = _plain(text)
    return next((word for word, others in words.items() if wanted in (_plain(word), *others)), None)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
