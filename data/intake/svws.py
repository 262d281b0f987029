"""What do the REST answers of SVWS-NRW say of the pupils? JSON becomes cells of allowed fields.

Read are `stammdaten`, `schulbesuch` and `lernabschnitte` (with their `leistungsdaten`), in files of
their own or in one document, as lists, single entries or nested under a pupil or under any other
key; besides them the catalogues `orte`, `klassen`, `jahrgaenge` and `faecher`, which turn numbers
into words. Entries are told by their keys (capitals don't matter), not by the names of the files.
What stands among pupils and is none waits.

Assumed, since the answers leave it open: `id` in `schulbesuch` is the pupil's, the highest
`schuljahresabschnitt` is the latest, and a number that no catalogue explains says nothing. `kaoa`
entries are recognised and named as not read: they tell of outcomes (see `data.intake.kaoa`).

Source of the field names: the data types of the SVWS-Server's open API (de.svws_nrw.core.data).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from data.intake.columns import shown_heading
from data.intake.guard import LIMITS, Limits, guarded_content, guarded_json, refused
from data.intake.pupil_rows import NO_MARK, SUBJECTS, People, Unchecked
from data.intake.reading import Source
from matching.errors import Fault, FaultyInput, Rule

#: Keys of each kind of entry and the fields they fill, the more telling ones first.
_PERSON = {
    "id": "number", "nachname": "surname", "vorname": "first_name", "geburtsdatum": "born",
    "strassenname": "street", "hausnummer": "house_number",
    "hausnummerZusatz": "house_number_suffix", "plz": "postcode", "postleitzahl": "postcode",
    "ort": "town", "ortsname": "town", "wohnort": "town", "telefonMobil": "phone",
    "telefon": "phone", "emailPrivat": "email", "emailSchule": "email", "klasse": "school_class",
    "jahrgang": "grade", "istSchulpflichtErfuellt": "compulsory_school_done",
    "keineAuskunftAnDritte": "no_disclosure",
}  # fmt: skip
_HISTORY = {
    "schluesselHoechsterSchulabschluss": "certificate",
    "entlassdatumDieseSchule": "leaves",
    "entlassungDatum": "leaves",
}
_TERM = {"abschluss": "certificate"}
#: Keys that point into a catalogue: its name, and the fields that its entry fills.
_POINTERS = {
    "wohnortID": ("orte", {"plz": "postcode", "ortsname": "town"}),
    "klassenID": ("klassen", {"kuerzel": "school_class"}),
    "idKlasse": ("klassen", {"kuerzel": "school_class"}),
    "jahrgangID": ("jahrgaenge", {"kuerzel": "grade"}),
    "idJahrgang": ("jahrgaenge", {"kuerzel": "grade"}),
}
_CATALOGUES = frozenset({"orte", "klassen", "jahrgaenge", "faecher"})
_NESTED = frozenset(
    {"stammdaten", "schueler", "schulbesuch", "lernabschnitte", "lernabschnittsdaten", "kaoa"}
)
_HISTORY_KEYS = frozenset(_HISTORY) | {"entlassungJahrgang", "bisherBesuchteSchulen"}
_TERM_KEYS = frozenset({"leistungsdaten", "lernabschnittID", "schuljahresabschnitt"})
_KAOA_KEYS = frozenset({"anschlussoption", "idAnschlussoption", "idMerkmal", "merkmal"})
#: Keys of entries that look like people and are none of the pupils, and keys above such entries.
_OTHERS = frozenset({"idErzieherArt", "personalTyp"})
_ABOVE_OTHERS = frozenset(
    {"ansprechpartner", "betriebe", "eltern", "erzieher", "kontakte", "lehrer", "personal"}
)
_PUPILS = frozenset({"stammdaten", "schueler"})
_NAMES = frozenset({"nachname", "vorname"})
#: How deep an entry may lie; what lies deeper is refused.
_DEEPEST = 60

_SPELLED = {
    key.casefold(): key
    for key in (
        *_PERSON, *_HISTORY, *_TERM, *_POINTERS, *_CATALOGUES, *_NESTED, *_HISTORY_KEYS,
        *_TERM_KEYS, *_KAOA_KEYS, *_OTHERS, *_ABOVE_OTHERS, "schuelerID", "idSchueler", "kuerzel",
        "kuerzelStatistik", "wechselNr", "note", "fachID", "fachKuerzel", "fach",
    )
}  # fmt: skip

Entry = Mapping[str, object]


@dataclass(slots=True)
class _Pupil:
    """What is known of one pupil so far."""

    file: str
    row: int
    cells: dict[str, str] = field(default_factory=dict)
    is_named: bool = False
    is_ambiguous: bool = False
    terms: list[Entry] = field(default_factory=list)
    pointers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Answers:
    """All entries of all answers, by pupil."""

    pupils: dict[str, _Pupil] = field(default_factory=dict)
    catalogues: dict[str, dict[str, Entry]] = field(default_factory=dict)
    dropped: dict[str, None] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    odd: list[Unchecked] = field(default_factory=list)
    entries: int = 0

    def wait(self, file: str, rule: Rule) -> None:
        """Keep an entry that can't be told from others; of its cells nobody knows what they say."""
        self.entries += 1
        row = self.entries + 1
        self.odd.append((row, {}, (Fault(rule, file, row),)))

    def pupil(self, file: str, number: str) -> _Pupil:
        """The pupil with this number; without a number, somebody nobody else is."""
        self.entries += 1
        key = number or f"#{self.entries}"
        if key not in self.pupils:
            cells = {"number": number} if number else {}
            self.pupils[key] = _Pupil(file, self.entries + 1, cells)
        return self.pupils[key]

    def namesake(self, file: str, number: str) -> _Pupil:
        """Somebody under the number of another, by the entry that was looked up last."""
        row = self.entries + 1
        pupil = _Pupil(file, row, {"number": number}, is_ambiguous=True)
        self.pupils[f"#{self.entries}"] = pupil
        return pupil

    def drop(self, keys: Sequence[str]) -> None:
        """Name keys that are not read; a key that is no plain word could be anybody's name."""
        self.dropped |= {shown_heading(k): None for k in keys if k.isascii() and k.isidentifier()}


