"""How is a table shown? As plain HTML, which everybody can read, print and scroll by keyboard.

The one place where the pages write HTML: every word in it is escaped here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from office.words import Language, number, percent, say

#: Rows of a long table that are shown at once.
ROWS = 20

#: The caption is for screen readers: for eyes the heading above says the same. On a telephone a
#: shadow at the right edge says that the table goes on there; at its end white lies over it.
STYLE = """<style>
.table { overflow-x: auto; }
@media (max-width: 40rem) { .table { background:
  linear-gradient(to left, #fff 40%, rgba(255, 255, 255, 0)) right / 3rem 100% no-repeat local,
  linear-gradient(to left, rgba(31, 78, 121, 0.5), rgba(31, 78, 121, 0)) right / 1rem 100%
  no-repeat scroll; } }
.table table { border-collapse: collapse; font-size: 0.875rem; line-height: 1.4; }
.table.wide table { width: 100%; }
.table caption { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.table th, .table td { padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid #dfe3e8;
  text-align: left; vertical-align: top; font-weight: 400; }
.table thead th { color: #575d66; vertical-align: bottom; }
.table .figure { padding: 0.4rem 0 0.4rem 1rem; text-align: right;
  font-variant-numeric: tabular-nums; }
.table .figure + :not(.figure) { padding-left: 2rem; }
.table td.figure { white-space: nowrap; }
</style>"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; with `worded` it holds numbers, shown to the right in these words."""

    heading: str
    worded: Callable[[float], str] | None = None


def begun(words: str) -> str:
    """Words that stand alone, begun with a capital; stars that make them bold may come first."""
    stars = len(words) - len(words.lstrip("*"))
    return words[:stars] + words[stars : stars + 1].upper() + words[stars + 1 :]


def counts(reader: Language) -> Callable[[float], str]:
    """Whole numbers in the reader's language, for a column."""
    return lambda value: number(value, reader)


def tenths(reader: Language) -> Callable[[float], str]:
    """Numbers with one decimal in the reader's language, for a column."""
    return lambda value: number(value, reader, 1)


def percents(reader: Language) -> Callable[[float], str]:
    """Shares in percent in the reader's language, for a column."""
    return lambda value: percent(value, reader)


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    about: str,
    reader: Language,
    narrow: bool = False,
) -> None:
    """Show rows as a table; `about` tells screen readers what it holds.

    Nothing in a cell is taken as markup; what is absent is shown as a dash. A `narrow` table is
    only as wide as its words, so that figures stay near what they count.
    """
    st.html(STYLE + table_html(columns, rows, about, reader, narrow))


def table_html(
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    about: str,
    reader: Language,
    narrow: bool = False,
) -> str:
    """The HTML of a table; whoever can't use a mouse scrolls it by keyboard."""
    head = "".join(_tag("th", column, begun(column.heading), "col") for column in columns)
    body = "".join(f"<tr>{_row(columns, row)}</tr>" for row in rows)
    width = "narrow" if narrow else "wide"
    named = escape(about)
    region = f'class="table {width}" lang="{reader}" role="region" aria-label="{named}"'
    return (
        f'<div {region} tabindex="0">'
        f"<table><caption>{named}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(columns: Sequence[Column], row: Sequence[object]) -> str:
    cells = list(zip(columns, row, strict=True))
    first = "".join(_tag("th", column, _words(column, value), "row") for column, value in cells[:1])
    return first + "".join(_tag("td", column, _words(column, value)) for column, value in cells[1:])


def _words(column: Column, value: object) -> str:
    if value is None:
        return "\N{EN DASH}"
    if column.worded is not None and isinstance(value, int | float):
        return column.worded(value)
    return str(value)


def _tag(name: str, column: Column, words: str, scope: str | None = None) -> str:
    of = "" if scope is None else f' scope="{scope}"'
    kind = "" if column.worded is None else ' class="figure"'
    return f"<{name}{of}{kind}>{escape(words)}</{name}>"


def long_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    about: str,
    reader: Language,
    key: str,
) -> None:
    """Show rows as a table, so many at a time, with a choice of which ones."""
    starts = range(0, len(rows), ROWS)
    first = 0
    if len(starts) > 1:

        def which(start: int) -> str:
            facts = {"first": start + 1, "last": min(start + ROWS, len(rows)), "all": len(rows)}
            words = {name: number(value, reader) for name, value in facts.items()}
            return say("{first} to {last} of {all}", reader, **words)

        first = st.selectbox(say("Rows shown", reader), starts, format_func=which, key=key)
    table(columns, rows[first : first + ROWS], about, reader)
