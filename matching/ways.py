"""How long is the way? Minutes from home to site, by a formula or by a table from any router.

The formula is an assumption, made for districts without a router: the great circle, times 1.3 for
the detour of roads and lines, at 35 km/h from door to door, plus 10 minutes of walking and
waiting, rounded up to whole minutes. 75 minutes then reach 29 km. A table of real travel times
replaces it pair by pair of postcodes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import BallTree

from matching.problem import Indexes, Numbers, Site

#: Mean radius of the earth in km (IUGG).
EARTH_RADIUS = 6371.0088

#: Assumptions of the formula: km travelled a km of great circle, km/h, minutes on foot and waiting.
DETOUR = 1.3
SPEED = 35.0
WALK_AND_WAIT = 10.0

_MINUTES_A_KM = DETOUR * 60.0 / SPEED
_HOMES_AT_ONCE = 256


def minutes_by_formula(kilometres: npt.ArrayLike) -> Numbers:
    """Whole minutes one way over a great-circle distance in km. See the assumptions above."""
    return np.ceil(WALK_AND_WAIT + np.asarray(kilometres, dtype=np.float64) * _MINUTES_A_KM)


def great_circle(home: Site, site: Site) -> float:
    """The distance of two points in km, by the haversine formula."""
    one, other = np.radians([home[:2], site[:2]])
    chord = np.sin((other - one) / 2) ** 2
    half = chord[0] + np.cos(one[0]) * np.cos(other[0]) * chord[1]
    return float(2 * EARTH_RADIUS * np.arcsin(np.sqrt(min(half, 1.0))))


@dataclass(frozen=True, slots=True, eq=False)
class TravelTimes:
    """Minutes one way from a home's postcode to a site's postcode, as columns of equal length.

    A pair that is not listed keeps the formula's minutes. Raises `ValueError` for columns of
    unequal length, for minutes that are negative or no number, and for a pair that stands twice.
    """

    home: Sequence[str]
    site: Sequence[str]
    minutes: Numbers

    def __post_init__(self) -> None:
        if not len(self.home) == len(self.site) == len(self.minutes):
            raise ValueError("the columns of the travel times differ in length")
        if not bool(np.all(np.isfinite(self.minutes) & (np.asarray(self.minutes) >= 0))):
            raise ValueError("a travel time is negative or no number")
        if len(set(zip(self.home, self.site, strict=True))) < len(self.home):
            raise ValueError("a pair of postcodes has two travel times")


class Grouped(NamedTuple):
    """Rows grouped by their distinct site; rows without a site are left out.

    The rows at site `i` are `rows[starts[i]:starts[i + 1]]`, ascending.
    """

    sites: list[Site]
    rows: Indexes
    starts: npt.NDArray[np.int64]

    def rows_at(self, sites: npt.NDArray[np.integer]) -> tuple[Indexes, npt.NDArray[np.int64]]:
        """All rows at these sites, site after site, and how many stand at each."""
        first = self.starts[sites]
        counts = self.starts[sites + 1] - first
        before = np.cumsum(counts) - counts
        return self.rows[np.repeat(first - before, counts) + np.arange(counts.sum())], counts


def group_by_site(sites: Sequence[Site | None]) -> Grouped:
    """Find the distinct sites (coordinates and postcode) and which rows stand at each."""
    numbers: dict[tuple[float, float, str | None], int] = {}
    rows = np.flatnonzero([site is not None for site in sites]).astype(np.int32)
    number = np.fromiter(
        (numbers.setdefault(site[:3], len(numbers)) for site in sites if site is not None),
        np.int64,
        len(rows),
    )
    starts = np.zeros(len(numbers) + 1, dtype=np.int64)
    np.cumsum(np.bincount(number, minlength=len(numbers)), out=starts[1:])
    order = np.argsort(number, kind="stable")
    return Grouped([Site(*key) for key in numbers], rows[order], starts)


class Reach:
    """Which sites lie within so many minutes of a home, and how far each is.

    Raises `ValueError` for a site whose coordinates are no finite numbers.
    """

    def __init__(self, sites: Sequence[Site], travel_times: TravelTimes | None = None) -> None:
        self._tree = BallTree(_radians(sites), metric="haversine")
        names: dict[str | None, int] = {}
        self._postcode = np.array([names.setdefault(s.postcode, len(names)) for s in sites])
        self._postcodes = len(names)
        self._listed: dict[str, list[tuple[int, float]]] = {}
        if travel_times is not None:
            for home, site, minutes in zip(
                travel_times.home, travel_times.site, travel_times.minutes, strict=True
            ):
                if site in names:
                    entry = (names[site], float(minutes))
                    self._listed.setdefault(home, []).append(entry)

    def ways(
        self, homes: Sequence[Site], limits: Numbers
    ) -> Iterator[tuple[npt.NDArray[np.int64], Numbers]]:
        """For each home: the sites within its limit, and the minutes to each."""
        # A hair more than the limit's radius, so that rounding loses no site on its edge.
        radius = np.maximum(0.0, (limits - WALK_AND_WAIT) / _MINUTES_A_KM) + 1e-6
        for first in range(0, len(homes), _HOMES_AT_ONCE):
            some = slice(first, first + _HOMES_AT_ONCE)
            found, distances = self._tree.query_radius(
                _radians(homes[some]), radius[some] / EARTH_RADIUS, return_distance=True
            )
            for home, limit, around, distance in zip(
                homes[some], limits[some], found, distances, strict=True
            ):
                by_formula = minutes_by_formula(distance * EARTH_RADIUS)
                sites, minutes = self._overridden(home, around, by_formula)
                near = minutes <= limit
                yield sites[near], minutes[near]

    def _overridden(
        self, home: Site, sites: npt.NDArray[np.int64], minutes: Numbers
    ) -> tuple[npt.NDArray[np.int64], Numbers]:
        """Put the table's minutes in place of the formula's, and add the sites it alone reaches."""
        entries = self._listed.get(home.postcode) if home.postcode is not None else None
        if entries is None:
            return sites, minutes
        by_postcode = np.full(self._postcodes, np.nan)
        for postcode, value in entries:
            by_postcode[postcode] = value
        by_site = by_postcode[self._postcode]
        listed = np.flatnonzero(~np.isnan(by_site))
        silent = np.isnan(by_site[sites])
        return (
            np.concatenate([sites[silent], listed]),
            np.concatenate([minutes[silent], by_site[listed]]),
        )


def _radians(sites: Sequence[Site]) -> Numbers:
    return np.radians(np.array([site[:2] for site in sites], dtype=np.float64))
