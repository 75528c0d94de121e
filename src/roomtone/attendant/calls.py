"""The commands `roomtone call …`: what people type, made into requests."""

from __future__ import annotations

from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import click

from roomtone.attendant.asking import Api, NoAnswer
from roomtone.attendant.entering import asking
from roomtone.attendant.telling import tell, tell_one

COLUMNS = ("sid", "direction", "from", "to", "status", "duration", "date_created")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, one object a line.")
STATUSES = ["queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"]
NOT_OVER = frozenset(STATUSES[:3])


@click.group()
def call() -> None:
    """Calls of a running server: see, make and end them.

    A server on this machine is found by --data; another by --url, --sid and --token, or by ROOMTONE_URL, ROOMTONE_SID and
    ROOMTONE_TOKEN.
    """


@call.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only these.")
@AS_JSON
@asking
def list_(api: Api, *, status: str | None, as_json: bool) -> None:
    """Print calls, the latest first; those that are not over, if no status is named."""
    for each in [status] if status else sorted(NOT_OVER):
        tell(api.every("Calls.json", "calls", {"Status": each}), COLUMNS, as_json=as_json)


@call.command()
@click.argument("which", metavar="SID")
@AS_JSON
@asking
def show(api: Api, which: str, *, as_json: bool) -> None:
    """Print what is known of a call."""
    tell_one(api.get(f"Calls/{quote(which)}.json"), as_json=as_json)


@call.command()
@click.argument("to", metavar="TO")
@click.option("--from", "caller", metavar="NUMBER", required=True, help="Who calls, as TO sees it.")
@click.option("--voice-url", metavar="URL", help="The document of the call.")
@click.option("--conference", "room", metavar="NAME", help="Bring them into this conference.")
@click.option("--label", metavar="NAME", help="What they are called there, in place of their call's sid.")
@AS_JSON
@asking
def make(  # noqa: PLR0913 - one argument for each option
    api: Api,
    to: str,
    *,
    caller: str,
    voice_url: str | None,
    room: str | None,
    label: str | None,
    as_json: bool,
) -> None:
    """Call TO: a number, sip:… or client:…, and give them a document, or bring them into a conference."""
    if (voice_url is None) == (room is None):
        raise NoAnswer("say what they get: --voice-url or --conference")
    if label is not None and room is None:
        raise NoAnswer("--label is for --conference")
    form = {"To": to, "From": caller}
    if room is not None:
        called = "" if label is None else f" participantLabel={quoteattr(label)}"
        form["Twiml"] = f"<Response><Dial><Conference{called}>{escape(room)}</Conference></Dial></Response>"
    else:
        form["Url"] = str(voice_url)
    tell_one(api.post("Calls.json", form), as_json=as_json)


@call.command()
@click.argument("which", metavar="SID")
@AS_JSON
@asking
def end(api: Api, which: str, *, as_json: bool) -> None:
    """Hang a call up, or call it off while it rings."""
    status = api.get(f"Calls/{quote(which)}.json")["status"]
    wanted = "canceled" if status in {"queued", "ringing"} else "completed"
    tell_one(api.post(f"Calls/{quote(which)}.json", {"Status": wanted}), as_json=as_json)
