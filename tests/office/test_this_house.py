"""Does a user's language stay with them? What the pages ask of the house that the settings name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from data.store.opening import open_store
from data.store.sign_ins import IDLE, begin_session, key_of
from office import gate
from tests.office.gated import settle_in


def test_a_chosen_language_stays_and_belongs_to_one_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "store.db"))
    store, now = open_store(str(tmp_path / "store.db")), gate.present()
    for name, began in (("anna", now), ("otto", now), ("late", now - IDLE - timedelta(minutes=1))):
        settle_in(store, name, now)
        begin_session(store, name, f"{name}'s", began)
    anna, otto, late = (key_of(f"{name}'s") for name in ("anna", "otto", "late"))
    assert gate.language_here(anna) is None
    gate.speak(anna, "en")
    gate.speak(late, "en")
    begin_session(store, "late", "again", now)
    assert gate.language_here(anna) == "en"
    assert gate.language_here(otto) is None
    assert gate.language_here(key_of("again")) is None, "a session that is over changes nothing"
    assert gate.language_here("") is None
    store.close()


def test_a_store_that_is_away_leaves_the_language_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with it must still be said, in some language."""
    monkeypatch.setenv("UEBERGANG_DB", str(tmp_path / "no" / "such" / "folder.db"))
    (tmp_path / "no").write_text("a file, no folder")
    assert gate.language_here("a key") is None
