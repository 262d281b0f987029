"""What comes in from a terminal? Files of schools, places, outcomes and contacts."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from office.commands.door import (
    By,
    Db,
    Json,
    Number,
    Reader,
    School,
    Season,
    actor,
    answer,
    at_the_desk,
    fault_facts,
    out,
    show,
    show_json,
)
from office.words import Language, say

if TYPE_CHECKING:
    from data.store.past_imports import PastImport
    from office.intake_desk import Delivery

Files = Annotated[list[Path], typer.Argument(help="One file or several.", metavar="FILE...")]
MappingFile = Annotated[
    Path | None,
    typer.Option(
        "--mapping", help='Which heading means what, as TOML: "Familienname" = "surname".'
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would come of it, and write nothing.")
]


def import_lists(
    files: Files,
    school: School = None,
    season: Season = None,
    mapping: MappingFile = None,
    basis: Annotated[
        Literal["law", "consent", "none"],
        typer.Option(help="Legal ground of rows that state none themselves."),
    ] = "law",
    consent_on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%d.%m.%Y"], help="The day of that consent."),
    ] = None,
    consent_version: Annotated[
        str | None, typer.Option(help="The wording that was agreed to.")
    ] = None,
    consent_giver: Annotated[
        Literal["person", "guardians"] | None, typer.Option(help="Who gave it.")
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="The files name some only: nobody counts as gone.")
    ] = False,
    dry_run: DryRun = False,
    with_names: Annotated[
        bool,
        typer.Option("--with-names", help="Name who is new, changed or gone; this is logged."),
    ] = False,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Take in a school's lists, whatever program wrote them."""
    from data.intake.records import Basis, LegalBasis

    if with_names and not dry_run:
        words = say("Names are shown by a dry run only: --dry-run.", Reader.language())
        raise typer.BadParameter(words)
    day = None if consent_on is None else consent_on.date()
    with at_the_desk(db, Reader.language(), as_json) as desk:
        ground = LegalBasis(Basis(basis), day, consent_version, consent_giver)
        delivery = desk.import_school_lists(
            files,
            actor(by),
            school,
            season,
            mapping,
            ground,
            not partial,
            dry_run,
            with_names,
        )
    _tell(delivery, as_json)


def import_places(
    files: Files,
    season: Season = None,
    source: Annotated[
        str | None, typer.Option(help="Whose list it is, where several give the same kind.")
    ] = None,
    mapping: MappingFile = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="The files name some only: no place counts as gone.")
    ] = False,
    dry_run: DryRun = False,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Take in training places: lists, Jobsuche JSON, HR-BA-XML, JSON-LD."""
    with at_the_desk(db, Reader.language(), as_json) as desk:
        complete = False if partial else None
        delivery = desk.import_places(files, actor(by), season, source, mapping, complete, dry_run)
    _tell(delivery, as_json)


def import_outcomes(
    files: Files,
    school: School = None,
    season: Season = None,
    mapping: MappingFile = None,
    dry_run: DryRun = False,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Take in what became of people."""
    with at_the_desk(db, Reader.language(), as_json) as desk:
        delivery = desk.import_outcomes(files, actor(by), season, school, mapping, dry_run)
    _tell(delivery, as_json)


def import_contacts(
    files: Files,
    school: School = None,
    season: Season = None,
    mapping: MappingFile = None,
    dry_run: DryRun = False,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Take in what happened between people and places."""
    with at_the_desk(db, Reader.language(), as_json) as desk:
        delivery = desk.import_contacts(files, actor(by), season, school, mapping, dry_run)
    _tell(delivery, as_json)


def list_imports(
    season: Season = None, school: School = None, db: Db = None, as_json: Json = False
) -> None:
    """Show what has come in, newest first."""
    from office.reports.store_tables import import_table

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        found = desk.imports(actor(), season, school)
    told = {"imports": [_import_facts(one) for one in found]}
    answer(told, lambda: import_table(found, language), as_json)


def show_import(number: Number, db: Db = None, as_json: Json = False) -> None:
    """Show one import: how it was read, what came of it, what still waits."""
    from office.reports.store_tables import import_detail

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        found = desk.show_import(number, actor())
    told = {
        **_import_facts(found.taken),
        "mapping": dict(found.taken.mapping),
        "records": dict(found.records),
        "waiting": found.waiting,
    }
    answer(told, lambda: import_detail(found, language), as_json)


def undo_import(number: Number, db: Db = None, as_json: Json = False, by: By = None) -> None:
    """Take an import back, unless something was built on it since."""
    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        undone = desk.undo_import(number, actor(by))

    def words() -> str:
        return say(
            "Import {number} is taken back: {removed} records removed, {restored} set back.",
            language,
            number=number,
            removed=undone.removed,
            restored=undone.restored,
        )

    answer({"import": number, **asdict(undone)}, words, as_json)


def write_template(
    file: Annotated[Path, typer.Argument(help="Where to write it: .csv or .xlsx.")],
    as_json: Json = False,
) -> None:
    """Write an empty school list with one invented row, to be filled in by hand."""
    language = Reader.language()
    with at_the_desk(None, language, as_json) as desk:
        desk.write_template(file, actor())
    answer({"file": str(file)}, lambda: say("Written: {file}", language, file=file), as_json)


def _tell(delivery: Delivery, as_json: bool) -> None:
    from office.reports.store_tables import delivery_summary

    language = Reader.language()
    if as_json:
        show_json(_delivery_facts(delivery, language))
        return
    for part in delivery_summary(delivery, language):
        show(out, part)


def _delivery_facts(delivery: Delivery, language: Language) -> dict[str, object]:
    report = delivery.report
    return {
        "import": delivery.import_id,
        "dry_run": delivery.dry_run,
        "kind": delivery.kind,
        "files": list(delivery.files),
        "season": delivery.season,
        "school": delivery.school,
        **report.counts,
        "new": report.stored + report.merged,
        "new_school": delivery.new_school,
        "dropped_columns": list(report.dropped_columns),
        "guessed_columns": {name: delivery.mapping[name] for name in delivery.guessed},
        "mapping": dict(delivery.mapping),
        "faults": [fault_facts(fault, language) for fault in delivery.faults],
    } | ({} if delivery.preview is None else {"preview": _preview_facts(delivery)})


def _preview_facts(delivery: Delivery) -> dict[str, object]:
    found, names = delivery.preview, delivery.names
    assert found is not None

    def named(key: object, facts: dict[str, object]) -> dict[str, object]:
        return facts | ({"name": names[str(key)]} if str(key) in names else {})

    return {
        "new": [named(row, {"row": row}) for row in found.new],
        "changed": [
            named(one.pseudonym, {"row": one.row, "pseudonym": one.pseudonym,
                                  "fields": list(one.fields)})
            for one in found.changed
        ],
        "gone": [named(person, {"pseudonym": person}) for person in found.gone],
        "unchanged": found.unchanged,
    }  # fmt: skip


def _import_facts(taken: PastImport) -> dict[str, object]:
    return {
        "import": taken.id,
        "at": taken.at.isoformat(),
        "by": taken.by,
        "kind": taken.kind,
        "season": taken.season,
        "school": taken.school,
        "file": taken.file,
        "sha256": taken.sha256,
        **taken.counts,
        "dropped_columns": list(taken.dropped_columns),
        "undone_at": None if taken.undone_at is None else taken.undone_at.isoformat(),
        "undone_by": taken.undone_by,
    }
