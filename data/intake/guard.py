"""May these bytes be read at all? What is hostile or hopeless is refused before anything parses it.

Sizes are judged before reading, encodings and line lengths before splitting, archives before
inflating. Every refusal is a `FaultyInput` with one clear rule, found in well under a second and
without more memory than the limits allow. Workbooks have a guard of their own (`archives`).

Encodings: a byte order mark decides (UTF-8, UTF-16). Otherwise a file is UTF-8 as a whole, or
Windows-1252 as a whole. Bytes that are not UTF-8 beside Latin letters that are UTF-8 make a mixed
file; reading it either way would spoil names, so it is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from data.intake.reading import Source, Upload
from matching.errors import Fault, FaultyInput, Rule

MEBIBYTE = 2**20

#: The longest cell that Python's `csv` reads, in characters.
LONGEST_FIELD = 2**17 - 1

#: Blank cells weigh less in text than in a workbook: so many times more may stand there.
_TEXT_CELLS = 4

#: A Latin letter beyond ASCII (U+00C0 to U+024F) as UTF-8 writes it.
_UTF8_LETTER = re.compile(rb"[\xc3-\xc9][\x80-\xbf]")

_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")

#: Old Excel and encrypted files, PDF, gzip, 7z, bzip2, xz, Parquet, RTF.
_FOREIGN = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ", b"PAR1",
            b"{\\rtf")  # fmt: skip


class Kind(StrEnum):
    """What sort of file the bytes announce: an archive may be a workbook, the rest is text."""

    TEXT = "text"
    JSON = "json"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of anything a file may have. Sizes in bytes, `cell` in characters.

    `ratio` is how much larger a part of an archive may be than it is packed, for parts above one
    mebibyte. `cells` bounds a sheet's rectangle, `values` the elements of a JSON document.
    """

    text: int = 50 * MEBIBYTE
    workbook: int = 5 * MEBIBYTE
    inflated: int = 50 * MEBIBYTE
    ratio: int = 100
    entries: int = 500
    columns: int = 2_000
    cells: int = 3_000_000
    values: int = 3_000_000
    cell: int = 32_767
    line: int = LONGEST_FIELD


LIMITS = Limits()


def refused(
    rule: Rule, source: Source, row: int | None = None, column: str | None = None
) -> FaultyInput:
    """The refusal of a file, with no word of what it holds."""
    return FaultyInput((Fault(rule, str(source), row, column),))


def guarded_content(source: Source, limits: Limits = LIMITS) -> tuple[Kind, bytes]:
    """The bytes of a file and what they announce.

    A path is measured before it is opened. Raises `FaultyInput` for a file that is missing, empty,
    too large or of a foreign kind.
    """
    content = measured_content(source, max(limits.text, limits.workbook))
    kind = kind_of(source, content)
    if len(content) > (limits.workbook if kind is Kind.ARCHIVE else limits.text):
        raise refused(Rule.FILE_TOO_LARGE, source)
    return kind, content


def measured_content(source: Source, most: int) -> bytes:
    """The bytes of a file that has at most so many; raises as `guarded_content` does."""
    try:
        size = len(source.content) if isinstance(source, Upload) else source.stat().st_size
        if size > most:
            raise refused(Rule.FILE_TOO_LARGE, source)
        # A pipe would make us wait for ever, a device never end.
        if not isinstance(source, Upload) and not source.is_file():
            raise refused(Rule.FILE_UNREADABLE, source)
        content = source.content if isinstance(source, Upload) else source.read_bytes()
    except FileNotFoundError:
        raise refused(Rule.FILE_MISSING, source) from None
    except (OSError, ValueError):
        raise refused(Rule.FILE_UNREADABLE, source) from None
    if not content or content.isspace():
        raise refused(Rule.FILE_EMPTY, source)
    return content


def kind_of(source: Source, content: bytes) -> Kind:
    """What the first bytes announce; raises `FaultyInput` for a kind that nobody here reads."""
    if content.startswith(_ARCHIVE):
        return Kind.ARCHIVE
    if content.startswith(_FOREIGN):
        raise refused(Rule.FILE_KIND_UNKNOWN, source)
    start = content[:64].removeprefix(codecs.BOM_UTF8).lstrip()
    return Kind.JSON if start.startswith((b"{", b"[")) else Kind.TEXT


