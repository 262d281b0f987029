"""Do people's rulings fit the district? Pins and bans of a list and of the store, held together.

Both count. Where the list and the store rule otherwise about the same pair, that is a fault which
names both: neither takes precedence unasked. A ruling of the store about somebody who no longer
looks for a place, or about a place that is offered no longer, rests: it is told and binds nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from data.intake.district_files import District
from data.intake.pins import PinList
from data.store.decisions import Ruling
from matching.errors import Fault, FaultyInput, Rule
from matching.problem import Bond, Pin
from matching.target import Standing
from office.drawing import Drawn, Progress, draw


def draw_ruled(
    district: District,
    rulings: PinList | None,
    candidates: int,
    progress: Progress | None = None,
    kept: Sequence[Ruling] = (),
) -> Drawn:
    """Draw a district's plan as people ruled; a fault of a ruling is told with its row or number.

    `kept` are rulings of the store that hold and do not rest.
    """
    listed = () if rulings is None else rulings.pins
    pins = dict.fromkeys((*listed, *_pins(kept)))
    try:
        return draw(district, candidates=candidates, pins=tuple(pins), progress=progress)
    except FaultyInput as refusal:
        located = (_located(fault, rulings, kept) for fault in refusal.faults)
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


def parted(
    rulings: Iterable[Ruling], district: District
) -> tuple[tuple[Ruling, ...], tuple[Ruling, ...]]:
    """The store's rulings that bind this plan, and those that rest."""
    looking = {one.id for one in district.seekers if one.standing is Standing.LOOKING}
    offered = {place.id for place in district.places}
    bind: list[Ruling] = []
    rest: list[Ruling] = []
    for one in rulings:
        if one.holds:
            (bind if one.seeker in looking and one.place in offered else rest).append(one)
    return tuple(bind), tuple(rest)


def contrary(rulings: PinList, kept: Iterable[Ruling]) -> Iterator[Fault]:
    """Two faults for each pair that the list pins and the store bans, or the other way round."""
    held = {(one.seeker, one.place): one for one in kept}
    for pin, row in zip(rulings.pins, rulings.rows, strict=True):
        other = held.get((pin.seeker, pin.place))
        if other is not None and other.bond is not pin.bond:
            pair = f"{pin.seeker} - {pin.place}"
            yield Fault(Rule.PINNED_AND_BANNED, rulings.file, row, "bond", pair)
            yield Fault(Rule.PINNED_AND_BANNED, None, None, f"decision {other.id}", pair)


def by_heads(rulings: PinList, heads: dict[str, str]) -> PinList:
    """The same rulings, with people by the pseudonym that the engine knows them by."""
    pins = (replace(pin, seeker=heads.get(pin.seeker, pin.seeker)) for pin in rulings.pins)
    return replace(rulings, pins=tuple(pins))


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
