"""Answers in one go: the same bytes as in two, and no header that begins another."""

from __future__ import annotations

import pytest

from doors import Doors, Speaker, request
from roomtone.api import whole
from roomtone.api.finding import LONGEST_KEPT, address_of, find
from roomtone.core.refusals import Reason, Refused


async def test_the_same_is_sent_in_one_go_and_in_two(doors: Doors, customer: Speaker) -> None:
    sent: list[tuple[int, whole.Lines, bytes]] = []

    async def send(status: int, lines: whole.Lines, content: bytes) -> None:
        sent.append((status, lines, content))

    async def app(scope: object, receive: object, send_: object) -> None:
        await doors.app({**scope, "extensions": {whole.EXTENSION: send}}, receive, send_)  # type: ignore[dict-item]
        await doors.app(scope, receive, send_)

    path = f"{customer.root}/Conferences".encode()
    reply = await request(app, "GET", path, headers=[customer.authorization])
    ((status, lines, content),) = sent
    assert (status, content) == (reply.status, reply.content)
    told = {name.decode(): text.decode() for name, text in [*lines, *whole.ON_ALL]}
    assert {name for name, text in told.items() if reply.headers[name] != text} == {
        "x-request-id",
        "twilio-request-id",
    }


@pytest.mark.parametrize("text", [b"a\r\nb: c", b"a\nb", b"\x00", b"\x7f"])
def test_no_header_begins_another(text: bytes) -> None:
    with pytest.raises(ValueError, match="control character"):
        whole.head([(b"a", b"b"), (b"allow", text)])
    assert whole.head([(b"a", b"b\tc")]).startswith(b"a: b\tc\r\n")


def test_a_path_is_read_the_same_whether_it_is_kept_or_not(customer: Speaker) -> None:
    short, long = (f"{customer.root}/Conferences/{'x' * size}".encode() for size in (9, LONGEST_KEPT))
    for path in (short, short, long):
        found = find("GET", path, customer.project.dialect, strict=False)
        assert (found.route.name, len(found.names[0])) == (
            "conferences.fetch",
            len(path) - len(customer.root) - 13,
        )
        address, shown = address_of(path)
        assert address is not None
        assert (address.account, len(shown) <= 301) == (customer.sid, True)
        with pytest.raises(Refused) as refused:
            find("PUT", path, customer.project.dialect, strict=False)
        assert refused.value.reason is Reason.METHOD_NOT_ALLOWED
