"""What does a file of boundaries look like? The sample's own, with invented shapes.

`python -m data.sample.shapes` writes `data/sample/municipalities.geojson` anew: the schematic cells
of `data.reference.shapes`, in the form in which official boundaries are imported (RFC 7946, outer
rings counter-clockwise). Nothing in it is an official boundary.
"""

from __future__ import annotations

import json
from pathlib import Path

from data.reference.postcodes import ATTRIBUTION
from data.reference.shapes import municipality_shapes

FILE = Path(__file__).with_name("municipalities.geojson")


def sample_boundaries() -> str:
    """The invented shapes as the text of a GeoJSON file, a line a municipality."""
    lines = []
    for shape in municipality_shapes()["features"]:
        facts = shape["properties"]
        told = {"AGS": facts["ags"], "GEN": facts["municipality"], "invented": True}
        rings = [ring[::-1] for ring in shape["geometry"]["coordinates"]]
        geometry = {"type": "Polygon", "coordinates": rings}
        feature = {"type": "Feature", "properties": told, "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False))
    about = f"Invented shapes, no official boundaries. {ATTRIBUTION}"
    head = f'{{"type": "FeatureCollection", "description": {json.dumps(about, ensure_ascii=False)},'
    return head + '\n"features": [\n' + ",\n".join(lines) + "\n]}\n"


if __name__ == "__main__":
    FILE.write_text(sample_boundaries(), encoding="utf-8")
