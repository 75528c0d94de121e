"""Write `docs/compat.md`: what Roomtone does of the vendors' APIs, read from the tables that do it.

Usage: ``python scripts/generate_compat.py`` writes; ``python scripts/generate_compat.py --check`` exits 1 if the page
has drifted from the tables. Only the notes on deliberate differences are written here by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from drift import write_or_check

from roomtone.api.routes import OPEN, ROUTES, SERVED, Route
from roomtone.core.call.state import CallTopic
from roomtone.core.conference.state import Topic
from roomtone.core.refusals import Reason
from roomtone.cxml.elements import VERBS_TO_COME, WITHOUT_EFFECT
from roomtone.cxml.verbs import (
    conference,
    dial,
    echo,
    enqueue,
    gather,
    hangup,
    parties,
    pause,
    play,
    record,
    redirect,
    reject,
    say,
    stream,
)
from roomtone.dialects import (
    DIALECTS,
    SIGNALWIRE,
    TWILIO,
    Dialect,
    call_orders,
    participant_creation,
    samples,
    sip_forms,
)
from roomtone.dialects.call_events import NEVER_TOLD, STATUSES
from roomtone.dialects.limits import Patience

PAGE = Path(__file__).resolve().parent.parent / "docs" / "compat.md"
VERBS = {
    "Connect": stream.CONNECT,
    "Dial": dial.ATTRIBUTES,
    "Dial/Conference": conference.ATTRIBUTES,
    "Dial/Client": parties.CLIENT,
    "Dial/Number": parties.NUMBER,
    "Dial/Queue": parties.QUEUE,
    "Dial/Sip": parties.SIP,
    "Echo": echo.ATTRIBUTES,
    "Enqueue": enqueue.ATTRIBUTES,
    "Gather": gather.ATTRIBUTES,
    "Hangup": hangup.ATTRIBUTES,
    "Leave": (),
    "Pause": pause.ATTRIBUTES,
    "Play": play.ATTRIBUTES,
    "Redirect": redirect.ATTRIBUTES,
    "Record": record.ATTRIBUTES,
    "Reject": reject.ATTRIBUTES,
    "Say": say.ATTRIBUTES,
    "Start": (),
    "Start/Stream": stream.STREAM,
    "Stop": (),
}

HEAD = """\
# Compatibility

