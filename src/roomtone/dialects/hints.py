"""What to do about a refusal: one sentence for each reason, sent in the header ``Hint`` beside the vendor's own body.

A header, since both vendors' clients take a body with other keys than theirs for something else. Sentences are ASCII,
for a header can hold nothing else, and end without a full stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from roomtone.core.refusals import Reason

_AGAIN = "Read the resource anew and send the request only if it still makes sense"
_PAGES = "Follow next_page_uri and previous_page_uri as they are given"

HINTS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NOT_AUTHENTICATED: "Send HTTP Basic with the account's sid as user and its API token as password",
        Reason.ACCESS_DENIED: "Use a key with that permission, or the account's own token",
        Reason.PROJECT_NOT_ACTIVE: "Set Status=active with a key of the account above it",
        Reason.NOT_FOUND: "Compare the path with docs/reference/api.md and the sid with a list of this account",
        Reason.METHOD_NOT_ALLOWED: "Use a method of the Allow header; POST updates nearly everything",
        Reason.NOT_IMPLEMENTED: "See docs/compat.md for what Roomtone does in place of this",
        Reason.BODY_TOO_LARGE: "Send less: 64 kB for a form, 256 kB for a hosted document, 10 MB for an audio file",
        Reason.BODY_UNREADABLE: "Send UTF-8 as application/x-www-form-urlencoded, or a flat JSON object",
        Reason.PARAMETER_MISSING: "Add the parameter; names are in PascalCase and heed case",
        Reason.PARAMETER_INVALID: "Mend the parameter that the message names",
        Reason.METHOD_INVALID: "Say GET or POST",
        Reason.URL_INVALID: "Give an absolute URL that begins with http:// or https:// and has no blanks",
        Reason.DOCUMENT_INVALID: "Send well-formed XML whose outermost element is Response",
        Reason.PAGE_INVALID: _PAGES,
        Reason.PAGE_SIZE_INVALID: "Ask for 1 to 1000 at once; more than that is served 1000 at a time",
        Reason.PAGE_TOKEN_MISSING: _PAGES,
        Reason.PAGE_TOKEN_INVALID: _PAGES,
        Reason.NUMBER_INVALID: "Write the number as E.164, as +12125550100, its plus sign encoded as %2B in a form",
        Reason.NUMBER_TAKEN: "Choose another number, or release this one where it is claimed",
        Reason.CONFERENCE_STATUS_INVALID: "Send Status=completed to end a conference; nothing else can be set",
        Reason.CONFERENCE_COMPLETED: "Find the live one with FriendlyName and Status=in-progress, or init",
        Reason.CONFERENCE_NOT_STARTED: "Wait for the callback conference-start, or let somebody in who starts it",
        Reason.CONFERENCE_FULL: "Raise maxParticipants in the document of the first to come, or wait",
        Reason.PARTICIPANT_NOT_FOUND: "List the participants: this call has left, or was never here",
        Reason.CALL_ALREADY_PRESENT: "Update the participant that is here already",
        Reason.LABEL_INVALID: "Choose another label",
        Reason.LABEL_TAKEN: "Choose another label, or wait until its owner has left",
        Reason.COACH_TARGET_MISSING: "Add CallSidToCoach, the call of another participant",
        Reason.COACH_TARGET_NOT_PRESENT: "List the participants and take the call_sid of another one",
        Reason.COACH_TARGET_ON_HOLD: "Take the one to be coached off hold first",
        Reason.UPDATE_COMBINATION_INVALID: "Send two updates, one after the other",
        Reason.CALL_STATUS_INVALID: "Send Status=completed to end a call that was answered",
        Reason.DESTINATION_MISSING: "Add To: a number as E.164, sip:user@host or client:name",
        Reason.CALLER_MISSING: "Add From: a number as E.164, client:name, or the user of a SIP address",
        Reason.CALLER_INVALID: "Write a number as E.164, client:name, or the user of a SIP address",
        Reason.DESTINATION_INVALID: "Write a number as E.164, its plus sign encoded as %2B in a form",
        Reason.DESTINATION_NOT_ALLOWED: "Give the server a trunk for it: --trunks '+1=sip:gateway.example'",
        Reason.BROWSER_REFUSED: "Look at what the document of the number or application says to this caller",
        Reason.INSTRUCTIONS_MISSING: "Add Url, Twiml or ApplicationSid",
        Reason.KEYS_INVALID: "Write the keys as 1w2#, with w for half a second's pause",
        Reason.PRICE_INVALID: "Leave MaxPricePerMinute out: calls have no price here",
        Reason.RING_TIME_INVALID: "Leave Timeout out to ring for a minute",
        Reason.CALL_OVER: "Fetch the call: it has ended",
        Reason.CALL_NOT_IN_PROGRESS: "Redirect a call only between its answer and its end",
        Reason.STREAM_URL_INVALID: "Give an absolute URL that begins with wss:// and has no user in it",
        Reason.TRANSCRIBER_MISSING: "Give the server a program that transcribes: --transcriber COMMAND",
        Reason.CALL_NOT_OVER: "Wait until the call has ended",
        Reason.TRANSCRIPTION_RUNNING: "Wait for its end, or delete it first",
        Reason.RECORDING_NOT_OVER: "Stop the recording, or wait for its end",
        Reason.RECORDING_NOT_RUNNING: "Begin another recording",
        Reason.RECORDING_WITHOUT_SOUND: "Wait until the recording is completed",
        Reason.RECORDING_RUNNING: "Stop the one in progress first, or pause and resume it",
        Reason.APPLICATION_INVALID: "List the applications of this account and take the sid of one",
        Reason.QUEUE_FULL: "Raise MaxSize, or take calls out",
        Reason.QUEUE_NOT_EMPTY: "Take the calls out first: POST to each of its Members",
        Reason.QUEUE_NAME_TAKEN: "Choose another name, or use the queue that has it",
        Reason.NO_NUMBER_AVAILABLE: "Search AvailablePhoneNumbers, or claim a number of your own by PhoneNumber",
        Reason.SIP_DOMAIN_TAKEN: "Choose another DomainName: each is given once on this server",
        Reason.SIP_USERNAME_TAKEN: "Choose another Username, or give the credential that has it a new Password",
        Reason.SIP_LIST_IN_USE: "Delete its mappings first: a domain has this list",
        Reason.SIP_LIST_INVALID: "List those of this account and take the sid of one",
        Reason.OPERATOR_ONLY: "Start the server with --operator SID, the sid of the project that is to keep trunks",
        Reason.TRUNK_NAME_TAKEN: "Choose another Name, or update the trunk that has it",
        Reason.TRUNK_SETTLED: "Change the server's settings or its file, and start it again",
        Reason.PERMISSION_INVALID: "Name at least one permission, spelled as the message does",
        Reason.SUBPROJECT_INVALID: "List the accounts: one of them that is not the first of its family",
        Reason.OVERLOADED: "Wait as long as Retry-After says, then send the request again",
        Reason.UNAVAILABLE: f"Wait as long as Retry-After says. {_AGAIN}",
    }
)
"""What whoever reads a refusal can do."""

OF_A_BUG = "Not your fault: report it with the X-Request-Id of this answer"
"""What to do about a failure of the house itself."""
