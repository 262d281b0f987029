"""What goes out of the house about a person? Letters, lists for firms, and how the office signs."""

from __future__ import annotations

from collections.abc import Mapping

from data.store.cases import Scores, scores_of
from data.store.house_settings import cipher_key, sender_of, set_sender
from data.store.person_file import Introducible, firms_of
from data.store.persons import names_of
from matching.errors import Fault, FaultyInput, Rule
from office.access import Right, User, asks
from office.cases_desk import CasesDesk
from office.counseling_papers import firm_list_of, letter_of
from office.reports.firm_list import cipher, firm_list_pdf
from office.reports.letter import Sender, letter_pdf
from office.words import Language


class LettersDesk(CasesDesk):
    """The part of the desk where letters and lists are written."""

    @asks(Right.WRITE_LETTERS, inside=True)
    def letter(
        self,
        pseudonym: str,
        by: User,
        language: Language,
        words: str = "",
        season: str | None = None,
    ) -> bytes:
        """The letter to a person about what was sent to them, as a tagged PDF; this is logged.

        Raises `FaultyInput` (`VALUE_MISSING`) where nothing was sent, or nobody said how the
        office signs (`column` is "sender").
        """
        at = self.season(season)
        known = self._file(pseudonym, by, at, Right.WRITE_LETTERS)
        picture = self._picture(at, None)
        scoring = scores_of(self.store, by.name) is not Scores.OFF
        folder = self.settings.data_folder
        made = letter_of(known, picture, at, self._sender(), by.name, words, folder, scoring)
        self._log(by, "letter.write", known.pseudonym)
        return letter_pdf(made, language)

    @asks(Right.WRITE_LETTERS)
    def firms(self, by: User, season: str | None = None) -> Mapping[str, tuple[Introducible, ...]]:
        """The firms to whom somebody of the counselor's own cases was proposed, with whom."""
        return firms_of(self.store, self.season(season), by.name)

    @asks(Right.WRITE_LETTERS)
    def introduced(
        self, firm: str, by: User, season: str | None = None
    ) -> tuple[tuple[str, str, Introducible], ...]:
        """Whom a firm may expect of the counselor's own cases: their name, what the firm reads.

        The firm reads the name or a cipher; which cipher is whose only the counselor is told. That
        names were shown is logged.
        """
        at = self.season(season)
        people = firms_of(self.store, at, by.name).get(firm, ())
        if people:
            self._log_names(by, at)
        key = self.settings.key or cipher_key(self.store)
        with self.store.reading() as connection:
            names = names_of(connection, [one.pseudonym for one in people])
        return tuple(
            (names[one.pseudonym], one.name or cipher(key, firm, one.pseudonym), one)
            for one in people
        )

    @asks(Right.WRITE_LETTERS)
    def firm_list(
        self, firm: str, by: User, language: Language, season: str | None = None
    ) -> bytes:
        """The list for a firm as a tagged PDF: ciphers, and names only after consent; logged.

        Raises `FaultyInput` (`VALUE_UNKNOWN`) for a firm to which nobody was proposed.
        """
        at = self.season(season)
        people = firms_of(self.store, at, by.name).get(firm)
        if people is None:
            raise FaultyInput((Fault(Rule.VALUE_UNKNOWN, column="firm"),))
        key = self.settings.key or cipher_key(self.store)
        made = firm_list_of(
            firm, people, at, self._sender(), by.name, key, self.settings.data_folder
        )
        self._log(by, "list.write", f"season {at}")
        return firm_list_pdf(made, language)

    @asks(Right.SET_SENDER)
    def sender(self, by: User) -> Sender | None:
        """How the office signs its letters, if anybody said so."""
        told = sender_of(self.store)
        return None if told is None else Sender(**told)

    @asks(Right.SET_SENDER)
    def set_sender(self, sender: Sender, by: User) -> None:
        """Say how the office signs its letters; `officer` may be left out.

        Raises `FaultyInput` for everything else that is left out.
        """
        names = ("office", "street", "town", "phone", "email")
        told = {name: str(getattr(sender, name)).strip() for name in names}
        faults = [Fault(Rule.VALUE_MISSING, column=name) for name in names if not told[name]]
        if faults:
            raise FaultyInput(tuple(faults))
        if officer := sender.officer.strip():
            told["officer"] = officer
        set_sender(self.store, told, by.name)

    def _sender(self) -> Sender:
        told = sender_of(self.store)
        if told is None:
            raise FaultyInput((Fault(Rule.VALUE_MISSING, column="sender"),))
        return Sender(**told)
