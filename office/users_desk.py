"""Who works here, and as what? Users, their roles and first passwords."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from data.store.accounts import (
    Account,
    Grant,
    accounts,
    add_account,
    name_of,
    set_active,
    set_grants,
    set_password,
)
from data.store.sign_ins import Seen, end_sessions, forget_tries, lift_lock, seen
from matching.errors import Fault, FaultyInput, Rule
from office.access import Right, Role, User, asks
from office.drafts import DRAFTS
from office.passwords import hash_of, one_time_password
from office.store_desk import StoreDesk

__all__ = ["Account", "Seen", "UsersDesk"]


class UsersDesk(StoreDesk):
    """The part of the desk that knows who works here."""

    @asks(Right.KEEP_USERS)
    def users(self, by: User) -> tuple[Account, ...]:
        """Every user with their roles, by name."""
        return accounts(self.store)

    @asks(Right.KEEP_USERS)
    def add_user(
        self, name: str, roles: Iterable[Role], by: User, schools: Iterable[str] = ()
    ) -> str:
        """Take in a user; returns a password for one time, which is kept nowhere.

        `schools` are those that they speak for as `Role.SCHOOL`. Raises `FaultyInput` for a name
        that is taken or can't be one, and for schools without that role or the role without one.
        """
        grants = _grants(roles, schools)
        password = one_time_password()
        add_account(self.store, name, grants, by.name, datetime.now(UTC), hash_of(password))
        return password

    @asks(Right.KEEP_USERS)
    def set_roles(
        self, name: str, roles: Iterable[Role], by: User, schools: Iterable[str] = ()
    ) -> Account:
        """Give a user these roles and no others; it holds from their next step on.

        Raises `FaultyInput` as `add_user` does, and (`LAST_ADMINISTRATOR`) where nobody would be
        left to keep the house.
        """
        grants = _grants(roles, schools)
        return set_grants(self.store, name_of(name), grants, by.name, _kept(by))

    @asks(Right.KEEP_USERS)
    def renew_password(self, name: str, by: User) -> str:
        """Give a user another password for one time; all that they have open or drafted ends.

        Tries that went wrong before count no more, in whatever browser.
        """
        password = one_time_password()
        set_password(
            self.store,
            name_of(name),
            hash_of(password),
            by.name,
            datetime.now(UTC),
            one_time=True,
        )
        DRAFTS.forget(name_of(name))
        forget_tries(self.store, name_of(name), everywhere=True)
        return password

    @asks(Right.KEEP_USERS)
    def shut_out(self, name: str, by: User) -> None:
        """Switch a user off: nothing is deleted, and all that they have open ends at once.

        Raises `FaultyInput` (`LAST_ADMINISTRATOR`) for the last one who keeps the house.
        """
        set_active(self.store, name_of(name), False, by.name, _kept(by))
        DRAFTS.forget(name_of(name))

    @asks(Right.KEEP_USERS)
    def let_back_in(self, name: str, by: User) -> None:
        """Switch a user on again, with the roles and the password that they had."""
        set_active(self.store, name_of(name), True, by.name)

    @asks(Right.KEEP_USERS)
    def users_seen(self, by: User) -> Mapping[str, Seen]:
        """When each user signed in last, where they are signed in, and whose account is shut."""
        return seen(self.store, datetime.now(UTC))

    @asks(Right.KEEP_USERS)
    def let_try_again(self, name: str, by: User) -> None:
        """Open an account again that is shut for a while after too many tries."""
        lift_lock(self.store, name_of(name), by.name)

    @asks(Right.KEEP_USERS)
    def sign_everywhere_out(self, name: str, by: User) -> int:
        """End all that a user has open; returns in how many browsers that was."""
        ended = end_sessions(self.store, name_of(name), by.name)
        DRAFTS.forget(name_of(name))
        return ended


def _kept(by: User) -> str | None:
    """The role that somebody must be left in; whoever has the machine's shell can mend it."""
    return None if by.is_operator else Role.ADMIN.value


def _grants(roles: Iterable[Role], schools: Iterable[str]) -> tuple[Grant, ...]:
    """Each role once, a school's once for each school."""
    asked, of = frozenset(roles), frozenset(schools)
    if not asked:
        raise FaultyInput((Fault(Rule.VALUE_MISSING, column="role"),))
    if (Role.SCHOOL in asked) != bool(of):
        column = "role" if of else "school"
        raise FaultyInput((Fault(Rule.VALUE_MISSING, column=column),))
    wide = [Grant(role.value) for role in asked - {Role.SCHOOL}]
    return (*wide, *(Grant(Role.SCHOOL.value, school) for school in of))
