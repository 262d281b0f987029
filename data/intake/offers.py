"""Which training places do these files offer? Any format that offers come in.

Lists (CSV, XLSX, ODS, Parquet), answers of the labour agency's Jobsuche (JSON), HR-BA-XML, and
schema.org postings (JSON-LD). What a file is shows in its first bytes and keys, not in its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from data.intake import hr_ba_xml, job_posting, jobsuche
from data.intake.columns import Words, words_of
from data.intake.json_values import json_of, start_of
from data.intake.listed_rows import listed_rows, missing_columns
from data.intake.offer_rows import (
    FIELDS,
    NEEDED,
    OfferCells,
    cells_of,
    made_references,
    offer_of,
    read_rows,
)
from data.intake.reading import Source
from data.intake.records import FileRead, PlaceRecord, Waiting
from data.reference.titles import Titles
from matching.errors import Fault, FaultyInput, Rule

KIND_OF_LIST = "place_list"

#: A file of one of these kinds says what changed, or a part of what there is, of the offers that a
#: file of the kind it stands for names all of. Any other names all that its source offers.
WHOLE_KINDS: Mapping[str, str] = MappingProxyType(
    {hr_ba_xml.KIND_OF_DELTA: hr_ba_xml.KIND, jobsuche.KIND_OF_PART: jobsuche.KIND}
)
DELTA_KINDS = frozenset(WHOLE_KINDS)

#: Every field that a column of a list of offers can be read as.
OFFER_WORDS: Words = words_of(Path(__file__).with_name("offer_headings.csv"))


def read_offers(
    sources: Sequence[Source],
    mapping: Mapping[str, str] | None = None,
    occupations: Path | None = None,
    confirmed: Mapping[str, str] = MappingProxyType({}),
) -> FileRead[PlaceRecord]:
    """Read offers from one file, or from several that belong together, as pages of one answer.

    `mapping` gives the field of headings of a list that somebody confirmed; `occupations` is the
    folder of an imported official table, `confirmed` the codes of titles that somebody decided on
    (see `Titles`). A row's number is that in its own file, which each fault
    names. Answers of a search that do not hold all that it found are a part (`LOAD_PARTIAL`).
    Raises `FaultyInput` with the faults of all files that can't be read, and `FILES_APART` for
    files of different kinds.
    """
    searches = jobsuche.Searches()
    titles = Titles(occupations, confirmed)
    faults: list[Fault] = []
    parts: list[FileRead[PlaceRecord]] = []
    for source in sources:
        try:
            parts.append(_read(source, mapping, titles, searches))
        except FaultyInput as refusal:
            faults += refusal.faults
    if not sources or len({part.kind for part in parts}) > 1:
        faults.append(Fault(Rule.FILES_APART if sources else Rule.FILE_MISSING))
    if faults:
        raise FaultyInput(tuple(faults))
    read = parts[0] if len(parts) == 1 else _joined(parts)
    if searches.short is None:
        return read
    part = Fault(Rule.LOAD_PARTIAL, str(sources[0]), value=searches.short)
    return replace(read, kind=jobsuche.KIND_OF_PART, faults=(*read.faults, part))


def read_offer_list(
    source: Source,
    titles: Titles,
    mapping: Mapping[str, str] | None = None,
    *,
    words: Words = OFFER_WORDS,
    needed: frozenset[str] = NEEDED,
) -> FileRead[PlaceRecord]:
    """Read offers from a list whose headings are among `words`, are near them, or are mapped.

    A list without a column for references gets ones made of what it says, unless `needed` asks
    for a column. Any needed column that is missing is a fault of the file, and of each row.
    With other words than ours, nothing is guessed.
    """
    table = listed_rows(source, words, mapping, guess=words is OFFER_WORDS)
    names = {**words.headings, **table.columns.headings}
    offers: Iterable[OfferCells] = (OfferCells(*row) for row in table.rows)
    if "reference" not in needed | table.columns.numbers.keys():
        offers = made_references(offers)
    check = partial(offer_of, titles=titles, file=table.file, headings=names, needed=needed)
    read = read_rows(table.file, KIND_OF_LIST, offers, check, names["reference"])
    none = () if read.rows else (Fault(Rule.NO_ROWS, table.file),)
    titled = "kldb" in table.columns.numbers
    asked = [field for field in FIELDS if field in needed and not (field == "title" and titled)]
    return replace(
        read,
        dropped_columns=table.columns.dropped,
        mapping=table.columns.mapping,
        guessed=table.columns.guessed,
        faults=(*table.faults, *none, *missing_columns(table, asked, names)),
    )


def _read(
    source: Source,
    mapping: Mapping[str, str] | None,
    titles: Titles,
    searches: jobsuche.Searches,
) -> FileRead[PlaceRecord]:
    start = _start_of(source)
    if start[:1] in (b"{", b"["):
        return _read_json(source, titles, searches)
    if start[:1] == b"<":
        postings = hr_ba_xml.Postings(source)
        read = _checked(source, hr_ba_xml.KIND, postings, titles, hr_ba_xml.HEADINGS)
        kind = hr_ba_xml.KIND_OF_DELTA if postings.is_delta else hr_ba_xml.KIND
        return replace(read, kind=kind, dropped_columns=tuple(sorted(postings.unread)))
    return read_offer_list(source, titles, mapping)


def _read_json(
    source: Source, titles: Titles, searches: jobsuche.Searches
) -> FileRead[PlaceRecord]:
    value = json_of(source)
    if job_posting.is_job_posting(value):
        kind, headings, dropped = job_posting.KIND, job_posting.HEADINGS, job_posting.unread_keys
        offers = made_references(job_posting.postings_of(str(source), value))
    else:
        kind, headings, dropped = jobsuche.KIND, jobsuche.HEADINGS, jobsuche.unread_keys
        offers = jobsuche.offers_of(source, value)
        searches.take(value)
    read = _checked(source, kind, offers, titles, headings)
    return replace(read, dropped_columns=tuple(sorted(dropped(value))))


def _checked(
    source: Source,
    kind: str,
    offers: Iterable[OfferCells],
    titles: Titles,
    headings: Mapping[str, str],
) -> FileRead[PlaceRecord]:
    file = str(source)
    check = partial(offer_of, titles=titles, file=file, headings=headings)
    return read_rows(file, kind, offers, check, headings["reference"])


def _joined(parts: Sequence[FileRead[PlaceRecord]]) -> FileRead[PlaceRecord]:
    """Pages as one reading. An offer that an earlier page named waits on the later one."""
    seen: set[str] = set()
    records: list[PlaceRecord] = []
    waiting: list[Waiting] = []
    kept: list[tuple[str, int]] = []
    for part in parts:
        before = len(records)
        waiting += part.waiting
        for record in part.records:
            if record.reference in seen:
                fault = Fault(Rule.ID_TWICE, part.file, record.row, value=record.reference)
                waiting.append(Waiting(record.row, cells_of(record), (fault,)))
            else:
                records.append(record)
        seen |= {record.reference for record in part.records}
        kept.append((part.file, len(records) - before))
    return FileRead(
        file=", ".join(part.file for part in parts),
        kind=parts[0].kind,
        rows=sum(part.rows for part in parts),
        records=tuple(records),
        waiting=tuple(waiting),
        dropped_columns=tuple(sorted({c for part in parts for c in part.dropped_columns})),
        mapping={h: field for part in parts for h, field in part.mapping.items()},
        guessed=tuple(sorted({h for part in parts for h in part.guessed})),
        faults=tuple(chain.from_iterable(part.faults for part in parts)),
        parts=tuple(kept),
    )


def _start_of(source: Source) -> bytes:
    """The first bytes that say something; of XML in UTF-16 the sign that every XML begins with."""
    start = start_of(source)
    return b"<" if start.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")) else start
