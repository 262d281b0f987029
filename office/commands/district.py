"""What plan does the district get? Drawn from the store or from files, kept, replayed, in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from office.commands.door import (
    VERIFICATION_FAILED,
    By,
    Db,
    Json,
    Number,
    Reader,
    Season,
    actor,
    answer,
    at_the_desk,
    at_the_door,
    note_base,
    note_columns,
    out,
    progress,
    show,
    show_json,
)
from office.commands.pairs import Out
from office.words import Language, say

if TYPE_CHECKING:
    from office.drawing import Drawn
    from office.file_desk import FileDesk
    from office.season_desk import KeptPlan


def demo(
    folder: Out = Path("out/demo"),
    district: Annotated[
        Literal["district", "scarce"], typer.Option(help="Which invented district.")
    ] = "district",
) -> None:
    """Draw the plan of the bundled, invented district and say where its files are."""
    _plan(folder, lambda desk, tell: desk.draw_sample(district, tell))


def plan(
    seekers: Annotated[
        list[Path] | None,
        typer.Option("--seekers", help="School lists; may be given several times."),
    ] = None,
    places: Annotated[Path | None, typer.Option("--places", help="The list of places.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for the files.", file_okay=False)
    ] = None,
    target: Annotated[Path | None, typer.Option(help="The target, as TOML.")] = None,
    pins: Annotated[Path | None, typer.Option(help="Pinned and banned pairs.")] = None,
    travel_times: Annotated[
        Path | None, typer.Option(help="Minutes between postcodes: home, site, minutes.")
    ] = None,
    candidates: Annotated[int, typer.Option(help="Places a person, at most.", min=1)] = 60,
    more: Annotated[list[Path] | None, typer.Argument(help="More school lists.")] = None,
    season: Season = None,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Draw the plan of a season from the store, or of a district from its files.

    Without --seekers and --places the people and places are those of the store, and the plan is
    kept there with all that it takes to draw it again.
    """
    lists = [*(seekers or []), *(more or [])]
    if not lists and places is None:
        _plan_season(season, folder, target, pins, travel_times, candidates, db, as_json, by)
        return
    language = Reader.language()
    if not lists or places is None or folder is None:
        words = say("From files a plan needs --seekers, --places and --out.", language)
        raise typer.BadParameter(words)
    offers = places
    _plan(
        folder,
        lambda desk, tell: desk.draw_plan(
            lists, offers, target, pins, travel_times, candidates, tell
        ),
        (*lists, places, target, pins, travel_times),
    )


def _plan(
    folder: Path,
    draw: Callable[[FileDesk, Callable[[str, int], None]], Drawn],
    read: Sequence[Path | None] = (),
) -> None:
    from office.drawing import NotDrawn
    from office.file_desk import FileDesk
    from office.reports.plan_folder import OF_DISTRICT, check_nothing_lost
    from office.reports.program import program
    from office.reports.terminal import file_lines, plan_summary

    language = Reader.language()
    with at_the_door(language):
        check_nothing_lost(folder, OF_DISTRICT, read)
        desk = FileDesk()
        with progress(language) as tell:
            try:
                drawn = draw(desk, tell)
            except NotDrawn as refusal:
                note_columns(refusal.dropped, language)
                desk.write_refused(refusal, folder, read)
                raise
            tell("write", 0)
            desk.write_drawn(drawn, folder, read)
        note_columns(drawn.unread, language)
        note_base(drawn.problem, language)
        show(out, plan_summary(drawn, language))
        show(out, file_lines(folder, language, program()))


