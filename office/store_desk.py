"""Which store does a desk stand on? One, opened when it is first asked for."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from data.store.house_settings import switches_of
from data.store.opening import Store, open_store
from data.store.persons import looked_after_by, schools_of
from data.store.seasons import season_of, training_start
from office.access import Right, User, require_person
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
            self._let_end()
            self.store.close()
            del self.__dict__["store"]

    def _let_end(self) -> None:
        """Wait for what goes on with the store beside its readers."""

    def season(self, name: str | None = None) -> str:
        """The season's name, the house's unless one is given; `FaultyInput` for what is none.

        The house's is the one that its administrator set, else today's.
        """
        if name is None:
            return switches_of(self.store).season or season_of(date.today())
        training_start(name)
        return name

    def _check_person(
        self, right: Right, pseudonym: str, by: User, season: str | None = None
    ) -> None:
        """Let pass who reaches a person; `season` is that of their case, else their latest one."""
        schools = schools_of(self.store, pseudonym)
        require_person(by, right, schools, looked_after_by(self.store, pseudonym, season))
