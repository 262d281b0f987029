"""What is kept, for how long, and who may have it? Exports, deletion, the log, terms, copies."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from office.commands.door import (
    VERIFICATION_FAILED,
    By,
    Db,
    Json,
    Reader,
    Season,
    actor,
    answer,
    at_the_desk,
    show_json,
)
from office.words import Language, number, say

Pseudonym = Annotated[str, typer.Argument(metavar="PSEUDONYM")]


def export(
    file: Annotated[Path, typer.Argument(help="Where to write it: .csv or .xlsx.")],
    school: Annotated[
        str | None, typer.Option("--school", metavar="NUMBER", help="Of one school only.")
    ] = None,
    season: Season = None,
    with_names: Annotated[
        bool, typer.Option("--with-names", help="With names and addresses; needs --purpose.")
    ] = False,
    purpose: Annotated[
        Literal["counseling", "school", "agency", "correction", "access"] | None,
        typer.Option(help="For what the names are needed; this is logged."),
    ] = None,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Write people to a CSV or XLSX file, by pseudonym unless names are asked for."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        count = desk.export_people(file, actor(by), season, school, with_names, purpose)

    def words() -> str:
        shown = number(count, language)
        return say("{count} people written to {file}.", language, count=shown, file=file)

    answer({"file": str(file), "people": count, "with_names": with_names}, words, as_json)


def verify_audit(
    head: Annotated[
        str | None, typer.Option(help="How far the log went, as noted elsewhere: NUMBER:HASH.")
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Check that nobody has changed the log of who did what."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        broken, last = desk.verify_log(actor(), head)
    told = {"holds": broken is None, "first_broken": broken, "rows": last.seq, "head": str(last)}

    def words() -> str:
        if broken is None:
            line = say("The log holds, up to row {row}.", language, row=number(last.seq, language))
            return f"{line}\n{say('Note this elsewhere: {head}', language, head=last)}"
        return say("The log is broken from row {row} on.", language, row=broken)

    answer(told, words, as_json)
    if broken is not None:
        raise typer.Exit(VERIFICATION_FAILED)


def withdraw_person(
    pseudonym: Pseudonym, db: Db = None, as_json: Json = False, by: By = None
) -> None:
    """Take a person's legal basis back: from now on nobody matches them."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        count = desk.withdraw_person(pseudonym, actor(by))

    def words() -> str:
        return say("Withdrawn; the next plan is drawn without this person.", language)

    answer({"withdrawn": pseudonym, "records": count}, words, as_json)


def report_person(pseudonym: Pseudonym, db: Db = None, by: By = None) -> None:
    """Show all that is held of a person, as JSON to hand over."""
    with at_the_desk(db, Reader.language(), True) as desk:
        show_json(desk.report_person(pseudonym, actor(by)))


def forget_person(
    pseudonym: Pseudonym, db: Db = None, as_json: Json = False, by: By = None
) -> None:
    """Delete all that is held of a person; only figures stay."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        gone = desk.forget_person(pseudonym, actor(by))
    rows = sum(gone.rows.values())
    told = {"forgotten": list(gone.records), "rows": dict(gone.rows), "swept": gone.swept}
    answer(told, lambda: _swept(rows, gone.swept, language), as_json)


def run_retention(
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%d.%m.%Y"], help="As of which day (default: today)."),
    ] = None,
    terms: Annotated[Path | None, typer.Option(help="The office's own terms, as TOML.")] = None,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Delete all that is beyond its term."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        counts = desk.run_retention(actor(by), None if on is None else on.date(), terms)

    def words() -> str:
        lines = [
            f"  {say(_CLASSES[name], language)}: {number(count, language)}"
            for name, count in counts.items()
            if name != "swept" and count
        ]
        deleted = sum(count for name, count in counts.items() if name != "swept")
        return "\n".join([*lines, _swept(deleted, bool(counts["swept"]), language)])

    answer(counts, words, as_json)


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Write the whole store into one file."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        manifest = desk.backup(file, actor())
    told = {"file": str(file), "made_at": manifest.made_at, "rows": dict(manifest.rows)}
    answer(told, lambda: say("Written: {file}", language, file=file), as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Bring a backup back into an empty store."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        manifest, head = desk.restore(file, actor())
    told = {"file": str(file), "made_at": manifest.made_at, "rows": dict(manifest.rows)}
    told["head"] = str(head)
    rows = number(sum(manifest.rows.values()), language)

    def words() -> str:
        made = manifest.made_at
        lines = [
            say("Brought back: {rows} rows, as of {when}.", language, rows=rows, when=made),
            say("Whoever withdrew or was deleted after that is in the store again.", language),
            say(
                "The log goes up to {head}; hold it against the head that was noted last.",
                language,
                head=head,
            ),
        ]
        return "\n".join(lines)

    answer(told, words, as_json)


def _swept(rows: int, swept: bool, language: Language) -> str:
    shown = number(rows, language)
    lines = say("Deleted: {rows}.", language, rows=shown)
    if not swept:
        words = "Somebody was reading, so that the raw files still hold traces; run it again."
        return f"{lines}\n{say(words, language)}"
    return lines


_CLASSES = {
    "people": "people",
    "placed_people": "people with a contract",
    "withdrawn": "people who withdrew",
    "drafts": "texts that were typed and never saved",
    "settled_rows": "rows of quarantine that were settled",
    "waiting_rows": "rows of quarantine that waited too long",
    "images": "what was before an import",
    "runs": "runs and their plans",
    "audit": "entries of the log",
}
