"""The `roomtone` command: what people type. Each command reads its settings, then hands over."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from roomtone import __version__
from roomtone.attendant import call, conference, top
from roomtone.config import ConfigProblem, Settings, load
from roomtone.inspector import callbacks, listen
from roomtone.safekeeping import backup, compact, downgrade, restore
from roomtone.softphone.command import phone, seconds
from roomtone.tidying import build_undisturbed

F = TypeVar("F", bound=Callable[..., object])


def _settings(options: dict[str, str | None], config: Path | None = None) -> Settings:
    try:
        return load(options, os.environ, config)
    except ConfigProblem as problem:
        raise click.ClickException(str(problem)) from problem


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="roomtone")
def main() -> None:
    """Conference calls on your own machines, driven by the API your application already speaks."""


main.add_command(phone)
main.add_command(callbacks)
main.add_command(listen)
for each in (conference, call, top, backup, restore, downgrade, compact):
    main.add_command(each)

DATA_HELP = "Folder of the database, the certificates and the engine's socket."
SERVE_OPTIONS: tuple[tuple[str, str, str], ...] = (
    ("data", "DIR", DATA_HELP),
    ("http", "HOST:PORT", "The API without TLS; port 0 takes a free one, 'off' for not at all."),
    ("https", "HOST:PORT", "The API with TLS by the local CA (DIR/ca.pem); 'off' for not at all."),
    ("sip", "HOST:PORT", "Where phones call, by UDP and TCP."),
    ("sips", "HOST:PORT", "Where phones call by TLS; 'off' for nowhere, which is the default."),
    ("tls_certificate", "FILE", "Our certificate towards phones and trunks, PEM; default: of the local CA."),
    ("tls_key", "FILE", "The key of that certificate, PEM."),
    ("tls_trust", "FILE", "CAs to believe, besides the system's, when we call by TLS, PEM."),
    ("tls_clients", "FILE", "CAs of which everybody who calls by TLS must have a certificate, PEM."),
    ("dns_servers", "HOST:PORT,...", "DNS servers to ask where calls go; empty: the system's."),
    ("srtp", "WHEN", "What sound is encrypted: off, tls, required or anywhere."),
    ("rtp_ports", "A-B", "UDP ports for audio; 0-0 takes a free range."),
    ("rtp_trunk_port", "PORT", "UDP port for audio that calls of trunks share; 0: each has its own."),
    (
        "sip_connections",
        "N",
        "TCP, TLS and WebSocket connections that one address may have; 0: a quarter of all.",
    ),
    ("rtp_host", "IP", "Where callers send their audio, if not to the SIP host."),
    ("media_threads", "N", "Real-time threads that mix; auto: one less than there are processors."),
    ("leave_out_silence", "BOOL", "Leave silence out towards phones that agree to comfort noise."),
    ("noise_floor_db", "DB", "Noise that silence in a conference is filled with; 0: none."),
    ("automatic_gain", "BOOL", "Bring faint and loud speakers nearer to one another."),
    ("entry_sound", "FILE", "What a conference hears when somebody comes; default: a tone."),
    ("exit_sound", "FILE", "What a conference hears when somebody goes; default: a lower tone."),
    ("public_url", "URL", "How customers' programs reach the API."),
    ("sign_as", "URL=URL,...", "Applications behind a proxy: as asked, and as they see themselves."),
    ("callback_log_days", "DAYS", "Days that the delivery log is kept; 0: there is none."),
    ("allow_networks", "NETS", "Networks, besides public addresses, for documents and callbacks."),
    ("busy_at", "PERCENT", "How busy a media thread may be before new calls are refused; 0: as it likes."),
    ("drain_s", "SECONDS", "How long SIGTERM waits for calls to end by themselves."),
    ("orphan_s", "SECONDS", "How long the engine keeps calls up while no brain is there."),
    ("open_networks", "NETS", "Networks whose calls need no password."),
    ("open_numbers", "PREFIXES", "Numbers everybody may call without a password: +49,+1555; +: all."),
    ("sip_digests", "NAMES", "How phones prove their password: MD5, or SHA-256,MD5."),
    ("silent_hang_up_s", "SECONDS", "Seconds without a packet from a phone that end its call; 0: none do."),
    ("recording_rate_hz", "HZ", "Samples a second of recordings: 8000, 16000, 24000 or 48000."),
    ("recording_tracks", "BOOL", "Give each participant of a recorded conference a track of their own, too."),
    ("recording_form", "FORM", "How recordings are kept: wav or flac."),
    ("recording_public", "BOOL", "Deliver the sound of recordings without a password."),
    ("recording_cache_mb", "MB", "How much of recordings in other forms is kept."),
    ("recording_days", "DAYS", "Days that recordings are kept, and SID=DAYS, apart by commas; 0: for ever."),
    ("recording_storage", "URL", "Where finished recordings are brought: s3://bucket/prefix."),
    ("recording_s3_endpoint", "URL", "A service that speaks S3, if it is not Amazon's."),
    ("recording_s3_region", "NAME", "Region of that bucket."),
    ("recording_s3_login_file", "FILE", "A line 'KEY-ID SECRET' for that bucket."),
    ("number_pool", "NUMBERS", "Numbers offered to be claimed: E.164 ranges apart by commas."),
    ("trunks", "WAYS", "Where calls may go: +1,+44=sip:gateway.example:5060;transport=tcp, apart by spaces."),
    ("trunk_logins_file", "FILE", "Lines of 'host username password' for trunks that ask who calls."),
    ("operator", "SID", "The project that may make and change trunks by the API; absent: none may."),
    ("calls_per_s", "N", "Calls that each project may begin a second; 0: as many as come."),
    ("callback_attempts", "N", "How often a callback is tried; 0: as the vendor does."),
    ("callback_give_up_s", "SECONDS", "How long a callback may be owed before it is given up."),
    ("callback_days", "DAYS", "How long callbacks are kept after that; 0: for ever."),
    ("ice_servers", "URLS", "STUN and TURN servers to tell browsers of, apart by commas."),
    ("turn_secret_file", "FILE", "The secret that those TURN servers know, too."),
    (
        "rate_limit",
        "N",
        "Requests a second that one project may send; 0: no limit; auto: 100, on loopback 0.",
    ),
    (
        "wrong_logins",
        "N",
        "Wrong credentials a minute from one address; 0: no limit; auto: 30, on loopback 0.",
    ),
    ("speech", "COMMAND", "What speaks texts: auto, off, or a program that writes a WAV file."),
    ("transcriber", "COMMAND", "What writes down recordings: off, or a program that reads a WAV file."),
    (
        "metrics",
        "HOST:PORT",
        "Where Prometheus finds figures, without a password; 'off', the default: nowhere.",
    ),
    ("traces", "URL", "A collector of OpenTelemetry's traces (OTLP over HTTP); 'off', the default: none."),
    ("traces_share", "SHARE", "Of the traces that begin here, how many are kept: 0 to 1."),
    ("log_level", "LEVEL", "debug, info, warning or error."),
    ("log_format", "FORM", "How the log is written: text, or json, an object a line."),
)
"""Options of `serve`: one for each setting (a test compares them)."""


def _serve_options(command: F) -> F:
    for name, metavar, text in reversed(SERVE_OPTIONS):
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, metavar=metavar, help=text)(command)
    return command


@main.command()
@_serve_options
@click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A TOML file of settings, phones, domains and trunks.",
)
def serve(config: Path | None, **options: str | None) -> None:
    """Run the server until SIGTERM or Ctrl-C."""
    build_undisturbed()
    from roomtone.declared import declared
    from roomtone.server import ServerProblem, serve_forever

    settings = _settings(options, config)
    try:
        serve_forever(settings, declared(config))
    except (ConfigProblem, ServerProblem) as problem:
        raise click.ClickException(str(problem)) from problem


@main.group()
def project() -> None:
    """Projects (SignalWire) or accounts (Twilio): who may use the API."""


@project.command("create")
@click.option("--data", metavar="DIR", help=DATA_HELP)
@click.option(
    "--sid", metavar="UUID", help="Identity, as a dashed UUID or AC and 32 hex digits; made up if absent."
)
@click.option("--token", metavar="T", help="API token; made up if absent.")
@click.option(
    "--signing-key", metavar="K", help="Key of the signatures on our requests; the token if absent."
)
@click.option(
    "--dialect", type=click.Choice(["signalwire", "twilio"]), default="signalwire", show_default=True
)
@click.option("--name", default="default", show_default=True, help="A name for people.")
@click.option("--strict", is_flag=True, help="Serve it as its vendor would, and nothing beyond.")
def project_create(data: str | None, *, strict: bool, **wanted: str) -> None:
    """Make a project and print its credentials as JSON; works before and while the server runs."""
    from roomtone.provision import Wanted, create_project
    from roomtone.starting import ServerProblem

    settings = _settings({"data": data})
    try:
        made = asyncio.run(create_project(settings, Wanted(**wanted, strict=strict)))
    except ServerProblem as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(json.dumps(made))


def _provision(work: Callable[[Settings], Coroutine[Any, Any, object]], data: str | None) -> None:
    """Do something with the store, and print what comes of it as JSON, one line for each thing."""
    from roomtone.starting import ServerProblem

    settings = _settings({"data": data})
    try:
        made = asyncio.run(work(settings))
    except ServerProblem as problem:
        raise click.ClickException(str(problem)) from problem
    for line in made if isinstance(made, list) else [] if made is None else [made]:
        click.echo(json.dumps(line))


SID_HELP = "The project, as a dashed UUID or AC and 32 hex digits."


def _of_project(command: F) -> F:
    """Have a command told of the data folder and of the project it is about."""
    with_sid = click.option("--sid", metavar="SID", required=True, help=SID_HELP)(command)
    return click.option("--data", metavar="DIR", help=DATA_HELP)(with_sid)


@project.command("list")
@click.option("--data", metavar="DIR", help=DATA_HELP)
def project_list(data: str | None) -> None:
    """Print all projects, one JSON object a line, without secrets."""
    from roomtone.provision import list_projects

    _provision(list_projects, data)


@project.command("update")
@_of_project
@click.option("--strict/--no-strict", required=True, help="Whether it is served as its vendor would.")
def project_update(data: str | None, sid: str, *, strict: bool) -> None:
    """Change how a project is served, within half a minute where a server runs; prints it without secrets."""
    from roomtone.provision import make_strict

    _provision(lambda settings: make_strict(settings, sid, strict=strict), data)


@project.command("rotate-key")
@_of_project
@click.option(
    "--key", metavar="K", help="The new key, 32 characters or more, made by dice; made up if absent."
)
@click.option(
    "--overlap",
    metavar="TIME",
    default="24h",
    show_default=True,
    callback=seconds,
    help="How long the former key signs, too: 90s, 30m, 24h.",
)
@click.option("--done", is_flag=True, help="Change nothing but let the former key sign no more, now.")
def project_rotate_key(data: str | None, sid: str, key: str | None, overlap: float, *, done: bool) -> None:
    """Sign requests with another key, and print it. The former one is good meanwhile; tokens stay as they are."""
    from roomtone.provision import KeyChange, rotate_key

    change = KeyChange(key, overlap, done)
    _provision(lambda settings: rotate_key(settings, sid, change), data)


@project.group()
def token() -> None:
    """API tokens of a project. Several are valid at once: add one, move over, revoke the old."""


@token.command("add")
@_of_project
@click.option("--name", default="", help="A name for people.")
@click.option("--permission", "permissions", multiple=True, metavar="P", help="What it opens; all if absent.")
def token_add(data: str | None, sid: str, name: str, permissions: tuple[str, ...]) -> None:
    """Make a token and print it as JSON; its secret is told here and nowhere else."""
    from roomtone.provision import add_token

    _provision(lambda settings: add_token(settings, sid, name, permissions), data)


@token.command("list")
@_of_project
def token_list(data: str | None, sid: str) -> None:
    """Print a project's tokens, one JSON object a line, without secrets."""
    from roomtone.provision import list_tokens

    _provision(lambda settings: list_tokens(settings, sid), data)


