"""What may a chance model ask of a season beside its people and places? Facts of one day.

Competition is reckoned as the invented past reckons it (`data.sample.history`): all wishes for a
field of occupations (the first digit of the KldB 2010) for each opening offered in it. There, every
place has a luck of its own beside its field's figure, standing for what lies near; here all places
of a field have the same one. There, everybody names three wishes; here some name fewer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from matching.problem import Place, Seeker

#: The mean length of a month in days, over four years.
_DAYS_A_MONTH = 1461 / 48


@dataclass(frozen=True, slots=True)
class SeasonFacts:
    """What is known of a season on the day `on`, when a plan is drawn.

    `starts` is the first day of training, where a place says no other. `competition` is there for
    each field that is offered, in wishes for each opening. `earlier_proposals` counts what was
    sent to a person this season (nobody in it: nothing was). `marks` (average of the last report,
    1 best) and `accompanied` hold those of whom it is known, by the seeker's id.
    """

    on: date
    starts: date
    competition: Mapping[str, float]
    earlier_proposals: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[str, float] = field(default_factory=dict)
    accompanied: Mapping[str, bool] = field(default_factory=dict)

    def months_left(self, starts: date | None = None) -> float:
        """The months from the day of drawing until training starts, never less than none."""
        return max(0, ((starts or self.starts) - self.on).days) / _DAYS_A_MONTH


def facts_of(
    seekers: Iterable[Seeker],
    places: Iterable[Place],
    on: date,
    starts: date,
    *,
    openings: Mapping[str, int] | None = None,
    earlier_proposals: Mapping[str, int] | None = None,
) -> SeasonFacts:
    """The facts of a season's people and places on a day.

    Everybody's wishes count, whatever became of the person: the figure is the season's, not the
    day's. So `openings` are those that places offered in all, by id, contracts or not; of a place
    that is not in it its own count.
    """
    known = openings or {}
    offered: Counter[str] = Counter()
    for place in places:
        offered[field_of(place.occupation)] += known.get(place.id, place.openings)
    wished = Counter(field_of(code) for seeker in seekers for code in seeker.wishes)
    competition = {
        name: round(wished[name] / max(count, 1), 2) for name, count in offered.items() if name
    }
    return SeasonFacts(on, starts, competition, earlier_proposals or {})


def field_of(code: str | None) -> str:
    """The field of an occupation: the first digit of its KldB 2010 code; blank where not known."""
    return (code or "")[:1]
