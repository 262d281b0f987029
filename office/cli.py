"""What can a terminal ask for? The desk's requests as commands, stable for other tools.

Exit codes: 0 done, 1 verification failed, 2 faults in the input (nothing written), 3 no plan
possible. What a command needs is imported when it runs: asking for help stays quick, and
`verify` runs without a solver on the machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console, RenderableType

from matching.errors import Fault, FaultyInput, NoPlanPossible, Rule, UebergangError
from office.words import Language, language_of_terminal, say, step_words

if TYPE_CHECKING:
    from matching.problem import Problem
    from office.desk import Desk
    from office.drawing import Drawn

VERIFICATION_FAILED, FAULTY_INPUT, NO_PLAN = 1, 2, 3

app = typer.Typer(
    name="uebergang",
    help="Match apprenticeship seekers to training places against the district's target.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
reference = typer.Typer(help="Official tables that an operator imports.", no_args_is_help=True)
app.add_typer(reference, name="reference")

#: A width for output that goes to a file or another program, where no terminal says its own.
_WIDTH = 100


def _console(stderr: bool = False) -> Console:
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=_WIDTH)


out, err = _console(), _console(stderr=True)


class _Reader:
    """Who reads: the language asked for, else the terminal's."""

    language: Language | None = None


@app.callback()
def options(
    lang: Annotated[
        Literal["de", "en"] | None, typer.Option("--lang", help="Language of the output.")
    ] = None,
) -> None:
    """Match apprenticeship seekers to training places against the district's target."""
    _Reader.language = lang


def _language() -> Language:
    return _Reader.language or language_of_terminal()


@contextmanager
def _at_the_door(language: Language, faults_title: str | None = None) -> Iterator[None]:
    """Put words on whatever is refused, and leave with its exit code."""
    from office.reports.terminal import fault_lines, violation_lines

    try:
        yield
    except FaultyInput as refusal:
        title = faults_title or say("Faults in what was given; nothing was written:", language)
        _print(err, fault_lines(refusal.faults, title, language))
        raise typer.Exit(FAULTY_INPUT) from None
    except NoPlanPossible as refusal:
        _print(err, fault_lines(refusal.faults, say("No plan is possible:", language), language))
        raise typer.Exit(NO_PLAN) from None
    except UebergangError as defect:
        facts = getattr(defect, "facts", ())
        _print(err, say("A plan was made but did not pass its recount; it was not kept.", language))
        _print(err, violation_lines([f for f in facts if hasattr(f, "check")], language))
        raise typer.Exit(VERIFICATION_FAILED) from None
    except OSError as refusal:
        title = say("A file could not be read or written:", language)
        fault = Fault(Rule.FILE_REFUSED, refusal.filename, value=refusal.strerror)
        _print(err, fault_lines([fault], title, language))
        raise typer.Exit(FAULTY_INPUT) from None


@contextmanager
def _progress(language: Language) -> Iterator[Callable[[str, int], None]]:
    """Tell each step as it begins: in one moving line, or a line a step where nobody is looking."""
    began = perf_counter()
    told: set[str] = set()

    def words(step: str, number: int) -> str:
        count = f" ({number})" if number > 1 else ""
        return f"{step_words(step, language)}{count} … {perf_counter() - began:.0f} s"

    if not err.is_terminal:

        def once(step: str, number: int) -> None:
            if step not in told:
                told.add(step)
                _print(err, words(step, number))

        yield once
        return
    with err.status(say("starting", language)) as status:
        yield lambda step, number: status.update(words(step, number))


def _print(console: Console, part: RenderableType) -> None:
    """Print a part; lines of plain text stay whole, so that other programs can read them."""
    console.print(part, markup=False, highlight=False, soft_wrap=isinstance(part, str))


def _note_columns(dropped: Mapping[str, Sequence[str]], language: Language) -> None:
    """Name the columns that were not read: a heading may have been misspelt."""
    for option, names in dropped.items():
        if names:
            columns = ", ".join(names)
            words = say(
                "Columns of {option} that are not read: {columns}",
                language,
                option=option.upper(),
                columns=columns,
            )
            _print(err, words)


def _note_base(problem: Problem, language: Language) -> None:
    """Warn of a base given by hand that leaves people of the pairs out.

    A rate also rises when its base shrinks, and nobody has a place by that.
    """
    people = len(set(problem.candidates.seeker.tolist()))
    if problem.target.base is not None and problem.base < people:
        _print(
            err,
            say(
                "Note: the share is taken of {base} people, but {people} have pairs. A rate that "
                "rises because its base is smaller places nobody.",
                language,
                base=problem.base,
                people=people,
            ),
        )


