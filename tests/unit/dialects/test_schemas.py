from __future__ import annotations

import pytest

from roomtone.dialects import DIALECTS, SIGNALWIRE, samples, schemas
from roomtone.dialects.dialect import Dialect


def test_what_samples_have_in_common() -> None:
    made = schemas.of_samples([{"a": None, "b": 1, "c": "x"}, {"a": "y", "b": 2}])
    assert made == {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"]}, "b": {"type": "integer"}, "c": {"type": "string"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    }
    assert schemas.of_samples([None]) == {"type": "null"}
    assert schemas.of_samples([[1], [True]]) == {"type": "array", "items": {"type": "integer"}}


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("00000000-0000-0000-0000-000000000001", {"format": "uuid"}),
        ("CA" + "0" * 32, {"pattern": "^CA[0-9a-f]{32}$"}),
        ("2018-09-24T21:00:00Z", {"format": "date-time"}),
        ("anything", {}),
    ],
)
def test_texts_with_a_form(text: str, more: dict[str, str]) -> None:
    assert schemas.of_samples([text]) == {"type": "string", **more}
    assert schemas.of_samples([text, "anything"]) == {"type": "string"}


def test_what_a_name_tells() -> None:
    assert schemas.of_parameter("calls.list", "Status")["enum"][0] == "queued"
    assert schemas.of_parameter("conferences.update", "Status") == {"type": "string", "enum": ["completed"]}
    assert schemas.of_parameter("x", "HoldMethod") == {"type": "string", "enum": ["GET", "POST"]}
    assert schemas.of_parameter("participants.create", "Timeout")["maximum"] == 600
    assert schemas.of_parameter("participants.update", "Beep") == {"type": "boolean"}
    assert schemas.of_parameter("participants.create", "Beep")["enum"][-1] == "onExit"
    assert schemas.of_parameter("x", "FriendlyName") == {"type": "string"}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("kind", samples.RESOURCES)
def test_between_samples_no_field_is_null_throughout_that_can_be_set(dialect: Dialect, kind: str) -> None:
    """A field that is null in every sample is one that its writer never sets; here they are all named."""
    never = {
        "account_sid", "address_sid", "annotation", "answered_by", "bundle_sid", "caller_name", "emergency_address_sid",
        "byoc_trunk_sid", "emergency_caller_sid",
        "encryption_details", "group_sid", "identity_sid", "latitude", "longitude", "lata", "locality",
        "media_url", "postal_code", "price", "queue_time", "rate_center", "region",
        "sms_application_sid", "sms_fallback_url", "sms_url", "trunk_sid", "type", "voice_caller_id_lookup",
        "audio_in_mos", "audio_rtt_avg", "audio_rtt_min", "audio_rtt_max", "audio_out_jitter_min",
        "audio_out_jitter_max", "audio_out_jitter_avg", "audio_out_lost", "region_preference",
    }  # fmt: skip
    if dialect is SIGNALWIRE:
        never |= {"forwarded_from"}
    made = samples.of(kind, dialect)
    null = {name for name in made[0] if all(one.get(name) is None for one in made)}
    if kind == "conference-recordings":
        null -= {"call_sid"}
    assert null <= never
