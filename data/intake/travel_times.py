"""How long are the ways, says a router's table?"""

from __future__ import annotations

from dataclasses import dataclass

from pandera.pandas import DataFrameSchema

from data.intake.cells import numbers_of
from data.intake.checks import checked, column, reads, real_numbers, together_once, within
from data.intake.reading import Source
from data.reference.postcodes import site
from matching.errors import Rule
from matching.problem import Numbers

SCHEMA = DataFrameSchema(
    {
        "home": column(reads(site, Rule.POSTCODE_UNKNOWN)),
        "site": column(reads(site, Rule.POSTCODE_UNKNOWN)),
        "minutes": column(
            *real_numbers(),
            within(lambda minutes: minutes >= 0, Rule.NEGATIVE),
            within(lambda minutes: minutes <= 24 * 60, Rule.NUMBER_TOO_LARGE),
        ),
    },
    checks=[together_once("home", "site")],
)


@dataclass(frozen=True, slots=True, eq=False)
class TravelTimeList:
    """Ways as columns, one row a way, sorted: postcodes of home and site, minutes one way."""

    home: tuple[str, ...]
    site: tuple[str, ...]
    minutes: Numbers


def read_travel_times(source: Source) -> TravelTimeList:
    """Read door-to-door minutes between postcodes: `home`, `site`, `minutes`.

    Raises `FaultyInput` with every fault, `PAIR_TWICE` for a way that comes a second time.
    """
    table = checked(source, SCHEMA)
    homes, sites = table.words("home"), table.words("site")
    order = sorted(range(len(homes)), key=lambda row: (homes[row], sites[row]))
    return TravelTimeList(
        tuple(homes[row] for row in order),
        tuple(sites[row] for row in order),
        numbers_of(table.frame["minutes"])[0][order],
    )
