"""Which store does a desk stand on? One, opened when it is first asked for."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from data.store.opening import Store, open_store
from data.store.seasons import season_of, training_start
from office.settings import Settings


class StoreDesk:
    """What every part of the desk shares: the settings and the store."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()

    @cached_property
    def store(self) -> Store:
        """The store, made where there is none; raises `FaultyInput` where it can't be reached."""
        return open_store(self.settings.store)

    def close(self) -> None:
        """Give back the store's connections, if it was opened."""
        if "store" in self.__dict__:
            self.store.close()
            del self.__dict__["store"]

    def season(self, name: str | None = None) -> str:
        """The season's name, today's unless one is given; `FaultyInput` for what is none."""
        if name is None:
            return season_of(date.today())
        training_start(name)
        return name
