"""What does a history teach? A model from files, and the files that are kept of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from matching.errors import Fault, FaultyInput, Rule, UebergangError
from models.card import Card, train_with_card
from models.declaration import Declaration
from models.saving import model_bytes, model_hash
from models.seasons import seasons_ahead
from office.learning_tables import UnusableFile, about, read_declaration, read_history


class FileThere(UebergangError):
    """Files that are there already and would be replaced, which nobody asked for."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        super().__init__(f"there already: {files}")
        self.files = files


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A model as it is kept, and what is to be known of it.

    `content` is the model's file, `fingerprint` its SHA-256; `constant` names the features that are
    the same in every row of the history.
    """

    content: bytes
    fingerprint: str
    card: Card
    constant: tuple[str, ...]

    def facts(self) -> dict[str, object]:
        """The card for other programs, with what binds it to its model."""
        return {"model": self.fingerprint, **self.card.facts(), "constant": list(self.constant)}


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Where a model is kept, and its card beside it: for other programs, and for readers."""

    model: Path

    @property
    def facts(self) -> Path:
        """The card as JSON."""
        return self.model.with_name(self.model.name + ".card.json")

    @property
    def page(self) -> Path:
        """The card as Markdown."""
        return self.model.with_name(self.model.name + ".card.md")

    def all(self) -> tuple[Path, Path, Path]:
        """The three files."""
        return self.model, self.facts, self.page

    def write(self, learned: Learned, page: str) -> None:
        """Write all three or none; the model comes last, so that it never lacks its card."""
        told = json.dumps(learned.facts(), indent=2, ensure_ascii=False, default=str) + "\n"
        contents = {
            self.facts: told.encode(),
            self.page: page.encode(),
            self.model: learned.content,
        }
        parts = {path: path.with_name(path.name + ".part") for path in contents}
        try:
            for path, content in contents.items():
                parts[path].write_bytes(content)
            for path, part in parts.items():
                os.replace(part, path)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)


def check_free(written: Iterable[Path], read: Iterable[Path | None], force: bool) -> None:
    """See to it that nothing is lost by writing.

    Raises `FaultyInput` for a file that is read in the same run, and `FileThere` for one that is
    there already, unless it may be replaced.
    """
    files = tuple(written)
    given = {os.path.realpath(path) for path in read if path is not None}
    lost = [path for path in files if os.path.realpath(path) in given]
    if lost:
        raise FaultyInput(tuple(Fault(Rule.FILE_WOULD_BE_LOST, str(path)) for path in lost))
    there = tuple(path for path in files if os.path.lexists(path))
    if there and not force:
        raise FileThere(there)


def learn(
    history: Path,
    declaration: Path | None,
    made: date,
    columns: Mapping[str, str | None] | None = None,
) -> Learned:
    """Learn a model from a history's file, with the card of the run.

    `columns` may name other columns of outcome and season than the declaration does. Raises
    `UnusableFile` and `FaultyInput` with everything that makes the files none to learn from.
    """
    declared = read_declaration(declaration)
    named = {key: name for key, name in (columns or {}).items() if name is not None}
    with about(declaration or history):
        declared = replace(declared, columns=replace(declared.columns, **named))
    table = read_history(history, declared)
    ahead = seasons_ahead(table, declared, made)
    if ahead:
        raise UnusableFile(str(history), ahead)
    with about(history):
        model, card = train_with_card(table, declared, made.isoformat())
    content = model_bytes(model)
    return Learned(content, model_hash(content), card, _constant(table, declared))


def _constant(table: pd.DataFrame, declared: Declaration) -> tuple[str, ...]:
    return tuple(name for name in declared.names if table[name].nunique(dropna=False) <= 1)
