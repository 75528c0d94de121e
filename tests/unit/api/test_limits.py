from __future__ import annotations

from pathlib import Path

import pytest

from doors import TOKEN, Doors, Speaker, basic
from roomtone.api import limits
from roomtone.api.limits import Buckets, Limits
from roomtone.archive import Archive, Settings
from roomtone.core.access import EVERYTHING, Access, Key
from roomtone.core.ids import KeyId, ProjectId


def limited(dialect: str, **what: float) -> Speaker:
    return Doors(limits=Limits(**what)).speaker(dialect)


@pytest.fixture(params=["signalwire", "twilio"])
def dialect(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


async def test_without_limits_nothing_is_said_of_them(customer: Speaker) -> None:
    reply = await customer.get("Conferences")
    assert not any(name.startswith("x-ratelimit") for name in reply.headers)


async def test_a_project_that_asks_too_much_waits(dialect: str) -> None:
    customer = limited(dialect, requests_per_s=2)
    left = []
    for _ in range(4):
        reply = await customer.get("Conferences")
        assert (reply.status, reply.headers["x-ratelimit-limit"]) == (200, "4")
        left.append(reply.headers["x-ratelimit-remaining"])
    assert left == ["3", "2", "1", "0"]
    refused = await customer.get("Conferences")
    assert (refused.status, refused.json["code"]) == (429, 20429)
    assert (refused.headers["retry-after"], refused.headers["x-ratelimit-reset"]) == ("1", "1")
    customer.doors.clock.advance(1)
    assert (await customer.get("Conferences")).status == 200


async def test_one_projects_haste_is_not_anothers() -> None:
    customer = limited("signalwire", requests_per_s=1)
    for _ in range(5):
        await customer.get("Conferences")
    assert (await customer.doors.speaker("twilio").get("Conferences")).status == 200


async def test_who_guesses_must_wait(dialect: str) -> None:
    customer = limited(dialect, wrong_logins_per_minute=3)
    path = f"{customer.root}/Conferences"
    wrong = (basic(customer.sid, "guess"),)
    statuses = [(await customer.doors.call("GET", path, b"", wrong)).status for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    refused = await customer.doors.call("GET", path, b"", wrong)
    assert (refused.json["code"], refused.headers["retry-after"]) == (20429, "20")
    assert (await customer.get("Conferences")).status == 429, "a right guess is not told apart"
    customer.doors.clock.advance(20)
    assert (await customer.get("Conferences")).status == 200


async def test_who_has_just_proved_right_is_not_shut_out(dialect: str) -> None:
    customer = limited(dialect, wrong_logins_per_minute=1)
    store = customer.doors.store
    key = Key(KeyId(1), customer.project.id, "k", EVERYTHING, 1, 1)

    def proved(user: ProjectId | KeyId, secret: str) -> Access | None:
        right = (user, secret) == (customer.project.id, TOKEN)
        return Access(customer.project, key) if right else None

    store.proved = proved  # type: ignore[method-assign]
    for _ in range(3):
        await customer.doors.call("GET", f"{customer.root}/Conferences", b"", (basic(customer.sid, "guess"),))
    assert (await customer.get("Conferences")).status == 200


async def test_recordings_sound_is_no_way_to_guess(dialect: str, tmp_path: Path) -> None:
    archive = Archive(Settings(tmp_path))
    customer = Doors(limits=Limits(wrong_logins_per_minute=3), archive=archive).speaker(dialect)
    path = f"{customer.root}/Recordings/RE{'0' * 32}.wav"
    wrong = (basic(customer.sid, "guess"),)
    statuses = [(await customer.doors.call("GET", path, b"", wrong)).status for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    await archive.close()


async def test_a_request_without_credentials_is_no_guess(dialect: str) -> None:
    customer = limited(dialect, wrong_logins_per_minute=1)
    for _ in range(5):
        assert (await customer.doors.call("GET", f"{customer.root}/Conferences")).status == 401
    assert (await customer.get("Conferences")).status == 200


def test_a_bucket_fills_no_further_than_its_size() -> None:
    buckets = Buckets(per_s=1, size=2)
    assert [buckets.take("a", 0), buckets.take("a", 0), buckets.take("a", 0)] == [1, 0, -1]
    assert [buckets.take("a", 100), buckets.take("a", 100), buckets.take("a", 100)] == [1, 0, -1]
    assert buckets.wait_s("a", 100.5) == 1
    assert buckets.wait_s("b", 100.5) == 0


def test_buckets_are_bounded() -> None:
    buckets = Buckets(1, 1)
    for number in range(limits.REMEMBERED + 5):
        buckets.take(number, 0)
    assert len(buckets._buckets) == limits.REMEMBERED
