"""Who works here? Users, their roles and their first passwords, from the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from office.access import Role, User
from office.commands.door import By, Db, Json, Reader, actor, answer, at_the_door
from office.words import Language, day, say

if TYPE_CHECKING:
    from rich.table import Table

    from data.store.accounts import Account
    from office.users_desk import UsersDesk

Name = Annotated[str, typer.Argument(metavar="NAME")]
Roles = Annotated[list[Role], typer.Option("--role", help="What they are here for; repeatable.")]
Schools = Annotated[
    list[str] | None,
    typer.Option("--school", metavar="NUMBER", help="A school that they speak for; repeatable."),
]

_ROLES: dict[Role, str] = {
    Role.SCHOOL: "school",
    Role.COUNSELOR: "counseling",
    Role.PLANNER: "planning",
    Role.ADMIN: "administration",
}


def role_words(role: Role, language: Language) -> str:
    """What a role is called."""
    return say(_ROLES[role], language)


def add_user(
    name: Name,
    role: Roles,
    school: Schools = None,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Take in a user, and show a password for one time."""
    with _users(db, as_json) as desk:
        password = desk.add_user(name, role, _operator(by), school or ())
    _tell_password(name, password, as_json)


def renew_password(name: Name, db: Db = None, as_json: Json = False, by: By = None) -> None:
    """Give a user another password for one time, and end all that they have open."""
    with _users(db, as_json) as desk:
        password = desk.renew_password(name, _operator(by))
    _tell_password(name, password, as_json)


def list_users(db: Db = None, as_json: Json = False) -> None:
    """Show who works here, and as what."""
    language = Reader.language()
    with _users(db, as_json) as desk:
        found = desk.users(_operator(None))
    told = {"users": [_facts(one) for one in found]}
    answer(told, lambda: _table(found, language), as_json)


def set_roles(
    name: Name,
    role: Roles,
    school: Schools = None,
    db: Db = None,
    as_json: Json = False,
    by: By = None,
) -> None:
    """Give a user these roles and no others."""
    language = Reader.language()
    with _users(db, as_json) as desk:
        changed = desk.set_roles(name, role, _operator(by), school or ())
    words = say(
        "{name} is now here for: {roles}", language, name=name, roles=_as(changed, language)
    )
    answer(_facts(changed), lambda: words, as_json)


def shut_out(name: Name, db: Db = None, as_json: Json = False, by: By = None) -> None:
    """Switch a user off; all that they have open ends at once, and nothing is deleted."""
    with _users(db, as_json) as desk:
        desk.shut_out(name, _operator(by))
    words = say("{name} is switched off and signed out everywhere.", Reader.language(), name=name)
    answer({"name": name, "active": False}, lambda: words, as_json)


def let_back_in(name: Name, db: Db = None, as_json: Json = False, by: By = None) -> None:
    """Switch a user on again."""
    with _users(db, as_json) as desk:
        desk.let_back_in(name, _operator(by))
    words = say("{name} is switched on again.", Reader.language(), name=name)
    answer({"name": name, "active": True}, lambda: words, as_json)


@contextmanager
def _users(db: str | None, as_json: bool) -> Iterator[UsersDesk]:
    with at_the_door(Reader.language(), as_json):
        from office.settings import Settings
        from office.users_desk import UsersDesk

        settings = Settings()
        desk = UsersDesk(settings if db is None else replace(settings, database=db))
        try:
            yield desk
        finally:
            desk.close()


def _operator(by: str | None) -> User:
    return actor(by)


def _tell_password(name: str, password: str, as_json: bool) -> None:
    language = Reader.language()

    def words() -> str:
        shown = say("Password of {name}, for one time: {password}", language, name=name,
                    password=password)  # fmt: skip
        more = "It is shown only now, holds for seven days, and must be changed at the first use."
        return f"{shown}\n{say(more, language)}"

    answer({"name": name, "one_time_password": password}, words, as_json)


def _facts(one: Account) -> dict[str, object]:
    return {
        "name": one.name,
        "roles": sorted({grant.role for grant in one.grants}),
        "schools": sorted(grant.school for grant in one.grants if grant.school),
        "active": one.active,
        "one_time_password": one.one_time,
        "signs_in_at": one.issuer,
        "changed_at": one.changed_at.isoformat(timespec="seconds"),
    }


def _as(one: Account, language: Language) -> str:
    roles = [
        role_words(Role(grant.role), language) + (f" {grant.school}" if grant.school else "")
        for grant in one.grants
        if grant.role in set(Role)
    ]
    return ", ".join(roles)


def _table(found: tuple[Account, ...], language: Language) -> Table | str:
    from rich.markup import escape
    from rich.table import Table

    if not found:
        return say("There are no users yet: uebergang users add NAME --role admin", language)
    table = Table(box=None, pad_edge=False)
    for heading in ("Name", "Here for", "State", "Since"):
        table.add_column(say(heading, language))
    for one in found:
        state = "switched off" if not one.active else "first password" if one.one_time else "active"
        cells = (one.name, _as(one, language), say(state, language), day(one.changed_at, language))
        table.add_row(*map(escape, cells))
    return table