What Roomtone does of the two vendors' APIs, and where it differs on purpose. Generated from the tables that do it by
`scripts/generate_compat.py`; do not edit. Why is in the decision that each line names; what neither vendor says and Roomtone
had to choose is in [0003](decisions/0003-conference-life-cycle.md) for conferences, and for requests in
[0006](decisions/0006-dialects.md#statuses-and-numbers).
"""

NOTES = """\
## Where Roomtone differs on purpose

- **A strict project is served as its vendor would**, and none of what follows is given beyond that: see
  [how to be held to one vendor](howto/move-to-the-other-vendor.md#be-held-to-one-vendor).
  ([0006](decisions/0006-dialects.md))
- **Both dialects have everything.** Labels, `Coaching` as a list filter, `BeepOnExit` and `EndConferenceOnExit`
  (Twilio's) work in SignalWire projects, hosted documents (`LamlBins`, SignalWire's) in Twilio projects.
  ([0006](decisions/0006-dialects.md))
- **Any number may be claimed**; nobody sells it. It has voice alone: parameters of messages, faxes, trunks and
  emergencies are ignored, its resource says they are not set, and it is always somebody's own (`origin: hosted`).
  ([0006](decisions/0006-dialects.md))
- **A number's `StatusCallback`** is told of the end of each call to it, however it ended; so is that of the application it
  points to, which goes before the number's own. ([0008](decisions/0008-callback-delivery.md))
- **`AvailablePhoneNumbers` offers the setting `number_pool`** less what is claimed. Searches by `AreaCode` (of North
  America) and `Contains`; by place nobody can search. Nothing is sought by messages or fax, which no number has.
  ([0006](decisions/0006-dialects.md))
- **Calls**: `start_time` is the answer, or for a call that ended unanswered the moment it was made; a call that is
  not over cannot be deleted. `StartTime` and `EndTime` take days, ISO 8601 and RFC 2822 in both dialects.
  ([0006](decisions/0006-dialects.md))
- **Queues**: who waits in one is known while the server runs, and again after a restart, with everybody's place. A queue
  in which somebody waits cannot be deleted. What an Enqueue's `action` answers has no
  effect when the caller has hung up or was sent elsewhere. A name taken is 422 / 10000 at SignalWire and 409 / 20409 at Twilio.
  ([0006](decisions/0006-dialects.md))
- **Calls of ours** go where a trunk leads, and nowhere without one: 21215. What a request asks for and has no effect yet
  (answering machines, branded calls) is told in the answer's `Warning`. With an `ApplicationSid`, `StatusCallback` counts only
  if the application has none. An update's `TimeLimit` counts from the answer, of a caller who has none yet from now; its
  `StatusCallback` is told of what the former one was, of the end alone if there was none.
  ([0016](decisions/0016-calls-of-ours.md))
- **Recordings**: a call has one at a time beside those of its `Record` verbs, a conference one at all: beginning a second is
  16108 at Twilio and 422 / 21220 at SignalWire. What is over cannot be steered: 400 / 16114, 422 / 10000. One that could
  not be recorded is `failed` in its callback and `absent`, with an error code, in its resource, which has no such word.
  The next document of a Dial or Record waits up to 5 s for the sound to be there.
  ([0023](decisions/0023-recordings-and-streams.md))
- **Sound** is what `Recordings/{Sid}` without a suffix gives (as WAV), and with `.wav` or `.mp3`, in both dialects; with `.flac`
  and `.ogg` (Opus), below a call or a conference, and track by track it is Roomtone's own. `.json` is what is known of it.
  `RequestedChannels` is read in both; 2 of a recording that has one gives one. Ranges, `If-Range` and strong ETags (SHA-256).
  Until it is ready there is nothing: 404. It needs a password, unless the setting `recording_public` says otherwise
  (SignalWire: anybody may fetch it). ([0024](decisions/0024-the-sound-of-recordings.md))
- **`GET …/Changes`** is Roomtone's own: which conference or call of the account has changed, as server-sent events, after each
  commit; `Last-Event-ID` goes on where somebody was, and an event `reset` says that something may have been missed.
  ([0031](decisions/0031-the-console.md))
- **`Conferences/{Sid}/Mix`** is Roomtone's own: who hears whom now, and why (`muted`, `on-hold`, `coaches-another`, …), to whom
  each talks, and what plays to them. `At` (ISO 8601, RFC 2822, or milliseconds since 1970) asks for a past moment of a conference,
  also of one that is over; `Most` for the picture among so many at most. ([0003](decisions/0003-conference-life-cycle.md))
- **`Conferences/{Sid}/Timeline`** is Roomtone's own: who was ever there, and what happened when.
  ([0031](decisions/0031-the-console.md))
- **`POST Deliveries`, `Calls/{Sid}/Deliveries` and `Conferences/{Sid}/Deliveries`** with an `EventId` have a callback told again,
  under that id; with `Since` and `Until`, all those of that span. ([0028](decisions/0028-signatures-and-the-delivery-log.md))
- **`POST SignatureKey`** has requests signed with another key; the former one signs, too, for `Overlap` seconds or until `DELETE
  SignatureKey/Former`. ([0028](decisions/0028-signatures-and-the-delivery-log.md))
- **`POST LamlBins/Checks`** says what a document would do, and what is wrong with it, and keeps nothing.
  ([0031](decisions/0031-the-console.md))
- **`Conferences/{Sid}/Statistics`** is Roomtone's own: how everybody in a conference is heard now (codec, level, loss, jitter,
  delay, an estimated MOS), from the engine's counters of the last second; `Calls/{Sid}/Media` is the same of one call, with more.
  ([0031](decisions/0031-the-console.md))
- **`Recordings/{Sid}/Moments`, `/Tracks` and `/Redactions`** are Roomtone's own: what happened when, in samples; a track for
  each participant; and silencing a span for good. ([0024](decisions/0024-the-sound-of-recordings.md))
- **`POST Conferences/{Sid}/Recordings`** begins to record a conference that is in progress, which neither vendor has.
  ([0023](decisions/0023-recordings-and-streams.md))
- **A recording that is over and not ready yet** has the status `processing` at SignalWire, too. A conference's recording is listed
  with its first call, and can be steered and deleted there as well. `Transcriptions` are made by a program of the operator's
  (setting `transcriber`); without one they are empty, and asking for one is 501.
  ([0023](decisions/0023-recordings-and-streams.md))
- **`recordingStorageUrl` and `storageUrl`** have no effect, and a notification says so: sound is fetched from here. ([0023](decisions/0023-recordings-and-streams.md))
- **There are no messages and faxes**: their lists are empty, each of them is 404, and making one is 501.
  ([0006](decisions/0006-dialects.md))
- **Numbers of a kind** (`IncomingPhoneNumbers/Local` and so on): what the setting `number_pool` says of a number, else
  North America's toll-free codes are toll-free and everything else is local. ([0006](decisions/0006-dialects.md))
- **`Tokens`** tells of the servers of the setting `ice_servers`, none unless it is set. A pass is coturn's: its name is the
  moment it ends and the account, its password is made of that and `turn_secret_file`. Nothing is kept of it.
  ([0012](decisions/0012-access.md))
- **`SigningKeys` are `Keys`** by another name, as with Twilio. ([0012](decisions/0012-access.md))
- **Unknown parameters are ignored**, and noted in the log once for each project and route.
  ([0006](decisions/0006-dialects.md))
- **An empty text is "not given"**, but for URLs, where it takes the URL away (`WaitUrl=`: silence), and for
  `CallSidToCoach=`, which ends coaching. ([0006](decisions/0006-dialects.md))
- **A `PageSize` over 1000 is served 1000.** The SDKs ask for as many as their caller wants in all.
  ([0006](decisions/0006-dialects.md))
- **Page tokens name the participant**, not the call, and open their page also after its item is gone.
  ([0006](decisions/0006-dialects.md))
- **Ids are read in either spelling**, everywhere, and written in the project's own. ([0006](decisions/0006-dialects.md))
- **No suffix is JSON**, as `.json` is, in Twilio projects, too (Twilio: XML). `.xml` and `.csv` are served in both
  dialects; addresses in them lead on in the same face. A refusal under `.csv` is JSON.
  ([0006](decisions/0006-dialects.md))
- **ETag**: every answer of 200 to a GET carries a weak one, and `If-None-Match` is answered by 304.
  ([0006](decisions/0006-dialects.md))
- **What is no HTTP** is answered in JSON, too (400), a head of more than 64 kB by 431, one that did not come within 10 s by
  408; a body has 20 s for each piece and 60 s in all. A connection on which nothing comes is closed after 10 s, and after
  75 s once it has been used. ([0011](decisions/0011-rest-speed.md))
- **A trailing slash is another path**, and 404. Nothing is ever redirected. ([0006](decisions/0006-dialects.md))
- **Tokens and keys are one thing.** SignalWire's `tokens` and Twilio's `Keys` make the same; either is used with the
  account's sid or with its own (`SK…`) as the user. A missing permission is 401, in Twilio's dialect 20006; so is giving a key
  one that the key one asks with does not have. `Permissions` of `Keys`, and listing `tokens`, are ours.
  ([0012](decisions/0012-access.md))
- **Accounts have two levels.** A Twilio account's `auth_token` is what signs requests to its servers; a key that has not
  all permissions reads `redacted` there, is not told a new SignalWire project's `signing_key`, and cannot `POST SignatureKey`.
  ([0012](decisions/0012-access.md))
- **Both signature headers** are sent in both dialects, with the same value. ([0006](decisions/0006-dialects.md))
- **Calls' callbacks** are numbered from 0 by what was subscribed to. SignalWire's carry no figures of the audio
  (`AudioIn…`, `AudioOut…`); `SipInviteResultPhrase` is SIP's own for the code, whatever the other end wrote; `HangupBy` is `caller` or `callee`, `HangupDirection` is
  `inbound` if the other end hung up and `outbound` if Roomtone did, since the vendor does not publish their words.
  ([0008](decisions/0008-callback-delivery.md))
- **SignalWire's callbacks of conferences carry more** than documented: SequenceNumber, Coaching, and why somebody left or it
  ended.
  They carry no Duration and no RecordingUrl: the recording has callbacks of its own. ([0006](decisions/0006-dialects.md))
- **`Calls/{Sid}/Media`** is Roomtone's own: how the audio of a call fares that is up (packets, loss, jitter, buffer, level,
  round trip, R and MOS by the E-model), as told by the engine every five seconds. 404 before and after.
  ([0006](decisions/0006-dialects.md))
