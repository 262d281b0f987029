"""Do the chances treat groups alike? Held against outcomes, by traits that no model ever sees.

An audit judges chances that were not learned from the rows they are judged on. By group it counts
who is chosen, what was promised and what came, who was missed though they would have started; it
says what differs beyond a stated tolerance, with intervals that allow for the number of
comparisons, and never calls a group fair of which there are too few to tell. Proxies and ablations
say what the features give away and which of them does what. `docs/fairness.md` has the formulas,
and what no audit of outcomes can see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from fairlearn.metrics import (
    MetricFrame,
    count,
    false_negative_rate,
    false_positive_rate,
    mean_prediction,
    selection_rate,
)
from scipy.special import expit, logit
from scipy.stats import beta

from models.ablation import Ablation, ablations, apart, levelled, top
from models.alike import Clusters, Proxy, Share
from models.cases import ODDS_IF_UNKNOWN, Cases, cases_of
from models.features import Flags, Numbers, Table
from models.gaps import (
    SURE_OF_ALL,
    TOLERANCE,
    Gap,
    Rows,
    Verdict,
    compared_by,
)
from models.groups import Side, columns_of, sides
from models.placement import SURE, PlacementModel

#: The share of pairs that are taken to be chosen where no plan is given: the district's target.
CHOSEN_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Group:
    """What became of a group's rows, in shares of one; `None` for all of it where too few.

    `unknown` is the share without a known outcome, `chosen` that of the rows chosen; the others
    are of known outcomes: the mean chance (`promised`), the share `started`, of those who started
    the share not chosen (`missed`), of the others the share chosen (`mistaken`).
    """

    traits: tuple[str, ...]
    labels: tuple[str | None, ...]
    people: int
    rows: int
    unknown: float | None = None
    chosen: Share | None = None
    promised: Share | None = None
    started: Share | None = None
    missed: Share | None = None
    mistaken: Share | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    `left_out` are traits, or pairs of them, that are not told by group: all in one group, or with
    too small ones. Gaps' intervals hold together with probability `sure`, over `comparisons`.
    `promised` and `came` are of all known rows, before seasons' shifts are taken out.
    """

    rows: int
    known: int
    promised: float
    came: float
    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]
    proxies: tuple[Proxy, ...]
    ablations: tuple[Ablation, ...]
    left_out: tuple[tuple[str, ...], ...]
    tolerance: float
    sure: float
    comparisons: int
    refit: bool
    choice_given: bool
    invented: bool

    @property
    def flagged(self) -> tuple[Gap, ...]:
        """What differs beyond the tolerance."""
        return tuple(gap for gap in self.gaps if gap.verdict is Verdict.FLAGGED)

    def facts(self) -> dict[str, Any]:
        """The audit as plain words and numbers."""
        return asdict(self)


def audit(
    model: PlacementModel,
    history: Table,
    groups: Table,
    *,
    chances: npt.ArrayLike | None = None,
    chosen: npt.ArrayLike | None = None,
    tolerance: float = TOLERANCE,
    refit: bool = False,
    odds_if_unknown: float = ODDS_IF_UNKNOWN,
) -> Audit:
    """Audit chances by the groups of a table beside the history.

    `groups` holds a trait a column and a row for each of the history's; the model never sees it.
    Without `chances` (inside (0, 1), not learned from these rows) the audit makes them: for
    seasons that the model was not learned from, by the model; for the others, learned again in its
    way without the row's person and firm. `chosen` flags the rows of a plan; without it the best
    third of each season counts as chosen. `refit` learns again for each feature taken away.
    Raises `NotUsable` as `train` does, and for columns of groups that don't fit.
    """
    cases = cases_of(history, model.declaration, odds_if_unknown)
    columns = columns_of(groups, len(cases), model.declaration.columns)
    compared, left_out = sides(columns, cases.person)
    usual = () if refit else range(len(cases.encoder.names))
    learned = apart(model, cases, usual)
    given = _given(model, history, cases, learned[0], chances)
    odds = levelled(given, cases)
    choice = top(odds, cases.season, CHOSEN_SHARE) if chosen is None else _flags(chosen, len(cases))
    rows = Rows(cases, levelled(learned[0], cases), odds, choice, chosen is not None)
    told = [side for side in compared if rows.enough(side)]
    gaps, proxies, comparisons = compared_by(rows, compared, tolerance)
    known = cases.known
    return Audit(
        rows=len(cases),
        known=int(known.sum()),
        promised=float(expit(given[known]).mean()),
        came=float(cases.started[known].mean()),
        groups=tuple(_groups(rows, compared)),
        gaps=gaps,
        proxies=proxies,
        ablations=ablations(model, cases, learned, told, CHOSEN_SHARE, refit),
        left_out=left_out,
        tolerance=tolerance,
        sure=SURE_OF_ALL,
        comparisons=comparisons,
        refit=refit,
        choice_given=chosen is not None,
        invented="invented" in history and bool(np.any(np.asarray(history["invented"]))),
    )