def guarded_text(source: Source, content: bytes, limits: Limits = LIMITS) -> tuple[bytes, str]:
    """Text that may be split into lines, and its encoding: `utf-8-sig` or `cp1252`.

    UTF-16 with a byte order mark comes back as UTF-8. Raises `FaultyInput` for NUL bytes, mixed or
    unknown encodings, and lines that no list has.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            raise refused(Rule.FILE_UNREADABLE, source) from None
    if b"\0" in content:
        raise refused(Rule.NUL_BYTES, source)
    encoding = _encoding_of(source, content)
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    for start, _ in _long_lines(content, limits.line):
        raise refused(Rule.LINE_TOO_LONG, source, _row_at(content, start))
    return content, encoding


def check_cells(
    source: Source, content: bytes, separator: str, first_row: int, limits: Limits = LIMITS
) -> None:
    """Raise `FaultyInput` for quotes that don't close, and for too many cells in all or in a row.

    Looks at the bytes only, so that the last line of a large file is judged as fast as the first;
    what passes is read without an error. Rows before `first_row` are left alone.
    """
    mark = separator.encode()
    if content.count(mark) > _TEXT_CELLS * limits.cells:
        raise refused(Rule.CELLS_TOO_MANY, source)
    for start, end in _long_lines(content, limits.columns - 1):
        if content.count(mark, start, end) >= limits.columns:
            raise refused(Rule.COLUMNS_TOO_MANY, source, _row_at(content, start))
    ends = b"[" + re.escape(mark) + rb"\r\n]"
    quoted = re.compile(
        rb'"(?:(?<=' + ends + rb'")|(?<![\0-\xff]")|(?<=\A\xef\xbb\xbf"))'
        rb'(?:[^"]++|"")*+("?)(?=(' + ends + rb"|\Z)?)"
    )
    plain = re.compile(b"(?:" + ends + rb'++"[^"\r\n]*+"(?=' + ends + rb"))*+")
    at = 0
    while cell := quoted.search(content, at):
        rule = _rule_of(cell)
        row = 0 if rule is None else _row_at(content, cell.start())
        if rule is not None and row >= first_row:
            raise refused(rule, source, row)
        # Cells without a fault follow one another by the million; they are passed in one go.
        run = plain.match(content, cell.end())
        at = cell.end() if run is None else run.end()


def _rule_of(quoted: re.Match[bytes]) -> Rule | None:
    """What is wrong with a quoted cell: never closed, text after its end, or endless."""
    if not quoted[1]:
        return Rule.QUOTE_UNCLOSED
    if quoted[2] is None:
        return Rule.FILE_UNREADABLE
    return Rule.CELL_TOO_LONG if len(quoted[0]) > LONGEST_FIELD else None


def _long_lines(content: bytes, longest: int) -> Iterator[tuple[int, int]]:
    """Where each line longer than that begins and ends; the shorter ones are leapt over."""
    start = 0
    while start + longest < len(content):
        last = content.rfind(b"\n", start, start + longest + 1)
        if last >= 0:
            start = last + 1
            continue
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        yield start, end
        start = end + 1


def _row_at(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1


def guarded_json(source: Source, content: bytes, limits: Limits = LIMITS) -> bytes:
    """A JSON document in UTF-8 of which no more can come than memory holds.

    Raises `FaultyInput` for NUL bytes, another encoding, or more values than a list has.
    """
    if b"\0" in content:
        raise refused(Rule.NUL_BYTES, source)
    if not _is_utf8(content):
        raise refused(Rule.FILE_UNREADABLE, source)
    opened = content.count(b"[") + content.count(b"{")
    if opened > limits.values // 3 or content.count(b",") > limits.values:
        raise refused(Rule.CELLS_TOO_MANY, source)
    return content.removeprefix(codecs.BOM_UTF8)


def _encoding_of(source: Source, content: bytes) -> str:
    if _is_utf8(content):
        return "utf-8-sig"
    if content.startswith(codecs.BOM_UTF8) or _UTF8_LETTER.search(content):
        raise refused(Rule.ENCODING_MIXED, source)
    try:
        for part in _parts(content):
            part.decode("cp1252")
    except UnicodeDecodeError:
        raise refused(Rule.FILE_UNREADABLE, source) from None
    return "cp1252"


def _is_utf8(content: bytes) -> bool:
    """Whether all of it is UTF-8, decoded piece by piece so that memory stays flat."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for part in _parts(content):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _parts(content: bytes) -> Iterator[bytes]:
    return (content[at : at + MEBIBYTE] for at in range(0, len(content), MEBIBYTE))
