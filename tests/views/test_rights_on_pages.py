"""Does every page open for its roles alone, and say nothing of anybody whom the reader may not see?

Made from the pages that `views.addresses` names: each is asked for by its address by every role,
and opened with the numbers of other people's records in its address.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from office.access import Role, User
from tests.office.records import LENA, OURS, SCHOOL, THEIRS, USERS, House, filled
from views import addresses, parts

VIEWS = Path(__file__).parents[2] / "views"
FRONT = VIEWS / "front.py"


#: The address of each page and its file, by role.
PAGES = {
    role: {address: file for file, address, _ in pages} for role, pages in addresses.PAGES.items()
}
ADDRESSES = sorted(address for pages in PAGES.values() for address in pages)


def _asked_for() -> tuple[str, ...]:
    """Every name that a page looks for in its address, and those that it might."""
    found = {"person", "import", "row", "entry", "run", "plan", "place", "school", "number"}
    reads = re.compile(r"query_params(?:\.\w+\(|\[)\"(\w+)\"")
    for page in VIEWS.rglob("*.py"):
        found |= set(reads.findall(page.read_text(encoding="utf-8")))
    return tuple(sorted(found - {"lang"}))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return filled(tmp_path_factory.mktemp("pages"))


@pytest.fixture(autouse=True)
def at_home(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("UEBERGANG_DB", house.settings.store)
    monkeypatch.setenv("UEBERGANG_DATA", str(house.folder))
    yield
    st.cache_resource.clear()


def opened(user: User, address: str, told: Mapping[str, str], patch: pytest.MonkeyPatch) -> AppTest:
    """A page as it comes to a user who asks for it by its address."""
    patch.setattr(parts, "reader", lambda: user)
    page = AppTest.from_file(FRONT, default_timeout=60)
    page._page_hash = calc_hash(address)
    page.query_params["lang"] = "de"
    for name, value in told.items():
        page.query_params[name] = value
    return page.run()


def shown(page: AppTest) -> str:
    """All that is sent to the browser."""
    sent = [str(getattr(one, "proto", "")) for one in page._tree]
    frames = [str(one.value) for one in (*page.dataframe, *page.table)]
    return "\n".join([*sent, *frames])


def test_every_file_of_a_page_is_there_and_every_page_has_one_role() -> None:
    assert set(PAGES) == set(Role)
    assert len(set(ADDRESSES)) == len(ADDRESSES)
    for pages in PAGES.values():
        for file in pages.values():
            assert (VIEWS / file).is_file(), file


@pytest.mark.parametrize(
    "who", ["school", "counselor", "planner", "administrator", "school and counselor", "nobody"]
)
def test_a_page_opens_for_its_roles_alone(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its address, whatever stands in the sidebar: what another role has never runs."""
    ran: list[Path] = []
    monkeypatch.setattr(StreamlitPage, "run", lambda page: ran.append(Path(page._page)))
    user = USERS[who]
    own = {one: VIEWS / file for role in user.roles for one, file in PAGES[role].items()}
    for address in ADDRESSES:
        ran.clear()
        page = opened(user, address, {}, monkeypatch)
        assert not page.exception
        if address in own:
            assert ran == [own[address]], f"{address} is shut to {who}"
        else:
            assert set(ran) <= set(own.values()), f"{address} is open to {who}"
            assert len(ran) == (1 if own else 0)


#: Whom each reader must not read of: a school and a counselor of the other's, a planner and an
#: administrator of anybody by name, before they ask for it and say what for.
UNSEEN: dict[Role, tuple[User, tuple[str, ...]]] = {
    Role.SCHOOL: (SCHOOL, (THEIRS,)),
    Role.COUNSELOR: (LENA, (THEIRS,)),
    Role.PLANNER: (USERS["planner"], (OURS, THEIRS)),
    Role.ADMIN: (USERS["administrator"], (OURS, THEIRS)),
}


@pytest.mark.parametrize(
    ("role", "address"), [(role, address) for role in Role for address in PAGES[role]]
)
def test_a_page_says_nothing_of_records_that_are_not_the_readers(
    house: House, monkeypatch: pytest.MonkeyPatch, role: Role, address: str
) -> None:
    """Every number of another's record, under every name that a page may look for."""
    user, hidden = UNSEEN[role]
    other = house.records["other's"]
    assert other.counselor == "karl" and other.school not in SCHOOL.schools
    numbered = dict.fromkeys(_asked_for(), str(other.imported)) | {
        "person": other.person,
        "row": str(other.entry),
        "entry": str(other.entry),
        "school": other.school,
    }
    for kind, told in {
        "person": dict.fromkeys(_asked_for(), other.person),
        "record": numbered,
    }.items():
        page = opened(user, address, told, monkeypatch)
        assert not page.exception, f"{address} breaks off over the number of a {kind}"
        text = shown(page)
        assert len(text) > 200, "nothing was shown at all"
        for name in hidden:
            assert name not in text, f"{address} tells of another's {kind}"


@pytest.mark.parametrize(("user", "address"), [(SCHOOL, "schueler"), (LENA, "person")])
def test_own_people_are_seen(
    house: House, monkeypatch: pytest.MonkeyPatch, user: User, address: str
) -> None:
    """Else the test above could not fail."""
    own = {"person": house.records["own"].person}
    assert OURS in shown(opened(user, address, own, monkeypatch))


def test_pages_have_no_way_past_the_desk() -> None:
    """The store and whatever is private stand behind the desk; no page reaches for them."""
    for page in VIEWS.rglob("*.py"):
        for one in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
            if isinstance(one, ast.Attribute) and ast.unparse(one.value) != "self":
                # `Settings.store` says only where the store is.
                is_where = ast.unparse(one.value).lower().endswith(("settings", "settings()"))
                assert one.attr != "store" or is_where, (page, one.lineno)
                assert not one.attr.startswith("_") or one.attr.startswith("__"), (page, one.lineno)


def test_what_pages_keep_for_everybody_is_about_nobody() -> None:
    """A cache is shared by all who read: none may ask the desk, which knows whom it answers."""
    for page in VIEWS.rglob("*.py"):
        for one in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
            if not isinstance(one, ast.FunctionDef):
                continue
            if any("cache" in ast.unparse(mark) for mark in one.decorator_list):
                asked = [node for node in ast.walk(one) if isinstance(node, ast.Attribute)]
                said = {ast.unparse(node) for node in asked}
                assert not {"here", "by", "parts.reader"} & said, (page, one.name)
                assert not any("desk" in name.lower() for name in said), (page, one.name)
                assert "by" not in {given.arg for given in one.args.args}, (page, one.name)
