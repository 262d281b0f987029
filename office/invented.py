"""Is what the pages show made up? Asked for every page, so that none of them forgets to say so."""

from __future__ import annotations

from functools import cache

from data.store.people import is_invented
from office.settings import Settings
from office.store_desk import StoreDesk


def shows_invented(settings: Settings | None = None) -> bool:
    """Whether anybody or any place of today's season is invented; asks the store each time."""
    desk = _desk((settings or Settings()).store)
    return is_invented(desk.store, desk.season())


@cache
def _desk(store: str) -> StoreDesk:
    return StoreDesk(Settings(database=store))
