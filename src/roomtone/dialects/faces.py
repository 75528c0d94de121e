"""A resource's other faces: XML and CSV, made of the JSON that a dialect writes.

Names are those of the JSON in PascalCase. A list is an element with its paging in attributes, a null an empty element;
in CSV each record is a line, and what is nested in one is its JSON. Addresses lead on in the same face.

Source: Twilio "Responses" (TwilioResponse, RestException; ``.csv``).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import cast
from xml.sax.saxutils import escape, quoteattr

from roomtone.dialects.dialect import Json, Resource

META = (
    "end",
    "first_page_uri",
    "next_page_uri",
    "page",
    "page_size",
    "previous_page_uri",
    "start",
    "uri",
)
"""Keys of a page beside its records."""

SINGULARS: Mapping[str, str] = MappingProxyType(
    {
        "countries": "country",
        "laml_bins": "laml_bin",
        "bins": "laml_bin",
        "numbers": "incoming_phone_number",
        "imported-numbers": "incoming_phone_number",
        "local-numbers": "incoming_phone_number",
        "mobile-numbers": "incoming_phone_number",
        "toll-free-numbers": "incoming_phone_number",
        "ice-servers": "token",
        "signing-keys": "signing_key",
        "signature-keys": "signature_key",
        "faxes": "fax",
        "available-numbers": "country",
        "call-recordings": "recording",
        "conference-recordings": "recording",
        "queue-members": "queue_member",
        "ip_addresses": "ip_address",
        "sip-access-lists": "ip_access_control_list",
        "sip-access-mappings": "ip_access_control_list_mapping",
        "sip-addresses": "ip_address",
        "sip-call-access-mappings": "ip_access_control_list_mapping",
        "sip-call-credential-mappings": "credential_list_mapping",
        "sip-credential-lists": "credential_list",
        "sip-credential-mappings": "credential_list_mapping",
        "sip-credentials": "credential",
        "sip-domains": "domain",
        "sip-registration-mappings": "credential_list_mapping",
    }
)
"""What one is called, where it is not the name of many without its last letter."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml(kind: str, resource: Resource) -> str:
    """Write a resource, or a page of some.

    Args:
        kind: The many it is one of: the first part of its route's name.
        resource: As a dialect wrote it.
    """
    turned = _turned(resource, ".xml")
    key = records_key(resource)
    if key is None:
        return _response(_element(pascal(singular(kind)), turned))
    attributes = "".join(
        f" {name.replace('_', '')}={quoteattr(_clean(_text(turned[name])))}"
        for name in META
        if name in turned
    )
    records = cast("Sequence[Resource]", turned[key])
    inner = "".join(_element(pascal(singular(key)), one) for one in records)
    return _response(f"<{pascal(key)}{attributes}>{inner}</{pascal(key)}>")


def xml_error(body: Resource) -> str:
    """Write a refusal."""
    names = ("status", "message", "code", "more_info")
    inner = "".join(_element(pascal(name), body[name]) for name in names)
    return _response(f"<RestException>{inner}</RestException>")


def comma_separated(resource: Resource) -> str:
    """Write a resource, or a page of some: one line that names the columns, then one for each record."""
    turned = _turned(resource, ".csv")
    key = records_key(resource)
    records = [turned] if key is None else cast("Sequence[Resource]", turned[key])
    page = io.StringIO()
    writer = csv.writer(page)
    if records:
        writer.writerow([pascal(name) for name in records[0]])
    writer.writerows([[_text(value) for value in record.values()] for record in records])
    return page.getvalue()


def records_key(resource: Resource) -> str | None:
    """Give the key of a page's records; None: it is one resource."""
    lists = [name for name, value in resource.items() if isinstance(value, list | tuple)]
    return lists[0] if len(lists) == 1 and set(resource) <= {*META, lists[0]} else None


def singular(kind: str) -> str:
    """Give what one of many is called."""
    return SINGULARS.get(kind, kind.removesuffix("s"))


def pascal(name: str) -> str:
    """Spell a name as the vendors' parameters are spelled."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_-]", name))


def _turned(resource: Resource, suffix: str) -> Resource:
    return {name: _turn(name, value, suffix) for name, value in resource.items()}


def _turn(name: str, value: Json, suffix: str) -> Json:
    if isinstance(value, Mapping):
        inside = {key: f"{key}_uri" if name == "subresource_uris" else key for key in value}
        return {key: _turn(inside[key], one, suffix) for key, one in value.items()}
    if isinstance(value, str) and name.endswith("uri"):
        path, mark, query = value.partition("?")
        return f"{path.removesuffix('.json')}{suffix}{mark}{query}" if path.startswith("/") else value
    if isinstance(value, list | tuple):
        return [_turn(name, one, suffix) for one in value]
    return value


def _response(inner: str) -> str:
    return f"{_HEAD}<TwilioResponse>{inner}</TwilioResponse>"


def _element(name: str, value: Json) -> str:
    match value:
        case Mapping():
            inner = "".join(_element(pascal(key), one) for key, one in value.items())
        case list() | tuple():
            inner = "".join(_element("Item", one) for one in value)
        case _:
            inner = escape(_clean(_text(value)))
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def _text(value: Json) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _clean(text: str) -> str:
    """Put the replacement character for what XML cannot hold."""
    return _UNFIT.sub("\ufffd", text)
