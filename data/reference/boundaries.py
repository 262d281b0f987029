"""Where do the municipalities really lie? Reading official boundaries from a GeoJSON file.

The operator hands over the municipalities' boundaries (VG250 of the Bundesamt für Kartographie und
Geodäsie, or the Land's own), in degrees (WGS 84); a checked copy goes into the operator's data
folder. Without it the schematic cells of `data.reference.shapes` are shown.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from data.reference.postcodes import DISTRICT, municipalities
from data.reference.shapes import municipality_shapes
from matching.errors import Fault, FaultyInput, Rule

FILE = "municipalities.geojson"

#: The largest file that is read, in bytes: all municipalities of Germany, simplified.
LARGEST = 60_000_000

#: Germany in degrees: west, south, east, north. Other numbers are other coordinates (UTM).
GERMANY = (5.5, 47.0, 15.5, 55.2)

#: Decimals of a degree that are kept: about ten metres.
_DECIMALS = 4

#: What the official key and the name of a municipality are called in the files that are about.
_KEYS = ("ags", "ags_0", "gemeindeschluessel", "schluessel")
_NAMES = ("gen", "name", "municipality", "gemeinde", "gemeindename")

Ring = list[list[float]]


def district_shapes(folder: Path | None = None) -> dict[str, Any]:
    """The district's municipalities as GeoJSON: as imported, else schematic.

    Each feature has the properties `municipality`, `ags`, `longitude` and `latitude` (where its
    name is written). `schematic` of the collection says that the cells are no boundaries.
    """
    kept = None if folder is None else folder / FILE
    try:
        state = None if kept is None else kept.stat()
    except (FileNotFoundError, NotADirectoryError):
        state = None
    if kept is None or state is None:
        return {**municipality_shapes(), "schematic": True}
    return _kept(kept, (state.st_mtime_ns, state.st_size, state.st_ino))


@lru_cache(maxsize=4)
def _kept(kept: Path, state: tuple[int, ...]) -> dict[str, Any]:
    """One state of the file: a later import is another state, and is read anew."""
    del state
    shapes: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return shapes


def import_boundaries(source: Path, folder: Path) -> int:
    """Check a GeoJSON file of boundaries and keep the district's part of it in the folder.

    Municipalities are known by their official key (AGS), else by their name; several features of
    one municipality are joined. Returns how many municipalities there are. The copy appears whole
    or not at all. Raises `FaultyInput` with every fault: no GeoJSON, coordinates that are no
    degrees in Germany, a municipality that is missing.
    """
    features = _features(source)
    found: dict[str, list[list[Ring]]] = {name: [] for name in _district()}
    faults: list[Fault] = []
    for row, feature in enumerate(features, start=1):
        name = _municipality(feature)
        if name is None:
            continue
        polygons = list(_polygons(feature))
        if not polygons:
            faults.append(Fault(Rule.VALUE_UNKNOWN, source.name, row, "geometry", name))
        elif not all(_in_germany(ring) for polygon in polygons for ring in polygon):
            faults.append(Fault(Rule.VALUE_UNKNOWN, source.name, row, "coordinates", name))
        found[name] += polygons
    faults += [
        Fault(Rule.VALUE_MISSING, source.name, column="municipality", value=name)
        for name, polygons in found.items()
        if not polygons
    ]
    if faults:
        raise FaultyInput(tuple(faults))
    shapes = {
        "type": "FeatureCollection",
        "schematic": False,
        "features": [_feature(name, polygons) for name, polygons in found.items()],
    }
    _keep(json.dumps(shapes, ensure_ascii=False), folder)
    return len(found)


def _keep(text: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{FILE}.{os.getpid()}.part"
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(folder / FILE)
    finally:
        unfinished.unlink(missing_ok=True)


def _district() -> dict[str, str | None]:
    """The district's municipalities and their official keys, by name."""
    return dict(sorted({m.name: m.ags for m in municipalities() if m.district == DISTRICT}.items()))