def svws_people(sources: Sequence[Source], limits: Limits = LIMITS) -> People:
    """The pupils of REST answers, joined by their number at the school.

    `row` counts the entries about pupils in the order of the answers, the first being 2. Entries
    about somebody whom no answer names wait (`JOIN_MISSING`), and pupils whom two entries name
    differently (`JOIN_AMBIGUOUS`), each entry by itself; so does whatever stands among pupils and
    has no name (`HEADINGS_UNKNOWN`). Raises `FaultyInput` for what is no JSON, has one key twice
    (`COLUMN_TWICE`) or is nested too deep, for answers without pupils, and with `OUTCOMES_APART`
    for those that hold outcomes only.
    """
    answers = _Answers()
    for source in sources:
        _, content = guarded_content(source, limits)
        try:
            document = json.loads(
                guarded_json(source, content, limits), object_pairs_hook=_with_keys_once
            )
        except _KeyTwice:
            raise refused(Rule.COLUMN_TWICE, source) from None
        except (ValueError, RecursionError):
            raise refused(Rule.FILE_UNREADABLE, source) from None
        _walk(answers, str(source), document, "", "", False, 0)
    if not any(pupil.is_named for pupil in answers.pupils.values()):
        told = "kaoa" in answers.dropped
        raise refused(Rule.OUTCOMES_APART if told else Rule.HEADINGS_UNKNOWN, sources[0])
    rows = [*_rows(answers)]
    mapping = dict(answers.keys)
    return People(
        str(sources[0]),
        "svws",
        lambda: iter(rows),
        mapping,
        {name: key for key, name in reversed(mapping.items())},
        (),
        tuple(key for key in answers.dropped if key not in mapping),
    )


