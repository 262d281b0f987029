"""How does a command speak, and how does it refuse? Language, words, one JSON, exit codes.

Exit codes: 0 done, 1 verification failed, 2 faults in the input (nothing written), 3 no plan
possible.
"""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from matching.errors import (
    BrokenPromise,
    Fault,
    FaultyInput,
    NoPlanPossible,
    Refused,
    Rule,
    UebergangError,
)
from matching.plan import Violation
from office.words import Language, language_of_terminal, rule_words, say, step_words

if TYPE_CHECKING:
    from matching.problem import Problem
    from office.access import User
    from office.desk import Desk

VERIFICATION_FAILED, FAULTY_INPUT, NO_PLAN = 1, 2, 3

#: A width for output that goes to a file or another program, where no terminal says its own.
_WIDTH = 100


#: What steers a terminal or turns the order of its letters: control characters but for line breaks,
#: breaks that only Unicode knows, and signs of the writing direction.
_STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


class _Window(Console):
    """A terminal that shows what files and cells say and never obeys it.

    What stands between colons is somebody's word, and not the name of a picture.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(emoji=False, **given)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """The parts as Rich draws them, with steering characters as JSON escapes them."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else _harmless(text), style, control)


def _harmless(text: str) -> str:
    if text.isprintable():
        return text
    return _STEERING.sub(lambda sign: f"\\u{ord(sign.group()):04x}", text)


def _console(stderr: bool = False) -> Console:
    console = _Window(stderr=stderr)
    return console if console.is_terminal else _Window(stderr=stderr, width=_WIDTH)


out, err = _console(), _console(stderr=True)

Db = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", help="The store: a SQLite file or postgresql://..."),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
By = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who acts (default: who is signed in here)."),
]
Number = Annotated[int, typer.Argument(metavar="NUMBER")]
School = Annotated[
    str | None, typer.Option("--school", metavar="NUMBER", help="The official school number.")
]
Season = Annotated[
    str | None,
    typer.Option("--season", metavar="2026/27", help="The season (default: today's)."),
]


class Reader:
    """Who reads: the language asked for, else the terminal's."""

    asked: Language | None = None

    @classmethod
    def language(cls) -> Language:
        """The language to speak."""
        return cls.asked or language_of_terminal()


@contextmanager
def at_the_door(
    language: Language, as_json: bool = False, faults_title: str | None = None
) -> Iterator[None]:
    """Put words on whatever is refused, and leave with its exit code."""
    from office.reports.terminal import violation_lines

    try:
        yield
    except FaultyInput as refusal:
        title = faults_title or say("Faults in what was given; nothing was written:", language)
        _refuse(title, refusal.faults, FAULTY_INPUT, language, as_json)
    except NoPlanPossible as refusal:
        title = say("No plan is possible:", language)
        _refuse(title, refusal.faults, NO_PLAN, language, as_json)
    except BrokenPromise as defect:
        title = say("A plan was made but did not pass its recount; it was not kept.", language)
        show(err, title)
        found = [fact for fact in defect.facts if isinstance(fact, Violation)]
        show(err, violation_lines(found, language))
        raise typer.Exit(VERIFICATION_FAILED) from None
    except Refused as refusal:
        _deny(refusal, language, as_json)
    except OSError as refusal:
        title = say("A file could not be read or written:", language)
        fault = Fault(Rule.FILE_REFUSED, refusal.filename, value=refusal.strerror)
        _refuse(title, (fault,), FAULTY_INPUT, language, as_json)
    except UebergangError as refusal:
        code = getattr(refusal, "code", None) or type(refusal).__name__
        title = say("The store refused; nothing was written:", language)
        _refuse(title, (Fault(Rule.STORE_REFUSED, value=code),), FAULTY_INPUT, language, as_json)


def _deny(refusal: Refused, language: Language, as_json: bool) -> None:
    from office.words.rights import denied_words

    words = denied_words(refusal, language)
    if as_json:
        show_json({"refused": words, "right": refusal.right, "school": refusal.school})
    else:
        show(err, words)
    raise typer.Exit(FAULTY_INPUT) from None


def _refuse(
    title: str, faults: Sequence[Fault], code: int, language: Language, as_json: bool
) -> None:
    from office.reports.terminal import fault_lines

    if as_json:
        show_json({"refused": title, "faults": [fault_facts(one, language) for one in faults]})
    else:
        show(err, fault_lines(faults, title, language))
    raise typer.Exit(code) from None


def fault_facts(fault: Fault, language: Language) -> dict[str, object]:
    """A fault for another program, with words for its reader."""
    return {
        "file": fault.file,
        "row": fault.row,
        "column": fault.column,
        "rule": fault.rule.value,
        "value": fault.value,
        "words": rule_words(fault, language),
    }


@contextmanager
def progress(language: Language) -> Iterator[Callable[[str, int], None]]:
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
                show(err, words(step, number))

        yield once
        return
    with err.status(say("starting", language)) as status:
        yield lambda step, number: status.update(words(step, number))


def show(console: Console, part: RenderableType) -> None:
    """Print a part; lines of plain text stay whole, so that other programs can read them."""
    console.print(part, markup=False, highlight=False, soft_wrap=isinstance(part, str))


def note_columns(dropped: Mapping[str, Sequence[str]], language: Language) -> None:
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
            show(err, words)


def note_base(problem: Problem, language: Language) -> None:
    """Warn of a base given by hand that leaves people of the pairs out.

    A rate also rises when its base shrinks, and nobody has a place by that.
    """
    people = len(set(problem.candidates.seeker.tolist()))
    if problem.target.base is not None and problem.base < people:
        words = say(
            "Note: the share is taken of {base} people, but {people} have pairs. A rate that "
            "rises because its base is smaller places nobody.",
            language,
            base=problem.base,
            people=people,
        )
        show(err, words)


def show_json(told: object) -> None:
    """Print one JSON document to the standard output."""
    show(out, json.dumps(told, indent=2, ensure_ascii=False, default=str))


@contextmanager
def at_the_desk(db: str | None, language: Language, as_json: bool = False) -> Iterator[Desk]:
    """A desk with its store, closed again whatever happens; refusals are worded."""
    with at_the_door(language, as_json):
        from office.desk import Desk
        from office.settings import Settings

        settings = Settings()
        desk = Desk(settings if db is None else replace(settings, database=db))
        try:
            yield desk
        finally:
            desk.close()


def actor(name: str | None = None) -> User:
    """Who acts: the name given, else that of the account at this machine.

    Whoever has the machine's shell is the house's operator.
    """
    from office.access import User

    return User.operator((name or getpass.getuser()).strip() or getpass.getuser())


def answer(
    told: Mapping[str, object],
    words: Callable[[], RenderableType],
    as_json: bool,
) -> None:
    """Answer as JSON, or in words."""
    if as_json:
        show_json(told)
    else:
        show(out, words())
