"""What does the engine make of a season today? One picture for everybody, kept until data change.

The picture is the plan that would be drawn from the store as it stands, rulings kept to, with its
prices. It is made once for all readers, and made anew beside them once the season's mark is
another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from data.intake.district_files import District
from data.store.chance_models import is_manual
from data.store.opening import Store
from data.store.people import is_invented, places, seekers
from data.store.plans import active_plan
from data.store.runs import take
from data.store.season_mark import season_mark
from data.store.seasons import training_start
from data.store.sent_before import season_facts
from matching.edits import Edit, Pinned
from matching.errors import Fault, FaultyInput, Rule
from matching.explain import Unplaced, shortfall, unplaced, vacancies
from matching.prices import PriceRange
from matching.scenario import Change, compare
from matching.target import Target
from office.active_model import InUse, active_model, model_of_run, scorecard
from office.counseling import Sheet, pin_of, prices_for, sheet
from office.drawing import CANDIDATES, Drawn, Progress
from office.older_picture import Today, is_as_drawn, sheet_today
from office.renewing import Renewed, Shown
from office.rulings import Held, draw_ruled, held

#: So many costs are kept with a picture: whoever asked for one is about to decide.
_COSTS = 16

#: So many people's places are kept with a picture: there are thousands of places to each.
_SHEETS = 8

#: So many seasons are kept at once.
_SEASONS = 3


_SheetKey = tuple[str, bool, Path | None, Today | None]


@dataclass(eq=False)
class Picture:
    """One state of a season as the engine sees it; `kept` is what people decided of it.

    `at` is when the store was read, `chances` the model that all chances in it come from.
    """

    mark: str
    district: District
    drawn: Drawn
    prices: PriceRange
    at: datetime
    kept: Held = field(default_factory=Held)
    chances: InUse = field(default_factory=scorecard)
    _costs: dict[Edit, Change] = field(default_factory=dict, repr=False)
    _sheets: dict[_SheetKey, Sheet] = field(default_factory=dict, repr=False)

    def without(self) -> dict[str, Unplaced]:
        """Who has no proposal in this picture, and why."""
        return {one.seeker: one for one in self.drawn.unplaced}

    def sheet(
        self,
        seeker: str,
        scoring: bool,
        data_folder: Path | None = None,
        today: Today | None = None,
    ) -> Sheet:
        """One person's places, laid out once for all that is done on their page.

        Where the store may be newer than the picture, `today` is what it says of the person.
        """
        if today is not None and is_as_drawn(self.drawn, self.kept, today):
            today = None
        key = seeker, scoring, data_folder, today
        known = self._sheets.get(key)
        if known is None:
            given, model = (self.drawn, self.district, self.prices), self.chances.model
            known = (
                sheet(
                    *given,
                    seeker,
                    model=model,
                    scoring=scoring,
                    kept=self.kept,
                    data_folder=data_folder,
                )
                if today is None
                else sheet_today(*given, today, scoring, data_folder, model)
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
                edit = pin_of(
                    self.drawn, self.district, edit.seeker, edit.place, self.chances.model
                )
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
        return Picture(
            mark, self.district, drawn, prices_for(drawn), _now(), self.kept, self.chances
        )


class Pictures:
    """The pictures that were made last, for all readers: no names are in them."""

    def __init__(self) -> None:
        self.renewed: Renewed[Picture] = Renewed(
            _SEASONS, lambda picture: picture.mark, lambda picture: len(picture.district.seekers)
        )

    def known(self, store: Store, season: str, mark: str) -> Picture | None:
        """The picture of this state, if it was made."""
        return self.renewed.known(_key(store, season), mark)

    def get(self, store: Store, season: str, mark: str, make: Callable[[], Picture]) -> Picture:
        """The picture of this state; whoever asks while it is made waits for it."""
        return self.renewed.present(_key(store, season), mark, make)

    def shown(
        self, store: Store, season: str, mark: str, progress: Progress | None = None
    ) -> Shown[Picture]:
        """The last picture, made anew beside its readers; who comes first waits for the first."""
        last = self.glimpse(store, season, mark)
        if last is not None:
            return last
        made = self.get(store, season, mark, lambda: make_picture(store, season, mark, progress))
        return Shown(made, made.at)

    def glimpse(self, store: Store, season: str, mark: str) -> Shown[Picture] | None:
        """The last picture without any waiting, if there is one."""

        def anew() -> Picture:
            return make_picture(store, season, season_mark(store, season))

        return self.renewed.glimpse(_key(store, season), mark, anew)

    def keep(self, store: Store, season: str, picture: Picture) -> Picture:
        """Keep a picture in place of the season's last one."""
        return self.renewed.keep(_key(store, season), picture, picture.at)

    def finish(self, store: Store) -> None:
        """Wait for what is made anew of a store that is about to be closed."""
        self.renewed.finish(store.engine.url.render_as_string(hide_password=True))


#: One for the whole process: a page is run by many threads, a desk is made by each.
PICTURES = Pictures()


def make_picture(store: Store, season: str, mark: str, progress: Progress | None = None) -> Picture:
    """Draw a season as it stands in the store.

    Raises `FaultyInput` (`SEASON_EMPTY`) where nobody or no place is there, and `NoPlanPossible`
    where rulings contradict each other.
    """
    tell, at = progress or (lambda step, number: None), _now()
    tell("read", 0)
    people, offers = seekers(store, season), places(store, season)
    empty = [
        Fault(Rule.SEASON_EMPTY, column=name, value=season)
        for name, found in (("seekers", people), ("places", offers))
        if not found
    ]
    if empty:
        raise FaultyInput(tuple(empty))
    target, chances = basis_of(store, season)
    district = District(
        people,
        offers,
        target,
        training_start(season),
        invented=is_invented(store, season) or chances.invented,
        facts=season_facts(store, season, people, offers, date.today()),
    )
    kept = held(store, season, district)
    drawn = draw_ruled(district, None, CANDIDATES, progress, kept, chances.model)
    return Picture(mark, district, drawn, prices_for(drawn), at, kept, chances)


def basis_of(store: Store, season: str) -> tuple[Target, InUse]:
    """The target and the model of the plan in force, else the usual one and the active model.

    While people do without chances, what must be reckoned goes by the scorecard.
    """
    plan = active_plan(store, season)
    run = None if plan is None else take(store, plan.run).run
    usual = Target(cut_off=date(training_start(season).year, 9, 30))
    target = usual if run is None else run.problem.target
    if is_manual(store):
        return target, scorecard()
    chances = active_model(store) if run is None else model_of_run(store, run.model_hash)
    return target, chances


def _key(store: Store, season: str) -> tuple[str, str]:
    return store.engine.url.render_as_string(hide_password=True), season


def _now() -> datetime:
    return datetime.now(UTC)