def _features(source: Path) -> list[Mapping[str, Any]]:
    try:
        if source.stat().st_size > LARGEST:
            raise FaultyInput((Fault(Rule.FILE_TOO_LARGE, source.name),))
        told = json.loads(source.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FaultyInput((Fault(Rule.FILE_MISSING, source.name),)) from None
    except (OSError, ValueError, RecursionError):
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, source.name),)) from None
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, source.name, column="features"),))
    return features


def _municipality(feature: Mapping[str, Any]) -> str | None:
    """Which municipality of the district a feature is, by key or else by name."""
    facts = feature.get("properties")
    if not isinstance(facts, dict):
        return None
    told = {str(key).casefold(): str(value).strip() for key, value in facts.items()}
    district = _district()
    keys = {ags: name for name, ags in district.items() if ags is not None}
    for column in _KEYS:
        if column in told:
            return keys.get(told[column].zfill(8))
    names = (told[column] for column in _NAMES if column in told)
    return next((name for name in names if name in district), None)


def _polygons(feature: Mapping[str, Any]) -> Iterator[list[Ring]]:
    """The feature's polygons, each its outer ring and its holes; nothing for anything else."""
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        return
    parts = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        parts = [parts]
    elif geometry.get("type") != "MultiPolygon":
        return
    try:
        for part in parts or []:
            rings = [np.array(ring, dtype=np.float64)[:, :2] for ring in part]
            thinned = [_thinned(ring) for ring in rings]
            # A ring of fewer than four points is closed but holds nothing.
            if thinned and len(thinned[0]) >= 4:
                yield [ring for ring in thinned if len(ring) >= 4]
    except (TypeError, ValueError, IndexError):
        return


def _thinned(ring: npt.NDArray[np.float64]) -> Ring:
    """The ring without points that fall together at the decimals that are kept."""
    rounded = np.round(ring, _DECIMALS)
    keeps = np.ones(len(rounded), dtype=np.bool_)
    keeps[1:] = (rounded[1:] != rounded[:-1]).any(axis=1)
    kept: Ring = rounded[keeps].tolist()
    return kept


def _in_germany(ring: Ring) -> bool:
    west, south, east, north = GERMANY
    return all(
        math.isfinite(x) and math.isfinite(y) and west <= x <= east and south <= y <= north
        for x, y in ring
    )


def _feature(name: str, polygons: list[list[Ring]]) -> dict[str, Any]:
    """A feature as it is drawn: outer rings clockwise, holes the other way (d3 on the sphere)."""
    wound = [
        [_wound(ring, clockwise=at == 0) for at, ring in enumerate(polygon)] for polygon in polygons
    ]
    largest = max((polygon[0] for polygon in wound), key=lambda ring: abs(_area(ring)))
    corners = np.array(largest[:-1])
    longitude, latitude = _middle(largest) if _area(largest) else corners.mean(axis=0).tolist()
    return {
        "type": "Feature",
        "properties": {
            "municipality": name,
            "ags": _district()[name],
            "longitude": round(float(longitude), 5),
            "latitude": round(float(latitude), 5),
        },
        "geometry": {"type": "MultiPolygon", "coordinates": wound},
    }


def _area(ring: Sequence[Sequence[float]]) -> float:
    """Twice the ring's area in square degrees; negative where it runs clockwise."""
    x, y = np.array(ring).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def _wound(ring: Ring, clockwise: bool) -> Ring:
    return ring if (_area(ring) < 0) == clockwise else ring[::-1]


def _middle(ring: Ring) -> tuple[float, float]:
    """The centre of the ring's area."""
    points = np.array(ring) - np.array(ring[0])
    here, after = points[:-1], points[1:]
    twice = here[:, 0] * after[:, 1] - after[:, 0] * here[:, 1]
    longitude, latitude = ((here + after) * twice[:, None]).sum(axis=0) / (3 * twice.sum())
    return float(longitude + ring[0][0]), float(latitude + ring[0][1])
