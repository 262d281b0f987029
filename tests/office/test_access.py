"""Does everybody get what their role may ask for, and no more? Every desk method, every role."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from matching.errors import Refused
from office import words
from office.access import (
    OF_NO_SCHOOL,
    RIGHTS,
    Asked,
    Right,
    Role,
    User,
    asked_by,
    asks,
    may,
    reach,
    require,
    require_person,
    rights_of,
)
from office.commands.door import at_the_door
from office.desk import Desk
from office.desk_rights import FREE, asked_of, requests
from office.settings import Settings
from office.users_desk import UsersDesk
from office.words import LANGUAGES, Language
from office.words.rights import denied_words, right_words

OWN, OTHER = "999001", "999002"

users = st.builds(
    User,
    st.just("somebody"),
    st.frozensets(st.sampled_from(Role)),
    st.frozensets(st.sampled_from([OWN, OTHER, "999003"])),
)
schools = st.sampled_from([OWN, OTHER, "999004", None])


def of(*roles: Role, schools: Iterable[str] = (OWN,)) -> User:
    return User("somebody", frozenset(roles), frozenset(schools))


def test_every_request_to_the_desk_names_its_right() -> None:
    """A method that nobody thought of fails here, and so does a right for one that is gone."""
    asked = asked_of(Desk)
    assert sorted(name for name, right in asked.items() if right is None) == []
    assert sorted(set(requests(Desk)) & FREE) == sorted(FREE)


def test_every_right_is_asked_for_and_somebody_has_it() -> None:
    assert {one.right for one in asked_of(Desk).values() if one is not None} == set(Right)
    assert frozenset().union(*RIGHTS.values()) == set(Right) and set(RIGHTS) == set(Role)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_a_role_may_ask_what_the_table_says_and_nothing_else(role: Role, right: Right) -> None:
    """Own school, another school, everybody's; `test_rights_matrix` asks the desk itself."""
    has = right in RIGHTS[role]
    wide = role is not Role.SCHOOL or right in OF_NO_SCHOOL
    assert may(of(role), right, OWN) == has
    assert may(of(role), right, OTHER) == (has and wide)
    assert may(of(role), right) == (has and wide)


def test_every_right_has_words_in_both_languages() -> None:
    words.unsaid.clear()
    for right in Right:
        assert right_words(right, "de") != right_words(right, "en")
        for refusal in (Refused(right.value), Refused(right.value, OTHER)):
            for language in LANGUAGES:
                told = denied_words(refusal, language)
                assert right_words(right, language) in told
                assert (OTHER in told) == (refusal.school is not None)
    assert denied_words(Refused("nonsense"), "de")
    assert words.unsaid == set()


@pytest.mark.parametrize(("language", "said"), [("de", "fehlt Ihnen"), ("en", "may not")])
@pytest.mark.parametrize("as_json", [True, False])
def test_a_command_that_is_refused_says_so(
    capsys: pytest.CaptureFixture[str], language: Language, said: str, as_json: bool
) -> None:
    """In words and with the code of what is refused, not as a fault of the store."""
    with pytest.raises(typer.Exit) as left, at_the_door(language, as_json):
        raise Refused(Right.FORGET_PERSON.value)
    told = capsys.readouterr()
    assert left.value.exit_code == 2
    assert said in (told.out if as_json else told.err)


@given(
    users,
    st.sampled_from(Right),
    st.frozensets(st.sampled_from([OWN, OTHER])),
    st.sampled_from(["somebody", "else", None]),
)
def test_nobody_reaches_a_person_of_another(
    user: User, right: Right, listed: frozenset[str], counselor: str | None
) -> None:
    """The law: by the school's role own pupils, by the counselor's nobody's and own cases."""
    try:
        require_person(user, right, listed, counselor)
    except Refused:
        return
    wide = {role for role in user.roles if right in RIGHTS[role]} - {Role.SCHOOL, Role.COUNSELOR}
    mine = Role.COUNSELOR in user.roles and right in RIGHTS[Role.COUNSELOR]
    school = Role.SCHOOL in user.roles and right in RIGHTS[Role.SCHOOL]
    assert wide or (mine and counselor in (None, user.name)) or (school and listed & user.schools)


def test_a_school_has_no_right_to_the_districts_plans_or_the_house() -> None:
    """By hand, so that a slip in the table shows."""
    for right in (
        Right.DRAW_PLANS,
        Right.SEE_PLANS,
        Right.SEE_RUNS,
        Right.PUBLISH_PLANS,
        Right.BACK_UP,
        Right.RESTORE,
        Right.KEEP_USERS,
        Right.SETTLE_DUPLICATES,
        Right.FORGET_PERSON,
    ):
        assert not may(of(Role.SCHOOL), right, OWN)
    assert not may(of(Role.PLANNER), Right.EXPORT_PEOPLE)
    assert not may(of(Role.ADMIN), Right.EXPORT_PEOPLE)
    assert [role for role in Role if may(of(role), Right.KEEP_USERS)] == [Role.ADMIN]
    assert [role for role in Role if may(of(role), Right.PUBLISH_PLANS)] == [Role.PLANNER]


