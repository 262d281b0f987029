"""What does a list say of one person, place or outcome? Records on their way to the store.

A record holds only what the law lets in (see `docs/decisions.md`); everything else was dropped at
reading and named. Identity travels here and ends in the store's own tables: the engine's types
have no room for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import chain, repeat
from typing import Generic, TypeVar

from matching.errors import Fault
from matching.problem import Certificate
from matching.target import Standing


class Basis(StrEnum):
    """On what legal ground a record is kept. Without one it is kept apart and never matched."""

    LAW = "law"
    CONSENT = "consent"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """The ground, and for a consent when, in which version and by whom it was given."""

    kind: Basis = Basis.NONE
    given_on: date | None = None
    version: str | None = None
    giver: str | None = None


@dataclass(frozen=True, slots=True)
class PupilRecord:
    """One person as a school names them.

    `row` is the row in the file (heading = row 1). `school` is the official number, `number` the
    school's own number of the person. `wishes` are KldB 2010 codes, dearest first; `marks` map a
    subject's abbreviation to a mark from 1 to 6. `None` means that the list does not say.
    """

    row: int
    school: str
    surname: str
    first_name: str
    number: str | None = None
    born: date | None = None
    street: str | None = None
    postcode: str | None = None
    town: str | None = None
    email: str | None = None
    phone: str | None = None
    school_class: str | None = None
    grade: str | None = None
    certificate: Certificate | None = None
    compulsory_school_done: bool | None = None
    leaves: date | None = None
    wishes: tuple[str, ...] = ()
    longest_way: int | None = None
    applied_before: bool | None = None
    standing: Standing = Standing.LOOKING
    marks: Mapping[str, int] = field(default_factory=dict)
    basis: LegalBasis = LegalBasis(Basis.LAW)
    invented: bool = False


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """One offer of training places as a file names it.

    `reference` is the source's own id of the offer, `deleted` is true where the source takes the
    offer back (delta loads). `kldb` is `None` where the title could not be mapped for sure; then
    `suggestions` hold the nearest KldB codes for a person to choose from.
    """

    row: int
    reference: str
    employer: str | None = None
    title: str | None = None
    kldb: str | None = None
    suggestions: tuple[str, ...] = ()
    postcode: str | None = None
    town: str | None = None
    openings: int = 1
    requires: Certificate | None = None
    minimum_age: int | None = None
    starts: date | None = None
    deleted: bool = False
    invented: bool = False


class OutcomeKind(StrEnum):
    """What became of somebody. `UNKNOWN` is kept apart from `NONE`: not known is not nothing."""

    DUAL = "dual"
    SCHOOL_BASED = "school_based"
    EXTERNAL_TRAINING = "external_training"
    ENTRY_QUALIFICATION = "entry_qualification"
    PREPARATION = "preparation"
    SCHOOL = "school"
    STUDY = "study"
    WORK = "work"
    SERVICE = "service"
    OTHER = "other"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """What became of one person, or what happened with one proposal.

    The person is named by `pseudonym`, or by `school` and `number`, or by names and birth date.
    `code` is the KAoA Anschlussoption where the source has one.
    """

    row: int
    kind: OutcomeKind
    on: date | None = None
    code: str | None = None
    pseudonym: str | None = None
    school: str | None = None
    number: str | None = None
    surname: str | None = None
    first_name: str | None = None
    born: date | None = None
    place: str | None = None
    own_find: bool | None = None


class ContactStatus(StrEnum):
    """How far a proposal has come. `UNKNOWN` says that nobody knows, not that nothing happened."""

    SENT = "sent"
    APPLIED = "applied"
    INTERVIEW = "interview"
    CONTRACT = "contract"
    STARTED = "started"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


class Decliner(StrEnum):
    """Who said no."""

    SEEKER = "seeker"
    EMPLOYER = "employer"


class DeclineReason(StrEnum):
    """Why somebody said no, as one of few words: what people write freely may tell of their health.

    Of an employer: filled already, certificate or marks, no show, no fit. Of a seeker: another
    offer, the way, the occupation, the terms.
    """

    FILLED = "filled"
    CERTIFICATE = "certificate"
    NO_SHOW = "no_show"
    NO_FIT = "no_fit"
    OTHER_OFFER = "other_offer"
    WAY = "way"
    OCCUPATION = "occupation"
    TERMS = "terms"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """What happened between one person and one place on one day.

    The person is named as in `OutcomeRecord`, the place by its id. `declined_by` and `reason` are
    there for `DECLINED` only, as far as somebody said.
    """

    row: int
    place: str
    status: ContactStatus
    on: date | None = None
    declined_by: Decliner | None = None
    reason: DeclineReason | None = None
    pseudonym: str | None = None
    school: str | None = None
    number: str | None = None
    surname: str | None = None
    first_name: str | None = None
    born: date | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that could not be taken as it is: its allowed cells by field, and every fault."""

    row: int
    cells: Mapping[str, str]
    faults: tuple[Fault, ...]


Record = TypeVar("Record", PupilRecord, PlaceRecord, OutcomeRecord, ContactRecord)


@dataclass(frozen=True, slots=True)
class FileRead(Generic[Record]):
    """What a file gave: records, rows that wait, what was dropped, how it was read.

    `rows` counts the data rows; each is in `records` or in `waiting`. `mapping` says which heading
    was read as which field; `guessed` names the headings whose field is a guess to be confirmed.
    Of several files read as one, `parts` names each with the number of its records.
    """

    file: str
    kind: str
    rows: int
    records: tuple[Record, ...]
    waiting: tuple[Waiting, ...] = ()
    dropped_columns: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    parts: tuple[tuple[str, int], ...] = ()

    def placed(self) -> Iterator[tuple[str, Record]]:
        """Each record with the file that it stands in."""
        parts = self.parts or ((self.file, len(self.records)),)
        files = chain.from_iterable(repeat(file, count) for file, count in parts)
        return zip(files, self.records, strict=True)
