"""Is this row a pupil? One row's allowed cells become a record, or wait with every fault.

The same check reads a row of a file and a row that somebody corrected. Faults name the column and
the rule; the value only where it is figures that say nothing of anybody: whatever stands in a
column, a name or a diagnosis may have slipped into it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from data.intake.cells import date_of, flag_of, standing_of, whole_of
from data.intake.columns import Words, words_of
from data.intake.records import Basis, LegalBasis, PupilRecord, Waiting
from data.intake.row_check import IDS, clean_id, shown_value
from data.reference.certificates import certificate_of
from data.reference.occupations import code_of
from data.reference.postcodes import site
from matching.errors import Fault, Rule
from matching.problem import Certificate

#: Every field that a column of a school list can be read as.
PUPIL_WORDS: Words = words_of(Path(__file__).with_name("pupil_headings.csv"))

#: Fields that say who somebody is: their values never stand in a fault.
IDENTITY = frozenset(
    {
        "surname", "first_name", "full_name", "born", "street", "house_number",
        "house_number_suffix", "postcode", "town", "email", "phone", "consent_giver",
    }
)  # fmt: skip

#: The note that marks a row as invented.
INVENTED = frozenset({"erfunden", "invented"})

#: Subjects whose marks are read: abbreviations of the state's school statistics. Religion and its
#: substitute, languages of origin and sports are left out, since taking part in them, or being
#: freed from them, tells of faith, descent or health.
SUBJECTS = frozenset(
    {
        "D", "M", "E", "F", "L", "BI", "CH", "PH", "NW", "IF", "TC", "AL", "HW", "WI", "WW",
        "EK", "GE", "PK", "SW", "GL", "KU", "MU",
    }
)  # fmt: skip

#: A school's words for a mark that was not given (key table Note).
NO_MARK = frozenset({"", "-", "AT", "E1", "E2", "E3", "NT", "NB", "NE", "LM", "AM"})

#: The ground of a list that says nothing else.
LAW = LegalBasis(Basis.LAW)

#: Where a surname may stand.
_SURNAMES = frozenset({"surname", "full_name"})

WISHES = ("wish_1", "wish_2", "wish_3")
#: Fields of a record that are the cell's text, and those that are what it says.
_PLAIN = ("number", "postcode", "town", "email", "phone", "school_class", "grade")
_READ = (
    "born", "certificate", "compulsory_school_done", "leaves", "longest_way", "applied_before",
    "standing", "marks",
)  # fmt: skip

LONGEST_CELL = 1_000
MOST_MINUTES = 24 * 60

_POSTCODE = re.compile(r"[0-9]{1,5}")
#: A class is called so shortly; whoever writes more writes about the person.
_CLASS = re.compile(r"[^,;()\[\]{}<>]{0,20}")
_MARK = re.compile(r"([1-6])[+-]?")
_SUBJECT_AND_MARK = re.compile(r"\s*([^\W\d_]+)[0-9]*\s*[=: ]\s*([^\s;,]+)\s*")
_FORMULA_START = ("=", "@", "＝", "＠")
_SIGN_START = ("+", "-", "＋", "－")
_CALLS = re.compile(r"[(|!]")
_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u00ad"))
_CONSENT = {"widerrufen": False, "zurückgezogen": False, "withdrawn": False}
#: How many different texts of one column are remembered with what they mean.
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a row besides its cells.

    `school` is the official number of the school that hands the list over; `None` where each row
    names its own, and then `fallback` stands in for a missing one. `basis` is the legal ground of
    rows that say nothing of a consent. Ages are taken on `training_start`. `headings` names each
    field as the file does.
    """

    school: str | None = None
    basis: LegalBasis = LAW
    training_start: date | None = None
    occupations: Path | None = None
    file: str | None = None
    fallback: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)


