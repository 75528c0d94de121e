from __future__ import annotations

import pytest

from doors import TOKEN, Doors, Speaker, basic


async def asked(customer: Speaker, *headers: tuple[str, str], account: str | None = None):
    root = customer.root.replace(customer.sid, account or customer.sid)
    return await customer.doors.call("GET", f"{root}/Conferences", b"", headers)


async def test_the_right_credentials_in_either_spelling(doors: Doors, customer: Speaker) -> None:
    spellings = [
        doors.speaker(name).dialect.sids.show(customer.project.id) for name in ("signalwire", "twilio")
    ]
    for user in spellings:
        for account in spellings:
            reply = await asked(customer, basic(user, TOKEN), account=account)
            assert reply.status == 200
            assert customer.sid in reply.json["uri"], "the answer is in the project's own spelling"


@pytest.mark.parametrize(
    "header",
    [
        (),
        (("authorization", ""),),
        (("authorization", "Bearer x"),),
        (("authorization", "Basic"),),
        (("authorization", "Basic !!!"),),
        (("authorization", "Basic w6k"),),
        (("authorization", "Basic /w=="),),
        (basic("x", TOKEN),),
        (basic("", ""),),
        (basic("AC" + "f" * 32, TOKEN),),
    ],
)
async def test_wrong_credentials(customer: Speaker, header) -> None:
    reply = await asked(customer, *header)
    assert (reply.status, reply.json["code"]) == (401, 20003)
    assert reply.headers["www-authenticate"].startswith("Basic realm=")


async def test_a_wrong_token(customer: Speaker) -> None:
    for token in ("", "x", TOKEN + "x", "\0", "é"):
        assert (await asked(customer, basic(customer.sid, token))).status == 401


async def test_somebody_elses_account(signalwire: Speaker, twilio: Speaker) -> None:
    reply = await asked(signalwire, signalwire.authorization, account=twilio.sid)
    assert (reply.status, reply.json["code"]) == (401, 20003)


async def test_the_scheme_is_read_in_any_case(customer: Speaker) -> None:
    name, value = customer.authorization
    assert (await asked(customer, (name, value.replace("Basic", "bASIC")))).status == 200


async def test_who_is_unknown_learns_nothing_of_what_there_is(customer: Speaker) -> None:
    for path in ("Conferences", "Nonsense", "Calls", "Conferences/x/Participants/y"):
        reply = await customer.doors.call("GET", f"{customer.root}/{path}")
        assert (reply.status, reply.json["code"]) == (401, 20003)
