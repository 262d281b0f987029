"""Which districts are measured? Random sparse ones, made by a seed; everything is invented.

    python -m benchmarks.districts SIZE SEED FOLDER

writes the district to `FOLDER/pairs.parquet` and `FOLDER/places.parquet`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from matching.problem import Candidates, Place, Problem, Seeker

#: Wish values and how often they occur: most places were not wished for.
_WISHES = (1.0, 0.8, 0.6, 0.3, 0.0)
_OFTEN = (0.1, 0.1, 0.15, 0.25, 0.4)


def random_district(people: int, seed: int, each: int = 30) -> Problem:
    """A district where everybody has `each` possible places and may stay without one.

    There is one place for two people, with one to three openings: about one opening a person.
    The log-odds of a chance are the sum of a person's, a place's and a pair's normal draw. Where
    there are fewer than 60 places, everybody gets half of them.
    """
    random = np.random.default_rng(seed)
    sites = max(2, people // 2)
    openings = random.integers(1, 4, sites)
    each = min(each, sites // 2)
    place = _distinct(random, people, sites, each).ravel()
    seeker = np.repeat(np.arange(people, dtype=np.int32), each)
    odds = 0.8 * random.normal(size=people)[seeker] + 0.6 * random.normal(size=sites)[place]
    odds += 0.7 * random.normal(size=len(seeker)) - 0.6
    chance = np.clip(1 / (1 + np.exp(-odds)), 0.02, 0.9)
    wish = random.choice(_WISHES, len(seeker), p=_OFTEN)
    return Problem(
        tuple(Seeker(f"s{number:06d}") for number in range(people)),
        tuple(Place(f"p{number:06d}", int(n)) for number, n in enumerate(openings)),
        Candidates(seeker, place, chance, wish),
        invented=True,
    )


def _distinct(
    random: np.random.Generator, people: int, sites: int, each: int
) -> npt.NDArray[np.int32]:
    """Different places for everybody, sorted (people, each): whatever repeats is redrawn."""
    place = np.sort(random.integers(0, sites, (people, each), dtype=np.int32), axis=1)
    while True:
        again = np.zeros(place.shape, dtype=bool)
        again[:, 1:] = place[:, 1:] == place[:, :-1]
        if not again.any():
            return place
        place[again] = random.integers(0, sites, int(again.sum()), dtype=np.int32)
        place.sort(axis=1)


def write_files(problem: Problem, folder: Path) -> None:
    """Write `pairs.parquet` and `places.parquet`, ids as plain text, as other tools would."""
    candidates = problem.candidates

    def named(numbers: npt.NDArray[np.int32], ids: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(numbers, ids).cast(pa.string())

    pairs = {
        "seeker": named(candidates.seeker, [seeker.id for seeker in problem.seekers]),
        "place": named(candidates.place, [place.id for place in problem.places]),
        "chance": candidates.chance,
        "wish": candidates.wish,
    }
    places = {"place": [place.id for place in problem.places], "openings": problem.openings}
    pq.write_table(pa.table(pairs), folder / "pairs.parquet")
    pq.write_table(pa.table(places), folder / "places.parquet")


if __name__ == "__main__":
    write_files(random_district(int(sys.argv[1]), int(sys.argv[2])), Path(sys.argv[3]))
