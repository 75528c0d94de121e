"""The commands `roomtone conference …`: what people type, made into requests."""

from __future__ import annotations

import json
from urllib.parse import quote

import click

from roomtone.attendant.asking import Api, NoAnswer, Resource
from roomtone.attendant.entering import asking
from roomtone.attendant.telling import matrix, printable, tell, tell_one
from roomtone.core.ids import ConferenceId
from roomtone.dialects import sids

COLUMNS = ("sid", "friendly_name", "status", "date_created")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, one object a line.")
ROOM = click.argument("room", metavar="CONFERENCE")
WHO = click.argument("who", metavar="PARTICIPANT")


@click.group()
def conference() -> None:
    """Conferences of a running server: see who hears whom, and steer.

    CONFERENCE is a sid, or the name of one that is not over. PARTICIPANT is a call's sid, the end or beginning of one, or a
    label. A server on this machine is found by --data; another by --url, --sid and --token, or by ROOMTONE_URL, ROOMTONE_SID
    and ROOMTONE_TOKEN.
    """


@conference.command("list")
@click.option("--status", type=click.Choice(["init", "in-progress", "completed"]), help="Only these.")
@AS_JSON
@asking
def list_(api: Api, *, status: str | None, as_json: bool) -> None:
    """Print conferences, the latest first; those that are not over, if no status is named."""
    found = api.every("Conferences.json", "conferences", {"Status": status} if status else None)
    tell((one for one in found if status or one["status"] != "completed"), COLUMNS, as_json=as_json)


@conference.command("show")
@ROOM
@AS_JSON
@asking
def show(api: Api, room: str, *, as_json: bool) -> None:
    """Print who hears whom in a conference, and why not."""
    mix = api.get(f"Conferences/{found(api, room)}/Mix.json")
    if as_json:
        click.echo(json.dumps(mix))
        return
    click.echo(f"{mix['conference_sid']}  {printable(mix['friendly_name'])}  {mix['status']}\n")
    for line in matrix(mix):
        click.echo(line)


def _flag(name: str, field: str, value: str, text: str) -> None:
    @conference.command(name, help=text)
    @ROOM
    @WHO
    @AS_JSON
    @asking
    def change(api: Api, room: str, who: str, *, as_json: bool) -> None:
        _update(api, room, who, {field: value}, as_json=as_json)


_flag("mute", "Muted", "true", "Let nobody hear PARTICIPANT.")
_flag("unmute", "Muted", "false", "Let PARTICIPANT be heard again.")
_flag("unhold", "Hold", "false", "Bring PARTICIPANT back into the room.")


@conference.command()
@ROOM
@WHO
@click.option("--music", metavar="URL", help="What they hear meanwhile; the house's music if absent.")
@AS_JSON
@asking
def hold(api: Api, room: str, who: str, *, music: str | None, as_json: bool) -> None:
    """Take PARTICIPANT out of the room, with music."""
    _update(api, room, who, {"Hold": "true", **({"HoldUrl": music} if music else {})}, as_json=as_json)


@conference.command()
@ROOM
@WHO
@click.argument("coached", metavar="[COACHED]", required=False)
@click.option("--stop", is_flag=True, help="Let them speak to the room again.")
@AS_JSON
@asking
def coach(api: Api, room: str, who: str, coached: str | None, *, stop: bool, as_json: bool) -> None:
    """Let PARTICIPANT speak to COACHED alone, who hears them as a whisper."""
    if stop == (coached is not None):
        raise NoAnswer("say whom they coach, or --stop")
    form = {"Coaching": "false"}
    if coached is not None:
        sid = found(api, room)
        form = {"Coaching": "true", "CallSidToCoach": participant(api, sid, coached)}
    _update(api, room, who, form, as_json=as_json)


@conference.command()
@ROOM
@click.argument("sound", metavar="URL")
@click.option("--to", "who", metavar="PARTICIPANT", help="For their ears alone.")
@AS_JSON
@asking
def announce(api: Api, room: str, sound: str, *, who: str | None, as_json: bool) -> None:
    """Play what URL gives, a sound or a document, over the conference, or to one."""
    sid = found(api, room)
    path = f"Conferences/{sid}"
    if who is not None:
        path += f"/Participants/{participant(api, sid, who)}"
    tell_one(api.post(f"{path}.json", {"AnnounceUrl": sound}), as_json=as_json)


@conference.command()
@ROOM
@WHO
@AS_JSON
@asking
def remove(api: Api, room: str, who: str, *, as_json: bool) -> None:
    """Take PARTICIPANT out of the conference; their call goes on with its document."""
    sid = found(api, room)
    call = participant(api, sid, who)
    api.delete(f"Conferences/{sid}/Participants/{call}.json")
    if as_json:
        click.echo(json.dumps({"conference_sid": sid, "call_sid": call, "removed": True}))


@conference.command()
@ROOM
@AS_JSON
@asking
def end(api: Api, room: str, *, as_json: bool) -> None:
    """End a conference for everybody."""
    tell_one(api.post(f"Conferences/{found(api, room)}.json", {"Status": "completed"}), as_json=as_json)


def _update(api: Api, room: str, who: str, form: dict[str, str], *, as_json: bool) -> None:
    sid = found(api, room)
    path = f"Conferences/{sid}/Participants/{participant(api, sid, who)}.json"
    tell_one(api.post(path, form), as_json=as_json)


def found(api: Api, room: str) -> str:
    """Give the sid of a conference that is named by its sid, or by its name while it is not over.

    Raises:
        NoAnswer: There is none.
    """
    if sids.parse(ConferenceId, room) is not None:
        return room
    for one in api.every("Conferences.json", "conferences", {"FriendlyName": room}):
        if one["status"] != "completed":
            return str(one["sid"])
    raise NoAnswer(f"no conference {room!r} is going on; `roomtone conference list` names those that are")


def participant(api: Api, room: str, who: str) -> str:
    """Give the call sid of somebody who is named by it, by its end or beginning, or by their label.

    Raises:
        NoAnswer: Nobody is meant, or several are.
    """
    people = _people(api, room)
    meant = [one for one in people if who in {one["call_sid"], one.get("label")}] or [
        one for one in people if _is_part(who, one)
    ]
    if len(meant) == 1:
        return str(meant[0]["call_sid"])
    there = ", ".join(printable(one.get("label") or one["call_sid"]) for one in meant or people) or "nobody"
    raise NoAnswer(f"{who!r} is {'several' if meant else 'not there'}: {there}")


def _people(api: Api, room: str) -> list[Resource]:
    """Give who is there; labels are told by the picture alone to SignalWire's projects, who have none by their vendor."""
    try:
        return list(api.get(f"Conferences/{quote(room)}/Mix.json")["participants"])
    except NoAnswer:  # a strict project has no such picture
        return list(api.every(f"Conferences/{quote(room)}/Participants.json", "participants"))


def _is_part(who: str, one: Resource) -> bool:
    sid, part = str(one["call_sid"]).lower(), who.lower().removeprefix("…")
    return len(part) >= 4 and (sid.startswith(part) or sid.endswith(part))