@token.command("revoke")
@_of_project
@click.option("--id", "token_id", metavar="ID", required=True, help="Which, as `token list` names it.")
def token_revoke(data: str | None, sid: str, token_id: str) -> None:
    """Let a token open nothing any more, within half a minute where a server runs."""
    from roomtone.provision import revoke_token

    _provision(lambda settings: revoke_token(settings, sid, token_id), data)


@main.group()
def endpoint() -> None:
    """SIP phones that may register, and are then reached as sip:NAME@… and client:NAME."""


@endpoint.command("add")
@_of_project
@click.option("--name", metavar="NAME", required=True, help="What the phone is called.")
@click.option(
    "--password", metavar="P", help="Its password, of which only digests are kept; made up if absent."
)
def endpoint_add(data: str | None, sid: str, name: str, password: str | None) -> None:
    """Let a phone register, and print what it has to be told; works before and while the server runs."""
    from roomtone.telephones import add_endpoint

    _provision(lambda settings: add_endpoint(settings, sid, name, password), data)


@endpoint.command("list")
@_of_project
def endpoint_list(data: str | None, sid: str) -> None:
    """Print a project's phones and where each is registered, one JSON object a line."""
    from roomtone.telephones import list_endpoints

    _provision(lambda settings: list_endpoints(settings, sid), data)


