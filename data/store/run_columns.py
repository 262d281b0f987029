"""How is a problem kept for years, with the plan that came of it? As columns, in a small archive.

A zip of Parquet tables (zstd) and one JSON file, so that anybody can open it with common tools
and nothing in it can run: no pickle. In front stands the SHA-256 of all that follows.

Kept is what the plan depends on, and the pairs' minutes and fit, by which its reasons can be told
again. Of people and places only ids and openings are kept: no home, no wishes, no certificate.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import date
from fractions import Fraction
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from matching.errors import Fault, FaultyInput, Rule
from matching.plan import Rows
from matching.problem import Bond, Candidates, Pin, Place, Problem, Seeker
from matching.target import Target

_DIGEST_BYTES = 32
_FORM = 1
_PAIR_COLUMNS = ("chance", "wish", "minutes", "fit")

#: A zip entry states a time; the same one for all, so that the same problem gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def packed(problem: Problem, rows: Rows) -> bytes:
    """A problem and the rows of its plan as bytes; the same input gives the same bytes."""
    pairs = {"seeker": problem.candidates.seeker, "place": problem.candidates.place}
    for name in _PAIR_COLUMNS:
        if (values := getattr(problem.candidates, name)) is not None:
            pairs[name] = values
    tables: dict[str, dict[str, Any]] = {
        "seekers": {"id": [seeker.id for seeker in problem.seekers]},
        "places": {
            "id": [place.id for place in problem.places],
            "openings": problem.openings,
        },
        "pairs": pairs,
        "pins": {
            "seeker": [pin.seeker for pin in problem.pins],
            "place": [pin.place for pin in problem.pins],
            "bond": [pin.bond.value for pin in problem.pins],
        },
        "plan": {"row": np.asarray(rows, dtype=np.int64)},
    }
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as entries:
        for name, columns in tables.items():
            _add(entries, f"{name}.parquet", _parquet(columns))
        numbers = json.dumps(_numbers_of(problem), sort_keys=True, indent=1)
        _add(entries, "target.json", numbers.encode())
    content = archive.getvalue()
    return hashlib.sha256(content).digest() + content


def unpacked(payload: bytes) -> tuple[Problem, Rows]:
    """The problem and the plan's rows. Raises `FaultyInput` (`RUN_DAMAGED`) if a bit is wrong."""
    content = payload[_DIGEST_BYTES:]
    damaged = FaultyInput((Fault(Rule.RUN_DAMAGED, column="payload"),))
    if hashlib.sha256(content).digest() != payload[:_DIGEST_BYTES]:
        raise damaged
    try:
        return _read(content)
    except (zipfile.BadZipFile, pa.ArrowException, LookupError, TypeError, ValueError):
        # Somebody put other columns there and reckoned their hash anew.
        raise damaged from None


def _read(content: bytes) -> tuple[Problem, Rows]:
    with zipfile.ZipFile(BytesIO(content)) as entries:
        numbers = json.loads(entries.read("target.json"))
        tables = {
            name: pq.read_table(BytesIO(entries.read(f"{name}.parquet")))
            for name in ("seekers", "places", "pairs", "pins", "plan")
        }
    pairs = tables["pairs"]
    columns = {
        name: pairs[name].to_numpy() if name in pairs.column_names else None
        for name in ("seeker", "place", *_PAIR_COLUMNS)
    }
    ids, openings = tables["places"]["id"].to_pylist(), tables["places"]["openings"].to_pylist()
    pins = (tables["pins"][name].to_pylist() for name in ("seeker", "place", "bond"))
    problem = Problem(
        seekers=tuple(Seeker(name) for name in tables["seekers"]["id"].to_pylist()),
        places=tuple(Place(name, count) for name, count in zip(ids, openings, strict=True)),
        candidates=Candidates(**{name: _own(column) for name, column in columns.items()}),
        target=_target_of(numbers),
        pins=tuple(Pin(s, p, Bond(b)) for s, p, b in zip(*pins, strict=True)),
        spread=float.fromhex(numbers["spread"]),
        invented=numbers["invented"],
    )
    return problem, np.asarray(_own(tables["plan"]["row"].to_numpy()), dtype=np.int64)


def digest_of(payload: bytes) -> str:
    """What tells one payload from any other; the log names it."""
    return payload[:_DIGEST_BYTES].hex()


def data_hash(problem: Problem) -> str:
    """A SHA-256 of the people and places as they went in, with all that the rules look at."""
    digest = hashlib.sha256(b"uebergang data 1")
    things: tuple[Seeker | Place, ...] = (*problem.seekers, *problem.places)
    for thing in things:
        told = {name: getattr(thing, name) for name in thing.__slots__}
        digest.update(json.dumps(told, sort_keys=True, default=str).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _numbers_of(problem: Problem) -> dict[str, Any]:
    """The target as numbers: who counted is no longer known when the run is replayed."""
    target = problem.target
    return {
        "form": _FORM,
        "share": str(target.share),
        "definition": target.definition,
        "base": problem.base,
        "placed": problem.placed_already,
        "cut_off": None if target.cut_off is None else target.cut_off.isoformat(),
        "confidence": float(target.confidence).hex(),
        "spread": float(problem.spread).hex(),
        "invented": problem.invented,
    }


def _target_of(numbers: dict[str, Any]) -> Target:
    cut_off = numbers["cut_off"]
    target = Target(
        share=Fraction(numbers["share"]),
        definition=numbers["definition"],
        base=numbers["base"],
        placed=numbers["placed"],
        confidence=float.fromhex(numbers["confidence"]),
    )
    return target if cut_off is None else replace(target, cut_off=date.fromisoformat(cut_off))


def _parquet(columns: dict[str, Any]) -> bytes:
    text = pa.string()
    arrays = {
        name: pa.array(values, type=text) if isinstance(values, list) else pa.array(values)
        for name, values in columns.items()
    }
    out = BytesIO()
    pq.write_table(pa.table(arrays), out, compression="zstd", use_dictionary=False)
    return out.getvalue()


def _add(entries: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Stored as it is: Parquet has compressed it already."""
    entries.writestr(zipfile.ZipInfo(name, _TIME), content)


def _own(column: Any) -> Any:
    """A copy that is the problem's alone; Arrow lends memory that it may reuse."""
    return None if column is None else np.array(column)
