"""How are models of chances said on the pages? Features, drift, promises, groups, switches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.store.chance_models import SwitchLine, To
from models.drift import Held, Verdict
from models.gaps import Measure
from models.gaps import Verdict as GapVerdict
from office.words import Language, say
from office.words.learning import kind_words, known_words

_FEATURES: Mapping[str, str] = {
    "wish": "worth of the wish",
    "fit": "nearness to the wishes",
    "minutes": "minutes to the place",
    "certificate_margin": "certificate above the requirement",
    "mark": "average of the last report",
    "competition": "wishes for each opening",
    "months_left": "months until training starts",
    "earlier_proposals": "earlier proposals this season",
    "applied_before": "an application in an earlier year",
    "accompanied": "support on the way",
    "field": "occupational area",
}

_DRIFT: Mapping[Verdict, str] = {
    Verdict.ALIKE: "as before",
    Verdict.MOVED: "somewhat different",
    Verdict.SHIFTED: "very different",
    Verdict.TOO_FEW: "too few to tell",
}

_HELD: Mapping[Held, str] = {
    Held.HELD: "held",
    Held.SEASON: "as far off as seasons differ",
    Held.BROKEN: "not held",
}

_MEASURES: Mapping[Measure, str] = {
    Measure.PROMISED: "promised beyond what came",
    Measure.STARTED_ALIKE: "started, at equal features",
    Measure.MISSED: "missed, beyond what the chances let expect",
    Measure.CHOSEN_ALIKE: "chosen, at equal features",
}

_GAPS: Mapping[GapVerdict, str] = {
    GapVerdict.FLAGGED: "flagged",
    GapVerdict.WITHIN: "within the tolerance",
    GapVerdict.OPEN: "can’t be told",
    GapVerdict.TOO_FEW: "too few to tell",
}

_SWITCHES: Mapping[To, str] = {
    To.SCORECARD: "scorecard put in force",
    To.MANUAL_ON: "chances switched off",
    To.MANUAL_OFF: "chances switched on again",
}

#: Features of which a plan, being of one day, never looks like the whole of past seasons.
OF_ONE_DAY = frozenset({"months_left", "earlier_proposals"})


def feature_words(name: str, language: Language) -> str:
    """What a feature is, for a reader; one of another declaration keeps its column's name."""
    words = _FEATURES.get(name)
    return name if words is None else say(words, language)


def drift_words(verdict: Verdict, language: Language) -> str:
    """How far something is from the past, for a reader."""
    return say(_DRIFT[verdict], language)


def held_words(verdict: Held, language: Language) -> str:
    """Whether a promise was held, for a reader."""
    return say(_HELD[verdict], language)


def measure_words(measure: Measure, language: Language) -> str:
    """What is compared between groups, for a reader."""
    return say(_MEASURES[measure], language)


def gap_words(verdict: GapVerdict, language: Language) -> str:
    """What may be said of a group's distance, for a reader."""
    return say(_GAPS[verdict], language)


def group_words(traits: Sequence[str], labels: Sequence[str | None], language: Language) -> str:
    """A group by its traits: sex: female × certificate: none."""
    rest = say("several small groups", language)
    pairs = zip(traits, labels, strict=True)
    return " × ".join(f"{trait}: {rest if label is None else label}" for trait, label in pairs)


def switch_words(line: SwitchLine, language: Language) -> str:
    """What was switched, for a reader."""
    if line.to is To.MODEL:
        return say("model {number} put in force", language, number=line.model)
    return say(_SWITCHES[line.to], language)


def nature_words(kind: str, known: str, language: Language) -> str:
    """What a feature's values are, and when they are known."""
    return f"{kind_words(kind, language)}; {known_words(known, language)}"