def _plan_season(
    season: str | None,
    folder: Path | None,
    target: Path | None,
    pins: Path | None,
    travel_times: Path | None,
    candidates: int,
    db: str | None,
    as_json: bool,
    by: str | None,
) -> None:
    from office.drawing import NotDrawn
    from office.file_desk import FileDesk
    from office.reports.plan_folder import OF_DISTRICT, check_nothing_lost
    from office.reports.program import program
    from office.reports.terminal import file_lines, plan_summary

    language = Reader.language()
    read = (target, pins, travel_times)
    with at_the_desk(db, language, as_json) as desk:
        files = FileDesk(desk.settings)
        if folder is not None:
            check_nothing_lost(folder, OF_DISTRICT, read)
        with progress(language) as tell:
            try:
                kept = desk.draw_season(
                    actor(by), season, target, pins, travel_times, candidates, tell
                )
            except NotDrawn as refusal:
                if folder is not None:
                    files.write_refused(refusal, folder, read)
                raise
            if folder is not None:
                tell("write", 0)
                files.write_drawn(kept.drawn, folder, read)
        facts = files.facts_of(kept.drawn)
    told = {
        "season": kept.season,
        "run": kept.run,
        "plan": kept.plan,
        "decisions": [one.id for one in kept.bound],
        "decisions_at_rest": [one.id for one in kept.rested],
        **facts,
    }
    if as_json:
        show_json(told)
        return
    note_columns(kept.drawn.unread, language)
    note_base(kept.drawn.problem, language)
    show(out, plan_summary(kept.drawn, language))
    if folder is not None:
        show(out, file_lines(folder, language, program()))
    show(out, _kept_words(kept, language))


def _kept_words(kept: KeptPlan, language: Language) -> str:
    line = say(
        "Kept as run {run} and plan {plan} (a draft).", language, run=kept.run, plan=kept.plan
    )
    from office.reports.program import program

    command = f"  {program()} plans activate {kept.plan}"
    lines = [line, say("Put it in force:", language), command]
    if kept.bound:
        numbers = ", ".join(str(one.id) for one in kept.bound)
        lines.append(say("It keeps to the decisions {numbers}.", language, numbers=numbers))
    if kept.rested:
        words = (
            "These decisions bind nobody now, since the person looks no longer or the place is "
            "not offered: {numbers}"
        )
        numbers = ", ".join(str(one.id) for one in kept.rested)
        lines.append(say(words, language, numbers=numbers))
    return "\n".join(lines)


def list_runs(season: Season = None, db: Db = None, as_json: Json = False) -> None:
    """Show the runs that are kept, newest first."""
    from office.reports.store_tables import run_table

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        found, drafts = desk.runs(actor(), season), desk.plans(actor(), season)
    told = {
        "runs": [
            {
                "run": one.id,
                "at": one.at.isoformat(),
                "by": one.by,
                "season": one.season,
                "fingerprint": one.fingerprint,
                "solver": one.solver,
                "result": dict(one.result),
                "plans": {plan.id: plan.status for plan in drafts if plan.run == one.id},
            }
            for one in found
        ]
    }
    answer(told, lambda: run_table(found, drafts, language), as_json)


def show_run(number: Number, db: Db = None, as_json: Json = False) -> None:
    """Show one run: what went in, what it was asked for, what came out."""
    from office.reports.store_tables import run_detail

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk:
        kept = desk.show_run(number, actor())
    told = {
        "run": kept.id,
        "at": kept.at.isoformat(),
        "by": kept.by,
        "season": kept.run.season,
        "fingerprint": kept.fingerprint,
        "data_hash": kept.data_hash,
        "model_hash": kept.run.model_hash,
        "config": dict(kept.run.config),
        "versions": dict(kept.run.versions),
        "solver": kept.run.solver,
        "result": dict(kept.run.result),
        "pairs": len(kept.run.problem.candidates),
        "witnessed": kept.witnessed,
        "unvouched": kept.unvouched,
    }
    answer(told, lambda: run_detail(kept, language), as_json)


def replay_run(
    number: Number,
    folder: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the plan that comes out.", file_okay=False),
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Solve a kept run again and say whether the same plan comes out, with the same prices."""
    from office.reports.store_tables import replay_lines

    language = Reader.language()
    with at_the_desk(db, language, as_json) as desk, progress(language) as tell:
        found = desk.replay_run(number, actor(), tell, folder)
    told = {
        "run": found.run,
        "same": found.same,
        "witnessed": found.witnessed,
        "unvouched": found.unvouched,
        "differences": [asdict(one) for one in found.differences],
        "versions": [asdict(one) for one in found.versions],
        "rows": found.rows,
    }
    answer(told, lambda: replay_lines(found, language), as_json)
    if not found.same:
        raise typer.Exit(VERIFICATION_FAILED)