class _KeyTwice(Exception):
    """An object has one key twice: one of its two values would be lost."""


def _with_keys_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object by its keys as the answers spell them."""
    entry = {_SPELLED.get(key.casefold(), key): value for key, value in pairs}
    if len(entry) < len(pairs):
        raise _KeyTwice
    return entry


def _is_pupil(entry: object) -> bool:
    return isinstance(entry, dict) and bool(entry.keys() & _NAMES) and not entry.keys() & _OTHERS


def _walk(
    answers: _Answers, file: str, value: object, name: str, pupil: str, among: bool, depth: int
) -> None:
    """Take every entry that a value holds.

    `name` is the key above it, `pupil` whose it is, `among` whether it stands among pupils.
    """
    if depth > _DEEPEST:
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, file),))
    if isinstance(value, list):
        among = among or any(map(_is_pupil, value))
        for entry in value:
            _walk(answers, file, entry, name, pupil, among, depth + 1)
    elif isinstance(value, dict):
        whose, is_placed = _take(answers, file, value, name, pupil)
        found = False
        for key, nested in value.items():
            if not isinstance(nested, list | dict):
                continue
            if key in _NESTED | _CATALOGUES or not (is_placed or key in _ABOVE_OTHERS):
                _walk(answers, file, nested, key, whose, key in _PUPILS, depth + 1)
                found = True
            elif not is_placed:
                answers.drop([key])
        if among and value and not (is_placed or found):
            answers.wait(file, Rule.HEADINGS_UNKNOWN)
    elif among and value is not None:
        answers.wait(file, Rule.HEADINGS_UNKNOWN)


def _take(answers: _Answers, file: str, entry: Entry, name: str, pupil: str) -> tuple[str, bool]:
    """Take one entry for what its keys tell it is; whose it is, and whether it is known at all."""
    keys = entry.keys()
    number = _text(entry.get("schuelerID", entry.get("idSchueler")))
    own = _text(entry.get("id"))
    if _is_pupil(entry):
        if number and own and number != own:
            # The entry has a number of its own: a parent's, or whoever's beside the pupil.
            answers.wait(file, Rule.JOIN_AMBIGUOUS)
            return number, True
        _take_pupil(answers, file, entry, own or number or pupil)
        return own or number or pupil, True
    if keys & _TERM_KEYS:
        answers.pupil(file, number or pupil).terms.append(entry)
    elif keys & _KAOA_KEYS:
        answers.drop(["kaoa"])
    elif keys & _HISTORY_KEYS:
        _read(answers, answers.pupil(file, number or pupil or own), entry, _HISTORY)
    elif own and (name in _CATALOGUES or "ortsname" in keys or "kuerzel" in keys):
        answers.catalogues.setdefault(_catalogue(name, file, entry), {})[own] = entry
    else:
        answers.drop(sorted(keys & _OTHERS))
        return number or pupil or (own if _NESTED & keys else ""), bool(keys & _OTHERS)
    return number or pupil or (own if _NESTED & keys else ""), True


def _take_pupil(answers: _Answers, file: str, entry: Entry, number: str) -> None:
    """Take what an entry says of a pupil; of one who is named otherwise already, apart."""
    known = answers.pupil(file, number)
    named = {_PERSON[key]: _text(entry.get(key)) for key in ("nachname", "vorname", "geburtsdatum")}
    if known.is_named and any(
        text and known.cells.get(field, text) != text for field, text in named.items()
    ):
        known.is_ambiguous = True
        known = answers.namesake(file, number)
    known.is_named = True
    _read(answers, known, entry, _PERSON)


def _catalogue(name: str, file: str, entry: Entry) -> str:
    """Which catalogue an entry is of: by the key above it, its own keys, else the file's name."""
    if name in _CATALOGUES:
        return name
    if "ortsname" in entry:
        return "orte"
    return next((known for known in _CATALOGUES if known in file.casefold()), "")