Out = Annotated[Path, typer.Option("--out", help="Folder for the files.", file_okay=False)]


@app.command()
def demo(
    folder: Out = Path("out/demo"),
    district: Annotated[
        Literal["district", "scarce"], typer.Option(help="Which invented district.")
    ] = "district",
) -> None:
    """Draw the plan of the bundled, invented district and say where its files are."""
    _plan(folder, lambda desk, tell: desk.draw_sample(district, tell))


@app.command()
def plan(
    seekers: Annotated[
        list[Path], typer.Option("--seekers", help="School lists; may be given several times.")
    ],
    places: Annotated[Path, typer.Option("--places", help="The list of places.")],
    folder: Out,
    target: Annotated[Path | None, typer.Option(help="The target, as TOML.")] = None,
    pins: Annotated[Path | None, typer.Option(help="Pinned and banned pairs.")] = None,
    travel_times: Annotated[
        Path | None, typer.Option(help="Minutes between postcodes: home, site, minutes.")
    ] = None,
    candidates: Annotated[int, typer.Option(help="Places a person, at most.", min=1)] = 60,
    more: Annotated[list[Path] | None, typer.Argument(help="More school lists.")] = None,
) -> None:
    """Draw the plan of a district from school lists and places."""
    lists = [*seekers, *(more or [])]
    _plan(
        folder,
        lambda desk, tell: desk.draw_plan(
            lists, places, target, pins, travel_times, candidates, tell
        ),
        (*lists, places, target, pins, travel_times),
    )


def _plan(
    folder: Path,
    draw: Callable[[Desk, Callable[[str, int], None]], Drawn],
    read: Sequence[Path | None] = (),
) -> None:
    from office.desk import Desk
    from office.drawing import NotDrawn
    from office.reports.plan_folder import OF_DISTRICT, check_nothing_lost
    from office.reports.terminal import file_lines, plan_summary

    language = _language()
    with _at_the_door(language):
        check_nothing_lost(folder, OF_DISTRICT, read)
        desk = Desk()
        with _progress(language) as tell:
            try:
                drawn = draw(desk, tell)
            except NotDrawn as refusal:
                _note_columns(refusal.dropped, language)
                desk.write_refused(refusal, folder, read)
                raise
            tell("write", 0)
            desk.write_drawn(drawn, folder, read)
        _note_columns(drawn.unread, language)
        _note_base(drawn.problem, language)
        _print(out, plan_summary(drawn, language))
        called = sys.argv[0] if Path(sys.argv[0]).name == "uebergang" else "uebergang"
        _print(out, file_lines(folder, language, called))


@app.command()
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
    from office.desk import Desk, target_of
    from office.reports.terminal import solve_summary

    language = _language()
    if confidence is not None and min_expected is not None:
        words = say("Give either --confidence or --min-expected, not both.", language)
        raise typer.BadParameter(words)
    if not serve and (confidence is not None or min_expected is not None):
        raise typer.BadParameter(say("--confidence and --min-expected need --serve.", language))
    with _at_the_door(language):
        faults: list[Fault] = []
        target = attempt(faults, target_of, share, base, placed, confidence, min_expected)
        if faults:
            attempt(faults, read_problem, pairs, openings, pins)
            raise FaultyInput(tuple(faults))
        with _progress(language) as tell:
            solved = Desk().solve_pairs(
                pairs, openings, folder, pins, target, serve, min_expected, tell
            )
        _note_columns(solved.dropped, language)
        _note_base(solved.problem, language)
        if serve and solved.steered.served is None:
            _print(err, say("There is no room to serve wishes; the first plan stands.", language))
        _print(out, solve_summary(solved.problem, solved.steered, folder, language))


@app.command()
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

    language = _language()
    with _at_the_door(language, say("This plan can't be checked:", language)):
        with _progress(language) as tell:
            tell("verify", 0)
            found = audit(pairs, openings, plan, prices, pins)
        _print(out, audit_summary(found, language))
        if not found.holds:
            _print(err, violation_lines(found.violations, language))
            raise typer.Exit(VERIFICATION_FAILED)


@reference.command("import")
def import_reference(
    source: Annotated[Path, typer.Argument(help="The official KldB 2010 file.")],
) -> None:
    """Import the official classification of occupations (KldB 2010) for full coverage."""
    from office.desk import Desk

    language = _language()
    with _at_the_door(language):
        count = Desk().import_occupations(source)
        words = say("{count} occupations imported.", language, count=count)
        _print(out, words)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
