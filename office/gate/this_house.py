"""Which house is this? The store and settings of this process, opened once for gate and pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from data.store.accounts import set_language
from data.store.opening import open_store
from data.store.sign_ins import session
from matching.errors import UebergangError
from office.access import User
from office.gate.house import House, current_user, present, sign_out
from office.gate.settings import gate_settings
from office.settings import Settings
from office.words import Language, language_of


@cache
def this_house(
    farewell: bytes | None = None,
    is_meant: Callable[[bytes], bool] | None = None,
    instead: Callable[[User, str, str], str | None] | None = None,
) -> House:
    """The house that the settings name; `farewell`, `is_meant` and `instead` as for `House`."""
    store = open_store(Settings().store)
    return House(store, gate_settings(), farewell=farewell, is_meant=is_meant, instead=instead)


@cache
def _store_of(address: str) -> House:
    return House(open_store(address))


def user_here(key: str) -> User | None:
    """Whose session this is, looked up anew; `None` where it has ended."""
    return current_user(_store_of(Settings().store).store, key)


def leave(key: str) -> None:
    """End the session, in every window."""
    sign_out(_store_of(Settings().store).store, key)


def language_here(key: str) -> Language | None:
    """The language that the user of a session chose for good; `None` if they chose none."""
    try:
        found = session(_store_of(Settings().store).store, key, present()) if key else None
    except UebergangError:
        return None  # what is wrong with the store is to be said, in whatever language
    return None if found is None else language_of(found.account.language)


def speak(key: str, language: Language) -> None:
    """Remember the language that the user of a session chose, wherever they sign in next."""
    store = _store_of(Settings().store).store
    found = session(store, key, present()) if key else None
    if found is not None:
        set_language(store, found.account.name, language)
