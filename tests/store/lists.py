"""Which lists are tried? Small ones in which the same people turn up in every possible way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select, update

from data.intake.pupil_rows import today
from data.intake.records import Basis, FileRead, LegalBasis, PupilRecord, Waiting
from data.store.opening import Store
from data.store.tables import consents, metadata
from matching.errors import Fault, Rule
from matching.problem import Certificate
from matching.target import Standing

SEASON = "2026/27"
NEXT_SEASON = "2027/28"
SCHOOL = "999001"
TODAY = today()

#: What stays of an import that was taken back, and what it names.
LASTING = {"imports", "import_changes", "audit", "schools", "seasons"}


def pupil(row: int, surname: str = "Kaya", first_name: str = "Deniz", **more: Any) -> PupilRecord:
    """An invented pupil of the school."""
    told: dict[str, Any] = {"school": SCHOOL, "invented": True} | more
    return PupilRecord(row=row, surname=surname, first_name=first_name, **told)


def listed(
    *records: PupilRecord,
    waiting: Sequence[Waiting] = (),
    fields: Sequence[str] = ("surname", "first_name"),
    dropped: Sequence[str] = (),
) -> FileRead[PupilRecord]:
    """A list as a reader gives it; `fields` are its columns."""
    return FileRead(
        "list.csv",
        "csv",
        len(records) + len(waiting),
        tuple(records),
        tuple(waiting),
        tuple(dropped),
        {name: name for name in fields},
    )


_BASES = st.sampled_from(
    [
        LegalBasis(Basis.LAW),
        LegalBasis(Basis.NONE),
        LegalBasis(Basis.CONSENT, date(2026, 10, 1), "1", "guardian"),
        LegalBasis(Basis.CONSENT, date(2026, 11, 1), "2", "self"),
    ]
)


@st.composite
def records(draw: st.DrawFn, row: int) -> PupilRecord:
    """One row: few names, numbers and days, so that rows meet."""
    return pupil(
        row,
        draw(st.sampled_from(["Müller", "Mueller", "Özdemir", "van Berg", "Groß"])),
        draw(st.sampled_from(["Anna", "Mehmet", "Li"])),
        number=draw(st.none() | st.sampled_from(["1", "2", "3", "4"])),
        born=draw(st.none() | st.sampled_from([date(2009, 5, 17), date(2009, 5, 18)])),
        street=draw(st.none() | st.just("Weg 3")),
        postcode=draw(st.sampled_from([None, "33330", "33332"])),
        phone=draw(st.none() | st.just("05241 1")),
        school_class=draw(st.sampled_from(["10A", "10B"])),
        certificate=draw(st.none() | st.sampled_from(Certificate)),
        leaves=draw(st.none() | st.just(date(2027, 6, 30))),
        applied_before=draw(st.none() | st.booleans()),
        wishes=draw(st.sampled_from([(), ("71402",), ("62102", "71402")])),
        marks=draw(st.sampled_from([{}, {"D": 2}, {"D": 3, "M": 1}])),
        standing=draw(st.sampled_from([Standing.LOOKING, Standing.OWN_FIND])),
        basis=draw(_BASES),
    )


@st.composite
def pupil_lists(draw: st.DrawFn) -> FileRead[PupilRecord]:
    """A list of up to eight rows, some of which wait already."""
    count = draw(st.integers(0, 6))
    rows = [draw(records(row)) for row in range(2, count + 2)]
    waiting = [
        Waiting(
            row,
            draw(
                st.sampled_from(
                    [
                        {"number": "1", "born": "31.02.2009"},
                        {"surname": "Groß", "first_name": "Li", "born": "x"},
                        {"postcode": "1"},
                    ]
                )
            ),
            (Fault(Rule.DATE_UNREADABLE, "list.csv", row, "born"),),
        )
        for row in range(count + 2, count + 2 + draw(st.integers(0, 2)))
    ]
    columns = ["surname", "phone", "postcode", "standing", "wish_1", "marks", "consent"]
    fields = draw(st.lists(st.sampled_from(columns), unique=True))
    return listed(*rows, waiting=waiting, fields=fields)


def everything(store: Store, leave_out: set[str] | None = None) -> dict[str, list[str]]:
    """Every row of every table, but of those that are left out; to be compared."""
    left = LASTING if leave_out is None else leave_out
    with store.reading() as connection:
        return {
            name: sorted(repr(row) for row in connection.execute(select(table)))
            for name, table in metadata.tables.items()
            if name not in left
        }


def withdrawn_on(store: Store, day: date) -> None:
    """Have everybody who withdrew have done so on another day."""
    moment = datetime.combine(day, time(12), UTC)
    mine = update(consents).where(consents.c.withdrawn_at.is_not(None))
    with store.transaction() as connection:
        connection.execute(mine.values(withdrawn_at=moment))
