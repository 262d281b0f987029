"""Which models of chances does the house keep, and which one counts? Listed, taken in, switched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from office.commands.door import By, Db, Json, Number, Reader, actor, answer
from office.commands.model_door import at_the_models
from office.words import Language, say

if TYPE_CHECKING:
    from office.models_desk import ModelsDesk

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why (needed).")]


def list_models(db: Db = None, as_json: Json = False) -> None:
    """Show the models that were taken in, which one gives the chances, and what was switched."""
    from office.reports.model_tables import model_tables

    language = Reader.language()
    with _at_the_desk(db, language, as_json) as desk:
        found, switched = desk.models(actor()), desk.model_switches(actor())
        active, manual = desk.active_model(actor()), desk.is_manual(actor())
    number = None if active is None else active.id
    told = {
        "models": [
            {
                "model": one.id,
                "hash": one.hash,
                "made": one.made,
                "taken_in": one.at.isoformat(),
                "by": one.by,
                "invented": one.invented,
                "in_force": one.id == number,
                "card": one.card,
            }
            for one in found
        ],
        "in_force": number,
        "manual": manual,
        "switches": [
            {
                "at": one.at.isoformat(),
                "by": one.by,
                "to": one.to.value,
                "model": one.model,
                "reason": one.reason,
            }
            for one in switched
        ],
    }
    answer(told, lambda: model_tables(found, switched, number, manual, language), as_json)


def add_model(
    file: Annotated[Path, typer.Argument(help="The model's file.")],
    card: Annotated[
        Path | None, typer.Option(help="Its card (default: FILE.card.json beside it).")
    ] = None,
    audit: Annotated[Path | None, typer.Option(help="An audit of it, as JSON.")] = None,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Take a model in with its card. It gives no chances until it is put in force."""
    language = Reader.language()
    with _at_the_desk(db, language, as_json) as desk:
        from office.models_desk import card_beside

        beside = card or card_beside(file) or file.with_name(f"{file.name}.card.json")
        told = (file.read_bytes(), beside.read_bytes())
        more = None if audit is None else audit.read_bytes()
        number = desk.take_model(*told, actor(by), more)
    words = "Model {number} is taken in. It gives no chances until it is put in force."
    answer({"model": number}, lambda: say(words, language, number=number), as_json)


def activate_model(
    number: Number, reason: Reason, db: Db = None, as_json: Json = False, by: By = None
) -> None:
    """Let a model give the chances, from the next plan on; going back is the same."""
    language = Reader.language()
    with _at_the_desk(db, language, as_json) as desk:
        desk.activate_model(number, actor(by), reason)
    words = "Model {number} gives the chances from the next plan on."
    answer({"in_force": number}, lambda: say(words, language, number=number), as_json)


def use_scorecard(reason: Reason, db: Db = None, as_json: Json = False, by: By = None) -> None:
    """Let the scorecard's stated weights give the chances, from the next plan on."""
    language = Reader.language()
    with _at_the_desk(db, language, as_json) as desk:
        desk.use_scorecard(actor(by), reason)
    words = "The scorecard gives the chances from the next plan on."
    answer({"in_force": None}, lambda: say(words, language), as_json)


def set_manual(
    state: Annotated[Literal["on", "off"], typer.Argument(help="Whether people do without.")],
    reason: Reason,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Do without chances: nobody sees one and no plan is drawn until it is off again."""
    language = Reader.language()
    with _at_the_desk(db, language, as_json) as desk:
        desk.set_manual(state == "on", actor(by), reason)
    is_on = state == "on"
    words = "Chances are switched on again."
    if is_on:
        words = (
            "Chances are switched off: nobody is shown one, and no plan is drawn. "
            "What is in force stays."
        )
    answer({"manual": is_on}, lambda: say(words, language), as_json)


@contextmanager
def _at_the_desk(db: str | None, language: Language, as_json: bool) -> Iterator[ModelsDesk]:
    """A desk as `at_the_desk` has it; what a model's file refuses is worded, too."""
    from dataclasses import replace

    from office.models_desk import ModelsDesk
    from office.settings import Settings

    with at_the_models(language, as_json):
        settings = Settings()
        desk = ModelsDesk(settings if db is None else replace(settings, database=db))
        try:
            yield desk
        finally:
            desk.close()
