from __future__ import annotations

import pytest

from roomtone.core.ids import NumberId, ProjectId
from roomtone.core.listing import NumberFilter
from roomtone.core.project import Number
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO, fields
from roomtone.dialects.number_forms import formatted

PROJECT, ID = ProjectId(1), NumberId(2)
VOICE = "https://h/voice"


def create(form: str, dialect=SIGNALWIRE) -> Number:
    return dialect.forms.create_number(fields.from_form(form.encode())).create(ID, PROJECT, 10)


def update(number: Number, form: str) -> Number:
    return SIGNALWIRE.forms.update_number(fields.from_form(form.encode())).apply(number, 20)


def reason(form: str, dialect=SIGNALWIRE) -> Reason:
    with pytest.raises(Refused) as caught:
        create(form, dialect)
    return caught.value.reason


def test_a_number_alone() -> None:
    number = create("PhoneNumber=%2B15551234567")
    assert number == Number(ID, PROJECT, "+15551234567", "(555) 123-4567", 10, 10)


def test_a_plus_sign_that_nobody_encoded() -> None:
    assert create("PhoneNumber=+15551234567").phone_number == "+15551234567"


def test_everything_about_calls() -> None:
    number = create(
        f"PhoneNumber=%2B491234567&FriendlyName=Desk&VoiceUrl={VOICE}&VoiceMethod=get&VoiceFallbackUrl={VOICE}/f"
    )
    assert number.friendly_name == "Desk"
    assert number.voice == Document(VOICE, Method.GET)
    assert number.voice_fallback == Document(f"{VOICE}/f", Method.POST)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("", Reason.PARAMETER_MISSING),
        ("AreaCode=north", Reason.PARAMETER_INVALID),
        ("PhoneNumber=5551234567", Reason.NUMBER_INVALID),
        ("PhoneNumber=%2B1234", Reason.NUMBER_INVALID),
        ("PhoneNumber=%2B" + "1" * 18, Reason.NUMBER_INVALID),
        ("PhoneNumber=%2B1555123456x", Reason.NUMBER_INVALID),
        ("PhoneNumber=%2B15551234567&VoiceUrl=x", Reason.URL_INVALID),
        ("PhoneNumber=%2B15551234567&VoiceMethod=PUT", Reason.METHOD_INVALID),
        ("PhoneNumber=%2B15551234567&FriendlyName=" + "n" * 256, Reason.PARAMETER_INVALID),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_refused(form: str, expected: Reason, dialect) -> None:
    assert reason(form, dialect) is expected


def test_twilio_names_are_shorter() -> None:
    form = "PhoneNumber=%2B15551234567&FriendlyName=" + "n" * 65
    assert reason(form, TWILIO) is Reason.PARAMETER_INVALID
    assert create(form).friendly_name == "n" * 65


def test_a_method_set_before_the_url_is_remembered() -> None:
    number = update(create("PhoneNumber=%2B15551234567"), "VoiceMethod=GET")
    assert (number.voice, number.voice_method, number.updated_ms) == (None, Method.GET, 20)
    assert update(number, f"VoiceUrl={VOICE}").voice == Document(VOICE, Method.GET)


def test_a_method_alone_changes_how_the_url_is_asked() -> None:
    number = create(f"PhoneNumber=%2B15551234567&VoiceUrl={VOICE}")
    assert update(number, "VoiceMethod=GET").voice == Document(VOICE, Method.GET)


def test_an_empty_url_takes_the_url_away() -> None:
    number = create(f"PhoneNumber=%2B15551234567&VoiceUrl={VOICE}")
    assert update(number, "VoiceUrl=").voice is None


def test_an_update_that_says_nothing_leaves_even_the_date() -> None:
    number = create(f"PhoneNumber=%2B15551234567&VoiceUrl={VOICE}")
    assert update(number, "") is number
    assert update(number, f"FriendlyName=&VoiceUrl={VOICE}&SmsUrl=x") is number


def test_an_owner_is_read_in_either_spelling() -> None:
    for dialect in DIALECTS.values():
        change = SIGNALWIRE.forms.update_number((("AccountSid", dialect.sids.show(PROJECT)),))
        assert change.owner == PROJECT
    with pytest.raises(Refused):
        SIGNALWIRE.forms.update_number((("AccountSid", "me"),))


def test_filters() -> None:
    assert SIGNALWIRE.forms.list_numbers((("PhoneNumber", "+1555*"), ("FriendlyName", "a"))) == NumberFilter(
        "+1555*", "a"
    )
    assert SIGNALWIRE.forms.list_numbers((("PhoneNumber", " 1555"),)) == NumberFilter("+1555")
    with pytest.raises(Refused):
        SIGNALWIRE.forms.list_numbers((("PhoneNumber", "%"),))


def test_names_of_numbers_that_were_given_none() -> None:
    assert formatted("+13103386745") == "(310) 338-6745"
    assert formatted("+493012345") == "+493012345"
