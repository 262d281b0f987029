"""Who may do what? Roles, rights, and the one place where it is decided.

A right is one thing that may be asked of the desk. `RIGHTS` says which role has which; a user of a
school reaches the pupils of their own schools and nobody else's. Whoever may use the machine's
shell is the house's operator (`User.operator`).

A desk method names its right where it stands: `@asks(Right.HAND_IN_PUPILS, school="school")`. Then
nobody gets past it without a user who has that right, for that school.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar

from matching.errors import Refused

P = ParamSpec("P")
T = TypeVar("T")


class Role(StrEnum):
    """What somebody is here for."""

    SCHOOL = "school"
    COUNSELOR = "counselor"
    PLANNER = "planner"
    ADMIN = "admin"


class Right(StrEnum):
    """One thing that may be asked of the desk."""

    # What comes in
    HAND_IN_PUPILS = "hand_in_pupils"
    HAND_IN_PLACES = "hand_in_places"
    HAND_IN_OUTCOMES = "hand_in_outcomes"
    HAND_IN_CONTACTS = "hand_in_contacts"
    SEE_IMPORTS = "see_imports"
    UNDO_IMPORTS = "undo_imports"
    SEE_WAITING_ROWS = "see_waiting_rows"
    SETTLE_WAITING_ROWS = "settle_waiting_rows"
    SETTLE_DUPLICATES = "settle_duplicates"
    SETTLE_TITLES = "settle_titles"
    TAKE_TEMPLATE = "take_template"
    # The plans of a season
    DRAW_PLANS = "draw_plans"
    SEE_PLANS = "see_plans"
    PUBLISH_PLANS = "publish_plans"
    SEE_TARGET = "see_target"
    MONITOR_DECISIONS = "monitor_decisions"
    PROPOSE = "propose"
    RULE = "rule"
    SEE_RUNS = "see_runs"
    # One person's way
    SEE_CASELOAD = "see_caseload"
    KEEP_CASES = "keep_cases"
    HAND_OVER_CASES = "hand_over_cases"
    SEE_PERSON = "see_person"
    RECORD_CONTACT = "record_contact"
    WRITE_LETTERS = "write_letters"
    SET_SENDER = "set_sender"
    # What is held of people
    SEE_PUPILS = "see_pupils"
    CORRECT_PUPILS = "correct_pupils"
    EXPORT_PEOPLE = "export_people"
    REPORT_PERSON = "report_person"
    WITHDRAW_PERSON = "withdraw_person"
    FORGET_PERSON = "forget_person"
    # The house itself
    CHECK_LOG = "check_log"
    RUN_RETENTION = "run_retention"
    BACK_UP = "back_up"
    RESTORE = "restore"
    SET_REFERENCE = "set_reference"
    KEEP_USERS = "keep_users"
    SET_SWITCHES = "set_switches"
    # Where chances come from
    SEE_MODELS = "see_models"
    KEEP_MODELS = "keep_models"
    SWITCH_TO_MANUAL = "switch_to_manual"


#: Which role may ask for what. A school's rights end at its own pupils.
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.SCHOOL: frozenset(
        {
            Right.HAND_IN_PUPILS,
            Right.HAND_IN_OUTCOMES,
            Right.SEE_IMPORTS,
            Right.UNDO_IMPORTS,
            Right.SEE_WAITING_ROWS,
            Right.SETTLE_WAITING_ROWS,
            Right.TAKE_TEMPLATE,
            Right.SEE_PUPILS,
            Right.CORRECT_PUPILS,
            Right.EXPORT_PEOPLE,
            Right.WITHDRAW_PERSON,
        }
    ),
    Role.COUNSELOR: frozenset(
        {
            Right.HAND_IN_OUTCOMES,
            Right.HAND_IN_CONTACTS,
            Right.SETTLE_DUPLICATES,
            Right.TAKE_TEMPLATE,
            Right.SEE_PLANS,
            Right.PROPOSE,
            Right.RULE,
            Right.SEE_CASELOAD,
            Right.KEEP_CASES,
            Right.SEE_PERSON,
            Right.RECORD_CONTACT,
            Right.WRITE_LETTERS,
            Right.SET_SENDER,
            Right.REPORT_PERSON,
            Right.WITHDRAW_PERSON,
        }
    ),
    Role.PLANNER: frozenset(
        {
            Right.HAND_IN_PLACES,
            Right.SETTLE_TITLES,
            Right.SEE_IMPORTS,
            Right.DRAW_PLANS,
            Right.SEE_PLANS,
            Right.PUBLISH_PLANS,
            Right.SEE_TARGET,
            Right.MONITOR_DECISIONS,
            Right.HAND_OVER_CASES,
            Right.SEE_RUNS,
            Right.SEE_MODELS,
            Right.SWITCH_TO_MANUAL,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Right.SEE_IMPORTS,
            Right.UNDO_IMPORTS,
            Right.SEE_WAITING_ROWS,
            Right.SEE_RUNS,
            Right.HAND_OVER_CASES,
            Right.SET_SENDER,
            Right.FORGET_PERSON,
            Right.CHECK_LOG,
            Right.RUN_RETENTION,
            Right.BACK_UP,
            Right.RESTORE,
            Right.SET_REFERENCE,
            Right.KEEP_USERS,
            Right.SET_SWITCHES,
            Right.SEE_MODELS,
            Right.KEEP_MODELS,
            Right.SWITCH_TO_MANUAL,
        }
    ),
}

#: Rights that touch nobody's data, so that it does not matter whose pupils are meant.
OF_NO_SCHOOL = frozenset({Right.TAKE_TEMPLATE})


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who asks: their name, what they are here for, and the schools they speak for.

    `schools` narrows `Role.SCHOOL` alone; the other roles stand for the whole district. A user of
    that role without a school reaches nobody.
    """

    name: str
    roles: frozenset[Role]
    schools: frozenset[str] = frozenset()
    is_operator: bool = field(default=False, kw_only=True)

    @classmethod
    def operator(cls, name: str) -> User:
        """Whoever may use the machine's shell: an administrator with every right."""
        return cls(name, frozenset({Role.ADMIN}), is_operator=True)


