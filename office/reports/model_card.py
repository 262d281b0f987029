"""What does a terminal show of a model that was just made? The main lines of its card.

Every figure is one of `models.card.Card`; nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from models.card import Card
from office.reports.card_page import (
    ahead_headings,
    ahead_row,
    constant_lines,
    not_judged,
    short_words,
)
from office.words import Language, say

#: So many columns of the scores fit on a terminal.
_SHOWN = 6


def card_summary(card: Card, constant: Sequence[str], language: Language) -> RenderableType:
    """The card's main lines: what was learned from, how well it held ahead of time."""
    parts: list[RenderableType] = []
    if card.invented:
        parts.append(Text(say("The history is invented: of no use for real people.", language)))
    parts += [Text(line) for line in short_words(card, language)]
    if card.ahead:
        heading = say("Learned from the seasons before, judged on the next", language)
        table = Table(box=box.SIMPLE, title=heading)
        for at, words in enumerate(ahead_headings(language)[:_SHOWN]):
            table.add_column(words, justify="right" if at else "left")
        for season, scores in card.ahead.items():
            table.add_row(season, *ahead_row(scores, language)[: _SHOWN - 1])
        parts.append(table)
    else:
        parts.append(Text(not_judged(language)))
    parts += [Text(line) for line in constant_lines(constant, language)]
    return Group(*parts)


def files_line(files: Iterable[Path], language: Language) -> str:
    """Where the files are."""
    return say("Files: {folder}", language, folder=", ".join(map(str, files)))
