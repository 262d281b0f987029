"""What does the district look like? A schematic map of its municipalities, to be drawn offline.

**Schematic, not official boundaries**: a municipality's cell is the part of a convex outline that
lies nearer to its centre than to any other municipality's (a Voronoi cell). Neighbours on the map
are neighbours in fact only roughly.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from data.reference.postcodes import DISTRICT, municipalities, site

Points = npt.NDArray[np.float64]

#: Kilometres that the outline leaves around the outermost centres: about half a municipality.
MARGIN = 5.0
#: Sides of the outline.
SIDES = 24
#: Kilometres of one degree of latitude.
DEGREE = 111.2


def municipality_shapes() -> dict[str, Any]:
    """The district's municipalities as a GeoJSON FeatureCollection; schematic cells, see above.

    Each feature has the properties `municipality`, `ags`, `longitude` and `latitude` (the cell's
    centroid, in degrees). Exterior rings run clockwise, as d3 and altair's `mark_geoshape` want
    them on the sphere; RFC 7946 asks for the opposite.
    """
    names, keys, centres = _centres()
    middle = centres.mean(axis=0)
    scale = np.array([DEGREE * math.cos(math.radians(middle[1])), DEGREE])
    points = (centres - middle) * scale
    features = []
    for number, name in enumerate(names):
        cell = _cell(points, number)
        ring = np.round(cell / scale + middle, 5).tolist()
        longitude, latitude = np.round(_centroid(cell) / scale + middle, 5).tolist()
        properties = {
            "municipality": name,
            "ags": keys[number],
            "longitude": longitude,
            "latitude": latitude,
        }
        geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


@cache
def _centres() -> tuple[tuple[str, ...], tuple[str | None, ...], Points]:
    """Names, official keys and centres (longitude, latitude): the mean of the postcodes' points."""
    points: dict[tuple[str, str | None], list[tuple[float, float]]] = {}
    for municipality in municipalities():
        where = site(municipality.postcode)
        if municipality.district == DISTRICT and where is not None:
            key = (municipality.name, municipality.ags)
            points.setdefault(key, []).append((where.longitude, where.latitude))
    found = sorted(points)
    centres = np.array([np.mean(points[key], axis=0) for key in found])
    return tuple(name for name, _ in found), tuple(ags for _, ags in found), centres


def _cell(points: Points, number: int) -> Points:
    """The corners, clockwise, of what lies inside the outline and nearest to one point (km)."""
    reach = float(np.abs(points).max()) + 2 * MARGIN
    cell = reach * np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
    for turn in range(SIDES):
        angle = 2 * math.pi * turn / SIDES
        normal = np.array([math.cos(angle), math.sin(angle)])
        cell = _clip(cell, normal, float((points @ normal).max()) + MARGIN)
    centre = points[number]
    for other in np.delete(points, number, axis=0):
        # Nearer to the centre than to the other: this side of the line half-way between them.
        normal = other - centre
        cell = _clip(cell, normal, float(normal @ (centre + other)) / 2)
    return cell


def _clip(corners: Points, normal: Points, limit: float) -> Points:
    """The part of a convex polygon where `normal @ point <= limit`, corners in the same order."""
    over = corners @ normal - limit
    kept: list[Points] = []
    for here in range(len(corners)):
        there = (here + 1) % len(corners)
        if over[here] <= 0:
            kept.append(corners[here])
        if (over[here] < 0 < over[there]) or (over[there] < 0 < over[here]):
            part = over[here] / (over[here] - over[there])
            kept.append(corners[here] + part * (corners[there] - corners[here]))
    return np.array(kept)


def _centroid(corners: Points) -> Points:
    """The centre of a polygon's area."""
    after = np.roll(corners, -1, axis=0)
    twice = corners[:, 0] * after[:, 1] - after[:, 0] * corners[:, 1]
    centroid: Points = ((corners + after) * twice[:, None]).sum(axis=0) / (3 * twice.sum())
    return centroid