- **`JitterBufferSize`** bounds the delay and fixes none: the buffer is as deep as the network needs. Up to one packet
  (`off`), 60, 120 and 300 ms may wait; on an even network 10 to 30 ms do. ([0013](decisions/0013-codecs.md))
- **`date_updated` stays** when an update changes nothing. ([0003](decisions/0003-conference-life-cycle.md))
- **Say** speaks with the voices of the house: of a vendor's voice, language and gender are kept. 4,096 characters.
  ([0015](decisions/0015-speech-synthesis.md))
- **Gather** collects keys; speech is not understood, and told so. Keys pressed before it are not kept; any key stops its
  prompts, whatever `bargeIn` says. ([0004](decisions/0004-documents.md))
- **Record** keeps what comes from the phone from the tone on, unless `recordingTrack` says otherwise. Its action is told
  `RecordingSid`, too. Who says nothing comes to the next verb. ([0004](decisions/0004-documents.md))
- **`SendDigits`** are pressed before the document begins, as telephone events, or as tones where the phone takes none.
  ([0016](decisions/0016-calls-of-ours.md))
- **Play digits** are heard as tones in the sound, not sent as telephone events. ([0004](decisions/0004-documents.md))
- **`<Refer>`** asks any phone or trunk, for all are reached by SIP: 13801 never comes. The action is asked though the phone has hung
  up meanwhile; what it answers has no effect then. ([0021](decisions/0021-transfers.md))
