"""What does the engine make of a season today? One picture for everybody, kept until data change.

The picture is the plan that would be drawn from the store as it stands, rulings kept to, with its
prices. It is made once for all readers, and made anew once the season's mark is another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock

from data.intake.district_files import District
from data.store.opening import Store
from data.store.people import is_invented, places, seekers
from data.store.plans import active_plan
from data.store.runs import take
from data.store.seasons import training_start
from matching.edits import Edit, Pinned
from matching.errors import Fault, FaultyInput, Rule
from matching.explain import Unplaced, shortfall, unplaced, vacancies
from matching.prices import PriceRange
from matching.scenario import Change, compare
from matching.target import Target
from office.counseling import Sheet, pin_of, prices_for, sheet
from office.drawing import CANDIDATES, Drawn, Progress
from office.rulings import Held, draw_ruled, held

#: So many costs are kept with a picture: whoever asked for one is about to decide.
_COSTS = 16

#: So many people's places are kept with a picture: there are thousands of places to each.
_SHEETS = 8

#: So many seasons are kept at once.
_SEASONS = 3


@dataclass(eq=False)
class Picture:
    """One state of a season as the engine sees it; `kept` is what people decided of it."""

    mark: str
    district: District
    drawn: Drawn
    prices: PriceRange
    at: datetime
    kept: Held = field(default_factory=Held)
    _costs: dict[Edit, Change] = field(default_factory=dict, repr=False)
    _sheets: dict[tuple[str, bool, Path | None], Sheet] = field(default_factory=dict, repr=False)

    def without(self) -> dict[str, Unplaced]:
        """Who has no proposal in this picture, and why."""
        return {one.seeker: one for one in self.drawn.unplaced}

    def sheet(self, seeker: str, scoring: bool, data_folder: Path | None = None) -> Sheet:
        """One person's places, laid out once for all that is done on their page."""
        key = seeker, scoring, data_folder
        known = self._sheets.get(key)
        if known is None:
            known = sheet(
                self.drawn,
                self.district,
                self.prices,
                seeker,
                scoring=scoring,
                kept=self.kept,
                data_folder=data_folder,
            )
            for older in list(self._sheets)[: -_SHEETS + 1]:
                self._sheets.pop(older, None)
            self._sheets[key] = known
        return known

    def cost(self, edit: Edit) -> Change:
        """What an edit costs and whom it moves; reckoned once. Raises as `apply` does."""
        known = self._costs.get(edit)
        if known is None:
            if isinstance(edit, Pinned):
                edit = pin_of(self.drawn, self.district, edit.seeker, edit.place)
            known = compare(self.drawn.problem, self.drawn.steered, edit)
            bare = Pinned(edit.seeker, edit.place) if isinstance(edit, Pinned) else edit
            while len(self._costs) >= _COSTS:
                del self._costs[next(iter(self._costs))]
            self._costs[bare] = known
        return known

    def after(self, change: Change, mark: str) -> Picture:
        """The picture once an edit is decided, without drawing everything again."""
        problem, steered = change.problem, change.after
        drawn = replace(
            self.drawn,
            problem=problem,
            steered=steered,
            unplaced=tuple(unplaced(problem, steered.chosen, self.drawn.found)),
            vacancies=tuple(vacancies(problem, steered.chosen.plan)),
            shortfall=shortfall(problem, steered.reached),
        )
        return Picture(mark, self.district, drawn, prices_for(drawn), _now(), self.kept)


class Pictures:
    """The pictures that were made last, for all readers: no names are in them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Picture] = {}
        self._locks: dict[tuple[str, str], Lock] = {}
        self._door = Lock()

    def known(self, store: Store, season: str, mark: str) -> Picture | None:
        """The picture of this state, if it was made."""
        kept = self._kept.get(_key(store, season))
        return kept if kept is not None and kept.mark == mark else None

    def get(self, store: Store, season: str, mark: str, make: Callable[[], Picture]) -> Picture:
        """The picture of this state; whoever asks while it is made waits for it."""
        key = _key(store, season)
        with self._door:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            kept = self.known(store, season, mark)
            return kept if kept is not None else self.keep(store, season, make())

    def keep(self, store: Store, season: str, picture: Picture) -> Picture:
        """Keep a picture in place of the season's last one."""
        with self._door:
            self._kept.pop(_key(store, season), None)
            self._kept[_key(store, season)] = picture
            while len(self._kept) > _SEASONS:
                del self._kept[next(iter(self._kept))]
        return picture


#: One for the whole process: a page is run by many threads, a desk is made by each.
PICTURES = Pictures()


def make_picture(store: Store, season: str, mark: str, progress: Progress | None = None) -> Picture:
    """Draw a season as it stands in the store.

    Raises `FaultyInput` (`SEASON_EMPTY`) where nobody or no place is there, and `NoPlanPossible`
    where rulings contradict each other.
    """
    tell = progress or (lambda step, number: None)
    tell("read", 0)
    people, offers = seekers(store, season), places(store, season)
    empty = [
        Fault(Rule.SEASON_EMPTY, column=name, value=season)
        for name, found in (("seekers", people), ("places", offers))
        if not found
    ]
    if empty:
        raise FaultyInput(tuple(empty))
    district = District(
        people,
        offers,
        _target(store, season),
        training_start(season),
        invented=is_invented(store, season),
    )
    kept = held(store, season, district)
    drawn = draw_ruled(district, None, CANDIDATES, progress, kept)
    return Picture(mark, district, drawn, prices_for(drawn), _now(), kept)


def _target(store: Store, season: str) -> Target:
    """The target of the plan in force, else the usual one."""
    plan = active_plan(store, season)
    if plan is None:
        return Target(cut_off=date(training_start(season).year, 9, 30))
    return take(store, plan.run).run.problem.target


def _key(store: Store, season: str) -> tuple[str, str]:
    return store.engine.url.render_as_string(hide_password=True), season


def _now() -> datetime:
    return datetime.now(UTC)
