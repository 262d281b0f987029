"""How do the commands of learned chances refuse? As every command does, with the models' words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from office.commands.door import FAULTY_INPUT, at_the_door, err, show, show_json
from office.words import Language, say

if TYPE_CHECKING:
    from models.declaration import Finding


@contextmanager
def at_the_models(language: Language, as_json: bool = False) -> Iterator[None]:
    """Put words on whatever is refused, by the models too, and leave with its exit code.

    What models refuse is worded with its file where it was raised inside
    `office.learning_tables.about(path)`.
    """
    with at_the_door(language, as_json):
        from models.declaration import NotUsable
        from office.learning import FileThere
        from office.learning_tables import UnusableFile

        try:
            yield
        except UnusableFile as refusal:
            _refuse(refusal.findings, refusal.file, language, as_json)
        except NotUsable as refusal:
            _refuse(refusal.findings, None, language, as_json)
        except FileThere as refusal:
            _spare(refusal.files, language, as_json)


def _refuse(
    findings: Sequence[Finding], file: str | None, language: Language, as_json: bool
) -> None:
    from office.words.learning import finding_facts, finding_line

    title = say("Faults in what was given; nothing was written:", language)
    if as_json:
        faults = [finding_facts(one, file, language) for one in findings]
        show_json({"refused": title, "faults": faults})
    else:
        lines = [finding_line(one, file, language) for one in findings]
        show(err, "\n".join([title, *lines]))
    raise typer.Exit(FAULTY_INPUT) from None


def _spare(files: Sequence[Path], language: Language, as_json: bool) -> None:
    title = say("There already; --force replaces it. Nothing was written:", language)
    if as_json:
        faults = [{"file": str(path), "rule": "file_there", "words": title} for path in files]
        show_json({"refused": title, "faults": faults})
    else:
        show(err, "\n".join([title, *(f"  {path} [file_there]" for path in files)]))
    raise typer.Exit(FAULTY_INPUT) from None