- **A phone's own transfer** (REFER) works without `referUrl` too, for registered phones and to where their project may call: whoever
  they talk with is connected with the target, or the target takes their seat in the conference. Others get 403. Twilio
  wants a `referUrl` each time. ([0021](decisions/0021-transfers.md))
- **Streams**: the inbound track of a conference is what those say together who talk to the room, the outbound one what its other
  two-way streams said into it when this one began; music and announcements are on neither. `streamSid` stands in every message,
  `connected` has no number; `realtime`, `StreamRealTime`, `streamSslValidateCertificate` and `streamStartConferenceOnEnter` change
  nothing. By REST `Url` is absolute. A `<Stream>` of a conference that runs already is not begun again.
  ([0025](decisions/0025-media-streams.md))
- **A caller who waits for the bridge** (`answerOnBridge`) hears their own phone's ringing, until a lone party's own sound comes
  (183 with SDP); with `ringTone` they hear that tone at once. One whose INVITE has no offer hears nothing before the answer.
  ([0017](decisions/0017-dial.md))
- **Silence is sent, too**: who waits for a key, a document or their turn in a queue gets packets all the while.
  ([0017](decisions/0017-dial.md))
- **Attended transfers** (REFER with Replaces) connect the far ends of a registered phone's two calls, or seat one of them in the
  other's conference; no `referUrl` is asked. An INVITE with Replaces (RFC 3891) takes over a call that is up:
  who calls has to prove to be a registered phone of the same project, and the call has to be one of such a phone; no document is asked.
  ([0021](decisions/0021-transfers.md))
- **A document that cannot be had**, nor its fallback, ends the call: a caller who was not answered yet is refused with 500, others are hung
  up on. Nothing is said to them (the vendors: a spoken message), a notification says why. ([0004](decisions/0004-documents.md))
- **Cookies** that come with a call's documents are sent back with its further requests for documents, in both dialects (Twilio: also with
  those of the next call between the same two numbers); 50 of a call and 8 kB at most, of the 1,000 calls that asked last, while the server runs. Callbacks, and sound to be played, have none.
  ([0004](decisions/0004-documents.md))
- **A `<Sip>` address without `transport`** is reached as its trunk or registration says, else over UDP (SignalWire: TLS).
  ([0018](decisions/0018-phones-and-trunks.md))
- **A `<Dial>`'s action** has `DialSipCallId` and `DialSipResponseCode`, not the headers of the answer (SignalWire's `DialSipHeader_*`).
  A client that is not registered is told of by 13225, not by SignalWire's 32009. ([0018](decisions/0018-phones-and-trunks.md))
- **`QueueResult`** is all but bridging in progress (`bridging-in-progress`, `-process`), of which nobody is told. A caller who hangs up while
  connected was `bridged`; who is hung up on by a request or a document is not told of.
  ([0006](decisions/0006-dialects.md))
- **`JoinTokens`** is Roomtone's own: signed passes for web pages, instead of the project's token. Twilio's `AccessToken`s are taken if
  the account's signing key signed them, not those that an API key's secret did. ([0032](decisions/0032-phones-in-the-browser.md))
