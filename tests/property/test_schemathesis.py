"""schemathesis reads our own OpenAPI document and asks what it allows of everything in it.

Every answer is held against the document: its status, its type, its headers, its schema; and none is our fault. What is
asked lives in a store that is empty but for a conference, so most names name nothing: what becomes of what is there is
`test_openapi`'s. One of the two projects is the operator's. Two examples for each operation, the simplest and one more: it is the operations that are many.
"""

from __future__ import annotations

import asyncio

import requests
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, Response, checks
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi import checks as openapi_checks

from doors import PROJECTS, TOKEN, Doors, basic, join
from roomtone.api import openapi
from roomtone.dialects import DIALECTS

DOORS = Doors(operator=PROJECTS["twilio"].id)
for _at, _project in enumerate(PROJECTS.values(), 0xC0):
    asyncio.run(DOORS.open(_project, "Room", 1, join(2, label="two"), id_=_at))

ACCOUNTS = {one.paths.prefix: one.sids.show(PROJECTS[one.name].id) for one in DIALECTS.values()}
HELD = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]

schema = from_dict(dict(openapi.document("https://room.example"))).exclude(
    path_regex="/Changes$"
)  # which never ends by itself


def ask(case: Case, headers: dict[str, str]) -> Response:
    """Ask the doors without a server: schemathesis' own way makes a thread for each request."""
    asked = requests.Request(**case.as_transport_kwargs("https://room.example", headers)).prepare()
    body = asked.body.encode() if isinstance(asked.body, str) else asked.body or b""
    reply = asyncio.run(DOORS.call(str(asked.method), asked.path_url, body, asked.headers.items()))
    told = {name: [text] for name, text in reply.headers.items()}
    return Response(reply.status, told, reply.content, asked, 0.0, verify=True)


@schema.parametrize()
@settings(
    max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)
def test_every_answer_is_as_the_document_says(case: Case) -> None:
    account = ACCOUNTS[case.path.partition("/Accounts")[0]]
    case.path_parameters = {**(case.path_parameters or {}), "AccountSid": account}
    response = ask(case, dict([basic(account, TOKEN)]))
    if response.status_code != 501:  # known, and said to be not served yet
        case.validate_response(response, checks=HELD)
