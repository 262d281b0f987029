"""Do learned chances treat groups alike? A command on a model's file and a history with traits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from office.commands.door import VERIFICATION_FAILED, Json, Reader, answer
from office.commands.model_door import at_the_models


def audit_model(
    model: Annotated[Path, typer.Argument(help="A model that train wrote.")],
    history: Annotated[Path, typer.Argument(help="Past proposals with the traits beside them.")],
    group: Annotated[
        list[str],
        typer.Option("--group", metavar="COLUMN", help="A trait; the model never sees it."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the audit as JSON.")
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Learn again without each feature (slower).")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Audit a model's chances by group: flags, calibration, misses, proxies, features.

    Exit code 1 where a difference is flagged.
    """
    language = Reader.language()
    with at_the_models(language, as_json):
        from models.fairness import audit
        from office.learning import check_free
        from office.learning_tables import about, read_history, read_model
        from office.reports.model_audit import audit_summary
        from office.trait_columns import apart_from_traits

        if out is not None:
            check_free((out,), (model, history), force)
        judged = read_model(model)
        rows = read_history(history, judged.declaration)
        with about(history):
            seen, traits = apart_from_traits(history, rows, group, judged.declaration)
            found = audit(judged, seen, traits, refit=refit)
        if out is not None:
            written = out.with_name(out.name + ".part")
            written.write_text(
                json.dumps(found.facts(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
            written.replace(out)
    answer(found.facts(), lambda: audit_summary(found, language), as_json)
    if found.flagged:
        raise typer.Exit(VERIFICATION_FAILED)