- **`AudioFiles`** is Roomtone's own: sound kept here under an address that announcements and documents can play.
  ([0031](decisions/0031-the-console.md))
- **401** asks programs for a login (`WWW-Authenticate`), and browsers (`Sec-Fetch-Mode`) not: they would keep it.
  ([0030](decisions/0030-guards.md))
- **Browsers** come by HTTP (`BrowserCalls`, ours) or SIP over WebSockets, not by the vendors' own JavaScript SDKs.
  ([0018](decisions/0018-phones-and-trunks.md))
- **`SIP/Domains`** takes any host name that nobody has on this server, not only one of the vendor's. `Secure=true` is refused, since
  the settings say what is encrypted; emergency calls and BYOC trunks are told in the answer's `Warning`. Calls to a domain's
  numbers go where the numbers say. ([0010](decisions/0010-sip-over-rest.md))
- **`SIP/CredentialLists`**: a `Username` is given once in an account, not once in a list; 1 to 64 letters, digits and `. _ ~ + -`.
  A list that a domain has taken cannot be deleted. Phones of `roomtone endpoint add` are in no list, are not listed here, and
  may register and call anywhere. ([0010](decisions/0010-sip-over-rest.md))
- **`SIP/IpAccessControlLists`** takes IPv6, too. The networks `open_networks`, trunks and `domain add --allow` are let in besides.
  ([0010](decisions/0010-sip-over-rest.md))
- **Trunks** are the operator's, not an account's: Twilio's `trunking.twilio.com/v1/Trunks` is not there. **`Trunks`** is Roomtone's own, and
  answers 403 but for the project that the setting `operator` names (keys of the account above that project open
  it, too); a trunk is known by its name, and the list is one page.
  ([0010](decisions/0010-sip-over-rest.md))
- **Limits of encryption**: a certificate asked of callers (`tls_clients`) is asked of everybody on the `sips` port, not of one trunk;
  keys have no MKI and no lifetime. ([0020](decisions/0020-encryption.md))
- **`<Dial>` of several parties** connects the first who can be: one with a document of their own (`url`) when it is over. Who
  may not be called has failed, and a notification (13225) says so. ([0017](decisions/0017-dial.md))
