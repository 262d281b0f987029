"""Which training places does an HR-BA-XML file send? Postings, and entries that take them back.

Firms and chambers send vacancies to the labour agency in this format. A full load (`F`) names all
that the sender offers, a delta load (`D`) only what is new, changed or taken back. The agency
gives its schema to partners only; element names are read as public senders write them, with or
without a namespace. The file is read as it streams in, so memory is bounded by its postings.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Protocol
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from data.intake.guard import MEBIBYTE, refused
from data.intake.offer_rows import OfferCells, doubted
from data.intake.reading import Source, Upload
from data.intake.row_check import clean_cells
from matching.errors import Fault, Rule

KIND, KIND_OF_DELTA = "hr_ba_xml", "hr_ba_xml_delta"

#: A file of this many bytes is refused unread.
MOST_BYTES = 256 * MEBIBYTE
#: Bytes between two ends of tags; the longest text that the format allows has 4,000 letters.
_MOST_BETWEEN = MEBIBYTE
#: Elements of one posting, and how deep they may lie.
_MOST_ELEMENTS, _DEEPEST, _LONGEST_PATH = 2_000, 50, 1_000

#: Postings and deletions in one file: more than any sender has, in all of North Rhine-Westphalia
#: some 110,000 places are offered in a year.
MOST_ENTRIES = 30_000
#: Elements beside them, as those of the header.
_MOST_OTHERS = 1_000
#: What a parser has to stop at, and how often: a posting with all that the format knows has some
#: 150 tags, and names itself in four of them. What every file may have besides.
_STOPS = (b"<", b"&", b"=", b"\n")
_MOST_STOPS, _STOPS_BESIDES = 120, 5_000
_MOST_NAMES = 4 * MOST_ENTRIES
#: Bytes for each time that an entry is named; the longest text has 4,000 letters.
_MOST_OF_ENTRY, _BYTES_BESIDES = 10_000, MEBIBYTE

_POSTING, _DELETION, _ROOT = "JobPositionPosting", "DeleteEntry", "HRBAXMLJobPositionPosting"
_END, _EMPTY = f"{_POSTING}>".encode(), f"{_POSTING}/>".encode()
_INFORMATION = "JobPositionInformation"
_SITE = f"{_INFORMATION}/JobPositionDescription/JobPositionLocation/Location"
_QUALIFICATIONS = f"{_INFORMATION}/JobPositionRequirements/QualificationsRequired"

_PATHS = {
    "reference": "JobPositionPostingId",
    "employer": "HiringOrg/HiringOrgName",
    "title": f"{_INFORMATION}/JobPositionTitleDescription",
    "postcode": f"{_SITE}/PostalCode",
    "town": f"{_SITE}/Municipality",
    "openings": f"{_INFORMATION}/NumberToFill",
    "requires": f"{_QUALIFICATIONS}/EducationQualifs/EduDegree",
    "starts": f"{_INFORMATION}/AssignmentStartDate",
}

#: How the file calls the fields, for the reader of a fault.
HEADINGS = {field: path.rpartition("/")[2] for field, path in _PATHS.items()}

#: `EduDegree` as the abbreviations of our table; 15 asks for none.
_CERTIFICATES = {
    "1": "OA",
    "2": "ESA",
    "3": "MSA",
    "4": "FHR",
    "5": "FHR",
    "6": "ABITUR",
    "11": "OA",
    "12": "ESA",
    "15": "",
}

#: What an offer of dual training says of itself, where it does: 4 is training or dual studies,
#: and of these 0 is training.
_TRAINING = {f"{_INFORMATION}/JobOfferType": "4", f"{_INFORMATION}/EducationType": "0"}


class _Bytes(Protocol):
    def read(self, count: int = -1, /) -> bytes: ...


@dataclass
class _Watched:
    """A file being read, that stops where no tag ends for too long: memory would follow."""

    source: Source
    file: _Bytes
    read_in_all: int = 0
    since_tag: int = 0

    def read(self, count: int = -1) -> bytes:
        part = self.file.read(count)
        at = part.rfind(b">")
        self.since_tag = self.since_tag + len(part) if at < 0 else len(part) - at
        self.read_in_all += len(part)
        if self.since_tag > _MOST_BETWEEN:
            raise refused(Rule.CELL_TOO_LONG, self.source)
        if self.read_in_all > MOST_BYTES:
            raise refused(Rule.FILE_TOO_LARGE, self.source)
        return part


@dataclass
class _Scale:
    """How much there is in a file, found at the speed of memory before anything parses it.

    A flood of tags, comments, references, attributes or lines would take a parser many seconds;
    here it is weighed against the entries that a file names.
    """

    names: int = 0
    ends: int = 0
    stops: int = 0
    read_in_all: int = 0

    def add(self, part: bytes) -> None:
        """Weigh the next part of a file; in UTF-16 half of the bytes say nothing."""
        part = part.replace(b"\0", b"")
        self.names += part.count(_POSTING.encode()) + part.count(_DELETION.encode())
        self.ends += 2 * part.count(_EMPTY) + part.count(_END)
        self.stops += max(part.count(stop) for stop in _STOPS)
        self.read_in_all += len(part)

    @property
    def broken(self) -> Rule | None:
        """The rule broken by a file with more entries than anybody has, or more than they explain.

        `None` for a file that may be parsed.
        """
        # Each entry ends two tags of its name, or is empty; so does the root.
        if self.ends > 2 * MOST_ENTRIES + 2 or self.names > _MOST_NAMES:
            return Rule.CELLS_TOO_MANY
        if self.stops > _STOPS_BESIDES + _MOST_STOPS * self.names:
            return Rule.CELLS_TOO_MANY
        too_long = self.read_in_all > _BYTES_BESIDES + _MOST_OF_ENTRY * self.names
        return Rule.CELL_TOO_LONG if too_long else None


def _weigh(source: Source, file: IO[bytes]) -> None:
    """Raise `FaultyInput` for a file that is a flood; it is read again from its beginning."""
    scale = _Scale()
    while part := file.read(MEBIBYTE):
        scale.add(part)
        if scale.read_in_all > MOST_BYTES:
            raise refused(Rule.FILE_TOO_LARGE, source)
    if scale.broken is not None:
        raise refused(scale.broken, source)
    file.seek(0)


class Postings:
    """The offers of one file, to be gone through once; then `is_delta` and `unread` are known.

    `unread` names the elements that say something and are not read.
    """

    def __init__(self, source: Source) -> None:
        self.is_delta = False
        self.unread: set[str] = set()
        self._source = source

    def __iter__(self) -> Iterator[OfferCells]:
        """The postings and deletions in their order, the first as row 2.

        Raises `FaultyInput` for what is no such file, declares entities, or is built to fill the
        memory.
        """
        row, others = 1, 0
        for element in self._elements():
            name = _name(element)
            others += name not in (_POSTING, _DELETION)
            if row > MOST_ENTRIES or others > _MOST_OTHERS:
                raise refused(Rule.CELLS_TOO_MANY, self._source)
            if name == "TypeOfLoad":
                self.is_delta = (element.text or "").strip().upper().startswith("D")
            elif name == _POSTING:
                row += 1
                yield self._posting(row, element)
            elif name == _DELETION:
                row += 1
                yield _deletion(row, element)

    def _elements(self) -> Iterator[Element]:
        """Each element that matters once it is complete; what went before is forgotten."""
        open_elements: list[Element] = []
        count = 0
        with _translated(self._source), _opened(self._source) as file:
            _weigh(self._source, file)
            for event, element in iterparse(
                _Watched(self._source, file), events=("start", "end"), forbid_dtd=True
            ):
                if event == "start":
                    open_elements.append(element)
                    count += 1
                    if len(open_elements) == 1 and _name(element) != _ROOT:
                        raise refused(Rule.FILE_UNREADABLE, self._source)
                    if count > _MOST_ELEMENTS or len(open_elements) > _DEEPEST:
                        raise refused(Rule.CELLS_TOO_MANY, self._source)
                    continue
                open_elements.pop()
                if len(open_elements) <= 2:
                    yield element
                    count = 0
                    for parent in open_elements:
                        parent.clear()
                    element.clear()

    def _posting(self, row: int, posting: Element) -> OfferCells:
        said = _texts(posting)
        cells = clean_cells((field, said.get(path)) for field, path in _PATHS.items())
        if "requires" in cells:
            cells["requires"] = _CERTIFICATES.get(cells["requires"], cells["requires"])
        faults = tuple(
            Fault(Rule.VALUE_UNKNOWN, str(self._source), row, path.rpartition("/")[2], said[path])
            for path, training in _TRAINING.items()
            if said.get(path, training) != training
        )
        read = {*_PATHS.values(), *_TRAINING}
        self.unread |= {path.rpartition("/")[2] for path in said if path not in read}
        filled = {field: text for field, text in cells.items() if text}
        return doubted(OfferCells(row, filled, faults))


def _deletion(row: int, entry: Element) -> OfferCells:
    cells = [("reference", _texts(entry).get("EntryId")), ("deleted", "ja")]
    return OfferCells(row, clean_cells(cells))


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if isinstance(source, Upload):
        yield BytesIO(source.content)
        return
    with source.open("rb") as file:
        yield file


@contextmanager
def _translated(source: Source) -> Iterator[None]:
    """Whatever a parser or the disk says becomes a fault of the file."""
    try:
        yield
    except FileNotFoundError:
        raise refused(Rule.FILE_MISSING, source) from None
    except DefusedXmlException:
        raise refused(Rule.XML_ENTITIES, source) from None
    except (ParseError, OSError, LookupError, ValueError) as stopped:
        row = stopped.position[0] if isinstance(stopped, ParseError) else None
        raise refused(Rule.FILE_UNREADABLE, source, row) from None


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _texts(element: Element) -> dict[str, str]:
    """The text of everything below an element by its path; of like paths, the first that says."""
    texts: dict[str, str] = {}
    waiting = [(child, _name(child)) for child in reversed(element)]
    while waiting:
        inner, path = waiting.pop()
        text = (inner.text or "").strip()
        if len(path) > _LONGEST_PATH:
            continue
        if text:
            texts.setdefault(path, text)
        waiting += [(child, f"{path}/{_name(child)}") for child in reversed(inner)]
    return texts
