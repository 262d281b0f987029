"""What plan is best for a list of pairs, and does it hold? From files alone, without the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matching.errors import Fault, FaultyInput
from office.commands.door import (
    VERIFICATION_FAILED,
    Reader,
    at_the_door,
    err,
    note_base,
    note_columns,
    out,
    progress,
    show,
)
from office.words import say

Out = Annotated[Path, typer.Option("--out", help="Folder for the files.", file_okay=False)]


def solve(
    pairs: Annotated[Path, typer.Argument(help="seeker, place, chance and maybe wish.")],
    openings: Annotated[Path, typer.Option("--openings", help="place, openings.")],
    folder: Out,
    pins: Annotated[Path | None, typer.Option(help="seeker, place, bond (pin or ban).")] = None,
    share: Annotated[str, typer.Option(help="The share to be placed: 1/3, 0.33, 33%.")] = "1/3",
    base: Annotated[int | None, typer.Option(help="Of how many people the share is.")] = None,
    placed: Annotated[int, typer.Option(help="How many are placed already.")] = 0,
    serve: Annotated[bool, typer.Option("--serve", help="Spend spare room on wishes.")] = False,
    confidence: Annotated[
        float | None, typer.Option(help="How surely the target must hold (default 0.9).")
    ] = None,
    min_expected: Annotated[
        float | None, typer.Option(help="Expected placements that must stay.")
    ] = None,
) -> None:
    """Solve a list of pairs with chances: plan, prices, proof."""
    from data.intake.checks import attempt
    from data.intake.problem_files import read_problem
    from office.file_desk import FileDesk, target_of
    from office.reports.terminal import solve_summary

    language = Reader.language()
    if confidence is not None and min_expected is not None:
        words = say("Give either --confidence or --min-expected, not both.", language)
        raise typer.BadParameter(words)
    if not serve and (confidence is not None or min_expected is not None):
        raise typer.BadParameter(say("--confidence and --min-expected need --serve.", language))
    with at_the_door(language):
        faults: list[Fault] = []
        target = attempt(faults, target_of, share, base, placed, confidence, min_expected)
        if faults:
            attempt(faults, read_problem, pairs, openings, pins)
            raise FaultyInput(tuple(faults))
        with progress(language) as tell:
            solved = FileDesk().solve_pairs(
                pairs, openings, folder, pins, target, serve, min_expected, tell
            )
        note_columns(solved.dropped, language)
        note_base(solved.problem, language)
        if serve and solved.steered.served is None:
            show(err, say("There is no room to serve wishes; the first plan stands.", language))
        show(out, solve_summary(solved.problem, solved.steered, folder, language))


def verify(
    pairs: Annotated[Path, typer.Argument(help="seeker, place, chance and maybe wish.")],
    openings: Annotated[Path, typer.Option("--openings", help="place, openings.")],
    plan: Annotated[Path, typer.Option("--plan", help="The plan to check.")],
    prices: Annotated[
        Path | None, typer.Option("--prices", help="Folder of the prices: check the proof too.")
    ] = None,
    pins: Annotated[Path | None, typer.Option(help="seeker, place, bond (pin or ban).")] = None,
) -> None:
    """Check a plan from the files alone, without any solver."""
    from office.audit import audit
    from office.reports.terminal import audit_summary, violation_lines

    language = Reader.language()
    refused = say("This plan can't be checked:", language)
    with at_the_door(language, faults_title=refused):
        with progress(language) as tell:
            tell("verify", 0)
            found = audit(pairs, openings, plan, prices, pins)
        show(out, audit_summary(found, language))
        if not found.holds:
            show(err, violation_lines(found.violations, language))
            raise typer.Exit(VERIFICATION_FAILED)
