"""What does an answer `kaoa` of SVWS-NRW say became of pupils? Entries become rows of outcomes.

KAoA keeps many facts of a pupil: talks, internships, courses. Only entries that name an
Anschlussoption are rows here; the keys of all others are named as dropped, and so is whatever else
an entry says, since the Zusatzmerkmal alone can tell of special needs.

Whose an entry is, the answer of a single pupil leaves open. It is known where entries lie under a
pupil (`{"schueler": [{"id": 7, "kaoa": [...]}]}`), under a pupil's number (`{"7": [...]}`), or
carry `idSchueler`. An entry of nobody waits.

Assumed, since no key says "planned": the catalogue offers Anschlussoptionen at the Zusatzmerkmale
of SBO 10.7 (Koordinierte Übergangsgestaltung) alone, one for each certificate with which somebody
leaves, so an entry there, or one that names no Merkmal, is what the school knows of a leaver. Under
any other Merkmal, as SBO 10.6 (Anschlussvereinbarung), it is a plan: the row waits without its
outcome, so that somebody has to say what became of it. No entry has a day. Of several about one
pupil the one of the latest term counts; those that say otherwise wait.

Source of keys and catalogue numbers: the data type SchuelerKAoADaten of the SVWS-Server's open API
in its versions, and the catalogues KAOAMerkmal, KAOAZusatzmerkmal and KAOAAnschlussoptionen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from data.intake.columns import shown_heading
from data.intake.guard import refused
from data.intake.json_values import Json, json_of, text_of
from data.intake.reading import Source
from data.intake.row_check import clean_cells
from data.reference.follow_ups import FollowUp, follow_up_numbered, follow_up_of
from matching.errors import Fault, Rule

KIND = "kaoa"

#: How the file calls the fields, for the reader of a fault.
HEADINGS = {
    "kind": "idAnschlussoption",
    "pseudonym": "idSchueler",
    "number": "idSchueler",
    "surname": "nachname",
    "first_name": "vorname",
    "born": "geburtsdatum",
}

_OPTION = ("idAnschlussoption", "anschlussoption")
_FEATURE = ("idMerkmal", "merkmal")
_DETAIL = ("idZusatzmerkmal", "zusatzmerkmal")
_PUPIL = ("idSchueler", "schuelerID", "schuelerId")
#: By which of these an entry is the latest of a pupil; later terms have higher numbers.
_TERM = ("idSchuljahresabschnitt", "abschnitt", "idLernabschnitt")
_NAMES = {"nachname": "surname", "vorname": "first_name", "geburtsdatum": "born"}
_PUPILS = frozenset({"schueler", "stammdaten"})
_READ = frozenset({*_OPTION, *_FEATURE, *_DETAIL, *_PUPIL, *_TERM, "id"})
_ENTRY = frozenset({*_OPTION, *_FEATURE, *_DETAIL})

#: SBO 10.7 by number, code and spelling, and the numbers of its Zusatzmerkmale.
_LEAVING = frozenset({"69", "sbo107"})
_LEAVING_WITH = frozenset(map(str, range(117, 130)))

_DEEPEST = 6

_NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class KaoaRow:
    """One entry with an Anschlussoption: its cells by field, and what is wrong with it already."""

    row: int
    cells: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class KaoaRows:
    """The entries of an answer that name an Anschlussoption, and the keys that nobody reads."""

    rows: tuple[KaoaRow, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry and whose it is."""

    said: Mapping[str, Json]
    person: Mapping[str, str]

    @property
    def option(self) -> str | None:
        return _said(self.said, _OPTION)

    @property
    def meant(self) -> FollowUp | None:
        option = self.option
        if option is None:
            return None
        return follow_up_numbered(int(option)) if _is_number(option) else follow_up_of(option)

    @property
    def is_plan(self) -> bool:
        feature, detail = _said(self.said, _FEATURE), _said(self.said, _DETAIL)
        if feature is not None:
            return _plain(feature) not in _LEAVING
        if detail is None:
            return False
        return detail not in _LEAVING_WITH and not _plain(detail).startswith("sbo107")

    @property
    def term(self) -> int:
        found = _said(self.said, _TERM)
        return int(found) if found is not None and _is_number(found) else -1


