"""Who may do what? Writes `rights.md` beside this file from what the program itself asks for.

`python docs/rights.py` writes it anew; a test says when that is due.
"""

from __future__ import annotations

import inspect
from pathlib import Path

from office.access import OF_NO_SCHOOL, RIGHTS, Asked, Right, Role
from office.desk import Desk
from office.desk_rights import asked_of, requests
from office.words.rights import right_words

PAGE = Path(__file__).with_name("rights.md")

_OPENING = """\
# Who may do what

Made by `python docs/rights.py` from the program's own table (`office/access.py`) and from what each
request to the desk declares; `tests/office/test_rights_matrix.py` makes every one of these requests
in every role, about a record of their own, of another school, of another counselor and of nobody.

- **own school**: the pupils, lists and rows of the schools that the account names, and of no other.
- **own people**: whom the counselor looks after, and whom nobody looks after yet. Whoever stands in
  for a colleague is handed the cases first, by a planner or an administrator.
- **all**: the whole district; by pseudonym, unless the request is about names and says what for,
  and then it is logged.

Whoever may use the machine's shell is its operator and may ask for everything; what commands do is
logged under the name given with `--as`. Plans that are drawn from files touch no store and are open
to the shell alone.

"""


def page() -> str:
    """The page as it is to be."""
    asked = {name: one for name, one in asked_of(Desk).items() if one is not None}
    lines = ["| right | " + " | ".join(role.value for role in Role) + " | requests |"]
    lines.append("| --- |" + " --- |" * (len(Role) + 1))
    for right in Right:
        names = sorted(name for name, one in asked.items() if one.right is right)
        cells = [_cell(role, right, asked) for role in Role]
        requests_ = ", ".join(f"`{name}`" for name in names)
        lines.append(f"| {right_words(right, 'en')} | {' | '.join(cells)} | {requests_} |")
    return _OPENING + "\n".join(lines) + "\n"


def _cell(role: Role, right: Right, asked: dict[str, Asked]) -> str:
    if right not in RIGHTS[role]:
        return ""
    if right in OF_NO_SCHOOL:
        return "all"
    if role is Role.SCHOOL:
        return "own school"
    if role is Role.COUNSELOR and _is_of_persons(right, asked):
        return "own people"
    return "all"


def _is_of_persons(right: Right, asked: dict[str, Asked]) -> bool:
    """Whether a request for it names a person, so that it is asked who looks after them."""
    methods = requests(Desk)
    return any(
        {"pseudonym", "seeker"} & set(inspect.signature(methods[name]).parameters)
        for name, one in asked.items()
        if one.right is right and one.inside
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
