"""Does every request of the desk reach whom it may reach, and nobody else? Each is really made.

The matrix is made from the desk itself: every public method, asked by every role about a record of
their own, of another school or counselor, and of nobody. A method that comes in without a right,
or that looks at a record without asking whose it is, fails here.
"""

from __future__ import annotations

import dataclasses
import inspect
import runpy
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from data.intake.records import ContactStatus
from matching.errors import FaultyInput, Refused, Rule, UebergangError
from office.access import OF_NO_SCHOOL, RIGHTS, Role, User
from office.counseling_desk import Answer, Sender
from office.desk import Desk
from office.desk_rights import FREE, asked_of, requests
from office.drafts import DRAFTS
from tests.office.records import LENA, SCHOOL, THEIRS, USERS, House, Record, filled, said
from tests.store.districts import ONE, OTHER

METHODS = {name: method for name, method in requests(Desk).items() if name not in FREE}
ASKED = asked_of(Desk)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return filled(tmp_path_factory.mktemp("house"))


@pytest.fixture
def desk(house: House) -> Iterator[Desk]:
    house.anew()
    desk = Desk(house.settings)
    yield desk
    desk.close()
    for user in USERS.values():
        for school in (ONE, OTHER):
            DRAFTS.drop(user.name, school)


# What is handed over ------------------------------------------------------------------------------

#: The parameters that name a record.
OF_RECORD = ("pseudonym", "seeker", "import_id", "entry_id")


def named_by(method: Callable[..., object]) -> frozenset[str]:
    """The parameters that must be given and name a record."""
    parameters = inspect.signature(method).parameters
    return frozenset(n for n in OF_RECORD if n in parameters and not _is_optional(parameters[n]))


def _is_optional(parameter: inspect.Parameter) -> bool:
    return parameter.default is not inspect.Parameter.empty


def told(
    house: House, method: Callable[..., object], record: Record, **instead: object
) -> dict[str, Any]:
    """The arguments of a request about a record: all that must be given, and the school."""
    of_record = {
        "pseudonym": record.person,
        "seeker": record.person,
        "import_id": record.imported,
        "entry_id": record.entry,
        "school": record.school,
    }
    known: dict[str, Any] = {
        **of_record,
        **house.facts,
        "before": house.facts["plan"],
        "after": house.facts["plan"],
        "answer": Answer(house.facts["place"], ContactStatus.APPLIED, date.today()),
        "sender": Sender("Amt", "Weg 1", "33330 Gütersloh", "05241 0", "rat@example.org"),
        "file": house.folder / "out.csv",
        "fit": 1,
        "giver": "lena",
        "to": "karl",
        "kind": "csv",
        "kldb": "25212",
        "reason": "weil",
        "roles": (Role.PLANNER,),
        "sources": (house.folder / "keine.csv",),
        "files": (("liste.csv", b"Nachname;Vorname\nErfunden;Kim\n"),),
        "status": "sent",
        "name": "paula",
    } | instead
    found: dict[str, Any] = {}
    hints = _hints(method)
    for name, parameter in inspect.signature(method).parameters.items():
        if name in {"self", "by"} or (_is_optional(parameter) and name not in {"school", *instead}):
            continue
        hint = hints.get(name)
        fits = name in known and not (inspect.isclass(hint) and issubclass(hint, Enum))
        found[name] = known[name] if fits else _any(hint, house.folder)
    if "kind" in found and get_origin(hints.get("kind")) is Literal:
        found["kind"] = get_args(hints["kind"])[0]
    return found


def _hints(method: Callable[..., object]) -> dict[str, Any]:
    return inspect.get_annotations(inspect.unwrap(method), eval_str=True)


def _any(hint: Any, folder: Path) -> Any:
    """Some value of a type; `None` where only a test could know one."""
    simple = {str: "x", int: 1, bytes: b"x", bool: True, Path: folder / "x.csv"}
    if hint in simple:
        return simple[hint]
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return next(iter(hint))
    if dataclasses.is_dataclass(hint):
        return _made(hint)
    return {} if get_origin(hint) is Mapping else None


def _made(kind: Any) -> Any:
    try:
        return kind()
    except TypeError:
        return None


def asked(desk: Desk, name: str, by: User, arguments: Mapping[str, Any]) -> tuple[bool, object]:
    """Whether a request is let through by its rights, and what it gives."""
    before = set(threading.enumerate())
    try:
        return True, getattr(desk, name)(**arguments, by=by)
    except Refused:
        return False, None
    except (UebergangError, OSError) as refusal:
        return True, refusal
    finally:
        for thread in set(threading.enumerate()) - before:
            # A timer waits for its hour; whoever else was started is waited for.
            waits = isinstance(thread, threading.Timer) or (thread.daemon and "gate" in thread.name)
            if not waits:
                thread.join(20)


