"""What waits at a terminal for somebody's decision? Rows, titles of offers, doubles."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from office.commands.door import (
    FAULTY_INPUT,
    By,
    Db,
    Json,
    Number,
    Reader,
    School,
    actor,
    answer,
    at_the_desk,
    err,
    fault_facts,
    show,
    show_json,
)
from office.words import Language, say

Title = Annotated[str, typer.Argument(metavar="TITLE", help="As the list writes it.")]


def list_quarantine(
    school: School = None,
    kind: Annotated[
        Literal["pupils", "places", "outcomes", "contacts"] | None, typer.Option(help="Of what.")
    ] = None,
    of_import: Annotated[int | None, typer.Option("--import", help="Of one import.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    with_cells: Annotated[
        bool, typer.Option("--with-cells", help="Show what the rows say; this is logged.")
    ] = False,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Show the rows that wait, and what is wrong with each."""
    from office.reports.store_tables import quarantine_lines

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        status = None if everything else "waiting"
        rows = desk.quarantined(actor(by), school, kind, of_import, status, with_cells)
    told = {
        "rows": [
            {
                "id": one.id,
                "import": one.import_id,
                "kind": one.kind,
                "school": one.school,
                "row": one.row,
                "status": one.status,
                "fields": sorted(one.cells),
                "faults": [fault_facts(fault, language) for fault in one.faults],
            }
            | ({"cells": dict(one.cells)} if with_cells else {})
            for one in rows
        ]
    }
    answer(told, lambda: quarantine_lines(rows, language, with_cells), as_json)


def fix_row(
    number: Number,
    cells: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELD=VALUE...", help="What the row should say; blank empties it."),
    ] = None,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Correct a waiting row, so that it comes in."""
    from office.reports.terminal import fault_lines

    language = Reader.language()
    corrections = dict(_parted(cell, language) for cell in cells or ())
    with at_the_desk(db, language, as_json) as desk:
        result = desk.fix_row(number, corrections, actor(by))
    if isinstance(result, tuple):
        if as_json:
            show_json({"fixed": False, "faults": [fault_facts(one, language) for one in result]})
        else:
            show(err, fault_lines(result, say("The row still waits:", language), language))
        raise typer.Exit(FAULTY_INPUT)
    report = result.report

    def words() -> str:
        came = say("The row came in, as import {number}.", language, number=report.import_id)
        if result.title is None:
            return came
        kept = say("Remembered: “{title}” means {code}.", language, title=result.title,
                   code=result.kldb)  # fmt: skip
        return f"{came}\n{kept}"

    told = {"fixed": True, "import": report.import_id, **report.counts, "title": result.title}
    answer(told, words, as_json)


def dismiss_row(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why it is not to come in.")],
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Rule that a waiting row is not to come in."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        desk.dismiss_row(number, reason, actor(by))
    answer({"dismissed": number}, lambda: say("The row is dismissed.", language), as_json)


def list_titles(db: Db = None, as_json: Json = False) -> None:
    """Show titles of offers that no table knows, with the nearest, and those confirmed."""
    from office.reports.store_tables import title_tables

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        asked, confirmed = desk.open_titles(actor()), desk.titles_confirmed(actor())
    told = {
        "titles": [
            {"title": one.title, "rows": one.rows, "suggestions": dict(one.suggestions)}
            for one in asked
        ],
        "confirmed": confirmed,
    }
    answer(told, lambda: title_tables(asked, confirmed, language), as_json)


def confirm_title(
    title: Title,
    kldb: Annotated[str, typer.Argument(metavar="CODE", help="The KldB 2010 code it means.")],
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Say which occupation a title means; rows that wait for it come in."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        found = desk.confirm_title(title, kldb, actor(by))

    def words() -> str:
        return say(
            "Remembered: “{title}” means {code}. Rows that came in: {rows}; "
            "still waiting: {waiting}.",
            language,
            title=found.title,
            code=found.kldb,
            rows=len(found.imports),
            waiting=found.waiting,
        )

    answer(asdict(found), words, as_json)


def forget_title(title: Title, db: Db = None, as_json: Json = False, by: By = None) -> None:
    """Ask again what a title means; offers that came in by it stay as they are."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        desk.forget_title(title, actor(by))
    answer({"forgotten": title}, lambda: say("The title is forgotten.", language), as_json)


def list_duplicates(
    everything: Annotated[bool, typer.Option("--all", help="Decided ones too.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show the pairs of records that may be one person."""
    from office.reports.store_tables import duplicate_table

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        pairs = desk.duplicates(actor(), everything)
    told = {"pairs": [asdict(pair) for pair in pairs]}
    answer(told, lambda: duplicate_table(pairs, language), as_json)


def decide_duplicate(
    one: Annotated[str, typer.Argument(metavar="PSEUDONYM")],
    other: Annotated[str, typer.Argument(metavar="PSEUDONYM")],
    ruling: Annotated[Literal["same", "different"], typer.Argument()],
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Rule on two records that may be one person; a ruling may be changed."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        desk.decide_duplicate(one, other, ruling == "same", actor(by))

    def words() -> str:
        if ruling == "same":
            return say("The two records are one person from now on.", language)
        return say("The two records are two people.", language)

    answer({"one": one, "other": other, "decision": ruling}, words, as_json)


def _parted(cell: str, language: Language) -> tuple[str, str]:
    field, equals, text = cell.partition("=")
    if not equals or not field.strip():
        raise typer.BadParameter(say("Write corrections as field=value.", language))
    return field.strip(), text