def rights_of(user: User) -> frozenset[Right]:
    """All that a user may ask for somewhere."""
    if user.is_operator:
        return frozenset(Right)
    return frozenset(right for role in user.roles for right in RIGHTS[role])


def reach(user: User, right: Right) -> frozenset[str] | None:
    """The schools whose pupils a user reaches by a right; `None` for every school's.

    Raises `Refused` for somebody who has the right nowhere.
    """
    roles = {role for role in user.roles if right in RIGHTS[role]}
    if user.is_operator or roles - {Role.SCHOOL}:
        return None
    if not roles or (not user.schools and right not in OF_NO_SCHOOL):
        raise Refused(right.value)
    return user.schools


def require(user: User, right: Right, school: str | None = None) -> None:
    """Let pass who may ask for this of that school's pupils, or of everybody's where it is `None`.

    Raises `Refused` for everybody else.
    """
    schools = reach(user, right)
    if schools is None or right in OF_NO_SCHOOL or school in schools:
        return
    raise Refused(right.value, school)


def require_person(
    user: User, right: Right, schools: frozenset[str], counselor: str | None
) -> None:
    """Let pass who may ask for this of one person.

    `schools` are those whose lists name the person, `counselor` is who looks after them. A school
    reaches its own pupils; a counselor the people whom they or nobody looks after; whoever has the
    right by another role reaches everybody. Raises `Refused` for everybody else.
    """
    reach(user, right)
    roles = {role for role in user.roles if right in RIGHTS[role]}
    if user.is_operator or roles - {Role.SCHOOL, Role.COUNSELOR}:
        return
    if Role.COUNSELOR in roles and counselor in (None, user.name):
        return
    if Role.SCHOOL in roles and user.schools & schools:
        return
    raise Refused(right.value)


def may(user: User, right: Right, school: str | None = None) -> bool:
    """Whether `require` would let them pass: to leave out what would be refused."""
    try:
        require(user, right, school)
    except Refused:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Asked:
    """What a desk method asks for: its right, and how it is known whose pupils are meant.

    `school` is the parameter that names the school. With `inside` it is known only when the record
    is there: at the door the right alone counts, and the method itself calls `require`.
    """

    right: Right
    school: str | None = None
    inside: bool = False


def asks(
    right: Right, school: str | None = None, *, inside: bool = False
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Declare the right that a desk method asks for, and hold everybody to it.

    The method takes `by`, the `User` who asks. Raises `TypeError` where it lacks that parameter or
    the one that names the school, and when `by` is no `User`.
    """

    def declare(method: Callable[P, T]) -> Callable[P, T]:
        signature = inspect.signature(method)
        for name in ("by", *(() if school is None else (school,))):
            if name not in signature.parameters:
                raise TypeError(f"{method.__qualname__} takes no {name}")

        @wraps(method)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            user = given.arguments["by"]
            if not isinstance(user, User):
                raise TypeError(f"{method.__qualname__} was asked by no user")
            if inside:
                reach(user, right)
            else:
                require(user, right, None if school is None else given.arguments[school])
            return method(*args, **kwargs)

        guarded.asked = Asked(right, school, inside)  # type: ignore[attr-defined]
        return guarded

    return declare


def asked_by(method: object) -> Asked | None:
    """What a method declares that it asks for, if it declares anything."""
    found = getattr(method, "asked", None)
    return found if isinstance(found, Asked) else None
