"""Is this workbook harmless? XLSX and ODS are packed archives; what is inside is counted first.

Each part that a reader of tables needs is inflated under a count, looked through for what a list
never has, and packed anew without compression. The parser is handed that copy, so it sees what was
counted and nothing else: declared sizes, checksums and second directories can't mislead it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from data.intake.guard import LIMITS, MEBIBYTE, Limits, refused
from data.intake.reading import Source
from data.intake.workbook_parts import check_ods_content, check_shared_strings, check_sheet
from matching.errors import Rule

_XLSX = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/sharedStrings\.xml|xl/styles\.xml|xl/worksheets/[^/]+\.xml"
)
_ODS = re.compile(r"mimetype|META-INF/manifest\.xml|content\.xml")
_ODS_KIND = b"application/vnd.oasis.opendocument.spreadsheet"

_MACROS = re.compile(r"(^|/)(vbaproject|vbadata|macrosheets|basic|scripts)[./]", re.IGNORECASE)
_LINKS = re.compile(r"(^|/)(externallinks|connections|querytables)[./]", re.IGNORECASE)
_FLAG_ENCRYPTED = 0x1
_LOCAL_HEADER = 30


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook whose parts were counted: `content` is the copy to parse, `parts` the same."""

    kind: Literal["xlsx", "ods"]
    content: bytes
    parts: Mapping[str, bytes]


def guarded_workbook(source: Source, content: bytes, limits: Limits = LIMITS) -> Workbook:
    """The workbook in an archive, counted and packed anew.

    Raises `FaultyInput` for anything else, for parts that inflate beyond the limits, macros, links
    to other files, entities, encryption, and sheets that would fill more than their limits.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise refused(Rule.FILE_UNREADABLE, source) from None
    names = [entry.filename for entry in entries]
    if len(entries) > limits.entries or sum(entry.file_size for entry in entries) > limits.inflated:
        raise refused(Rule.ARCHIVE_INFLATES, source)
    if len(set(names)) < len(names) or any(e.flag_bits & _FLAG_ENCRYPTED for e in entries):
        raise refused(Rule.FILE_UNREADABLE, source)
    for pattern, rule in ((_MACROS, Rule.ARCHIVE_MACROS), (_LINKS, Rule.ARCHIVE_LINKS)):
        if any(pattern.search(name) for name in names):
            raise refused(rule, source)
    kind: Literal["xlsx", "ods"] = "xlsx" if "xl/workbook.xml" in names else "ods"
    if kind == "ods" and not {"mimetype", "content.xml"} <= set(names):
        raise refused(Rule.FILE_KIND_UNKNOWN, source)
    wanted = _XLSX if kind == "xlsx" else _ODS
    chosen = [entry for entry in entries if wanted.fullmatch(entry.filename)]
    parts = dict(_inflated(source, content, chosen, limits))
    _check(source, kind, parts, limits)
    return Workbook(kind, _packed(parts), parts)


def _inflated(
    source: Source, content: bytes, entries: list[zipfile.ZipInfo], limits: Limits
) -> Iterator[tuple[str, bytes]]:
    """Each part, counted while it inflates; what it declares of itself is not believed."""
    left = limits.inflated
    for entry in entries:
        start = entry.header_offset + _LOCAL_HEADER
        lengths = content[start - 4 : start]
        start += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
        packed = content[start : start + entry.compress_size]
        most = min(left, max(MEBIBYTE, limits.ratio * len(packed)))
        if entry.compress_type == zipfile.ZIP_STORED:
            part = packed
        elif entry.compress_type == zipfile.ZIP_DEFLATED:
            inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                part = inflate.decompress(packed, most + 1)
            except zlib.error:
                raise refused(Rule.FILE_UNREADABLE, source) from None
            if len(part) <= most and not inflate.eof:
                raise refused(Rule.FILE_UNREADABLE, source)
        else:
            raise refused(Rule.FILE_UNREADABLE, source)
        if len(part) > most:
            raise refused(Rule.ARCHIVE_INFLATES, source)
        left -= len(part)
        yield entry.filename, part


def _check(source: Source, kind: str, parts: Mapping[str, bytes], limits: Limits) -> None:
    if kind == "ods" and parts["mimetype"].strip() != _ODS_KIND:
        raise refused(Rule.FILE_KIND_UNKNOWN, source)
    for name, part in parts.items():
        if name == "mimetype":
            continue
        # Another encoding could hide what is looked for below.
        if b"\0" in part or part.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise refused(Rule.NUL_BYTES, source)
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
            raise refused(Rule.XML_ENTITIES, source)
    if kind == "ods":
        if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
            raise refused(Rule.FILE_UNREADABLE, source)
        check_ods_content(source, parts["content.xml"], limits)
        return
    if b"vnd.ms-excel.sheet.macroEnabled" in parts.get("[Content_Types].xml", b""):
        raise refused(Rule.ARCHIVE_MACROS, source)
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/")]
    for sheet in sheets:
        check_sheet(source, sheet, limits)
    check_shared_strings(source, parts.get("xl/sharedStrings.xml", b""), sheets, limits)


def _packed(parts: Mapping[str, bytes]) -> bytes:
    copy = BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return copy.getvalue()
