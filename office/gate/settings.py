"""What does the operator say of the gate? Its address, and an identity provider if there is one.

Read from the TOML file that `UEBERGANG_GATE` names; without one the gate is for this machine alone.
The provider's secret stands in `UEBERGANG_PROVIDER_SECRET`, never in the file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from matching.errors import Fault, FaultyInput, Rule
from office.access import Role

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_PROVIDER_WORDS = ("name", "issuer", "client", "scope", "roles_claim", "name_claim")


@dataclass(frozen=True, slots=True)
class RoleOf:
    """One line of the whitelist: who has this value among their claims has this role."""

    value: str
    role: Role
    school: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """An identity provider (OpenID Connect).

    `roles_claim` is where the ID token holds its values (`groups`, or `realm_access.roles`);
    values that no line of `roles` names count for nothing. `name` stands on the button.
    """

    name: str
    issuer: str
    client: str
    roles: tuple[RoleOf, ...]
    secret: str | None = field(default=None, repr=False)
    scope: str = "openid profile"
    roles_claim: str = "groups"
    name_claim: str = "preferred_username"


@dataclass(frozen=True, slots=True)
class GateSettings:
    """Where the gate is reached from outside, and by whom.

    `address` is what people type (`https://uebergang.example.org`); `None` where nobody but this
    machine calls. `passwords` off leaves the identity provider as the only way in. `contact` is
    whom people tell of a barrier, as the accessibility statement names it.
    """

    address: str | None = None
    passwords: bool = True
    provider: ProviderSettings | None = None
    contact: str | None = None

    @property
    def secure(self) -> bool:
        """Whether browsers come by TLS, so that cookies go no other way."""
        return self.address is not None and self.address.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that a request may name."""
        if self.address is None:
            return _HERE
        return frozenset({urlsplit(self.address).hostname or ""})


def gate_settings() -> GateSettings:
    """The settings of the file that the environment names, else those of this machine alone."""
    named = os.environ.get("UEBERGANG_GATE")
    secret = os.environ.get("UEBERGANG_PROVIDER_SECRET") or None
    return GateSettings() if not named else read_gate_settings(Path(named), secret)


def read_gate_settings(file: Path, secret: str | None = None) -> GateSettings:
    """The settings of a TOML file; raises `FaultyInput` with every fault of it."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FaultyInput((Fault(Rule.FILE_MISSING, str(file)),)) from None
    except (OSError, ValueError):
        raise FaultyInput((Fault(Rule.FILE_UNREADABLE, str(file)),)) from None
    faults: list[Fault] = []
    _refuse_others(told, ("address", "passwords", "provider", "contact"), "", faults)
    address = told.get("address")
    if address is not None and not _is_origin(address):
        faults.append(Fault(Rule.VALUE_UNKNOWN, column="address", value=str(address)))
    passwords = told.get("passwords", True)
    if not isinstance(passwords, bool):
        faults.append(Fault(Rule.VALUE_UNKNOWN, column="passwords", value=str(passwords)))
    contact = told.get("contact")
    if contact is not None and not isinstance(contact, str):
        faults.append(Fault(Rule.VALUE_UNKNOWN, column="contact"))
    part = told.get("provider")
    provider = None if part is None else _provider(part, secret, faults)
    if provider is None and passwords is False:
        faults.append(Fault(Rule.VALUE_MISSING, column="provider"))
    if faults:
        named = (Fault(one.rule, str(file), column=one.column, value=one.value) for one in faults)
        raise FaultyInput(tuple(named))
    return GateSettings(address, passwords, provider, contact)


def _provider(told: object, secret: str | None, faults: list[Fault]) -> ProviderSettings | None:
    if not isinstance(told, dict):
        faults.append(Fault(Rule.VALUE_UNKNOWN, column="provider"))
        return None
    _refuse_others(told, (*_PROVIDER_WORDS, "roles"), "provider.", faults)
    before = len(faults)
    for name in ("issuer", "client"):
        if name not in told:
            faults.append(Fault(Rule.VALUE_MISSING, column=f"provider.{name}"))
    for name in _PROVIDER_WORDS:
        if not isinstance(told.get(name, ""), str):
            faults.append(Fault(Rule.VALUE_UNKNOWN, column=f"provider.{name}"))
    if len(faults) == before and not _is_safe(told["issuer"]):
        faults.append(Fault(Rule.VALUE_UNKNOWN, column="provider.issuer", value=told["issuer"]))
    roles = _roles(told.get("roles", []), faults)
    if len(faults) > before:
        return None
    words = {name: told[name] for name in ("scope", "roles_claim", "name_claim") if name in told}
    host = urlsplit(told["issuer"]).hostname or ""
    return ProviderSettings(
        told.get("name", host), told["issuer"], told["client"], roles, secret, **words
    )


def _roles(told: object, faults: list[Fault]) -> tuple[RoleOf, ...]:
    if not isinstance(told, list) or not told:
        faults.append(Fault(Rule.VALUE_MISSING, column="provider.roles"))
        return ()
    lines: list[RoleOf] = []
    for number, line in enumerate(told, start=1):
        column = f"provider.roles[{number}]"
        fields = line if isinstance(line, dict) else {}
        _refuse_others(fields, ("value", "role", "school"), f"{column}.", faults)
        value, role, school = (fields.get(name) for name in ("value", "role", "school"))
        if not isinstance(value, str) or not value:
            faults.append(Fault(Rule.VALUE_MISSING, column=f"{column}.value"))
        elif not isinstance(role, str) or role not in set(Role):
            faults.append(Fault(Rule.VALUE_UNKNOWN, column=f"{column}.role", value=str(role)))
        elif (role == Role.SCHOOL) != (isinstance(school, str) and bool(school)):
            faults.append(Fault(Rule.VALUE_MISSING, column=f"{column}.school"))
        else:
            lines.append(RoleOf(value, Role(role), school))
    return tuple(lines)


def _refuse_others(
    told: Mapping[str, Any], known: tuple[str, ...], before: str, faults: list[Fault]
) -> None:
    faults += (Fault(Rule.KEY_UNKNOWN, column=before + key) for key in told if key not in known)


def _is_origin(address: object) -> bool:
    """Whether it is a scheme, a host and maybe a port, and nothing more."""
    if not isinstance(address, str) or not address.isascii():
        return False
    parts = urlsplit(address)
    whole = f"{parts.scheme}://{parts.netloc}"
    plain = parts.username is None and parts.hostname is not None
    return parts.scheme in {"http", "https"} and plain and whole == address.lower() == address


def _is_safe(issuer: str) -> bool:
    """TLS, but for a provider on this machine."""
    parts = urlsplit(issuer)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
