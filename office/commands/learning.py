"""What can be learned from the past, and what does it say of pairs? Two commands on files alone."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from office.commands.door import Json, Reader, answer, err, show
from office.commands.model_door import at_the_models
from office.words import Language, number, say

if TYPE_CHECKING:
    from office.pair_chances import Told

Force = Annotated[bool, typer.Option("--force", help="Replace files that are there already.")]


def train(
    history: Annotated[Path, typer.Argument(help="Past proposals: CSV or Parquet.")],
    out: Annotated[Path, typer.Option("--out", metavar="MODEL", help="Where the model goes.")],
    declaration: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What may be learned from (default: the district's)."),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The outcome: 1, 0 or blank.")
    ] = None,
    season: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The season, in order of time.")
    ] = None,
    made: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The day (default: today)."),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Learn chances from past proposals; write the model and its card."""
    language = Reader.language()
    with at_the_models(language, as_json):
        from office.learning import ModelFiles, check_free, learn
        from office.reports.card_page import card_page
        from office.reports.model_card import card_summary, files_line

        files = ModelFiles(out)
        check_free(files.all(), (history, declaration), force)
        day = made.date() if made is not None else date.today()
        with _waiting(say("Learning; this takes up to a minute.", language)):
            learned = learn(history, declaration, day, {"outcome": outcome, "season": season})
        files.write(
            learned, card_page(learned.card, learned.fingerprint, learned.constant, language)
        )
    told = {"files": [str(path) for path in files.all()], **learned.facts()}
    answer(told, lambda: card_summary(learned.card, learned.constant, language), as_json)
    if not as_json:
        show(err, files_line(files.all(), language))


def chances(
    model: Annotated[Path, typer.Argument(help="A model that `train` wrote.")],
    pairs: Annotated[Path, typer.Argument(help="Pairs with the columns of its declaration.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .csv or .parquet file.")],
    rows: Annotated[
        int, typer.Option(min=1, max=10_000_000, help="How many rows are judged at a time.")
    ] = 100_000,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Tell the chance of each pair, with its range and evidence; all other columns stay."""
    language = Reader.language()
    if out.suffix.lower() not in {".csv", ".parquet"}:
        raise typer.BadParameter(say("--out must end in .csv or .parquet.", language))
    with at_the_models(language, as_json):
        from office.learning import check_free
        from office.learning_tables import read_model
        from office.pair_chances import tell_chances

        check_free((out,), (model, pairs), force)
        known = read_model(model)
        with _waiting(say("Telling chances.", language)):
            told = tell_chances(known, pairs, out, rows)
    facts = {
        "file": str(out),
        "rows": told.rows,
        "too_little": told.too_little,
        "protected": list(told.protected),
        "replaced": list(told.replaced),
        "unwritten": list(told.unwritten),
        "firm_missing": told.firm_missing,
    }
    answer(facts, lambda: "\n".join(_told(told, out, language)), as_json)


def _waiting(words: str) -> Any:
    """Tell whoever looks on that it takes a while."""
    return err.status(words) if err.is_terminal else nullcontext()


def _told(told: Told, out: Path, language: Language) -> list[str]:
    count = number(told.rows, language)
    lines = [say("{count} pairs written to {file}.", language, count=count, file=out)]
    if told.too_little:
        words = "For {count} of them there is too little to go by: no range, people judge."
        lines.append(say(words, language, count=number(told.too_little, language)))
    if told.firm_missing is not None:
        words = "The column {column} is missing: no firm counts as known."
        lines.append(say(words, language, column=told.firm_missing))
    for words, columns in (
        ("Left out, since they speak of traits that the law protects: {columns}", told.protected),
        ("Told anew: {columns}", told.replaced),
        ("Left out, since CSV can’t hold them: {columns}", told.unwritten),
    ):
        if columns:
            lines.append(say(words, language, columns=", ".join(columns)))
    return lines