def _given(
    model: PlacementModel,
    history: Table,
    cases: Cases,
    learned: Numbers,
    chances: npt.ArrayLike | None,
) -> Numbers:
    """The log-odds that are judged."""
    if chances is not None:
        chance = np.asarray(chances, dtype=np.float64)
        if len(chance) != len(cases) or not bool(((chance > 0) & (chance < 1)).all()):
            raise ValueError("chances must be one a row, inside (0, 1)")
        return np.asarray(logit(chance))
    seasons = np.array([season not in model.seasons for season in cases.seasons], dtype=bool)
    if not seasons.any():
        return learned
    later = np.flatnonzero(seasons[cases.season])
    odds = learned.copy()
    odds[later] = logit(model.chances(pd.DataFrame(history).iloc[later]))
    return odds


def _flags(chosen: npt.ArrayLike, rows: int) -> Flags:
    flags = np.asarray(chosen).astype(bool)
    if flags.shape != (rows,):
        raise ValueError("a choice must be one flag a row")
    return flags


def _groups(rows: Rows, compared: Sequence[Side]) -> Iterator[Group]:
    """Every group's own figures; only its size where there are too few to tell."""
    for traits in dict.fromkeys(side.traits for side in compared):
        own = [side for side in compared if side.traits == traits]
        told = [number for number, side in enumerate(own) if rows.enough(side)]
        figures = _by_group(rows, own, told) if told else {}
        for number, side in enumerate(own):
            people = len(np.unique(rows.cases.person[side.inside]))
            size = (side.traits, side.labels, people, int(side.inside.sum()))
            yield Group(*size, **figures.get(number, {}))


def _by_group(rows: Rows, own: Sequence[Side], told: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The figures of the groups told, counted by fairlearn, with intervals by person and firm."""
    which = np.full(len(rows.cases), -1)
    for number in told:
        which[own[number].inside] = number
    everybody = which >= 0
    known = everybody & rows.cases.known
    weight, known_weight = everybody.astype(np.float64), known.astype(np.float64)
    started, chance = rows.cases.started, rows.chance
    sizes = {"rows": count, "chosen": selection_rate}
    errors = {
        "started": _share_started,
        "missed": false_negative_rate,
        "mistaken": false_positive_rate,
        "known": count,
    }
    frames = (
        _frame(sizes, rows.chosen, rows.chosen, which, everybody),
        _frame(errors, started >= 0.5, rows.chosen, which, known),
        _frame({"promised": mean_prediction}, started, chance, which, known),
    )
    found = pd.concat([frame.by_group for frame in frames], axis=1)
    parts = {
        "chosen": (rows.chosen.astype(np.float64), weight),
        "promised": (chance, known_weight),
        "started": (started, known_weight),
        "missed": ((~rows.chosen).astype(np.float64), started * known),
        "mistaken": (rows.chosen.astype(np.float64), (1 - started) * known),
    }
    figures: dict[int, dict[str, Any]] = {}
    for number in told:
        line = found.loc[number]
        shares = {
            name: _share(float(line[name]), above, below * (which == number), rows.clusters)
            for name, (above, below) in parts.items()
        }
        figures[number] = {"unknown": float(1 - line["known"] / line["rows"]), **shares}
    return figures


def _frame(
    metrics: dict[str, Callable[..., Any]],
    true: npt.ArrayLike,
    told: npt.ArrayLike,
    which: npt.NDArray[np.int64],
    kept: Flags,
) -> Any:
    return MetricFrame(
        metrics=metrics,
        y_true=np.asarray(true)[kept] * 1.0,
        y_pred=np.asarray(told)[kept] * 1.0,
        sensitive_features=which[kept],
    )


def _share_started(true: Numbers, _: Numbers) -> float:
    return float(np.mean(true))


def _share(value: float, above: Numbers, below: Numbers, clusters: Clusters) -> Share:
    """A share with Jeffreys' interval, for as many rows as what ties rows together leaves.

    `above` are the rows' contributions, `below` their weights (0 outside the group).
    """
    total = float(below.sum())
    error = clusters.error(below * (above - value) / total)
    own = value * (1 - value)
    size = min(total, own / error**2) if error > 0 and own > 0 else total
    tail = (1 - SURE) / 2
    low, high = beta.ppf([tail, 1 - tail], value * size + 0.5, (1 - value) * size + 0.5)
    # Nobody and everybody are never left out of their own interval.
    return Share(value, 0.0 if value <= 0 else float(low), 1.0 if value >= 1 else float(high))
