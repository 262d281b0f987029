"""Do people's rulings fit the district? Pins and bans of a list and of the store, held together.

Both count. Where the list and the store rule otherwise about the same pair, that is a fault which
names both: neither takes precedence unasked. A ruling of the store about somebody who no longer
looks for a place, or about a place that is offered no longer, rests: it is told and binds nobody.
What was declined or given up is proposed to nobody again until that answer is corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from data.intake.district_files import District
from data.intake.pins import PinList
from data.store.decisions import Ruling
from data.store.decisions import rulings as rulings_of
from data.store.doubles import heads_of
from data.store.grounds import objectors
from data.store.opening import Store
from data.store.turned_down import Pair, turned_down
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Bond, Pin
from matching.target import Standing
from office.drawing import ChanceModel, Drawn, Progress, draw


@dataclass(frozen=True, slots=True)
class Held:
    """What people decided that a plan keeps to.

    `bound` are rulings that bind it, `rested` those that bind nobody now: about people who look no
    longer or are left to people alone, places that are offered no longer, pins of what was turned
    down since. Pairs `turned_down` are proposed to nobody again; who is `by_hand` objected to
    being matched by a program.
    """

    bound: tuple[Ruling, ...] = ()
    rested: tuple[Ruling, ...] = ()
    turned_down: frozenset[Pair] = frozenset()
    by_hand: frozenset[str] = frozenset()


def draw_ruled(
    district: District,
    rulings: PinList | None,
    candidates: int,
    progress: Progress | None = None,
    kept: Held | None = None,
    model: ChanceModel | None = None,
) -> Drawn:
    """Draw a district's plan as people ruled; a fault of a ruling is told with its row or number.

    `kept` is what the store says of the season (`held`); chances come from the `model`, else from
    the scorecard.
    """
    kept = kept or Held()
    listed = () if rulings is None else rulings.pins
    pins = dict.fromkeys((*listed, *_pins(kept.bound), *_bans(kept.turned_down)))
    try:
        return draw(
            district,
            model,
            candidates=candidates,
            pins=tuple(pins),
            progress=progress,
            by_hand=kept.by_hand,
        )
    except FaultyInput as refusal:
        located = (_located(fault, rulings, kept.bound) for fault in refusal.faults)
        raise FaultyInput(tuple(located)) from None


def strangers(rulings: PinList, district: District) -> Iterator[Fault]:
    """Every ruling about a person or a place that the district does not have."""
    seekers = {seeker.id for seeker in district.seekers}
    places = {place.id for place in district.places}
    for pin, row in zip(rulings.pins, rulings.rows, strict=True):
        if pin.seeker not in seekers:
            yield Fault(Rule.SEEKER_UNKNOWN, rulings.file, row, "seeker", pin.seeker)
        if pin.place not in places:
            yield Fault(Rule.PLACE_UNKNOWN, rulings.file, row, "place", pin.place)


def left_to_people(store: Store) -> frozenset[str]:
    """Who objected to being matched by a program, by pseudonym."""
    with store.reading() as connection:
        return frozenset(objectors(connection, heads_of(connection)))


def held(store: Store, season: str, district: District) -> Held:
    """What the store says of a season's pairs and people."""
    ended = turned_down(store, season)
    by_hand = left_to_people(store)
    looking = {one.id for one in district.seekers if one.standing is Standing.LOOKING} - by_hand
    offered = {place.id for place in district.places}
    bind: list[Ruling] = []
    rest: list[Ruling] = []
    for one in rulings_of(store, season):
        if one.holds:
            is_over = one.bond is Bond.PIN and (one.seeker, one.place) in ended
            binds = one.seeker in looking and one.place in offered and not is_over
            (bind if binds else rest).append(one)
    pairs = frozenset(pair for pair in ended if pair[0] in looking and pair[1] in offered)
    return Held(tuple(bind), tuple(rest), pairs, by_hand)


def contrary(rulings: PinList, kept: Held) -> Iterator[Fault]:
    """Two faults for each pair that the list pins and the store bans, or the other way round.

    One for each pair that the list pins and that was turned down.
    """
    held = {(one.seeker, one.place): one for one in kept.bound}
    for pin, row in zip(rulings.pins, rulings.rows, strict=True):
        other = held.get((pin.seeker, pin.place))
        if pin.bond is Bond.PIN and (pin.seeker, pin.place) in kept.turned_down:
            yield Fault(Rule.TURNED_DOWN, rulings.file, row, "place", f"{pin.seeker} - {pin.place}")
        if other is not None and other.bond is not pin.bond:
            pair = f"{pin.seeker} - {pin.place}"
            yield Fault(Rule.PINNED_AND_BANNED, rulings.file, row, "bond", pair)
            yield Fault(Rule.PINNED_AND_BANNED, None, None, f"decision {other.id}", pair)


def by_heads(rulings: PinList, heads: dict[str, str]) -> PinList:
    """The same rulings, with people by the pseudonym that the engine knows them by."""
    pins = (replace(pin, seeker=heads.get(pin.seeker, pin.seeker)) for pin in rulings.pins)
    return replace(rulings, pins=tuple(pins))


def _bans(pairs: Iterable[Pair]) -> Iterator[Pin]:
    return (Pin(seeker, place, Bond.BAN) for seeker, place in sorted(pairs))


def _pins(kept: Iterable[Ruling]) -> Iterator[Pin]:
    for one in kept:
        if one.bond is not None:
            yield Pin(one.seeker, one.place, one.bond)


def _located(fault: Fault, rulings: PinList | None, kept: Iterable[Ruling]) -> Fault:
    """A fault of a pin, with the file and row where it stands, or the number of the decision."""
    if fault.rule is not Rule.PAIR_UNKNOWN:
        return fault

    def says(pin: Pin) -> bool:
        return pin.bond is Bond.PIN and f"{pin.seeker} - {pin.place}" == fault.value

    if rulings is not None:
        for pin, row in zip(rulings.pins, rulings.rows, strict=True):
            if says(pin):
                return replace(fault, file=rulings.file, row=row)
    numbers = (one.id for one, pin in zip(kept, _pins(kept), strict=True) if says(pin))
    number = next(numbers, None)
    return fault if number is None else replace(fault, column=f"decision {number}")