@endpoint.command("remove")
@_of_project
@click.option("--name", metavar="NAME", required=True, help="Which.")
def endpoint_remove(data: str | None, sid: str, name: str) -> None:
    """Let a phone register no more, and forget where it is."""
    from roomtone.telephones import remove_endpoint

    _provision(lambda settings: remove_endpoint(settings, sid, name), data)


@main.group()
def domain() -> None:
    """Names whose calls (sip:anything@NAME) are a project's."""


@domain.command("add")
@_of_project
@click.option("--name", metavar="HOST", required=True, help="The name, such as pbx.example.com.")
@click.option("--voice-url", metavar="URL", help="The document of calls that are for none of its numbers.")
@click.option("--voice-method", type=click.Choice(["POST", "GET"]), default="POST", show_default=True)
@click.option("--allow", metavar="NET", multiple=True, help="A network whose calls need no password.")
def domain_add(data: str | None, sid: str, *, allow: tuple[str, ...], **wanted: str) -> None:
    """Have calls to a name be a project's."""
    from roomtone.telephones import DomainWanted, add_domain

    _provision(lambda settings: add_domain(settings, sid, DomainWanted(allow=allow, **wanted)), data)


@domain.command("list")
@_of_project
def domain_list(data: str | None, sid: str) -> None:
    """Print a project's domains, one JSON object a line."""
    from roomtone.telephones import list_domains

    _provision(lambda settings: list_domains(settings, sid), data)


