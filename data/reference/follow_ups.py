"""What became of somebody after school? The codes and words in which schools answer.

`follow_ups.csv` holds the 37 Anschlussoptionen of Kein Abschluss ohne Anschluss, North
Rhine-Westphalia's programme for the way from school to work: number and code are the official ones
(catalogue KAOAAnschlussoptionen of the Ministerium für Schule und Bildung), the title and the kind
are ours. `follow_up_words.csv` adds what people write instead of a code.

A code can tell more than what somebody does next: that they have a disability, are pregnant, or
stayed away from school. Such codes are marked as `telling`; only their kind may be kept.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One answer; `kind` is the value of an `OutcomeKind`.

    `code`, `title` and the catalogue's `number` are `None` for a mere word.
    """

    kind: str
    code: str | None = None
    title: str | None = None
    telling: bool = False
    number: int | None = None

    @property
    def code_to_keep(self) -> str | None:
        """The code, unless it tells of a person what nobody may keep."""
        return None if self.telling else self.code


def _table(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter=";"))


@cache
def follow_ups() -> tuple[FollowUp, ...]:
    """Every Anschlussoption, in the order of the official catalogue."""
    return tuple(
        FollowUp(
            row["kind"], row["code"], row["title"], row["telling"] == "yes", int(row["number"])
        )
        for row in _table("follow_ups.csv")
    )


def follow_up_numbered(number: int) -> FollowUp | None:
    """The Anschlussoption that has this number in the official catalogue, or `None`."""
    return next((option for option in follow_ups() if option.number == number), None)


def _plain(text: str) -> str:
    """The text without case, dashes, underscores and needless space; ö is written as oe."""
    text = text.casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.replace(umlaut, letters)
    return re.sub(r"[\s_–—-]+", " ", text).strip()


@cache
def _words() -> dict[str, FollowUp]:
    words: dict[str, FollowUp] = {}
    for option in follow_ups():
        words[_plain(option.code or "")] = option
        words.setdefault(_plain(option.title or ""), option)
    for row in _table("follow_up_words.csv"):
        words.setdefault(_plain(row["word"]), FollowUp(row["kind"]))
    for kind in {option.kind for option in words.values()}:
        words.setdefault(_plain(kind), FollowUp(kind))
    return words


def follow_up_of(text: str) -> FollowUp | None:
    """What a code, its title or a word means, or `None` for an unknown word.

    Case, spaces, dashes and underscores do not matter; umlauts may be written out. "Ausbildung"
    alone means nothing here: it can be in a firm, at a school, or outside both.
    """
    return _words().get(_plain(text))


@cache
def _plain_words() -> frozenset[str]:
    """Every single word of the answers that tell nothing more of a person."""
    told = (text for text, option in _words().items() if not option.telling)
    return frozenset(word for text in told for word in text.split())


def is_plain(text: str) -> bool:
    """Whether a text holds no word but those of our own table, so none that nobody may keep."""
    return _plain_words().issuperset(_plain(text).split()) or not any(map(str.isalpha, text))


@cache
def word_of(kind: str) -> str:
    """A word that means a kind and no code of it."""
    return next(row["word"] for row in _table("follow_up_words.csv") if row["kind"] == kind)
