"""What does a terminal show of the models of chances? The models, and what was switched."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from data.store.chance_models import ModelLine, SwitchLine, To
from office.words import Language, number, say

_SWITCHES = {
    To.MODEL: "model put in force",
    To.SCORECARD: "scorecard put in force",
    To.MANUAL_ON: "chances switched off",
    To.MANUAL_OFF: "chances switched on again",
}


def model_tables(
    found: Sequence[ModelLine],
    switched: Sequence[SwitchLine],
    active: int | None,
    manual: bool,
    language: Language,
) -> RenderableType:
    """The models, one a line, and the switches under them; `active` is the one in force."""
    state = (
        say("The scorecard gives the chances.", language)
        if active is None
        else say("Model {number} gives the chances.", language, number=active)
    )
    parts: list[RenderableType] = [state]
    if manual:
        parts.append(say("Chances are switched off for everybody.", language))
    parts.append(_models(found, active, language) if found else say("No model is kept.", language))
    if switched:
        parts.append(_switched(switched, language))
    return Group(*parts)


def _models(found: Sequence[ModelLine], active: int | None, language: Language) -> Table:
    table = Table(box=box.SIMPLE)
    for heading in ("model", "made", "taken in", "by", "proposals", "invented", "in force", "hash"):
        table.add_column(say(heading, language), no_wrap=True)
    for one in found:
        rows = one.card.get("rows")
        table.add_row(
            str(one.id),
            Text(one.made),
            f"{one.at:%Y-%m-%d %H:%M}",
            Text(one.by),
            number(rows, language) if isinstance(rows, int) else "-",
            say("yes" if one.invented else "no", language),
            say("yes" if one.id == active else "no", language),
            one.hash[:12],
        )
    return table


def _switched(switched: Sequence[SwitchLine], language: Language) -> Table:
    table = Table(box=box.SIMPLE, title=say("What was switched, the newest first", language))
    for heading in ("when", "by", "what", "model"):
        table.add_column(say(heading, language), no_wrap=True)
    table.add_column(say("why", language), overflow="fold")
    for one in switched:
        table.add_row(
            f"{one.at:%Y-%m-%d %H:%M}",
            Text(one.by),
            say(_SWITCHES[one.to], language),
            "" if one.model is None else str(one.model),
            Text(one.reason),
        )
    return table