#: A row on its way to the check: its number, its allowed cells by field, what is known wrong.
Unchecked = tuple[int, Mapping[str, str], tuple[Fault, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Rows of one list in whatever format, before the check; they may be read several times.

    `mapping` gives each heading its field, `headings` each field its heading. The rest is as in
    `FileRead`.
    """

    file: str
    kind: str
    rows: Callable[[], Iterator[Unchecked]]
    mapping: Mapping[str, str]
    headings: Mapping[str, str]
    guessed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Broken:
    """A text that can't be read, and why."""

    rule: Rule


def recheck(
    cells: Mapping[str, str], context: Context, row: int = 0
) -> PupilRecord | tuple[Fault, ...]:
    """Check one corrected row: the record, or every fault that is left.

    `cells` holds text by field (`PUPIL_WORDS.fields`); other keys are faults.
    """
    unknown = [
        Fault(Rule.FIELD_UNKNOWN, context.file, row or None, None)
        for name in cells
        if name not in PUPIL_WORDS.fields
    ]
    if unknown:
        return tuple(unknown)
    result = PupilChecker(context).check(row, cells)
    return result.faults if isinstance(result, Waiting) else result


def clean(text: str) -> str:
    """A cell without needless space and unseen signs, letters composed.

    Control characters and halves of letters become U+FFFD, which no check lets pass.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    text = unicodedata.normalize("NFC", text.translate(_UNSEEN))
    if not text.isprintable():
        text = " ".join(text.split())
        text = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    return text.strip()


def mark_of(text: str) -> int | None:
    """A mark from 1 to 6, tendencies left off; `None` for anything else."""
    match = _MARK.fullmatch(text)
    return int(match[1]) if match else None


def marks_of(text: str) -> Mapping[str, int] | None:
    """Marks by subject, from `D=2; M=3-`; `None` where a mark can't be read.

    Subjects that are not among `SUBJECTS` and marks that were not given are left out.
    """
    marks = {}
    for part in re.split(r"[;,]", text):
        if not part.strip():
            continue
        match = _SUBJECT_AND_MARK.fullmatch(part)
        if match is None:
            return None
        subject, written = match[1].upper(), match[2].upper()
        if subject not in SUBJECTS or written in NO_MARK:
            continue
        mark = mark_of(written)
        if mark is None:
            return None
        marks[subject] = mark
    return marks


def age_on(birth: date, day: date) -> int:
    """Age in whole years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


class PupilChecker:
    """Checks the rows of one list, remembering what its texts mean."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._readers = self._make_readers()
        self._seen: dict[str, dict[str, object]] = {name: {} for name in self._readers}

    def check(
        self, row: int, cells: Mapping[str, str], more: tuple[Fault, ...] = ()
    ) -> PupilRecord | Waiting:
        """The record that a row's cells make, or the row with its faults; `more` are known ones."""
        texts = {name: text for name, raw in cells.items() if (text := _clean(name, raw))}
        faults = [*more]
        if not _CLASS.fullmatch(texts.get("school_class", "")):
            # Free words about somebody are no class; like a remark they are not kept.
            faults.append(self._fault(Rule.VALUE_UNKNOWN, row, "school_class"))
            del texts["school_class"]
        if texts.get("note", "").casefold() not in INVENTED:
            # A remark may say anything of anybody; it is read for this one word only.
            texts.pop("note", None)
        values: dict[str, object] = {}
        for name, text in texts.items():
            rule = _unfit(name, text)
            read = self._readers.get(name)
            if rule is None and read is not None:
                value = self._read(name, text, read)
                if isinstance(value, _Broken):
                    rule = value.rule
                else:
                    values[name] = value
            if rule is not None:
                faults.append(self._fault(rule, row, name, text))
        torn = any(fault.column is None for fault in more)
        faults += self._missing(row, texts, torn)
        faults += self._school_faults(row, texts)
        if faults:
            return Waiting(row, texts, tuple(faults))
        return self._record(row, texts, values)

    def _read(self, name: str, text: str, read: Callable[[str], object]) -> object:
        seen = self._seen[name]
        if text in seen:
            return seen[text]
        if len(seen) >= _REMEMBERED:
            seen.clear()
        value = seen[text] = read(text)
        return value

    def _fault(self, rule: Rule, row: int, name: str, text: str | None = None) -> Fault:
        shown = None if name in IDENTITY else shown_value(text)
        # Five digits name nobody; a name that slipped into this column would.
        if name == "postcode" and text is not None and _POSTCODE.fullmatch(text):
            shown = text
        if rule in (Rule.CELL_TOO_LONG, Rule.CELL_CONTROL, Rule.CELL_FORMULA):
            shown = None
        heading = self.context.headings.get(name) or PUPIL_WORDS.headings[name]
        return Fault(rule, self.context.file, row or None, heading, shown)

    def _missing(self, row: int, texts: Mapping[str, str], torn: bool) -> list[Fault]:
        """A person needs a surname or a number, and a consent the day on which it was given.

        A row that is `torn` is wrong as a whole: a part of its cells is not kept, and among those
        its surname may be.
        """
        faults = []
        if not texts.keys() & _SURNAMES:
            # Where a list has surnames, a blank one is a slip: a number would hide it until the
            # person stands on a screen without a name.
            slipped = frozenset[str]() if torn else _SURNAMES & self.context.headings.keys()
            if slipped or "number" not in texts:
                slipped &= _SURNAMES if texts.keys() & {"number", "first_name"} else frozenset()
                named = next(iter(sorted(slipped, reverse=True)), self._named_by())
                faults.append(self._fault(Rule.VALUE_MISSING, row, named))
        if consent_of(texts.get("consent", "")) and "consent_on" not in texts:
            faults.append(self._fault(Rule.VALUE_MISSING, row, "consent_on"))
        return faults

    def _named_by(self) -> str:
        return "number" if "number" in self.context.headings else "surname"

    def _school_faults(self, row: int, texts: Mapping[str, str]) -> list[Fault]:
        written, school = texts.get("school"), self.context.school
        if written is None:
            blank = school is None and "school" in self.context.headings
            return [self._fault(Rule.VALUE_MISSING, row, "school")] if blank else []
        if school is not None and written != school:
            return [self._fault(Rule.SCHOOL_OTHER, row, "school", written)]
        return []

    def _record(
        self, row: int, texts: Mapping[str, str], values: Mapping[str, object]
    ) -> PupilRecord:
        surname, first_name = _names(texts)
        wishes = dict.fromkeys(str(values[wish]) for wish in WISHES if wish in values)
        # Only what is known is named, so that the rest keeps its default.
        known: dict[str, Any] = {name: texts[name] for name in _PLAIN if name in texts}
        known |= {name: values[name] for name in _READ if name in values}
        return PupilRecord(
            row=row,
            school=texts.get("school") or self.context.school or self.context.fallback,
            surname=surname,
            first_name=first_name,
            street=_street(texts),
            wishes=tuple(wishes),
            basis=self._basis(texts, values),
            invented=texts.get("note", "").casefold() in INVENTED,
            **known,
        )

    def _basis(self, texts: Mapping[str, str], values: Mapping[str, object]) -> LegalBasis:
        """The ground that the row states, else the one given with the list."""
        if values.get("no_disclosure"):
            return LegalBasis(Basis.NONE)
        if "consent" in texts:
            day = values.get("consent_on")
            stated = LegalBasis(
                Basis.CONSENT,
                day if isinstance(day, date) else None,
                texts.get("consent_version"),
                texts.get("consent_giver"),
            )
            return stated if values["consent"] else replace(stated, kind=Basis.NONE)
        asked = "consent" in self.context.headings
        return LegalBasis(Basis.NONE) if asked else self.context.basis

    def _make_readers(self) -> dict[str, Callable[[str], object]]:
        extra, start = self.context.occupations, self.context.training_start

        def wish(text: str) -> object:
            return _or(code_of(text, extra), Rule.OCCUPATION_UNKNOWN)

        def born(text: str) -> object:
            birth = date_of(text)
            if birth is None:
                return _Broken(Rule.DATE_UNREADABLE)
            fits = start is None or 0 <= age_on(birth, start) <= 99
            return birth if fits else _Broken(Rule.DATE_OUT_OF_RANGE)

        return {
            "born": born,
            "postcode": lambda text: _or(site(text), Rule.POSTCODE_UNKNOWN),
            "certificate": _certificate,
            "compulsory_school_done": _flag,
            "leaves": _day,
            **dict.fromkeys(WISHES, wish),
            "longest_way": _minutes,
            "applied_before": _flag,
            "standing": lambda text: _or(standing_of(text), Rule.VALUE_UNKNOWN),
            "marks": lambda text: _or(marks_of(text), Rule.MARK_UNKNOWN),
            "consent": lambda text: _or(consent_of(text), Rule.VALUE_UNKNOWN),
            "consent_on": _past_day,
            "no_disclosure": _flag,
        }


def consent_of(text: str) -> bool | None:
    """Whether somebody consents; a consent withdrawn is none."""
    word = text.casefold()
    return _CONSENT[word] if word in _CONSENT else flag_of(word)


def _or(value: object, rule: Rule) -> object:
    return _Broken(rule) if value is None else value


def _flag(text: str) -> object:
    return _or(flag_of(text), Rule.VALUE_UNKNOWN)


def _day(text: str) -> object:
    return _or(date_of(text), Rule.DATE_UNREADABLE)


def _past_day(text: str) -> object:
    """The day of something that was said already: none to come."""
    day = date_of(text)
    if day is None:
        return _Broken(Rule.DATE_UNREADABLE)
    return _Broken(Rule.DATE_OUT_OF_RANGE) if day > today() else day


def today() -> date:
    """The day here."""
    return datetime.now().astimezone().date()


def _certificate(text: str) -> Certificate | _Broken:
    """A certificate; of the two signs of the school statistics, the second is the general one."""
    found = certificate_of(text)
    if found is None and len(text) == 2 and text[0].isdigit():
        found = certificate_of(text[1])
    return _Broken(Rule.CERTIFICATE_UNKNOWN) if found is None else found


def _minutes(text: str) -> int | _Broken:
    minutes = whole_of(text)
    if minutes is None:
        return _Broken(Rule.NOT_WHOLE)
    if minutes < 1:
        return _Broken(Rule.NOT_POSITIVE)
    return minutes if minutes <= MOST_MINUTES else _Broken(Rule.NUMBER_TOO_LARGE)


def _clean(name: str, raw: str) -> str:
    """A cell as `clean` has it; in an id a line break or a tab is no space but a fault."""
    return clean(clean_id(raw) if name in IDS and not raw.isprintable() else raw)


def _unfit(name: str, text: str) -> Rule | None:
    """What no cell may be, whatever it says."""
    if "\ufffd" in text:
        return Rule.CONTROL_CHARACTER if name in IDS else Rule.CELL_CONTROL
    if len(text) > LONGEST_CELL:
        return Rule.CELL_TOO_LONG
    if text.startswith(_FORMULA_START):
        return Rule.CELL_FORMULA
    # A telephone number starts with a plus and may go on in brackets: +49 (0) 5241.
    if text.startswith(_SIGN_START) and _CALLS.search(text) and any(map(str.isalpha, text)):
        return Rule.CELL_FORMULA
    return None


def _names(texts: Mapping[str, str]) -> tuple[str, str]:
    """Surname and first name; a name in one cell is parted at its comma, else not at all."""
    surname, first_name = texts.get("surname", ""), texts.get("first_name", "")
    surname = surname or texts.get("full_name", "")
    if surname and not first_name:
        surname, _, first_name = (part.strip() for part in surname.partition(","))
    return surname, first_name


def _street(texts: Mapping[str, str]) -> str | None:
    number = texts.get("house_number", "") + texts.get("house_number_suffix", "")
    return " ".join(part for part in (texts.get("street", ""), number) if part) or None
