"""JSON Schemas, made from what they are to describe: of resources from samples, of parameters from their names.

Vendors name parameters so alike that a name tells its kind (``…Url``, ``…Method``); what a name does not tell stands in
the tables of the forms. Source: JSON Schema 2020-12; OpenAPI 3.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import cast

from roomtone.core.access import Permission
from roomtone.core.call.state import CallStatus
from roomtone.core.ice import LONGEST_TTL_S
from roomtone.core.project import Standing
from roomtone.dialects.dialect import Json, Resource
from roomtone.dialects.paging import LARGEST_SIZE
from roomtone.dialects.participant_creation import BOOLEANS, EVENTS, RANGES, WORDS
from roomtone.dialects.signature_key import LONGEST, LONGEST_OVERLAP_S, SHORTEST

_PATTERNS = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), {"format": "uuid"}),
    (
        re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000"),
        {"pattern": r"^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$"},
    ),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z"), {"format": "date-time"}),
    *((re.compile(rf"{two}[0-9a-f]{{32}}"), {"pattern": f"^{two}[0-9a-f]{{32}}$"})
      for two in ("AC", "AF", "AP", "CA", "CF", "EH", "PN", "QU", "RE", "SK", "SD", "CL", "CR", "AL", "IP")),
)  # fmt: skip

_TEXT: Resource = {"type": "string"}
_YES_OR_NO: Resource = {"type": "boolean"}
_MOMENT: Resource = {
    "type": "string",
    "description": "A day, YYYY-MM-DD; where moments count, ISO 8601 or RFC 2822, too",
}

_INSTANT: Resource = {"type": "string", "description": "ISO 8601 or RFC 2822"}

_YES_OR_NO_NAMES = frozenset(
    {
        *BOOLEANS, "Beep", "BeepOnExit", "Hold", "Strict", "FaxEnabled", "IncludeSoftDeleted", "MmsEnabled", "SmsEnabled",
        "PublicApplicationConnectEnabled", "VoiceCallerIdLookup", "VoiceEnabled", "SipRegistration", "EmergencyCallingEnabled",
    }
)  # fmt: skip

_RECORDING_STATUS: Resource = {"type": "string", "enum": ["in-progress", "paused", "stopped"]}
_PASSWORD: Resource = {
    "type": "string",
    "minLength": 12,
    "description": "With a digit and letters of both cases; only digests of it are kept",
}
_SECRET: Resource = {
    "type": "string",
    "description": "For its challenges; kept sealed and never told; empty: there is none",
}
_PERMISSIONS: Resource = {"type": "array", "items": {"type": "string", "enum": sorted(Permission)}}
_SPECIAL: Mapping[str, Resource] = MappingProxyType(
    {
        "Page": {"type": "integer", "minimum": 0},
        "PageSize": {
            "type": "integer",
            "minimum": 1,
            "description": f"Over {LARGEST_SIZE} is served {LARGEST_SIZE}",
        },
        "Before": {"type": "integer", "minimum": 1},
        "After": {"type": "integer", "minimum": 0},
        "Most": {"type": "integer", "minimum": 0},
        "At": {"type": "string", "description": "ISO 8601, RFC 2822, or milliseconds since 1970"},
        "at": {"type": "string", "description": "As At"},
        "EventId": {"type": "string", "description": "Of one callback; without it, Since or Until is needed"},
        "Since": _INSTANT,
        "Until": _INSTANT,
        "signature-keys.create Key": {
            "type": "string",
            "minLength": SHORTEST,
            "maxLength": LONGEST,
            "description": f"At least {SHORTEST} printable ASCII characters, made by dice; made up if absent",
        },
        "Overlap": {
            "type": "integer",
            "minimum": 0,
            "maximum": LONGEST_OVERLAP_S,
            "description": "Seconds for which the former key signs, too; a day if absent",
        },
        "PageToken": {"type": "string", "pattern": "^P[AB]"},
        "MaxSize": {"type": "integer", "minimum": 1},
        "CidrPrefixLength": {"type": "integer", "minimum": 0, "maximum": 128},
        "IpAddress": {"type": "string", "description": "IPv4 or IPv6"},
        "Secure": {"type": "boolean", "enum": [False]},
        "sip-credentials.create Password": _PASSWORD,
        "sip-credentials.update Password": _PASSWORD,
        "audio-files.create Content": {
            "type": "string",
            "contentEncoding": "base64",
            "description": "An audio file in base64; or the file is the body, of type audio/*, and the rest in the query",
        },
        "audio-files.create ContentType": {
            "type": "string",
            "description": "The file's type; of a body that is the file, the header's",
        },
        **{
            f"trunks.{verb} {name}": {"type": "array", "items": {"type": "string", "description": text}}
            for verb in ("create", "update")
            for name, text in (
                ("Allow", "Networks (CIDR) that its calls come from, besides its own addresses"),
                ("Codec", "What is offered to it: PCMU, PCMA, G722, L16 or opus; none: all there is"),
                ("Prefix", "How numbers begin that it takes: +49; + takes all"),
                ("Uri", "sip:host[:port][;transport=tcp], in the order in which they are tried"),
            )
        },
        "trunks.create Name": {
            "type": "string",
            "pattern": r"^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$",
            "description": "It stays",
        },
        "Calls": {"type": "integer", "minimum": 0, "description": "At a time; 0: as many as come"},
        "CallsPerS": {"type": "number", "minimum": 0, "description": "0: as many as come"},
        "OptionsS": {
            "type": "number",
            "minimum": 0,
            "description": "Seconds between questions whether it is there; 0: it is not asked",
        },
        "trunks.create Password": _SECRET,
        "trunks.update Password": _SECRET,
        "AreaCode": {"type": "string", "pattern": r"^\d{1,5}$"},
        "Contains": {"type": "string", "pattern": r"^\+?[0-9A-Za-z*]*$"},
        "Permissions": _PERMISSIONS,
        "permissions": _PERMISSIONS,
        "accounts.list Status": {"type": "string", "enum": [*Standing]},
        "accounts.update Status": {"type": "string", "enum": [*Standing]},
        "calls.list Status": {"type": "string", "enum": [status.value for status in CallStatus]},
        "conferences.list Status": {"type": "string", "enum": ["init", "in-progress", "completed"]},
        "ice-servers.create Ttl": {"type": "integer", "minimum": 1, "maximum": LONGEST_TTL_S},
        "call-recordings.update Status": _RECORDING_STATUS,
        "conference-recordings.update Status": _RECORDING_STATUS,
        "conferences.update Status": {"type": "string", "enum": ["completed"]},
        "imported-numbers.create number_type": {"type": "string", "enum": ["longcode", "tollfree"]},
        "participants.create Beep": {"type": "string", "enum": [*WORDS["Beep"]]},
    }
)


def of_samples(samples: Sequence[Json]) -> Resource:
    """Describe what all of these values are: no less and, of objects, no more."""
    known = [one for one in samples if one is not None]
    schema = _of_known(known)
    if len(known) == len(samples):
        return schema
    return {**schema, "type": [cast("str", schema["type"]), "null"]} if known else {"type": "null"}


def of_parameter(route: str, name: str) -> Resource:
    """Describe a parameter.

    Args:
        route: The name of its route, for the few names that mean different things.
        name: The parameter's.
    """
    special = _SPECIAL.get(f"{route} {name}") or _SPECIAL.get(name)
    if special is not None:
        return special
    if name.endswith("Method") or name == "Method":
        return {"type": "string", "enum": ["GET", "POST"]}
    if name.endswith(("Url", "Callback")):
        return {"type": "string", "description": "An absolute http or https URL; empty takes it away"}
    if name in EVENTS:
        return {"type": "array", "items": {"type": "string", "enum": sorted(EVENTS[name])}}
    if name in RANGES:
        return {"type": "integer", "minimum": RANGES[name][0], "maximum": RANGES[name][1]}
    if name in WORDS and route == "participants.create":
        return {"type": "string", "enum": [*WORDS[name]]}
    if name in _YES_OR_NO_NAMES:
        return _YES_OR_NO
    return _MOMENT if name.startswith(("DateCreated", "DateUpdated", "StartTime", "EndTime")) else _TEXT


def _of_known(known: Sequence[Json]) -> Resource:
    if not known:
        return {}
    first = known[0]
    match first:
        case bool():
            return _YES_OR_NO
        case int() if all(isinstance(one, int) for one in known):
            return {"type": "integer"}
        case int() | float():
            return {"type": "number"}
        case str():
            texts = [str(one) for one in known]
            fits = (extra for one, extra in _PATTERNS if all(one.fullmatch(text) for text in texts))
            return {**_TEXT, **next(fits, {})}
        case Mapping():
            return _of_objects([one for one in known if isinstance(one, Mapping)])
        case _:
            items = [item for one in known if isinstance(one, list | tuple) for item in one]
            return {"type": "array", "items": of_samples(items) if items else {}}


def _of_objects(objects: Sequence[Mapping[str, Json]]) -> Resource:
    names = list(dict.fromkeys(name for one in objects for name in one))
    return {
        "type": "object",
        "properties": {name: of_samples([one[name] for one in objects if name in one]) for name in names},
        "required": [name for name in names if all(name in one for one in objects)],
        "additionalProperties": False,
    }
