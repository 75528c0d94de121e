"""Lets a test drive an official Python SDK: one JSON command per line in, one JSON answer per line out.

Nothing of the SDK is replaced: only the address is ours. Runs in whatever environment the SDK is installed in, so it
imports nothing else. ``python steer.py '{"sdk": …, "sid": …, "token": …, "base": …, "ca": …}'``
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import sys
from urllib.parse import parse_qsl, urlsplit


def open_client(settings):
    if settings["sdk"] == "twilio":
        from twilio.rest import Client

        client = Client(settings["sid"], settings["token"])
        client.api.base_url = settings["base"]
        return client
    if settings["sdk"] == "signalwire-sdk":
        return open_compat(settings)
    from signalwire.rest import Client

    client = Client(settings["sid"], settings["token"], signalwire_space_url=settings["space"])
    if settings["base"].startswith("http://"):
        client.api.base_url = settings["base"]
    # This SDK reads no variable for a CA of one's own; its session does.
    client.http_client.session.verify = settings["ca"]
    return client


class Compat:
    """The newer package's own names, under those of the others. It pages no list: its caller follows the addresses."""

    def __init__(self, client):
        self.conferences_ = client.compat.conferences

    def list(self, conference, options):
        return self.conferences_.list_participants(conference, **options)["participants"]

    def each(self, conference, options):
        while options is not None:
            page = self.conferences_.list_participants(conference, **options)
            yield from page["participants"]
            following = page["next_page_uri"]
            options = dict(parse_qsl(urlsplit(following).query)) if following else None

    def carry_out(self, command):
        options = {
            name[0].upper() + name[1:]: value for name, value in (command.get("options") or {}).items()
        }
        verb, conference, call = command["do"], command["conference"], command.get("call")
        if verb == "list":
            return self.list(conference, options)
        if verb == "each":
            return list(self.each(conference, options))
        if verb == "fetch":
            return self.conferences_.get_participant(conference, call)
        if verb == "update":
            return self.conferences_.update_participant(conference, call, **options)
        if verb == "remove":
            return self.conferences_.remove_participant(conference, call) == {}
        raise ValueError(verb)


def open_compat(settings):
    from signalwire.rest import RestClient

    client = RestClient(settings["sid"], settings["token"], host=settings["host"])
    return Compat(client)


FIELDS = {
    "participant": (
        "account_sid", "call_sid", "conference_sid", "muted", "hold", "coaching", "call_sid_to_coach", "status",
        "start_conference_on_enter", "end_conference_on_exit", "date_created", "date_updated", "uri",
    ),
    "recording": ("account_sid", "sid", "status", "channels", "source", "duration", "date_created", "start_time", "uri"),
    "conference": ("account_sid", "sid", "friendly_name", "status", "region", "date_created", "uri", "subresource_uris"),
}  # fmt: skip


def plain(one, kind="participant"):
    if isinstance(one, list):
        return [plain(each, kind) for each in one]
    if isinstance(one, (bool, str)) or one is None:
        return one
    return {name: value(getattr(one, name)) for name in FIELDS[kind]}


def value(found):
    if isinstance(found, (dt.datetime, dt.date)):
        return found.isoformat()
    return str(found) if isinstance(found, decimal.Decimal) else found


def of_recordings(client, command):
    options = command.get("options") or {}
    verb = command["do"]
    if verb == "record_call":
        return plain(client.calls(command["call"]).recordings.create(**options), "recording")
    if verb == "recording":
        return plain(client.recordings(command["recording"]).fetch(), "recording")
    if verb == "remove_recording":
        return plain(client.recordings(command["recording"]).delete())
    recordings = client.conferences(command["conference"]).recordings
    if verb == "recordings":
        return plain(recordings.list(**options), "recording")
    return plain(recordings(command["recording"]).update(**options), "recording")


def carry_out(client, command):
    if isinstance(client, Compat):
        return client.carry_out(command)
    options = command.get("options") or {}
    verb = command["do"]
    if verb == "conferences":
        return plain(client.conferences.list(**options), "conference")
    conference = client.conferences(command["conference"])
    if verb == "conference":
        return plain(conference.fetch(), "conference")
    if verb == "update_conference":
        return plain(conference.update(**options), "conference")
    if verb == "list":
        return plain(conference.participants.list(**options))
    if verb == "each":
        return plain(list(conference.participants.stream(**options)))
    participant = conference.participants(command["call"])
    if verb == "fetch":
        return plain(participant.fetch())
    if verb == "update":
        return plain(participant.update(**options))
    if verb == "remove":
        return plain(participant.delete())
    raise ValueError(verb)


def body_of(error):
    body = getattr(error, "body", None)
    if isinstance(body, str):
        body = json.loads(body)
    return body or {}


def told(error):
    return {
        "error": {
            "name": type(error).__name__,
            "status": getattr(error, "status", getattr(error, "status_code", None)),
            "code": getattr(error, "code", body_of(error).get("code")),
            "message": str(getattr(error, "msg", error)),
        }
    }


def main():
    client = open_client(json.loads(sys.argv[1]))
    for line in sys.stdin:
        try:
            command = json.loads(line)
            work = of_recordings if "record" in command["do"] else carry_out
            answer = {"result": work(client, command)}
        except Exception as error:  # noqa: BLE001 - the test judges it
            answer = told(error)
        print(json.dumps(answer), flush=True)


main()