def _read(answers: _Answers, pupil: _Pupil, entry: Entry, fields: Mapping[str, str]) -> None:
    """Fill what is still blank; name the keys that nobody reads."""
    for key, name in fields.items():
        if key in entry:
            answers.keys.setdefault(key, name)
            if (text := _text(entry[key])) and not pupil.cells.get(name):
                pupil.cells[name] = text
    for key in _POINTERS.keys() & entry.keys():
        pupil.pointers.setdefault(key, _text(entry[key]))
    known = fields.keys() | _POINTERS.keys() | _NESTED | {"id", "schuelerID", "idSchueler"}
    answers.drop([key for key in entry if key not in known])


def _rows(answers: _Answers) -> Iterator[Unchecked]:
    for pupil in answers.pupils.values():
        _read_terms(answers, pupil)
        for key, number in pupil.pointers.items():
            catalogue, fields = _POINTERS[key]
            found = answers.catalogues.get(catalogue, {}).get(number, {})
            for source, name in fields.items():
                if (text := _text(found.get(source))) and not pupil.cells.get(name):
                    pupil.cells[name] = text
        rule = None if pupil.is_named else Rule.JOIN_MISSING
        rule = Rule.JOIN_AMBIGUOUS if pupil.is_ambiguous else rule
        faults = () if rule is None else (Fault(rule, pupil.file, pupil.row),)
        yield pupil.row, pupil.cells, faults
    yield from answers.odd


def _read_terms(answers: _Answers, pupil: _Pupil) -> None:
    """The latest term says the certificate and the class; each mark is its subject's latest."""
    terms = sorted(pupil.terms, key=_when)
    for term in reversed(terms):
        _read(answers, pupil, term, _TERM)
    marks: dict[str, str] = {}
    for _, one_term in groupby(terms, key=_when):
        marks |= _marks_of(answers, one_term)
    if marks:
        answers.keys.setdefault("leistungsdaten", "marks")
        pupil.cells["marks"] = "; ".join(f"{name}={mark}" for name, mark in sorted(marks.items()))


def _marks_of(answers: _Answers, terms: Iterable[Entry]) -> dict[str, str]:
    """The marks of one term; two of one subject stand together, which no check lets pass."""
    marks: dict[str, str] = {}
    for term in terms:
        given = term.get("leistungsdaten")
        for entry in given if isinstance(given, list) else []:
            if not isinstance(entry, dict):
                continue
            subject, mark = _subject(answers, entry), _text(entry.get("note")).upper()
            if subject in SUBJECTS and mark not in NO_MARK:
                plain = "".join("?" if sign in ";,=: " else sign for sign in mark)
                said = marks.setdefault(subject, plain)
                if plain not in said.split("?"):
                    marks[subject] = f"{said}?{plain}"
    return marks


def _when(term: Entry) -> tuple[int, int]:
    """The order of terms: by their number, the one before a change of class first."""
    number, change = term.get("schuljahresabschnitt"), term.get("wechselNr")
    return (
        number if isinstance(number, int) else -1,
        -change if isinstance(change, int) else 0,
    )


def _subject(answers: _Answers, entry: Entry) -> str:
    """A subject's abbreviation, from the entry itself or from the catalogue."""
    found = answers.catalogues.get("faecher", {}).get(_text(entry.get("fachID")), {})
    for text in (entry.get("fachKuerzel"), entry.get("fach"), found.get("kuerzelStatistik"),
                 found.get("kuerzel")):  # fmt: skip
        if isinstance(text, str) and text:
            return text.upper().rstrip("0123456789")
    return ""


def _text(value: object) -> str:
    match value:
        case bool():
            return "ja" if value else "nein"
        case str():
            return value.strip()
        case int():
            return str(value)
        case _:
            return ""
