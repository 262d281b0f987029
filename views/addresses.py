"""Which page stands at which address, and where is somebody sent who has no page there?

Nothing here draws: the gate asks before any page runs, since what Streamlit says of an address
without a page is English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from office.access import Role, User

#: The pages of a role: file, address, title. The first one of the first role opens by itself.
PAGES: Mapping[Role, tuple[tuple[str, str, str], ...]] = {
    Role.PLANNER: (
        ("planner/target.py", "ziel", "Target"),
        ("planner/plans.py", "plaene", "Plans"),
        ("planner/publish.py", "veroeffentlichen", "Publish a plan"),
        ("planner/hand_over.py", "uebergabe", "Hand over cases"),
        ("planner/chances.py", "chancen", "Chances"),
    ),
    Role.COUNSELOR: (
        ("counselor/caseload.py", "faelle", "My caseload"),
        ("counselor/person.py", "person", "One person"),
        ("counselor/firms.py", "betriebe", "Lists for firms"),
        ("counselor/doubles.py", "doppelte", "Possible doubles"),
    ),
    Role.SCHOOL: (
        ("school/upload.py", "liste", "Hand in a list"),
        ("school/pupils.py", "schueler", "Our pupils"),
        ("school/help.py", "hilfe", "Help for schools"),
    ),
    Role.ADMIN: (
        ("admin/users.py", "konten", "Users"),
        ("admin/imports.py", "importe", "Imports"),
        ("admin/runs.py", "laeufe", "Runs"),
        ("admin/models.py", "modelle", "Models"),
        ("admin/audit.py", "protokoll", "Log"),
        ("admin/upkeep.py", "pflege", "Upkeep"),
    ),
}

#: The first page has no address of its own for Streamlit, but wants a name that no other page has.
FIRST = "anfang"

#: In the address of the first page: that another one was asked for.
ELSEWHERE = "elsewhere"

#: What a page's address looks like; whatever else is asked for is no page.
_ADDRESS = re.compile(r"/([A-Za-z0-9-]+)/?")


def instead(user: User, path: str, query: str = "") -> str | None:
    """The address to which a user is sent who asks for `path`; `None` where they may stay.

    Their first page stands at `/` alone, so that the sidebar marks it. Where they have no page,
    their first one says so; that it is another role's page or none at all is told alike.
    """
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return None
    own = [address for role in PAGES if role in user.roles for _, address, _ in PAGES[role]]
    if found[1] in (*own[:1], FIRST):
        return f"/?{query}" if query else "/"
    return None if found[1] in own else f"/?{ELSEWHERE}=1"
