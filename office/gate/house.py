"""What do all parts of the gate share? Store, settings, clock, cookies, and who somebody is."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import compare_digest
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from data.store.accounts import Account
from data.store.house_settings import cipher_key
from data.store.opening import Store
from data.store.sign_ins import Session, end_session, is_signed_in, key_of, session
from office.access import Role, User
from office.drafts import DRAFTS
from office.gate.settings import GateSettings

P = ParamSpec("P")
T = TypeVar("T")

#: Where the gate itself answers.
SIGN_IN, SIGN_OUT, PASSWORD, STYLE = "/anmelden", "/abmelden", "/passwort", "/anmelden.css"
STATEMENT = "/barrierefreiheit"
TO_PROVIDER, FROM_PROVIDER = "/anmelden/dienst", "/anmelden/dienst/zurueck"
HEALTH = "/_stcore/health"

#: Where nobody needs a session: the gate's own forms, the accessibility statement, and a word for
#: whoever watches the machine.
OPEN = frozenset({SIGN_IN, SIGN_OUT, STATEMENT, STYLE, TO_PROVIDER, FROM_PROVIDER, HEALTH})
OWN = OPEN - {HEALTH} | {PASSWORD}

#: The header by which the pages learn which session asks; what a client sends of it is dropped.
HEADER = "x-uebergang-session"
HEADERS_OF_OURS = b"x-uebergang"

_SESSION, _FORM, _AWAY = "uebergang_session", "uebergang_form", "uebergang_away"
_KNOWN = "uebergang_known"


def present() -> datetime:
    """Now."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """What stands behind the gate.

    `farewell` is a message that makes the page of an ended session leave for the sign-in, in the
    words of whatever serves the pages; `every` so many seconds open connections are looked at.
    `is_meant` says whether a message is one that a page sends; others are not passed on. `instead`
    tells by user, path and query where somebody is sent who has no page at an address.
    """

    store: Store
    settings: GateSettings = field(default_factory=GateSettings)
    clock: Callable[[], datetime] = present
    farewell: bytes | None = None
    every: float = 2.0
    is_meant: Callable[[bytes], bool] | None = None
    instead: Callable[[User, str, str], str | None] | None = None

    def cookie(self, name: str) -> str:
        """The name of a cookie; with `__Host-` no other host and no plain HTTP can set it."""
        return f"__Host-{name}" if self.settings.secure else name

    def session(self, cookies: Mapping[str, str], *, used: bool = False) -> Session | None:
        """The session that a browser's cookie stands for, if it holds."""
        secret = cookies.get(self.cookie(_SESSION))
        return None if not secret else session(self.store, key_of(secret), self.clock(), used=used)

    @property
    def session_cookie(self) -> str:
        """The cookie that holds a session's secret."""
        return self.cookie(_SESSION)

    @property
    def form_cookie(self) -> str:
        """The cookie that ties a form to the browser that asked for it."""
        return self.cookie(_FORM)

    @property
    def away_cookie(self) -> str:
        """The cookie of a browser that is at the identity provider."""
        return self.cookie(_AWAY)

    @property
    def known_cookie(self) -> str:
        """The cookie of a browser in which somebody has signed in before."""
        return self.cookie(_KNOWN)

    @property
    def own_cookies(self) -> frozenset[str]:
        """Cookies that are the gate's business alone."""
        return frozenset(
            {self.session_cookie, self.form_cookie, self.away_cookie, self.known_cookie}
        )


def tries_of(house: House, name: str, known: str | None) -> str:
    """Under which name a try at a password counts: the user's, or theirs in a browser of theirs.

    Whoever fails on purpose from anywhere shuts an account for strangers' browsers alone; who has
    signed in with a browser before still gets in with it, and has five tries of their own.
    """
    mark = (known or "").partition(".")[0]
    right = known_mark(house, name, mark) if mark else ""
    is_theirs = bool(mark) and compare_digest(right.encode(), (known or "").encode())
    return f"{name}\n{mark}" if is_theirs else name


def known_mark(house: House, name: str, mark: str | None = None) -> str:
    """What a browser holds in which a user has signed in; the name can't be read from it."""
    mark = mark or new_secret()
    told = f"known\n{name.strip().casefold()}\n{mark}".encode()
    return f"{mark}.{hmac.new(cipher_key(house.store), told, 'sha256').hexdigest()}"


def new_secret() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def form_token(form: str, signed_in: str | None) -> str:
    """What a form must send back: bound to the browser's form cookie and to its session."""
    return hashlib.sha256(f"form\n{form}\n{signed_in or ''}".encode()).hexdigest()


def user_of(account: Account) -> User:
    """A user as the desk knows them; a role that is not known counts for nothing."""
    known = {grant.role for grant in account.grants} & set(Role)
    schools = {
        grant.school for grant in account.grants if grant.role == Role.SCHOOL and grant.school
    }
    return User(account.name, frozenset(map(Role, known)), frozenset(schools))


def current_user(store: Store, key: str | None, now: datetime | None = None) -> User | None:
    """Who asks, by the key that the gate handed to the page; `None` once the session has ended.

    To be asked on every run: a connection may outlive its session by seconds. A user whose
    password counts only once is nobody yet.
    """
    found = None if not key else session(store, key, now or present())
    return None if found is None or found.account.one_time else user_of(found.account)


def sign_out(store: Store, key: str, now: datetime | None = None) -> None:
    """End a session; all its tabs leave within seconds, and what is not confirmed is forgotten."""
    moment = now or present()
    found = session(store, key, moment)
    end_session(store, key)
    if found is not None:
        forget_drafts(store, found.account.name, moment)


def forget_drafts(store: Store, name: str, now: datetime) -> None:
    """Forget the files that a user has not confirmed, unless they are still signed in elsewhere."""
    if not is_signed_in(store, name, now):
        DRAFTS.forget(name)


def inside(address: str) -> str:
    """An address of this house as it is; anything else becomes the first page."""
    parts = urlsplit(address)
    own = address.startswith("/") and not address.startswith(("//", "/\\"))
    clean = not parts.scheme and not parts.netloc and address.isprintable()
    return address if own and clean and parts.path not in OWN else "/"


# Work that may wait for the store has threads of its own: nobody who floods the sign-in with
# passwords to be hashed can hold up those who are in.
_LOOKS = ThreadPoolExecutor(4, thread_name_prefix="gate-looks")
_PROOFS = ThreadPoolExecutor(2, thread_name_prefix="gate-proofs")

#: More people at the door at once than this are asked to come again.
_CROWD = 40
_waiting = 0


class Crowded(Exception):
    """Too many people are signing in at once."""


async def look(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do some short work on the store without holding up the others."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_LOOKS, lambda: work(*args, **kwargs))


async def prove(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do the work of a sign-in, two at a time; raises `Crowded` where too many wait."""
    global _waiting  # noqa: PLW0603
    if _waiting >= _CROWD:
        raise Crowded
    _waiting += 1
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_PROOFS, lambda: work(*args, **kwargs))
    finally:
        _waiting -= 1
