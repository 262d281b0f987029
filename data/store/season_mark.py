"""Has a season changed since? A mark of all that a plan of it is drawn from.

Cheap enough to be asked at every page: counts and last numbers, and the openings that contracts
took. An answer that neither takes an opening nor turns a place down leaves the mark as it is.
"""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import func, select

from data.store.doubles import heads_of
from data.store.grounds import objectors
from data.store.opening import Store
from data.store.tables import (
    consents,
    decisions,
    imports,
    merges,
    model_switches,
    people,
    places,
    plans,
)
from data.store.taken import holders
from data.store.turned_down import turned_down_in


def season_mark(store: Store, season: str, up_to: int | None = None) -> str:
    """The same as long as the season's people, places, rulings, contracts and refusals are.

    And as long as the chances come from the same model.

    With `up_to`, as if no ruling had come after that one.
    """
    ruled = decisions.c.season == season
    if up_to is not None:
        ruled &= decisions.c.id <= up_to
    counted = (
        select(func.max(imports.c.id), func.count(imports.c.undone_at)).where(
            imports.c.kind != "contacts"
        ),
        select(func.max(decisions.c.id), func.count()).where(ruled),
        select(func.count(), func.max(merges.c.at)).select_from(merges),
        select(func.count(), func.count(consents.c.withdrawn_at)).select_from(consents),
        select(func.count()).where(people.c.season == season, people.c.present),
        select(func.count(), func.sum(places.c.openings)).where(
            places.c.season == season, places.c.present
        ),
        select(func.max(plans.c.id)).where(plans.c.season == season, plans.c.status == "active"),
        select(func.max(model_switches.c.id)),
    )
    with store.reading() as connection:
        told: list[object] = [tuple(connection.execute(one).one()) for one in counted]
        heads = heads_of(connection)
        held = holders(connection, season, heads)
        declined = turned_down_in(connection, season, heads)
        by_hand = objectors(connection, heads)
    told += [sorted(held.items()), sorted(declined), sorted(by_hand)]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()