- **Attributes and parameters [without effect](#without-effect)** and verbs that are not there yet are told in the call's
  `Notifications`, and in the answer's `Warning`. ([0004](decisions/0004-documents.md))
- **Notifications** are there in both dialects, in Twilio's shape; variables, headers and bodies of requests are not kept, and
  of one call at most 100. ([0004](decisions/0004-documents.md))
- **Hosted documents** know `{{name}}`, `{{{name}}}`, sections, inverted sections and comments of mustache, and neither
  partials nor other delimiters; what is filled in is escaped for XML. 64 kB before and after.
  ([0006](decisions/0006-dialects.md))
- **Errors of one shape** `{code, message, more_info, status}` on every route and for every status. 501 is 20501 and
  413 is 20413, numbers of Roomtone's own. `more_info` leads to a page of this server (`/errors/20404`), and the header
  `Hint` says what to do. ([0006](decisions/0006-dialects.md))
"""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def code(words: Iterable[str]) -> str:
    """Write words as code."""
    return " ".join(f"`{word}`" for word in words)


def where(route: Route) -> str:
    """Write a route's path below its account."""
    if not route.of_account:
        return "/Accounts"
    return "/" + "/".join("{…}" if part == OPEN else part for part in route.pattern)


def standing(route: Route, dialect: Dialect) -> str:
    """Say how a route stands in a dialect."""
    theirs = route.vendors in {dialect.name, "both"}
    if route.endpoint is None:
        return "501, not yet" if theirs else "501, not the vendor's"
    nothing = route.kind in samples.EMPTY and route.name.endswith(".list")
    done = route.partly or ("always empty" if nothing else "yes")
    return done if theirs else f"{done}, and not the vendor's"


def routes() -> str:
    """Write every route in both dialects."""
    rows = [
        (route.name, f"`{route.method} {where(route)}`", standing(route, SIGNALWIRE), standing(route, TWILIO))
        for route in ROUTES
    ]
    return (
        "## Routes\n\nBelow `/api/laml/2010-04-01/Accounts/{AccountSid}` and `/2010-04-01/Accounts/{AccountSid}`, each "
        "with `.json` and without. HEAD works where GET does, OPTIONS everywhere. `/laml-bins/{Sid}` serves hosted "
        "documents to anybody, `/errors` and `/errors/{code}` explain refusals, `/openapi.json` describes all of it, `/healthz` says whether the server is up, `/readyz` whether it can take work.\n\n"
        + table(("Operation", "Request", "SignalWire", "Twilio"), rows)
    )


def parameters() -> str:
    """Write what each served route reads."""
    rows = [(route.name, code(sorted(_folded(route.parameters)))) for route in SERVED if route.parameters]
    return "## Parameters that are read\n\n" + table(("Operation", "Parameters"), rows)


def _folded(names: Iterable[str]) -> set[str]:
    """Name numbered parameters once."""
    return {re.sub("[0-9]+", "N", name) for name in names}


def refusals() -> str:
    """Write every refusal in both dialects."""
    rows = []
    for reason in Reason:
        theirs, ours = (one.errors.rows[reason] for one in (SIGNALWIRE, TWILIO))
        rows.append(
            (reason.value, f"{theirs.status} / {theirs.code}", f"{ours.status} / {ours.code}", ours.message)
        )
    return "## Refusals\n\nHTTP status and code, and Twilio's message.\n\n" + table(
        ("Reason", "SignalWire", "Twilio", "Message"), rows
    )


def topics() -> str:
    """Write which callback events each dialect has."""
    rows = [
        (topic.value, *("yes" if topic in one.forms.rules.topics else "–" for one in (SIGNALWIRE, TWILIO)))
        for topic in Topic
    ]
    return "## Conference callback events\n\n" + table(("Event", "SignalWire", "Twilio"), rows)


def call_events() -> str:
    """Write which events of a call are told, and with which status."""
    rows = [
        *((topic.value, STATUSES.get(topic, "the final one"), "yes", "yes") for topic in CallTopic),
        *((word, "never told", "accepted", "–") for word in sorted(NEVER_TOLD)),
    ]
    head = ("Event", "CallStatus", "SignalWire", "Twilio")
    return "## Call callback events\n\n" + table(head, rows)


def patience() -> str:
    """Write how long customers' servers are waited for."""
    rows = [
        (f"{kind}, {name}", *_numbers(limits), code(dialect.limits.overrides))
        for name, dialect in DIALECTS.items()
        for kind, limits in (("documents", dialect.limits.documents), ("callbacks", dialect.limits.callbacks))
    ]
    head = ("Requests", "Connect", "Read", "Total", "Redirects", "Attempts", "In the URL's fragment")
    return "## How long a customer's server is waited for\n\n" + table(head, rows)


def _numbers(limits: Patience) -> tuple[str, ...]:
    times = tuple(f"{seconds:g} s" for seconds in (limits.connect_s, limits.read_s, limits.total_s))
    return (*times, str(limits.redirects), str(limits.attempts))


def verbs() -> str:
    """Write the verbs of documents, and the attributes that are read."""
    rows = [
        (f"`<{name}>`", code(sorted(row.spelling for row in attributes)) or "none")
        for name, attributes in VERBS.items()
    ]
    later = code(f"<{name}>" for name in sorted({*VERBS_TO_COME, *dial.NOUNS_TO_COME}))
    return (
        "## Documents\n\n"
        + table(("Verb", "Attributes that are read"), rows)
        + f"\nNot there yet, skipped with a warning: {later}.\n"
    )


def without_effect() -> str:
    """Write what is read and has no effect."""
    asked = (
        ("calls.create", call_orders.UNSUPPORTED),
        ("participants.create", participant_creation.UNSUPPORTED),
        ("sip-domains.create, sip-domains.update", sip_forms.UNSUPPORTED),
    )
    written = ((f"`<{tag}>`", names) for tag, names in sorted(WITHOUT_EFFECT.items()))
    rows = [(where, code(sorted(names)), "`Warning`") for where, names in asked]
    rows += [(where, code(sorted(names)), "notification") for where, names in written]
    head = ("Where", "What", "Told by")
    return (
        "## Without effect\n\nParameters and attributes that are known, checked, and then left out.\n\n"
        + table(head, rows)
    )


def page() -> str:
    """Write the whole page."""
    parts = [
        HEAD, NOTES, routes(), parameters(), without_effect(), refusals(), topics(), call_events(), patience(), verbs(),
    ]  # fmt: skip
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page()))
