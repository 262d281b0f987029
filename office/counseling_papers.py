"""What goes out from a person's file? The letter to them, and the list for a firm, as facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from data.intake.records import ContactStatus
from data.reference.occupations import title_of
from data.store.case_steps import ContactLine
from data.store.person_file import Introducible, PersonFile
from matching.errors import Fault, FaultyInput, Rule
from matching.wishes import occupation_fit
from office.counseling import Option, sheet
from office.drawing import Judging
from office.reports.firm_list import FirmList, Introduced, cipher
from office.reports.letter import Helped, Letter, Proposed, Sender
from office.season_picture import Picture

#: From this fit on an occupation reads as like a wish.
_LIKE = 0.6

#: A letter has room for so many places.
_MOST = 3


def letter_of(
    known: PersonFile,
    picture: Picture,
    season: str,
    sender: Sender,
    counselor: str,
    words: str,
    data_folder: Path | None,
    scoring: bool = True,
) -> Letter:
    """The letter about all that was sent to a person and not answered yet.

    Without `scoring` it does not speak of chances; to whoever objected it says that no system
    helped.

    Raises `FaultyInput` (`VALUE_MISSING`, "places") where nothing was.
    """
    sent = sent_to(known)
    if not sent:
        raise FaultyInput((Fault(Rule.VALUE_MISSING, column="places"),))
    options: dict[str, Option] = {}
    if known.pseudonym in picture.drawn.problem.seeker_number:
        page = sheet(
            picture.drawn,
            picture.district,
            picture.prices,
            known.pseudonym,
            scoring=False,
            data_folder=data_folder,
            kept=picture.kept,
        )
        options = {option.place: option for option in page.options}
    places = tuple(
        _proposed(line, options.get(line.place), known, picture, data_folder)
        for line in sent[:_MOST]
    )
    if words.strip():
        places = (replace(places[0], words=words.strip()), *places[1:])
    return Letter(
        sender=sender,
        reference=f"{season} {known.pseudonym[:8]}",
        on=date.today(),
        to=known.name,
        address=known.address,
        counselor=counselor,
        decided_on=_day_of(sent[0]) or date.today(),
        places=places,
        invented=picture.drawn.problem.invented,
        helped=_helped(known, picture, scoring),
        decided_by=sent[0].by or counselor,
        left_out=len(sent[_MOST:]),
    )


def _day_of(line: ContactLine) -> date | None:
    """The day on which somebody decided to send: as told, else when it was written down."""
    return line.on or (None if line.at is None else line.at.date())


def _helped(known: PersonFile, picture: Picture, scoring: bool) -> Helped:
    if known.objected_on is not None:
        return Helped.NOT_AT_ALL
    if not scoring:
        return Helped.SORTED
    return Helped.LEARNED if isinstance(picture.chances.model, Judging) else Helped.RATED


def sent_to(known: PersonFile) -> list[ContactLine]:
    """What was sent and not answered yet, the latest first."""
    last: dict[str, ContactLine] = {}
    for line in known.contacts:
        last.setdefault(line.place, line)
    return [line for line in last.values() if line.status is ContactStatus.SENT]


def firm_list_of(
    firm: str,
    people: tuple[Introducible, ...],
    season: str,
    sender: Sender,
    counselor: str,
    key: bytes,
    data_folder: Path | None,
) -> FirmList:
    """The list for one firm."""
    return FirmList(
        sender=sender,
        reference=season,
        on=date.today(),
        firm=firm,
        address=(),
        counselor=counselor,
        people=tuple(
            Introduced(
                cipher(key, firm, one.pseudonym),
                _occupation(one.kldb, one.title, data_folder),
                one.certificate,
                one.leaves,
                one.name,
                one.agreed_on,
            )
            for one in people
        ),
    )


def _proposed(
    line: ContactLine,
    option: Option | None,
    known: PersonFile,
    picture: Picture,
    data_folder: Path | None,
) -> Proposed:
    problem = picture.drawn.problem
    number = problem.place_number.get(line.place)
    place = None if number is None else problem.places[number]
    near = None
    if option is not None and option.wished is None and option.fit >= _LIKE and known.wishes:
        offered = line.kldb if place is None else place.occupation
        near = title_of(_nearest(known.wishes, offered), data_folder)
    return Proposed(
        occupation=_occupation(line.kldb, line.title, data_folder),
        employer=line.employer,
        where=None if option is None else option.where,
        starts=None if place is None else place.starts,
        wished=None if option is None else option.wished,
        near_wish=near,
        minutes=None if option is None else option.minutes,
        asked=None if place is None else place.requires,
        decided_by=line.by,
        decided_on=_day_of(line),
    )


def _nearest(wishes: Sequence[str], offered: str | None) -> str:
    """The wish that an occupation offered is most like, of equal ones the dearest."""
    return max(wishes, key=lambda wish: occupation_fit(wish, offered))


def _occupation(kldb: str | None, title: str | None, data_folder: Path | None) -> str:
    if kldb is None:
        return title or "\N{EN DASH}"
    return title_of(kldb, data_folder)
