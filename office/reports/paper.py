"""How does a paper come about? From blocks of worded text to a tagged PDF that everybody can read.

A paper is a title and blocks; `paper.typ` lays them out. The words go in as data, never as markup,
so that no name can do anything; `office.reports.safe_text` sees to it that all can be printed. The
result is PDF/UA-1 (ISO 14289-1): tagged, with title and language, drawings with a description. The
same paper gives the same bytes, on every machine: only the built-in fonts are used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal

import typst

from office.reports.safe_text import printable
from office.words import Language, day, say

_FOLDER = Path(__file__).parent
_TEMPLATE = _FOLDER / "paper.typ"

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; sections have level 1."""

    words: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `lead` is its first words, in bold. Small ones are notes."""

    words: str
    lead: str = ""
    small: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list; each point with its lead in bold and its words."""

    points: tuple[tuple[str, str], ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """What must not be overlooked; `tone` is no colour alone: the words say it too."""

    words: str
    lead: str = ""
    tone: Literal["plain", "good", "warning", "bad"] = "plain"


@dataclass(frozen=True, slots=True)
class Figures:
    """Key figures side by side: each a number in words and what it counts."""

    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A cell that shows a share as a bar, beside its words; `mark` draws a line at a share."""

    share: float
    words: str
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `width` in parts of the whole, `None` as wide as its words."""

    heading: str
    side: Side = "left"
    width: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with headings; `about` says in small letters what it holds."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str | Bar, ...], ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A bar of everybody: parts one after the other, a line at the target, a range of likely ends.

    All positions are shares of the whole bar, in [0, 1]. `described` is read out in its place.
    """

    parts: tuple[tuple[float, str], ...]
    line: float
    line_words: str
    ends: tuple[float, float]
    ends_words: str
    described: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Upright bars side by side: how likely each stretch is; those before `line` are pale.

    Heights are shares of the tallest, in [0, 1]; `ticks` are labels below, each under the left
    edge of the bar with that number. `described` is read out in its place.
    """

    heights: tuple[float, ...]
    line: int
    line_words: str
    ticks: tuple[tuple[int, str], ...]
    below: str
    described: str


@dataclass(frozen=True, slots=True)
class Address:
    """The window of a letter: the sender in one line, whom it goes to, and facts at its side."""

    sender: str
    to: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Room to sign above a name and what it stands for."""

    closing: str
    name: str
    office: str


Block = (
    Heading | Text | Points | Box | Figures | Table | Gauge | Columns | Address | Signature
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: what it is called, its language, its day, whose it is, and its blocks.

    `foot` stands on every page, beside the page's number. Where the title is not to be printed
    (a letter has a subject line of its own), `titled` is false.
    """

    title: str
    language: Language
    on: date
    author: str
    foot: str
    blocks: tuple[Block, ...]
    titled: bool = True
    subtitle: str = ""
    page_words: str = field(init=False, default="")

    def __post_init__(self) -> None:
        words = say("Page {page} of {pages}", self.language, page="\x00", pages="\x01")
        object.__setattr__(self, "page_words", words)


def pdf(paper: Paper) -> bytes:
    """The paper as PDF/UA-1."""
    made: bytes = _compiled(paper, format="pdf", pdf_standards=["ua-1"])
    return made


def pictures(paper: Paper, dots_per_inch: float = 80) -> tuple[bytes, ...]:
    """The paper's pages as PNG, to look at on a screen."""
    made: bytes | list[bytes] = _compiled(paper, format="png", ppi=dots_per_inch)
    return (made,) if isinstance(made, bytes) else tuple(made)


def _compiled(paper: Paper, **options: Any) -> Any:
    stamp = int(datetime.combine(paper.on, time(12), UTC).timestamp())
    compiler = typst.Compiler(_TEMPLATE, root=_FOLDER, ignore_system_fonts=True)
    return compiler.compile(sys_inputs=_inputs(paper), timestamp=stamp, **options)


def _inputs(paper: Paper) -> dict[str, str]:
    before, _, rest = paper.page_words.partition("\x00")
    between, _, after = rest.partition("\x01")
    facts = {
        **_plain(paper),
        "page": [before, between, after],
        "day": [paper.on.year, paper.on.month, paper.on.day],
        "on": day(paper.on, paper.language),
    }
    return {"data": json.dumps(facts)}


def _plain(thing: Any) -> Any:
    """Blocks as JSON: each with its kind, every text printable."""
    if isinstance(thing, str):
        return printable(thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        parts = {one.name: _plain(getattr(thing, one.name)) for one in fields(thing)}
        return {"kind": type(thing).__name__.lower(), **parts}
    if isinstance(thing, Sequence):
        return [_plain(one) for one in thing]
    return None if isinstance(thing, date) else thing
