"""Who works here, and as what? Accounts, their roles, their first passwords, and their end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from matching.errors import FaultyInput, Rule
from office.access import Role
from office.users_desk import Account, Seen
from office.words.keeping import moment_in_short, role_words
from views.admin.here import Here, choice, here, mark, said_now, say_later, small, sure, why_not
from views.parts import heading, page_help, plain
from views.tables import Column, counts, long_table

#: Where a password is remembered until it has been shown, once.
_PASSWORD = "admin_new_password"

#: How many accounts were added so far.
_TURN = "admin_accounts_added"


def page() -> None:
    """The whole page: everybody, one account, a new one."""
    at = here()
    st.title(at.say("Users"), anchor=False)
    said_now()
    _password_once(at)
    users, seen = at.desk.users(by=at.by), at.desk.users_seen(by=at.by)
    _everybody(at, users, seen)
    _one(at, users, seen)
    _add(at)
    page_help(
        at.say(
            "Everybody has an account of their own, and the log names it. A **role** says what "
            "somebody may do here; whoever needs two is given both. The role of a school reaches "
            "the pupils of the schools that stand beside it, and nobody else’s."
        ),
        at.say(
            "A **one-time password** is shown once and kept nowhere. Hand it over in person; it "
            "is changed at the first sign-in. Whoever has forgotten theirs gets another one here."
        ),
        at.say(
            "**Switched off** means: signed out at once, everywhere, and let in no more. Nothing "
            "is deleted, so that the log still tells who did what, and it can be switched on "
            "again. Whoever leaves is switched off; hand their cases over first."
        ),
        at.say(
            "After five wrong passwords within a quarter of an hour an account is **shut** until "
            "that quarter is over. You can open it at once."
        ),
    )


def _password_once(at: Here) -> None:
    """A new password, in this run and in no other."""
    name, password = st.session_state.pop(_PASSWORD, ("", ""))
    if not password:
        return
    words = "One-time password of **{name}**. It is shown now and never again:"
    st.success(at.say(words, name=plain(name)))
    st.code(password, language=None)
    small(at.say("The sign at its right edge copies it. It goes as soon as you do anything here."))


def _everybody(at: Here, users: Sequence[Account], seen: Mapping[str, Seen]) -> None:
    headings = ("name", "here for", "schools", "state", "last sign-in")
    rows = []
    for one in users:
        how = seen.get(one.name, Seen())
        last = None if how.last is None else moment_in_short(how.last, at.reader)
        schools = ", ".join(grant.school for grant in one.grants if grant.school) or None
        rows.append((one.name, _roles(at, one), schools, _state(at, one, how), last, how.browsers))
    long_table(
        [
            *(Column(at.say(words)) for words in headings),
            Column(at.say("signed in, browsers"), counts(at.reader)),
        ],
        rows,
        at.say("Everybody who has an account"),
        at.reader,
        key="accounts",
    )


def _roles(at: Here, account: Account) -> str:
    held = {grant.role for grant in account.grants}
    return ", ".join(role_words(role, at.reader) for role in Role if role in held)


def _state(at: Here, account: Account, how: Seen) -> str:
    if not account.active:
        return at.say("switched off")
    if how.shut:
        return at.say("shut after too many tries")
    if account.issuer is not None:
        return at.say("signs in at the office’s identity provider")
    return at.say("first password") if account.one_time else at.say("active")


def _one(at: Here, users: Sequence[Account], seen: Mapping[str, Seen]) -> None:
    heading("Change an account", at.reader)
    names = [one.name for one in users]
    chosen = choice(
        at.say("Account"),
        "account",
        names,
        lambda name: name,
        at.say("Choose an account"),
        {name: mark(name) for name in names},
    )
    account = next((one for one in users if one.name == chosen), None)
    if account is None:
        return
    if account.issuer is None:
        _change_roles(at, account)
    else:
        words = "The identity provider gives this account its roles, at each sign-in."
        st.markdown(at.say(words))
    heading("Access", at.reader)
    how = seen.get(account.name, Seen())
    with st.container(horizontal=True):
        if account.issuer is None and account.active:
            _new_password(at, account)
        if how.shut and st.button(at.say("Let them try again now"), key="unlock"):
            at.desk.let_try_again(account.name, by=at.by)
            say_later(at.say("The account is open again."))
            st.rerun()
        if how.browsers:
            _end_sessions(at, account)
        _switch(at, account)


def _change_roles(at: Here, account: Account) -> None:
    held = [role for role in Role if role in {grant.role for grant in account.grants}]
    of = " ".join(grant.school for grant in account.grants if grant.school)
    with st.form(f"roles_{account.name}"):
        roles, schools = _asked_roles(at, held, of, f"change_{account.name}")
        sent = st.form_submit_button(at.say("Save roles"))
    if not sent:
        return
    try:
        at.desk.set_roles(account.name, roles, at.by, schools)
    except FaultyInput as refusal:
        st.error(_refused(at, refusal))
        return
    say_later(at.say("Saved; it holds from their next step on."))
    st.rerun()


def _asked_roles(
    at: Here, held: Sequence[Role], schools: str, key: str
) -> tuple[Sequence[Role], Sequence[str]]:
    st.markdown(at.say("Roles"))
    roles = [
        role
        for role in Role
        if st.checkbox(role_words(role, at.reader), role in held, key=f"{key}_{role}")
    ]
    told = st.text_input(
        at.say("Numbers of the schools, for the role of a school"),
        schools,
        max_chars=2_000,
        key=f"{key}_schools",
        placeholder="999001 999002",
    )
    return roles, [part for part in re.split(r"[\s,;]+", told) if part]


def _new_password(at: Here, account: Account) -> None:
    if sure(
        at,
        "renew",
        at.say("Give a new one-time password"),
        at.say(
            "Give {name} a new password? The old one counts no more, and all that they have open "
            "ends.",
            name=plain(account.name),
        ),
        at.say("Yes, give a new one"),
    ):
        st.session_state[_PASSWORD] = (
            account.name,
            at.desk.renew_password(account.name, by=at.by),
        )
        st.rerun()


def _end_sessions(at: Here, account: Account) -> None:
    if sure(
        at,
        "everywhere_out",
        at.say("Sign them out everywhere"),
        at.say("Sign {name} out, in every browser?", name=plain(account.name)),
        at.say("Yes, sign them out"),
    ):
        at.desk.sign_everywhere_out(account.name, by=at.by)
        say_later(at.say("Signed out everywhere."))
        st.rerun()


def _switch(at: Here, account: Account) -> None:
    if not account.active:
        if st.button(at.say("Switch on again"), key="on"):
            at.desk.let_back_in(account.name, by=at.by)
            say_later(at.say("The account is on again, with the roles that it had."))
            st.rerun()
        return
    question = "Switch {name} off? They are signed out at once; you can switch them on again."
    if account.name == at.by.name:
        question = "Switch **yourself** off? You are signed out at once and can’t come back alone."
    if sure(
        at,
        "off",
        at.say("Switch off"),
        at.say(question, name=plain(account.name)),
        at.say("Yes, switch off"),
    ):
        try:
            at.desk.shut_out(account.name, by=at.by)
        except FaultyInput as refusal:
            say_later(_refused(at, refusal), "error")
        else:
            say_later(at.say("The account is switched off."))
        st.rerun()


def _add(at: Here) -> None:
    heading("Add an account", at.reader)
    turn = st.session_state.get(_TURN, 0)
    with st.form(f"add{turn}"):
        name = st.text_input(
            at.say("Name to sign in with: letters, digits and . @ + - _, no blanks"),
            max_chars=60,
            key=f"add{turn}_name",
        )
        roles, schools = _asked_roles(at, (), "", f"add{turn}")
        sent = st.form_submit_button(at.say("Add the account"))
    if not sent:
        return
    try:
        password = at.desk.add_user(name, roles, at.by, schools)
    except FaultyInput as refusal:
        st.error(_refused(at, refusal))
        return
    st.session_state[_PASSWORD] = (name.strip().casefold(), password)
    # What was typed goes: another form takes the place of this one.
    st.session_state[_TURN] = turn + 1
    st.rerun()


def _refused(at: Here, refusal: FaultyInput) -> str:
    """Why an account can't be as it was asked for."""
    own = {
        (Rule.VALUE_MISSING, "role"): "Choose what the account is for; numbers of schools go with "
        "the role of a school alone.",
        (Rule.VALUE_MISSING, "school"): "The role of a school needs the number of one at least.",
        (Rule.VALUE_UNKNOWN, "name"): "That can’t be a name to sign in with.",
        (Rule.VALUE_UNKNOWN, "school"): "One of the schools’ numbers can’t be one.",
        (Rule.ID_TWICE, "name"): "There is an account of that name already.",
    }
    for fault in refusal.faults:
        if (fault.rule, fault.column or "") in own:
            return at.say(own[fault.rule, fault.column or ""])
    return why_not(refusal, at.reader)


page()
