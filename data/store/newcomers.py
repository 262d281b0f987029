"""Who is new in a list? Packed, since one list may name hundreds of thousands.

Until the whole list is read nobody knows who stands in it twice, so all of them are held: in a
tuple each, and what many share (names, birth dates, towns) once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from data.intake.duplicates import Identity

#: Begins the keys of new people; it comes before every digit, so before every pseudonym.
NEW = "#"


@dataclass(slots=True)
class Newcomers:
    """New people in the order of their rows; read through, they are identities with such keys."""

    pseudonyms: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    _cells: list[tuple[Any, ...]] = field(default_factory=list)
    _once: dict[Hashable, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Identity]:
        for number, cells in enumerate(self._cells):
            yield Identity(f"{NEW}{number:09d}", *cells)

    def add(self, row: int, identity: Identity) -> None:
        """Add somebody under their pseudonym."""
        once = self._once
        surname, first, born, postcode, town = (
            once.setdefault(cell, cell)
            for cell in (
                identity.surname,
                identity.first_name,
                identity.born,
                identity.postcode,
                identity.town,
            )
        )
        self.pseudonyms.append(identity.key)
        self.rows.append(row)
        self._cells.append((surname, first, born, identity.street, postcode, town))

    def pseudonym_of(self, key: str) -> str:
        """Under what pseudonym somebody is kept whom the search for doubles named by `key`."""
        return self.pseudonyms[_number(key)] if key.startswith(NEW) else key

    def row_of(self, key: str) -> int | None:
        """The row of a new person; `None` for a known one."""
        return self.rows[_number(key)] if key.startswith(NEW) else None


def _number(key: str) -> int:
    return int(key.removeprefix(NEW))
