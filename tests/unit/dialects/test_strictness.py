"""What a strict project's server is told, and that the tables name what there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roomtone import dialects
from roomtone.api.routes import ROUTES
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.dialects import DIALECTS, portability

BEYOND = (("SequenceNumber", "1"), ("Coaching", "false"), ("ReasonParticipantLeft", "x"))


@pytest.mark.parametrize("name", list(DIALECTS))
def test_a_strict_projects_callbacks_carry_what_is_documented(name: str) -> None:
    project = Project(ProjectId(1), "one", name, "key", 1)
    said = (("CallSid", "x"), *BEYOND)
    assert dialects.told(project, said) == said
    told = dialects.told(replace(project, strict=True), said)
    assert told == (said if name == "twilio" else said[:1])


@pytest.mark.parametrize("name", list(DIALECTS))
def test_the_tables_name_what_there_is(name: str) -> None:
    strict = DIALECTS[name].strictness
    parameters = {route.name: route.parameters for route in ROUTES}
    for one in (*strict.longest, *(f"{route} {p}" for route, ps in portability.LACKING.items() for p in ps)):
        route, _, parameter = one.partition(" ")
        assert parameter in parameters[route] | {"IncludeSoftDeleted"}
    assert set(strict.faces) <= {"", ".json", ".xml", ".csv"}
    assert DIALECTS[name].paths.prefix.removesuffix("/2010-04-01") in strict.prefixes
