"""Where do chances come from, and who says so? Models taken in, put in force, gone back from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.store.chance_models import (
    ModelLine,
    SwitchLine,
    To,
    add_model,
    hashes_of_runs,
    in_force,
    is_manual,
    model_content,
    model_lines,
    proposed,
    switch,
    switches,
)
from data.store.plans import listed
from data.store.progress import Course, courses, publications
from data.store.runs import kept
from matching.errors import Fault, FaultyInput, Rule
from models.declaration import Finding, Flaw, district_declaration
from models.placement import PlacementModel
from models.saving import model_of
from models.scorecard import Scorecard
from office.access import Right, User, asks
from office.learning_tables import UnusableFile, about
from office.model_watch import ModelState, PastPromise, past_promise
from office.store_desk import StoreDesk

__all__ = [
    "ModelLine", "ModelState", "ModelsDesk", "PastPromise", "SwitchLine", "To", "card_beside",
]  # fmt: skip

#: The largest file of a model that is taken in, and of its card, in bytes.
LARGEST, LARGEST_CARD = 200_000_000, 20_000_000

#: What a card says of its model to the last digit: by these it is known to be this model's.
_SHARED = ("known", "learner", "spread", "losses")


class ModelsDesk(StoreDesk):
    """The part of the desk where models of chances are kept."""

    @asks(Right.SEE_MODELS)
    def models(self, by: User) -> tuple[ModelLine, ...]:
        """All models that were taken in, with their cards, the newest first."""
        return model_lines(self.store)

    @asks(Right.SEE_MODELS)
    def model_switches(self, by: User) -> tuple[SwitchLine, ...]:
        """What gave the chances from when on, who said so and why, the newest first."""
        return switches(self.store)

    @asks(Right.KEEP_MODELS)
    def take_model(self, content: bytes, card: bytes, by: User, audit: bytes | None = None) -> int:
        """Take a model's file in with its card, and an audit of it if there is one.

        Nothing is put in force by it. Returns its number. Raises `UnusableFile` for what is no
        model or learned from columns that the house doesn't have, `FaultyInput` for a card that is
        none (`FILE_UNREADABLE`) or another model's (`CARD_OF_ANOTHER`), for what is too large
        (`FILE_TOO_LARGE`), and for a file that was taken in before (`ID_TWICE`, its number).
        """
        for name, given, most in (("model", content, LARGEST), ("card", card, LARGEST_CARD)):
            if len(given) > most:
                raise FaultyInput((Fault(Rule.FILE_TOO_LARGE, column=name),))
        with about(Path("model")):
            model = model_of(content)
        _refuse_strange_columns(model)
        told = _facts_of(card, "card")
        if not _belongs(told, model):
            raise FaultyInput((Fault(Rule.CARD_OF_ANOTHER, column="card"),))
        if audit is not None:
            told = {**told, "audit": _facts_of(audit, "audit")}
        made, invented = str(told.get("made", ""))[:40], bool(told.get("invented", True))
        return add_model(self.store, content, made, told, invented, by.name)

    @asks(Right.KEEP_MODELS)
    def activate_model(self, model: int, by: User, reason: str) -> int:
        """Let a model give the chances from the next plan on, with a reason.

        Going back to an older one is the same. Returns the switch's number. Raises `FaultyInput`:
        `MODEL_UNKNOWN`, `MODEL_DAMAGED`, or `VALUE_MISSING` without a reason; `UnusableFile` for
        one that this version of the program can't read any more.
        """
        with about(Path(f"model {model}")):
            model_of(model_content(self.store, model))
        return switch(self.store, To.MODEL, model, by.name, reason)

    @asks(Right.KEEP_MODELS)
    def use_scorecard(self, by: User, reason: str) -> int:
        """Let the scorecard's stated weights give the chances from the next plan on.

        Returns the switch's number. Raises `FaultyInput` (`VALUE_MISSING`) without a reason.
        """
        return switch(self.store, To.SCORECARD, None, by.name, reason)

    @asks(Right.SWITCH_TO_MANUAL)
    def set_manual(self, on: bool, by: User, reason: str) -> int:
        """Let people do without chances from now on, or with them again, with a reason.

        While it is on no chance of anybody is shown or sorted by and no plan is drawn; the plan in
        force stays. Returns the switch's number. Raises as `use_scorecard` does.
        """
        return switch(self.store, To.MANUAL_ON if on else To.MANUAL_OFF, None, by.name, reason)

    @asks(Right.SEE_PLANS)
    def is_manual(self, by: User) -> bool:
        """Whether people do without chances now."""
        return is_manual(self.store)

    @asks(Right.SEE_MODELS)
    def active_model(self, by: User) -> ModelLine | None:
        """The model that gives the chances; `None` where the scorecard does."""
        number = in_force(self.store).model
        return next((one for one in model_lines(self.store) if one.id == number), None)

    @asks(Right.SEE_MODELS)
    def model_state(self, by: User, season: str | None = None) -> ModelState:
        """Where chances come from now, how far the season is from what was learned, and past plans.

        Drift is of the season's last plan that the model in force has drawn.
        """
        at, now = self.season(season), in_force(self.store)
        known = {one.hash: one for one in model_lines(self.store)}
        hashes = hashes_of_runs(self.store)
        drawn = (
            run
            for run in kept(self.store, at)
            if hashes.get(run.id) == now.hash and run.result.get("drift") is not None
        )
        last = next(drawn, None)
        return ModelState(
            is_manual=now.is_manual,
            active=next((one for one in known.values() if one.id == now.model), None),
            switches=switches(self.store),
            drift=None if last is None else last.result["drift"],
            drift_of=None if last is None else last.id,
            promises=tuple(self._promises(known, hashes)),
        )

    def _promises(
        self, known: Mapping[str, ModelLine], hashes: Mapping[int, str]
    ) -> Iterator[PastPromise]:
        """What came of each plan that was in force, the newest first."""
        published = {one.plan: one.at for one in reversed(publications(self.store))}
        results = {run.id: run.result for run in kept(self.store)}
        found: dict[str, tuple[Course, ...]] = {}
        for line in listed(self.store):
            if line.id not in published or line.run not in results:
                continue
            if line.season not in found:
                found[line.season] = courses(self.store, line.season)
            model = known.get(hashes[line.run])
            yield past_promise(
                line.id,
                line.season,
                published[line.id],
                None if model is None else model.id,
                results[line.run],
                proposed(self.store, line.id),
                found[line.season],
                Scorecard().spread if model is None else float(model.card["spread"]),
            )


def card_beside(file: Path) -> Path | None:
    """The card that lies beside a model's file, if there is one."""
    names = (f"{file.name}.card.json", f"{file.stem}.card.json")
    return next((one for name in names if (one := file.with_name(name)).is_file()), None)


def _refuse_strange_columns(model: PlacementModel) -> None:
    """Refuse what asks for columns that the house's pairs don't have."""
    strange = sorted(set(model.columns) - set(district_declaration().names))
    if strange:
        found = tuple(Finding(Flaw.COLUMN_MISSING, feature=name) for name in strange)
        raise UnusableFile("model", found)


def _facts_of(given: bytes, name: str) -> Mapping[str, Any]:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        # NaN and its like are no JSON, and PostgreSQL takes none.
        told = json.loads(given, parse_constant=refuse)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, column=name),))
    return told


def _belongs(card: Mapping[str, Any], model: PlacementModel) -> bool:
    """Whether a card was made with this very model: its figures are the model's, to the digit."""
    own: dict[str, Any] = {name: getattr(model, name) for name in _SHARED}
    own |= {"rows": model.cases, "losses": dict(model.losses)}
    return all(card.get(name) == value for name, value in own.items())
