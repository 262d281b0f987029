"""What goes to the labour agency? The seven facts of § 31a (1) SGB III, and nothing else.

The agency contacts young people who leave school without a next step. In North Rhine-Westphalia the
schools hand the facts over (Schülerinnen- und Schülerdatenübermittlungsgesetz NRW of 17 October
2023); this list is theirs to check and send. The product keeps nobody's sex: its column is there,
since the law names it, and empty, for the school to fill in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from data.reference.certificates import certificate_title
from matching.problem import Certificate
from office.reports.people_sheet import people_csv, people_xlsx

#: The facts of § 31a (1) sentence 2 SGB III, in the words and the order of the law.
SEVEN = (
    "Name",
    "Vorname",
    "Geburtsdatum",
    "Geschlecht",
    "Wohnanschrift",
    "voraussichtlich beendete Schulform oder Ersatzmaßnahme",
    "erreichter Abschluss",
)


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who leaves school without a next step. Who `objected` is not handed over."""

    surname: str
    first_name: str
    born: date | None
    address: str | None
    school_form: str | None
    certificate: Certificate | None
    objected: bool = False


def handover_csv(leavers: Iterable[Leaver]) -> bytes:
    """The list as CSV, the way German spreadsheets open it."""
    return people_csv(SEVEN, rows(leavers))


def handover_xlsx(leavers: Iterable[Leaver]) -> bytes:
    """The list as a workbook of texts."""
    return people_xlsx(SEVEN, rows(leavers))


def rows(leavers: Iterable[Leaver]) -> list[dict[str, object]]:
    """One row a person who did not object, with the seven facts."""
    return [
        dict(
            zip(
                SEVEN,
                (
                    one.surname,
                    one.first_name,
                    None if one.born is None else f"{one.born:%d.%m.%Y}",
                    None,
                    one.address,
                    one.school_form,
                    None if one.certificate is None else certificate_title(one.certificate),
                ),
                strict=True,
            )
        )
        for one in leavers
        if not one.objected
    ]
