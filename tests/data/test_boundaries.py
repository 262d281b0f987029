"""Are official boundaries read as they are meant, and refused where they are something else?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.reference import boundaries
from data.reference.boundaries import FILE, district_shapes, import_boundaries
from data.reference.postcodes import municipalities_of_district
from data.reference.shapes import municipality_shapes
from data.sample import shapes as sample
from matching.errors import FaultyInput, Rule


def given() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(sample.sample_boundaries())
    return told


def imported(told: object, folder: Path) -> int:
    source = folder / "given.geojson"
    source.write_text(json.dumps(told), encoding="utf-8")
    return import_boundaries(source, folder / "kept")


def refused(told: object, folder: Path) -> list[tuple[Rule, str | None, str | None]]:
    with pytest.raises(FaultyInput) as why:
        imported(told, folder)
    assert not (folder / "kept" / FILE).exists()
    return [(fault.rule, fault.column, fault.value) for fault in why.value.faults]


def test_the_sample_is_what_its_script_makes_and_calls_itself_invented() -> None:
    text = sample.FILE.read_text(encoding="utf-8")
    assert text == sample.sample_boundaries()
    assert "Invented shapes" in text and text.count('"invented": true') == 13


def test_the_sample_comes_back_as_the_schematic_cells(tmp_path: Path) -> None:
    """Outer rings, counter-clockwise in the file, run clockwise as they are drawn."""
    assert imported(given(), tmp_path) == 13
    shapes = district_shapes(tmp_path / "kept")
    assert shapes["schematic"] is False
    for shape, cell in zip(shapes["features"], municipality_shapes()["features"], strict=True):
        facts, known = shape["properties"], cell["properties"]
        assert (facts["municipality"], facts["ags"]) == (known["municipality"], known["ags"])
        for name in ("longitude", "latitude"):
            assert facts[name] == pytest.approx(known[name], abs=2e-4)
        (ring,), (other,) = shape["geometry"]["coordinates"][0], cell["geometry"]["coordinates"]
        assert np.allclose(ring, other, atol=1e-4)


def test_without_an_import_the_map_is_schematic(tmp_path: Path) -> None:
    for folder in (None, tmp_path, tmp_path / "none"):
        shapes = district_shapes(folder)
        assert shapes["schematic"] and shapes["features"] == municipality_shapes()["features"]


def test_parts_of_one_municipality_are_joined_and_others_left_out(tmp_path: Path) -> None:
    told = given()
    island = [[8.0, 52.0], [8.1, 52.0], [8.1, 52.1], [8.0, 52.1], [8.0, 52.0]]
    hole = [[8.02, 52.02], [8.04, 52.02], [8.04, 52.04], [8.02, 52.02]]
    told["features"] += [
        {"properties": {"ags": "5754044"}, "geometry": {"type": "MultiPolygon",
                                                        "coordinates": [[island, hole]]}},
        {"properties": {"name": "Bielefeld"}, "geometry": None},
        {"properties": None},
    ]  # fmt: skip
    assert imported(told, tmp_path) == 13
    verl = next(
        shape for shape in district_shapes(tmp_path / "kept")["features"]
        if shape["properties"]["municipality"] == "Verl"
    )  # fmt: skip
    _, (outer, inner) = verl["geometry"]["coordinates"]
    assert outer == island[::-1] and inner == hole


def test_names_stand_in_where_there_is_no_key(tmp_path: Path) -> None:
    told = given()
    for feature in told["features"]:
        del feature["properties"]["AGS"]
    assert imported(told, tmp_path) == 13


def test_metres_are_no_degrees(tmp_path: Path) -> None:
    """Official files often come in UTM; drawn as degrees they would be nowhere."""
    told = given()
    ring = [[467000.0, 5750000.0], [468000.0, 5750000.0], [468000.0, 5751000.0],
            [467000.0, 5750000.0]]  # fmt: skip
    told["features"][0]["geometry"]["coordinates"] = [ring]
    name = municipalities_of_district()[0]
    assert refused(told, tmp_path) == [(Rule.VALUE_UNKNOWN, "coordinates", name)]


@pytest.mark.parametrize(
    "geometry",
    [None, {"type": "Point", "coordinates": [8, 52]}, {"type": "Polygon", "coordinates": "x"},
     {"type": "Polygon", "coordinates": [[[8.0, 52.0], [8.0, 52.00001], [8.0, 52.0]]]}],
)  # fmt: skip
def test_a_municipality_without_an_area_is_a_fault(geometry: object, tmp_path: Path) -> None:
    told = given()
    told["features"][0]["geometry"] = geometry
    name = municipalities_of_district()[0]
    assert refused(told, tmp_path) == [
        (Rule.VALUE_UNKNOWN, "geometry", name),
        (Rule.VALUE_MISSING, "municipality", name),
    ]


@pytest.mark.parametrize("told", [[], {"features": 3}, {"features": [1]}, "x", {}])
def test_what_is_no_collection_is_refused(told: object, tmp_path: Path) -> None:
    assert refused(told, tmp_path) == [(Rule.FILE_UNREADABLE, "features", None)]


def test_unreadable_missing_and_huge_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "given.geojson"
    for text, rule in (("{", Rule.FILE_UNREADABLE), ("[" * 100_000, Rule.FILE_UNREADABLE)):
        source.write_text(text)
        with pytest.raises(FaultyInput) as why:
            import_boundaries(source, tmp_path)
        assert why.value.faults[0].rule is rule
    monkeypatch.setattr(boundaries, "LARGEST", 10)
    with pytest.raises(FaultyInput) as why:
        import_boundaries(source, tmp_path)
    assert why.value.faults[0].rule is Rule.FILE_TOO_LARGE
    with pytest.raises(FaultyInput) as why:
        import_boundaries(tmp_path / "none", tmp_path)
    assert why.value.faults[0].rule is Rule.FILE_MISSING
