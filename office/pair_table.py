"""Which columns may a chance model ask of possible pairs? One row a pair, NaN where not known.

They are those that the district's declaration names (`models/district.toml`). A column is made
when it is asked for: of millions of pairs none is held that no model reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.intake.season_facts import SeasonFacts, field_of
from matching.candidates import Found
from matching.problem import Place, Seeker

Column = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class PairTable(Mapping[str, Column]):
    """Columns by name, one row a pair; numbers but for `field` and `firm`, which hold words."""

    makers: Mapping[str, Callable[[], Column]]

    def __getitem__(self, name: str) -> Column:
        return self.makers[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self.makers)

    def __len__(self) -> int:
        return len(self.makers)


def features(
    seekers: Sequence[Seeker],
    places: Sequence[Place],
    found: Found,
    facts: SeasonFacts | None = None,
) -> PairTable:
    """The columns that a chance model may ask for.

    Without `facts` nothing is known of the season: competition, months left, and earlier proposals.
    `firm` is the employer as the list of places names them, blank where it names none.
    """
    makers: dict[str, Callable[[], Column]] = {
        "wish": lambda: found.wish,
        "fit": lambda: found.fit,
        "minutes": lambda: found.minutes,
        "certificate_margin": lambda: _margin(seekers, places, found),
        "applied_before": lambda: _known([s.applied_before for s in seekers])[found.seeker],
        "field": lambda: _words([field_of(p.occupation) for p in places])[found.place],
        "firm": lambda: _words([p.employer or "" for p in places])[found.place],
    }
    return PairTable(makers | _of_season(seekers, places, found, facts))


def _of_season(
    seekers: Sequence[Seeker],
    places: Sequence[Place],
    found: Found,
    facts: SeasonFacts | None,
) -> dict[str, Callable[[], Column]]:
    """What only the facts of the season tell, of places and of people."""
    if facts is None:
        names = ("mark", "competition", "months_left", "earlier_proposals", "accompanied")
        return dict.fromkeys(names, lambda: np.full(len(found.seeker), np.nan))
    rivals, sent, marks, helped = (
        facts.competition,
        facts.earlier_proposals,
        facts.marks,
        facts.accompanied,
    )
    return {
        "mark": lambda: _known([marks.get(s.id) for s in seekers])[found.seeker],
        "competition": lambda: _known([rivals.get(field_of(p.occupation)) for p in places])[
            found.place
        ],
        "months_left": lambda: _known([facts.months_left(p.starts) for p in places])[found.place],
        "earlier_proposals": lambda: _known([sent.get(s.id, 0) for s in seekers])[found.seeker],
        "accompanied": lambda: _known([helped.get(s.id) for s in seekers])[found.seeker],
    }


def _margin(seekers: Sequence[Seeker], places: Sequence[Place], found: Found) -> Column:
    """How far the certificate lies above what is asked; no requirement is the lowest one."""
    certificate = _known([s.certificate for s in seekers])
    requires = np.array([0 if p.requires is None else p.requires for p in places])
    return np.asarray(certificate[found.seeker] - requires[found.place])


def _known(values: Sequence[float | None]) -> Column:
    """Numbers, NaN for what is not known."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _words(values: Sequence[str]) -> Column:
    """Words as objects: a row holds a reference to its word and no copy of it."""
    return np.array(values, dtype=object)
