"""What does a written result claim? Read from `result.json`, believed in nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from data.intake.target_file import parse_share
from matching.errors import Fault, FaultyInput, Rule
from matching.plan import Aim, Reach, Serve, Status
from matching.problem import Bond, Pin
from matching.target import Target

RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a plan that serves wishes must keep: a confidence, or else expected placements."""

    confidence: float | None = None
    min_expected: float | None = None


@dataclass(frozen=True, slots=True)
class Claims:
    """What a `result.json` says, as far as a recount needs it; `told` is all of it.

    `condition` is that of a plan that serves wishes, `None` for any other.
    """

    target: Target
    spread: float
    aim: Aim
    condition: Condition | None
    pins: tuple[Pin, ...]
    bound: float
    gap: float
    held_back: frozenset[str]
    told: Mapping[str, Any]


def read_claims(path: Path) -> Claims | None:
    """What a result says, or `None` where there is none.

    Raises `FaultyInput` if it is broken, or says that no plan is possible.
    """
    if not path.exists():
        return None
    key = "target"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.get("status") == Status.IMPOSSIBLE.value:
            raise FaultyInput((Fault(Rule.NO_PLAN_TO_CHECK, column="status"),))
        target = told[key]
        share = parse_share(str(target["share"]))
        counted = Target(
            share=share,
            base=int(target["base"]),
            placed=int(target["placed"]),
            confidence=float(target["confidence"]),
        )
        spread = _size(target.get("spread", 0.0))
        key = "aim"
        aim = _aim(told[key])
        condition = _condition(told[key]["condition"]) if isinstance(aim, Serve) else None
        key = "pins"
        pins = tuple(
            Pin(str(pin["seeker"]), str(pin["place"]), Bond(pin["bond"]))
            for pin in told.get(key, [])
        )
        key = "held_back"
        held_back = frozenset(map(str, told.get(key, [])))
        key = "bound"
        bound = _size(told[key])
        key = "gap"
        gap = _size(told[key])
    except FaultyInput as faulty:
        named = (replace(fault, file=str(path)) for fault in faulty.faults)
        raise FaultyInput(tuple(named)) from None
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
    ):
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, str(path), column=key),)) from None
    return Claims(counted, spread, aim, condition, pins, bound, gap, held_back, told)


def _size(told: Any) -> float:
    """A number that is finite and not negative, or else `ValueError`."""
    size = float(told)
    if not isfinite(size) or size < 0:
        raise ValueError(told)
    return size


def _aim(told: Mapping[str, Any]) -> Aim:
    if told["maximised"] == "expected":
        return Reach()
    if told["maximised"] == "wishes":
        # Only with a multiplier of at least 0 do prices bound the wishes.
        return Serve(_size(told["multiplier"]), _size(told["min_expected"]))
    raise ValueError(told["maximised"])


def _condition(told: Mapping[str, Any]) -> Condition:
    """One of the two, or else `ValueError`."""
    if set(told) == {"confidence"}:
        return Condition(confidence=_size(told["confidence"]))
    if set(told) == {"min_expected"}:
        return Condition(min_expected=_size(told["min_expected"]))
    raise ValueError(told)
