"""Which names speak of what may never be a feature? Traits protected by law, in German and English.

After § 1 AGG (race, ethnic origin, sex, religion or belief, disability, age, sexual identity), Art.
9 GDPR (health, political opinion, union membership) and Art. 3 GG (language, homeland, faith), with
the columns by which lists give them away: names, salutation, places of birth, residence titles.
"""

from __future__ import annotations

import re

#: Parts of names, in the spelling of `plain`; any name that holds one is refused.
PARTS = (
    "religi", "konfession", "bekenntnis", "glaube", "church", "kirche", "belief", "weltanschau",
    "staatsang", "nationalit", "citizen", "migrat", "migrant", "aussiedler", "zuzug", "geburt",
    "birth", "countryof", "herkunft", "origin", "ethni", "hautfarbe", "muttersprache", "language",
    "mothertongue", "verkehrssprache", "geschlecht", "gender", "weiblich", "maennlich", "female",
    "behinder", "disab", "handicap", "foerderbedarf", "foerderschwerpunkt", "autis", "aosf",
    "specialneed", "health", "gesundheit", "krank", "diagnos", "illness", "pregnan", "schwanger",
    "anrede", "salutation", "vorname", "nachname", "firstname", "surname", "lastname", "asyl",
    "asylum", "refugee", "fluecht", "aufenthalt", "residencepermit",
    "sexual", "orientierung", "gewerkschaft", "partei", "political", "ausweis", "abstammung",
    "ancestry", "skincolour", "skincolor", "catholic", "katholi", "protestant", "evangelisch",
    "muslim", "islam", "jewish", "juedisch", "christian", "christlich",
)  # fmt: skip

#: Whole words; as parts they would stand in harmless names too.
WORDS = frozenset(
    {
        *("age", "alter", "sex", "race", "rasse", "nation", "nationality", "male", "mann", "frau"),
        *("man", "woman", "faith", "union", "jahrgang", "sprache", "gdb", "name", "heimat"),
    }
)

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_HUMP = re.compile(r"(?<=[a-zäöüß0-9])(?=[A-ZÄÖÜ])")


def is_protected(name: str) -> bool:
    """Whether a column of this name may never be a feature.

    Spelling does not help it: case, umlauts, humps and what stands between words don't count.
    """
    apart = _HUMP.sub(" ", name).lower().translate(_UMLAUTS)
    words = re.findall(r"[a-z0-9]+", apart)
    plain = "".join(words)
    return any(part in plain for part in PARTS) or not WORDS.isdisjoint({*words, plain})