def is_lost(result: object, arguments: Mapping[str, Any]) -> bool:
    """Whether a request found no such record: then it tells nothing of rights."""
    lost = {Rule.SEEKER_UNKNOWN, Rule.PLAN_UNKNOWN, Rule.RUN_UNKNOWN}
    # Whoever takes back what was written down last may come when nothing is left of it.
    lost |= {Rule.IMPORT_UNKNOWN} if "import_id" in arguments else set()
    return isinstance(result, FaultyInput) and any(one.rule in lost for one in result.faults)


# What is expected ---------------------------------------------------------------------------------


def may_ask(user: User, name: str, record: Record | None, school: str | None) -> bool:
    """The rule in other words than `office.access` has: from role to what it reaches."""
    declared = ASKED[name]
    assert declared is not None
    if user.is_operator:
        return True
    of_person = {"pseudonym", "seeker"} & set(inspect.signature(METHODS[name]).parameters)
    for role in user.roles:
        if declared.right not in RIGHTS[role]:
            continue
        if declared.right in OF_NO_SCHOOL or role in {Role.PLANNER, Role.ADMIN}:
            return True
        if role is Role.SCHOOL and school is not None and school in user.schools:
            return True
        if role is Role.COUNSELOR:
            mine = record is None or record.counselor in (None, user.name)
            if mine or not of_person:
                return True
    return False


def cases(house: House, name: str) -> Iterator[tuple[str, Record | None, dict[str, Any], Any]]:
    """Each record that a request may be about: what it is, its arguments, and whose it is."""
    method = METHODS[name]
    parameters = inspect.signature(method).parameters
    of_record, has_school = named_by(method), "school" in parameters
    if not of_record and not has_school:
        record = house.records["own"]
        yield "no record", None, told(house, method, record), None
        return
    for what, record in house.records.items():
        meant = record if of_record else None
        yield what, meant, told(house, method, record), record.school
    if has_school and not of_record and _is_optional(parameters["school"]):
        yield "every school", None, told(house, method, record, school=None), None


# The matrix ---------------------------------------------------------------------------------------


def test_every_request_names_its_right() -> None:
    assert sorted(name for name, right in ASKED.items() if right is None) == []
    assert len(METHODS) > 100, "the desk has fewer requests than it had: are they all found?"


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_request_reaches_whom_it_may_and_nobody_else(house: House, desk: Desk, name: str) -> None:
    """First everybody who may not, and nothing changes, not even the log; then who may."""
    declared = ASKED[name]
    assert declared is not None
    before = house.dump()
    let_in = []
    for what, record, arguments, school in cases(house, name):
        for who, user in USERS.items():
            if may_ask(user, name, record, school):
                let_in.append((what, who, user, arguments))
                continue
            through, _ = asked(desk, name, user, arguments)
            assert not through, f"{name} of {what} is open to {who}"
    assert house.dump() == before, f"{name} was refused and changed the store"
    assert let_in, f"{name} is open to nobody"
    for what, who, user, arguments in let_in:
        through, result = asked(desk, name, user, arguments)
        assert through, f"{name} of {what} is shut to {who}"
        lost = user.is_operator and is_lost(result, arguments)
        assert not lost, f"{name} was asked about no real record"
        if user in (SCHOOL, LENA):
            assert THEIRS not in said(result), f"{name} tells {who} of another school's people"
        if declared.inside or declared.school:
            desk.close()
            house.anew()


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, declared in ASKED.items()
        if declared is not None and declared.school and named_by(METHODS[name])
    ),
)
def test_a_record_of_another_school_is_not_there(house: House, desk: Desk, name: str) -> None:
    """An edited request: the own school, and the number of somebody else's record."""
    record = house.records["other's"]
    arguments = told(house, METHODS[name], record, school=ONE)
    for user in (SCHOOL, USERS["operator"]):
        with pytest.raises(FaultyInput):
            getattr(desk, name)(**arguments, by=user)


@pytest.mark.parametrize("name", ["quarantined", "waiting_page"])
def test_an_import_of_another_school_gives_no_rows(house: House, desk: Desk, name: str) -> None:
    """The same where the record only narrows what is asked for."""
    if name not in METHODS:
        pytest.skip("not asked for any more")
    record = house.records["other's"]
    instead: dict[str, object] = {"school": ONE, "import_id": record.imported}
    if "with_cells" in inspect.signature(METHODS[name]).parameters:
        instead["with_cells"] = True
    through, result = asked(desk, name, SCHOOL, told(house, METHODS[name], record, **instead))
    assert through and THEIRS not in said(result)


def test_the_page_of_rights_says_what_the_desk_asks() -> None:
    """`python docs/rights.py` writes it anew."""
    script = runpy.run_path(str(Path(__file__).parents[2] / "docs/rights.py"))
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"]()