def kaoa_rows(source: Source) -> KaoaRows:
    """The rows of one answer, the first of them row 2.

    Raises `FaultyInput` for what is no JSON or holds no entry of KAoA.
    """
    entries: list[_Entry] = []
    dropped: dict[str, None] = {}
    for entry in _entries(json_of(source)):
        if entry.option is not None:
            entries.append(entry)
        unread = entry.said.keys() - (_READ if entry.option is not None else {"id", *_PUPIL})
        # A key that is no plain word could be anybody's name.
        dropped |= {shown_heading(k): None for k in sorted(unread) if k.isascii() and k.isalnum()}
    if not entries and not dropped:
        raise refused(Rule.HEADINGS_UNKNOWN, source)
    latest = _latest(entries)
    file = str(source)
    rows = tuple(_row(file, row, entry, latest) for row, entry in enumerate(entries, start=2))
    return KaoaRows(rows, tuple(dropped))


def _row(
    file: str, row: int, entry: _Entry, latest: Mapping[tuple[str, ...], FollowUp | None]
) -> KaoaRow:
    if entry.is_plan:
        fault = Fault(Rule.OUTCOME_PLANNED, file, row, "idMerkmal")
        return KaoaRow(row, clean_cells(entry.person.items()), (fault,))
    meant = entry.meant
    option = entry.option if meant is None or meant.code is None else meant.code
    cells = clean_cells([*entry.person.items(), ("kind", option)])
    if meant is not None and entry.person and latest[_key(entry)] != meant:
        return KaoaRow(row, cells, (Fault(Rule.PERSON_TWICE, file, row, "idAnschlussoption"),))
    return KaoaRow(row, cells)


def _latest(entries: list[_Entry]) -> dict[tuple[str, ...], FollowUp | None]:
    """What is last said of each person; `None` where one term says several things."""
    latest: dict[tuple[str, ...], tuple[int, FollowUp | None]] = {}
    for entry in entries:
        meant = entry.meant
        if entry.is_plan or meant is None or not entry.person:
            continue
        term, known = latest.get(_key(entry), (entry.term, meant))
        if entry.term > term:
            latest[_key(entry)] = (entry.term, meant)
        elif entry.term == term:
            latest[_key(entry)] = (term, known if known == meant else None)
    return {key: meant for key, (_, meant) in latest.items()}


def _entries(
    value: Json, name: str = "", person: Mapping[str, str] = _NOBODY, depth: int = 0
) -> Iterator[_Entry]:
    """Every entry of KAoA below a value; `name` is the key above it, `person` whose it is."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _entries(item, name, person, depth + 1)
        return
    if not isinstance(value, dict):
        return
    person = _person(value, name, person)
    if _ENTRY & value.keys():
        yield _Entry(value, person)
        return
    for key, inner in value.items():
        if isinstance(inner, dict | list):
            whose = person or ({"number": key} if _is_number(key) else _NOBODY)
            yield from _entries(inner, key, whose, depth + 1)


def _person(value: Mapping[str, Json], name: str, person: Mapping[str, str]) -> Mapping[str, str]:
    """Who an object is about: whom it says, else the pupil that it is, else whoever it lies under.

    `id` is a pupil's only under `schueler` or beside a name; terms and entries have one as well.
    """
    said = _said(value, _PUPIL)
    if said is None and (name in _PUPILS or _NAMES.keys() & value.keys()):
        said = _said(value, ("id",))
    if said is not None:
        return {"number": said}
    return person or clean_cells((f, text_of(value.get(key))) for key, f in _NAMES.items())


def _said(value: Mapping[str, Json], keys: tuple[str, ...]) -> str | None:
    """What the first of the keys says that says anything; -1 is the format's word for nothing."""
    for key in keys:
        inner = value.get(key)
        if isinstance(inner, dict):
            inner = inner.get("id", inner.get("kuerzel"))
        text = (text_of(inner) or "").strip()
        if text and text != "-1":
            return text
    return None


def _key(entry: _Entry) -> tuple[str, ...]:
    return tuple(f"{field}={text}" for field, text in sorted(entry.person.items()))


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
