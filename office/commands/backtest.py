"""Would plans have brought more starts than what was done? Past seasons, from files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from office.commands.door import FAULTY_INPUT, Json, Reader, answer, err, show
from office.commands.model_door import at_the_models
from office.words import say


def backtest_plans(
    history: Annotated[Path, typer.Argument(help="Past proposals: CSV or Parquet.")],
    pairs: Annotated[
        Path, typer.Argument(help="All that could have been proposed, with openings.")
    ],
    declaration: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What may be learned from (default: the district's)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write all figures here (JSON).")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that are there already.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Go through past seasons again: the plan against what was done and three simple ways.

    Says what each would have brought, how sure that is, and where the data can't tell.
    """
    language = Reader.language()
    with at_the_models(language, as_json):
        from office.backtesting import facts, gone_through
        from office.learning import check_free
        from office.reports.backtest_tables import backtest_summary, gap_lines

        if out is not None:
            check_free((out,), (history, pairs, declaration), force)
        found, invented = gone_through(history, pairs, declaration)
        told = facts(found, invented)
        if out is not None and found.seasons:
            out.write_text(json.dumps(told, indent=2, ensure_ascii=False), encoding="utf-8")
    if not found.seasons and not as_json:
        show(err, say("No season can be gone through again.", language))
        show(err, "\n".join(gap_lines(found, language)))
    else:
        answer(told, lambda: backtest_summary(found, invented, language), as_json)
    if not found.seasons:
        raise typer.Exit(FAULTY_INPUT)