@domain.command("remove")
@_of_project
@click.option("--name", metavar="HOST", required=True, help="Which.")
def domain_remove(data: str | None, sid: str, name: str) -> None:
    """Have calls to a name be nobody's."""
    from roomtone.telephones import remove_domain

    _provision(lambda settings: remove_domain(settings, sid, name), data)


@main.group()
def trunk() -> None:
    """Carriers and PBXs: where calls may go besides registered phones, and come from."""


@trunk.command("add")
@click.option("--data", metavar="DIR", help=DATA_HELP)
@click.option("--name", metavar="NAME", required=True, help="A name for people.")
@click.option(
    "--uri",
    "uris",
    metavar="URI",
    multiple=True,
    required=True,
    help="sip:host[:port][;transport=tcp]; several are tried in this order.",
)
@click.option("--prefix", "prefixes", metavar="+N", multiple=True, help="Numbers it takes; + takes all.")
@click.option("--username", metavar="U", help="For its challenges.")
@click.option("--password", metavar="P", help="For its challenges.")
@click.option(
    "--codec", "codecs", metavar="NAME", multiple=True, help="What is offered: PCMA, opus …; all if absent."
)
@click.option("--calls", type=int, default=0, help="Calls at a time; 0: as many as come.")
@click.option("--calls-per-s", type=float, default=0.0, help="Calls a second; 0: as many as come.")
@click.option(
    "--allow", metavar="NET", multiple=True, help="A network its calls come from, besides its own addresses."
)
@click.option(
    "--options-s", type=float, default=0.0, help="Seconds between questions whether it is there; 0: never."
)
def trunk_add(data: str | None, **wanted: Any) -> None:
    """Make a way out for numbers, and in for calls from there."""
    from roomtone.core.trunking import TrunkWanted
    from roomtone.telephones import add_trunk

    _provision(lambda settings: add_trunk(settings, TrunkWanted(**wanted)), data)


@trunk.command("list")
@click.option("--data", metavar="DIR", help=DATA_HELP)
def trunk_list(data: str | None) -> None:
    """Print all trunks, one JSON object a line, without passwords."""
    from roomtone.telephones import list_trunks

    _provision(list_trunks, data)


@trunk.command("remove")
@click.option("--data", metavar="DIR", help=DATA_HELP)
@click.option("--name", metavar="NAME", required=True, help="Which.")
def trunk_remove(data: str | None, name: str) -> None:
    """Call over a trunk no more."""
    from roomtone.telephones import remove_trunk

    _provision(lambda settings: remove_trunk(settings, name), data)


@main.group()
def recording() -> None:
    """Recordings: what their sound is."""


