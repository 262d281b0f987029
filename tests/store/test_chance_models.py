"""Does the registry of models forget nothing, and say at each moment what counts?"""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update

from data.store.audit import verify
from data.store.audit_pages import Wanted, log_page
from data.store.backup import backup, restore
from data.store.cases import Scores, house_scores, scores_of, set_scores
from data.store.chance_models import (
    InForce,
    To,
    add_model,
    in_force,
    is_manual,
    model_content,
    model_lines,
    model_named,
    switch,
    switches,
)
from data.store.opening import Store, StoreRefused, open_store
from data.store.season_mark import season_mark
from data.store.tables import chance_models, model_switches
from matching.errors import FaultyInput, Rule

CARD = {"made": "2026-11-22", "rows": 3, "losses": {"line": 0.1}}


def add(store: Store, content: bytes = b"one", invented: bool = True) -> int:
    return add_model(store, content, "2026-11-22", CARD, invented, "ada")


def test_what_was_taken_in_is_there_whole(store: Store) -> None:
    one, other = add(store), add(store, b"two", invented=False)
    assert [line.id for line in model_lines(store)] == [other, one]
    line = model_lines(store)[-1]
    assert (line.made, line.by, line.invented, dict(line.card)) == ("2026-11-22", "ada", True, CARD)
    assert model_content(store, one) == b"one"
    assert model_named(store, line.hash) == (one, True) and model_named(store, "0" * 64) is None


def test_a_file_comes_in_once(store: Store) -> None:
    number = add(store)
    with pytest.raises(FaultyInput) as refused:
        add(store)
    (fault,) = refused.value.faults
    assert (fault.rule, fault.value) == (Rule.ID_TWICE, str(number))


def _after(now: InForce, step: tuple[To, int | None]) -> InForce:
    """The rule in other words: manual is a switch of its own, and hides nothing for good."""
    to, model = step
    if to in (To.MANUAL_ON, To.MANUAL_OFF):
        return InForce(now.model, None, False, to is To.MANUAL_ON)
    return InForce(model, None, False, now.is_manual)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just(To.MODEL), st.sampled_from([1, 2])),
        st.tuples(st.sampled_from([To.SCORECARD, To.MANUAL_ON, To.MANUAL_OFF]), st.none()),
    ),
    max_size=6,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_what_counts_is_what_was_said_last(tmp_path: Path, steps: list[tuple[To, int]]) -> None:
    """The law: each switch moves one of two things, and every one before it is still told."""
    file = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
    store = open_store(str(file))
    try:
        assert (add(store), add(store, b"two")) == (1, 2)
        states = list(accumulate(steps, _after, initial=InForce()))
        for step, state in zip(steps, states[1:], strict=True):
            switch(store, *step, "ada", "weil")
            now = in_force(store)
            assert (now.model, now.is_manual) == (state.model, state.is_manual)
            assert is_manual(store) is state.is_manual
            assert (now.hash is None) is (now.model is None)
        assert [(one.to, one.model) for one in reversed(switches(store))] == steps
    finally:
        store.close()


def test_a_switch_needs_a_reason_and_a_model_that_is_there(store: Store) -> None:
    number = add(store)
    for to, model, reason, rules in (
        (To.MODEL, number, " \n", {Rule.VALUE_MISSING}),
        (To.MODEL, 99, "weil", {Rule.MODEL_UNKNOWN}),
        (To.MODEL, 99, "", {Rule.VALUE_MISSING, Rule.MODEL_UNKNOWN}),
    ):
        with pytest.raises(FaultyInput) as refused:
            switch(store, to, model, "ada", reason)
        assert {fault.rule for fault in refused.value.faults} == rules
    assert switches(store) == () and in_force(store) == InForce()
    assert [entry.action for entry in log_page(store, Wanted())[0]] == ["model.add"]


def test_the_database_keeps_every_row_as_it_is(store: Store) -> None:
    switch(store, To.MODEL, add(store), "ada", "weil")
    for statement in (
        update(chance_models).values(content=b"x"),
        delete(chance_models),
        update(model_switches).values(reason="x"),
        delete(model_switches),
    ):
        with pytest.raises(StoreRefused), store.transaction() as connection:
            connection.execute(statement)
    assert len(model_lines(store)) == len(switches(store)) == 1
    assert verify(store) is None


def test_a_file_that_was_changed_all_the_same_is_noticed(store: Store) -> None:
    number = add(store)
    with store.transaction() as connection:
        if store.is_sqlite:
            connection.execute(text("DROP TRIGGER chance_models_no_update"))
        else:
            connection.execute(text("ALTER TABLE chance_models DISABLE TRIGGER USER"))
        connection.execute(update(chance_models).values(content=b"onf"))
    with pytest.raises(FaultyInput) as refused:
        model_content(store, number)
    assert refused.value.faults[0].rule is Rule.MODEL_DAMAGED


def test_while_people_do_without_nobody_is_shown_a_chance(store: Store) -> None:
    """Whatever somebody chose for themselves; and it is theirs again afterwards."""
    set_scores(store, "lena", Scores.SHOWN)
    before = season_mark(store, "2025/26")
    switch(store, To.MANUAL_ON, None, "paula", "Zweifel")
    assert scores_of(store, "lena") is house_scores(store) is Scores.OFF
    assert season_mark(store, "2025/26") != before
    switch(store, To.MANUAL_OFF, None, "paula", "geklärt")
    assert scores_of(store, "lena") is Scores.SHOWN


def test_a_copy_holds_models_and_switches(store: Store, another_url: str, tmp_path: Path) -> None:
    number = add(store, bytes(range(256)))
    switch(store, To.MODEL, number, "ada", "weil")
    backup(store, tmp_path / "copy.zip")
    restore(tmp_path / "copy.zip", another_url)
    there = open_store(another_url)
    assert model_lines(there) == model_lines(store) and switches(there) == switches(store)
    assert model_content(there, number) == bytes(range(256))
    # Numbers go on after those that came in.
    assert add(there, b"next") == number + 1
    with there.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(chance_models)) == 2
    there.close()