@given(users, st.sampled_from(Right), schools)
def test_a_school_never_reaches_another(user: User, right: Right, school: str | None) -> None:
    """The law: who gets in by the school's role alone gets in for their own schools alone."""
    by_others = {role for role in user.roles if right in RIGHTS[role]} - {Role.SCHOOL}
    if may(user, right, school) and not by_others and right not in OF_NO_SCHOOL:
        assert school in user.schools


@given(users, users, st.sampled_from(Right), schools)
def test_more_roles_or_schools_never_take_a_right_away(
    one: User, more: User, right: Right, school: str | None
) -> None:
    both = User("both", one.roles | more.roles, one.schools | more.schools)
    assert may(both, right, school) >= may(one, right, school)
    assert rights_of(both) >= rights_of(one)


@given(users, st.sampled_from(Right), schools)
def test_reach_says_the_same_as_require(user: User, right: Right, school: str | None) -> None:
    try:
        reached = reach(user, right)
    except Refused:
        assert not may(user, right, school)
        return
    assert right in rights_of(user)
    within = reached is None or school in reached or right in OF_NO_SCHOOL
    assert may(user, right, school) == within


def test_nobody_without_a_role_may_ask_for_anything() -> None:
    for right in Right:
        assert not may(of(), right, OWN) and not may(of(), right)
        nowhere = of(Role.SCHOOL, schools=())
        assert right in OF_NO_SCHOOL or (not may(nowhere, right, OWN) and not may(nowhere, right))
    assert rights_of(of()) == frozenset()


def test_the_operator_may_ask_for_everything() -> None:
    operator = User.operator("root")
    for right in Right:
        for school in (None, OWN):
            require(operator, right, school)
    assert operator.roles == {Role.ADMIN}


def test_roles_are_kept_apart() -> None:
    """No role has all that another has: whoever needs both is given both."""
    for one, other in combinations(Role, 2):
        assert RIGHTS[one] - RIGHTS[other] and RIGHTS[other] - RIGHTS[one]


# The declaration ----------------------------------------------------------------------------------


class Toy:
    """A desk with one request of each kind."""

    @asks(Right.HAND_IN_PUPILS, school="school")
    def hand_in(self, what: str, by: User, school: str | None = None) -> str:
        return f"{what} of {school} by {by.name}"

    @asks(Right.UNDO_IMPORTS, inside=True)
    def undo(self, number: int, *, by: User) -> int:
        require(by, Right.UNDO_IMPORTS, OWN if number == 1 else OTHER)
        return number

    @asks(Right.CHECK_LOG)
    def check(self, by: User) -> bool:
        return True


def test_a_declared_method_asks_who_it_is() -> None:
    toy, school = Toy(), of(Role.SCHOOL)
    assert toy.hand_in("list", school, OWN) == f"list of {OWN} by somebody"
    assert toy.hand_in("list", by=school, school=OWN)
    for given_school in (OTHER, None):
        with pytest.raises(Refused) as refused:
            toy.hand_in("list", school, given_school)
        assert (refused.value.right, refused.value.school) == ("hand_in_pupils", given_school)
    with pytest.raises(Refused):
        toy.hand_in("list", school)
    assert toy.undo(1, by=school) == 1
    for user in (school, of(Role.COUNSELOR)):
        with pytest.raises(Refused):
            toy.undo(2, by=user)
    with pytest.raises(Refused):
        toy.check(school)
    assert toy.check(of(Role.ADMIN))


@pytest.mark.parametrize("by", ["root", None, 1])
def test_a_name_is_no_user(by: object) -> None:
    with pytest.raises(TypeError):
        Toy().check(by)  # type: ignore[arg-type]


def test_a_method_that_cannot_be_held_to_its_right_does_not_come_up() -> None:
    def without(school: str) -> None: ...
    def lacks_school(by: User) -> None: ...

    with pytest.raises(TypeError):
        asks(Right.CHECK_LOG)(without)
    with pytest.raises(TypeError):
        asks(Right.CHECK_LOG, school="school")(lacks_school)


def test_what_a_method_declares_can_be_read() -> None:
    assert asked_by(Toy.hand_in) == Asked(Right.HAND_IN_PUPILS, "school")
    assert asked_by(Toy.undo) == Asked(Right.UNDO_IMPORTS, None, inside=True)
    assert asked_by(print) is None and Toy.check.__name__ == "check"


def test_only_administrators_keep_users(tmp_path: Path) -> None:
    """The whole desk of users, each request by each role."""
    desk = UsersDesk(Settings(database=str(tmp_path / "store.db")))
    told: dict[str, tuple[object, ...]] = {
        "users": (),
        "add_user": ("otto", [Role.PLANNER]),
        "set_roles": ("otto", [Role.PLANNER]),
        "renew_password": ("otto",),
        "shut_out": ("otto",),
        "let_back_in": ("otto",),
        "sign_everywhere_out": ("otto",),
        "users_seen": (),
        "let_try_again": ("otto",),
    }
    own = {name for name in vars(UsersDesk) if not name.startswith("_")}
    assert set(told) == own
    for name, given_first in told.items():
        for role in set(Role) - {Role.ADMIN}:
            with pytest.raises(Refused):
                getattr(desk, name)(*given_first, by=of(role))
    assert desk.users(of(Role.ADMIN)) == ()
    for name, given_first in list(told.items())[1:]:
        getattr(desk, name)(*given_first, by=of(Role.ADMIN))
    desk.close()
