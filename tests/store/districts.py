"""Which invented people do the store's tests put in? Two schools, a list each, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from data.intake.records import Basis, FileRead, LegalBasis, PlaceRecord, PupilRecord, Waiting
from data.store import imports
from data.store.case_handing import case_counts
from data.store.import_log import ImportReport
from data.store.opening import Store
from data.store.place_imports import apply_places
from data.store.tables import identities
from matching.errors import Fault, Rule
from matching.problem import Certificate

SEASON = "2025/26"
ONE, OTHER = "170001", "170002"


def name_of(school: str, number: int) -> str:
    """A surname that no other pupil of the two schools has, nor one like it."""
    return f"{'Ohm' if school == ONE else 'Zerf'}{_spelled(number)}"


def _spelled(number: int) -> str:
    """A number in invented syllables."""
    syllables = ("bra", "dek", "fil", "gom", "hust", "jal", "kern", "lopp", "mick", "nur")
    return "".join(syllables[int(digit)] for digit in str(number))


def pupil(nth: int, school: str = ONE, surname: str | None = None, **more: object) -> PupilRecord:
    """An invented pupil; their number says all about them."""
    told: dict[str, object] = {
        "row": nth + 1,
        "school": school,
        "surname": surname or name_of(school, nth),
        "first_name": _spelled(7 * nth + 3).title(),
        "number": str(nth),
        "born": date(2009, 1, 1) + timedelta(days=(11 * nth + int(school)) % 700),
        "street": f"{_spelled(3 * nth + int(school) % 1000).title()}gasse {nth}",
        "postcode": "33330",
        "town": "Gütersloh",
        "certificate": Certificate.MSA,
        "wishes": ("25212",),
        "marks": {"M": 2},
        "basis": LegalBasis(Basis.CONSENT, date(2025, 10, 1), "1", f"Mutter von {nth}"),
        "invented": True,
    }
    return PupilRecord(**{**told, **more})  # type: ignore[arg-type]


def school_list(
    pupils: Sequence[PupilRecord], waiting: Sequence[Waiting] = ()
) -> FileRead[PupilRecord]:
    """What a reader would have given for a school's file."""
    return FileRead(
        file="liste.csv",
        kind="csv",
        rows=len(pupils) + len(waiting),
        records=tuple(pupils),
        waiting=tuple(waiting),
        mapping={"Nachname": "surname"},
    )


def waiting_row(row: int, **cells: str) -> Waiting:
    """A row that waits because of its postcode."""
    return Waiting(row, cells, (Fault(Rule.POSTCODE_UNKNOWN, "liste.csv", row, "postcode"),))


def take_in(
    store: Store,
    pupils: Sequence[PupilRecord],
    school: str = ONE,
    waiting: Sequence[Waiting] = (),
    season: str = SEASON,
) -> ImportReport:
    """Import a list as the school's secretary."""
    return imports.apply(store, school, season, school_list(pupils, waiting), "sekretariat")


def offer(store: Store, count: int = 3, season: str = SEASON) -> None:
    """Some places, `p1` and on."""
    records = tuple(
        PlaceRecord(row=n + 1, reference=f"p{n}", employer="Erfunden GmbH", kldb="25212",
                    title="Mechatroniker", postcode="33330", openings=1, invented=True)
        for n in range(1, count + 1)
    )  # fmt: skip
    apply_places(store, FileRead("plaetze.csv", "csv", count, records), season, "amt")


def pseudonyms_of(store: Store) -> dict[str, str]:
    """Everybody's pseudonym by surname."""
    with store.reading() as connection:
        rows = connection.execute(identities.select())
        return {row.surname: row.pseudonym for row in rows}


def now() -> datetime:
    """The moment, with its zone."""
    return datetime.now(UTC)


def cases_of(store: Store, season: str = SEASON) -> dict[str | None, int]:
    """How many people each counselor looks after; `None` stands for those whom nobody does."""
    found = case_counts(store, season, date.today())
    return {counselor: counts.total() for counselor, counts in found.items()}
