"""What may a committee be told? A plan's figures with every small count kept back.

Counts of fewer than five people are not told, nor what sums and differences would tell of them
(`office.suppression`). The district's own figures follow the same rule: where fewer than five are
placed so far, neither their number nor what it could be counted back from is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from matching.reasons import NoProposal, StaysEmpty
from matching.rules import Refusal
from office.drawing import Drawn, Rate
from office.glance import Glance, Reason, glance
from office.groups import Group
from office.outlook import Outlook, outlook
from office.season_groups import Dimension
from office.season_now import SeasonNow
from office.suppression import is_small, pooled


@dataclass(frozen=True, slots=True)
class ToldRate:
    """The plan under one definition, as far as it may be told; `None` is kept back.

    `rate` goes with `placed`: from the one the other could be counted. A definition that is not
    `shown` differs from another by fewer than five people; nothing of it is told.
    """

    definition: str
    shown: bool
    base: int
    placed: int | None
    own_finds: int | None
    unknown: int | None
    need: int | None
    rate: float | None
    chance: float


@dataclass(frozen=True, slots=True)
class ToldReason:
    """Why people have no proposal, and how many; `reason` is `None` for what is told together."""

    reason: NoProposal | StaysEmpty | None
    rule: Refusal | None
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Committee:
    """All that a report for the committee says.

    `placed` and `proposals` are `None` where they, or the people without a proposal, are fewer
    than five. The `plan` is the glance that the figures of the whole district come from.
    """

    office: str
    district: str
    season: str
    on: date
    plan: Glance
    outlook: Outlook
    placed: int | None
    proposals: int | None
    rates: tuple[ToldRate, ...]
    municipalities: tuple[Group, ...]
    schools: tuple[Group, ...]
    wishes: tuple[Group, ...]
    without: tuple[ToldReason, ...]


def committee_of(
    drawn: Drawn,
    office: str,
    district: str,
    season: str,
    on: date,
    groups: Mapping[Dimension, tuple[Group, ...]],
    data_folder: Path | None = None,
    now: SeasonNow | None = None,
) -> Committee:
    """What may be told of a drawn plan; `groups` are those that the planner is shown.

    They must be the same: two tables of nearly the same people tell of the few between them.
    With `now`, what is expected today counts also what another plan sent and is still out.
    """
    plan = glance(drawn, data_folder)
    plan = plan if now is None else _today(plan, now)
    own = drawn.problem.target.definition
    split_told = not is_small(plan.proposals) and not is_small(plan.looking - plan.proposals)
    return Committee(
        office=office,
        district=district,
        season=season,
        on=on,
        plan=plan,
        outlook=outlook(drawn.problem, drawn.result.plan) if now is None else now.own.outlook,
        placed=_told(plan.placed),
        proposals=plan.proposals if split_told else None,
        rates=told_rates(plan.rates, own),
        municipalities=groups[Dimension.MUNICIPALITY],
        schools=groups[Dimension.SCHOOL],
        wishes=groups[Dimension.OCCUPATION],
        without=told_reasons(plan.without_reasons),
    )


def _today(plan: Glance, now: SeasonNow) -> Glance:
    """The head of a plan from the very figures that definitions and groups come from."""
    rate = now.own.rate
    return replace(
        plan,
        expected=rate.expected,
        rate=rate.rate,
        chance=rate.chance,
        honest=rate.chance_with_model_error,
        looking=now.looking,
        proposals=len(now.live.counted),
    )


def _told(count: int) -> int | None:
    return None if is_small(count) else count


def told_rates(rates: Sequence[Rate], own: str) -> tuple[ToldRate, ...]:
    """The rates as they may be told, the office's own definition in any case.

    Another definition is shown only if neither its base nor its placed differ from those of one
    that is shown by fewer than five people.
    """
    shown: list[Rate] = []
    for rate in sorted(rates, key=lambda rate: rate.definition != own):
        apart = all(
            not is_small(abs(rate.base - other.base))
            and not is_small(abs(rate.placed - other.placed))
            for other in shown
        )
        if not shown or (apart and not is_small(rate.placed)):
            shown.append(rate)
    return tuple(_told_rate(rate, rate in shown) for rate in rates)


def _told_rate(rate: Rate, shown: bool) -> ToldRate:
    placed = _told(rate.placed)
    own_told = not is_small(rate.own_finds) and not is_small(rate.placed - rate.own_finds)
    return ToldRate(
        definition=rate.definition,
        shown=shown,
        base=rate.base,
        placed=placed,
        own_finds=rate.own_finds if own_told else None,
        unknown=_told(rate.unknown),
        need=None if placed is None else rate.need,
        rate=None if placed is None else rate.rate,
        chance=rate.chance_with_model_error,
    )


def told_reasons(reasons: Sequence[Reason]) -> tuple[ToldReason, ...]:
    """The reasons as they may be told: those of a few people together, or not at all."""
    together = pooled([one.count for one in reasons])
    told = [
        ToldReason(one.reason, one.rule, one.count)
        for one, is_in in zip(reasons, together, strict=True)
        if not is_in
    ]
    rest = sum(one.count for one, is_in in zip(reasons, together, strict=True) if is_in)
    return (*told, ToldReason(None, None, rest)) if rest and not is_small(rest) else tuple(told)
