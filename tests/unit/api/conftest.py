"""Doors on a store in memory, and a customer of each dialect."""

from __future__ import annotations

import pytest

from doors import Doors, Speaker
from roomtone.dialects import DIALECTS


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture(params=list(DIALECTS))
def customer(request: pytest.FixtureRequest, doors: Doors) -> Speaker:
    """A customer who speaks; each test runs once for each dialect."""
    return doors.speaker(request.param)


@pytest.fixture
def signalwire(doors: Doors) -> Speaker:
    return doors.speaker("signalwire")


@pytest.fixture
def twilio(doors: Doors) -> Speaker:
    return doors.speaker("twilio")