@recording.command("redact")
@click.argument("sid")
@click.option("--from", "from_s", type=float, required=True, metavar="S", help="Its beginning, in seconds.")
@click.option("--to", "to_s", type=float, required=True, metavar="S", help="Its end, in seconds.")
@click.option("--data", metavar="DIR", help=DATA_HELP)
@click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The server's TOML file, if it names a storage.",
)
def recording_redact(sid: str, from_s: float, to_s: float, data: str | None, config: Path | None) -> None:
    """Silence a span of recording SID for good, in all its files; works while the server runs, too."""
    from roomtone.redaction import redact
    from roomtone.starting import ServerProblem

    settings = _settings({"data": data}, config)
    try:
        click.echo(json.dumps(asyncio.run(redact(settings, sid, from_s, to_s))))
    except ServerProblem as problem:
        raise click.ClickException(str(problem)) from problem


@main.group()
def audit() -> None:
    """Who did what through the API."""


@audit.command("tail")
@click.option("--data", metavar="DIR", help=DATA_HELP)
@click.option("--lines", default=20, show_default=True, help="How many of the last ones to print.")
@click.option("--follow", "-f", is_flag=True, help="Go on as more is done, until Ctrl-C.")
def audit_tail(data: str | None, *, lines: int, follow: bool) -> None:
    """Print the last changes that were asked for, one JSON object a line, without secrets and contents."""
    from roomtone.provision import tail_audit

    async def print_all(settings: Settings) -> None:
        async for line in tail_audit(settings, lines, follow=follow):
            click.echo(json.dumps(line))

    try:
        _provision(print_all, data)
    except KeyboardInterrupt:
        return


@main.command()
@click.option(
    "--keep", is_flag=True, help="Leave server and callers running at the end, and say how to use them."
)
@click.option("--json", "as_json", is_flag=True, help="Print results for programs.")
def demo(*, keep: bool, as_json: bool) -> None:
    """Call three phones into a conference, steer them through the API, and prove by ear who hears whom."""
    from roomtone.demo import run_demo

    raise SystemExit(run_demo(keep=keep, as_json=as_json))


@main.command()
@click.option(
    "--target", required=True, metavar="URL", help="Whom to ask, and nobody else: scheme, host, port."
)
@click.option("--project", "sid", required=True, metavar="SID", help="Project or account to ask as.")
@click.option("--token", required=True, metavar="T", help="Its API token.")
@click.option(
    "--dialect",
    type=click.Choice(["signalwire", "twilio"]),
    help="Whose shapes are expected; told by the sid if absent.",
)
@click.option(
    "--write", is_flag=True, help="Also make, change and delete an application, a queue, a document there."
)
@click.option("--ca", metavar="FILE", help="A certificate authority to trust, such as DIR/ca.pem.")
@click.option("--json", "as_json", is_flag=True, help="Print results for programs.")
def conformance(  # noqa: PLR0913 - one argument for each option
    target: str, sid: str, token: str, dialect: str | None, *, write: bool, ca: str | None, as_json: bool
) -> None:
    """Ask a server, this one or a vendor's, what our tables expect, and print where it differs, field by field."""
    from roomtone.conformance import Target, run_conformance
    from roomtone.conformance.running import TargetProblem

    asked = Target(target, sid, token, dialect, write, ca)
    try:
        raise SystemExit(run_conformance(asked, click.echo, as_json=as_json))
    except TargetProblem as problem:
        raise click.ClickException(str(problem)) from problem


@main.command("lint-compat")
@click.option("--data", metavar="DIR", help=DATA_HELP)
@click.option("--project", "sid", metavar="SID", help="One project alone; all if absent.")
@click.option("--json", "as_json", is_flag=True, help="Print results for programs.")
def lint_compat(data: str | None, sid: str | None, *, as_json: bool) -> None:
    """Name what applications have used here that one of the two vendors lacks; ends with 1 if there is any."""
    from roomtone.linting import not_portable, told
    from roomtone.starting import ServerProblem

    try:
        found = asyncio.run(not_portable(_settings({"data": data}), sid))
    except ServerProblem as problem:
        raise click.ClickException(str(problem)) from problem
    for line in [json.dumps(found, indent=1)] if as_json else told(found):
        click.echo(line)
    raise SystemExit(int(bool(found)))


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what has SHELL complete commands and options: eval "$(roomtone completion bash)"."""
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None, "one of the choices"
    click.echo(made(main, {}, "roomtone", "_ROOMTONE_COMPLETE").source())


if __name__ == "__main__":
    main()
