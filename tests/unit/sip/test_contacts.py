"""Contacts: what phones write, and what makes no sense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.sip import contacts
from roomtone.sip.contacts import Contact, Contacts


def read(*values: str, expires: str | None = None) -> Contacts | None:
    headers = [("Contact", value) for value in values]
    return contacts.read([*headers, *([("Expires", expires)] if expires is not None else [])])


def test_contacts_are_read_as_phones_write_them() -> None:
    found = read('"A, \\"b" <sip:a@192.0.2.1:5;x=1,2>;q=0.5;Expires=60, sip:b@h;expires=0', "<sips:c@[::1]>")
    assert found == Contacts(
        (Contact("sip:a@192.0.2.1:5;x=1,2", 60), Contact("sip:b@h", 0), Contact("sips:c@[::1]"))
    )
    assert read() == Contacts()
    assert read("*", expires="0") == Contacts((), everywhere=True, expires_s=0)
    assert read("<sip:a@h>", expires="soon") == Contacts((Contact("sip:a@h"),))
    assert read("<sip:a@h>", expires="99999999999") == Contacts((Contact("sip:a@h"),), expires_s=0xFFFFFFFF)


@pytest.mark.parametrize(
    "value",
    [
        "*, <sip:a@h>",
        "<sip:a@h",
        "<mailto:a@h>",
        "sip:",
        "<sip:a b@h>",
        '"a <sip:a@h>',
        f"<sip:{'a' * 600}@h>",
        "<>",
    ],
)
def test_what_makes_no_sense_is_refused(value: str) -> None:
    assert read(value) is None


@given(st.text(max_size=120))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = read(text)
    assert found is None or all("\r" not in one.uri and "\n" not in one.uri for one in found.each)
    contacts.host_of(text)
    assert contacts.same(text, text)


def test_addresses_are_the_same_whatever_their_case() -> None:
    assert contacts.same("sip:A@Host:5;transport=TCP", "SIP:A@hOST:5;transport=tcp")
    assert not contacts.same("sip:a@h", "sip:A@h")
    assert not contacts.same("sip:a@h", "sip:a@h:5060")
    assert [contacts.host_of(uri) for uri in ("sip:a@[::1]:5;x", "sip:H", "tel:+1")] == ["::1", "h", ""]
    assert contacts.written("sip:a@h", 60) == "<sip:a@h>;expires=60"
