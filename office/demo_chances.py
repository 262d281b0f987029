"""From what does the demo's model learn? An invented past, in the columns that its house has.

The past is that of `data.sample.history`, which knows marks and support that the house is not told,
numbers its fields from 0, and begins each season eight months before the training does. Here it is
told as this house would have kept it: fields by the areas of the KldB 2010, months over the whole
season, what is not known left blank; ways and competition are brought near to the sample district,
where most live in the middle and many name fewer than three wishes. The model is small, so that
the demo is there in seconds.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.sample.history import World, past
from data.sample.latecomers import first_places
from data.sample.stream import Stream
from data.store.seasons import season_of
from models.card import train_with_card
from models.declaration import district_declaration
from models.fairness import audit
from models.saving import model_bytes

#: The seed of the demo's past, and its size: some 3,000 proposals of three seasons.
SEED = 11
PAST = World(seasons=3, people=300, openings=470, base=-1.5, bias=2.5)

#: How the two groups of the invented past are called; they stand for nobody.
TRAIT, NAMES = "Gruppe (erfunden)", ("A", "B")

#: A season's first proposals go out so many months before training starts; a round takes so long.
_FIRST, _ROUND = 11.0, 1.8
#: What the past calls the likeness of two occupations that have nothing in common.
_UNLIKE = 0.1
#: Of so many nobody knows whether they applied before, as in the sample's lists.
_BLANK = 0.1
#: The areas of the KldB 2010 for which the past's fields stand; the last one is two of them.
_AREAS = ("1", "3", "2", "6", "5", "7", "4", "8")


@dataclass(frozen=True, slots=True, eq=False)
class DemoModel:
    """The files that an administrator would take in: model, card and audit."""

    content: bytes
    card: bytes
    audit: bytes


@cache
def demo_model(today: date) -> DemoModel:
    """Learn the demo's model from the seasons before today's; once for every day and process."""
    history = demo_history(today)
    told = history.drop(columns=TRAIT)
    model, card = train_with_card(told, district_declaration(), today.isoformat())
    found = audit(model, told, history[[TRAIT]])
    return DemoModel(
        model_bytes(model),
        json.dumps(card.facts()).encode(),
        json.dumps(found.facts()).encode(),
    )


def demo_history(today: date) -> pd.DataFrame:
    """The invented proposals of the seasons before today's, one a row, all marked as invented."""
    table = past(SEED, PAST).history
    stream = Stream(SEED)
    luck, blank = stream.uniform(len(table)), stream.uniform(len(table))
    turn = table["earlier_proposals"].to_numpy(dtype=np.float64)
    near = table[["wish", "fit"]]
    return table.assign(
        **near.where(near > _UNLIKE, 0.0),
        minutes=np.maximum(10.0, np.round(1.2 * table["minutes"] - 26)),
        competition=np.round(table["competition"] / 1.8, 2),
        season=_seasons(table["season"].to_numpy(dtype=np.int64), today),
        firm=_firms(table["firm"].to_numpy(dtype=np.int64), today),
        field=_areas(
            table["field"].to_numpy(dtype=np.int64), table["place"].to_numpy(dtype=np.int64)
        ),
        months_left=np.round(_FIRST - _ROUND * (turn + luck), 1),
        applied_before=table["applied_before"].where(blank > _BLANK),
        mark=np.nan,
        accompanied=np.nan,
        **{TRAIT: np.array(NAMES, dtype=object)[table["group"].to_numpy(dtype=np.int64)]},
    ).drop(columns="group")


def _firms(numbers: npt.NDArray[np.int64], today: date) -> list[str]:
    """The past's firms by the names of the sample's; those that it has more of have none there."""
    places = csv.DictReader(
        io.StringIO(first_places(today.year).decode("utf-8-sig")), delimiter=";"
    )
    names = list(dict.fromkeys(row["employer"] for row in places))
    return [
        names[number] if number < len(names) else f"Betrieb {number} (erfunden)"
        for number in numbers.tolist()
    ]


def _seasons(numbers: npt.NDArray[np.int64], today: date) -> list[str]:
    """The past's years as seasons; the last of them is the one before today's."""
    shift = int(season_of(today)[:4]) - 1 - int(numbers.max())
    return [season_of(date(year + shift, 12, 1)) for year in numbers.tolist()]


def _areas(fields: npt.NDArray[np.int64], places: npt.NDArray[np.int64]) -> list[str]:
    """The areas of the KldB 2010 for which the past's fields stand."""
    areas = np.array(_AREAS, dtype=object)[fields]
    areas[(fields == len(_AREAS) - 1) & (places % 2 == 1)] = "9"
    return [str(area) for area in areas]
