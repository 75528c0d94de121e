"""How SignalWire says no.

SignalWire pairs only a few of its numbers with an HTTP status. Where it is silent: what is wrong in a request's
parameters is 422 (documented on the operations served here), what the conference's or call's state forbids is 400.
SignalWire documents no numbers of its own for full rooms and for labels, which it does not have: Twilio's are used.

Source: SignalWire Compatibility API, "Error codes" and the error schemas of its specification.
"""

from __future__ import annotations

from types import MappingProxyType

from roomtone.core.refusals import Reason
from roomtone.dialects.errors import Errors, Row
from roomtone.dialects.sids import dashed

ERRORS = Errors(
    rows=MappingProxyType(
        {
            Reason.NOT_AUTHENTICATED: Row(401, 20003, "Authentication failed"),
            Reason.ACCESS_DENIED: Row(401, 20003, "Access denied: {problem}"),
            Reason.PROJECT_NOT_ACTIVE: Row(401, 20003, "Project {project} is not active"),
            Reason.NOT_FOUND: Row(404, 20404, "The requested resource {path} was not found"),
            Reason.METHOD_NOT_ALLOWED: Row(405, 20004, "Method {method} is not allowed here: use {allowed}"),
            Reason.NOT_IMPLEMENTED: Row(501, 20501, "Roomtone does not serve {path} yet"),
            Reason.BODY_TOO_LARGE: Row(413, 20413, "The request's body is larger than {limit} bytes"),
            Reason.BODY_UNREADABLE: Row(400, 90000, "The request cannot be read: {problem}"),
            Reason.PARAMETER_MISSING: Row(422, 10000, "{name} can't be blank"),
            Reason.PARAMETER_INVALID: Row(422, 10000, "{name} is invalid: it must be {expected}"),
            Reason.METHOD_INVALID: Row(422, 21209, "{name} is invalid: it must be GET or POST"),
            Reason.URL_INVALID: Row(
                422, 21402, "{name} is invalid: it must be an absolute http or https URL"
            ),
            Reason.DOCUMENT_INVALID: Row(422, 20422, "{name} is not a valid cXML document: {problem}"),
            Reason.PAGE_INVALID: Row(422, 10000, "Page is invalid: it must be a whole number from 0"),
            Reason.PAGE_SIZE_INVALID: Row(
                422, 54454, "PageSize is invalid: it must be a whole number from 1 to 1000"
            ),
            Reason.PAGE_TOKEN_MISSING: Row(
                422, 54453, "A PageToken must be included if Page is greater than 0"
            ),
            Reason.PAGE_TOKEN_INVALID: Row(422, 21481, "PageToken is invalid: it is not one of this list"),
            Reason.NUMBER_INVALID: Row(
                422, 21421, "Phone number {phone_number} is invalid: it must be E.164"
            ),
            Reason.NUMBER_TAKEN: Row(
                422, 21422, "Phone number {phone_number} is not available: it is claimed"
            ),
            Reason.CONFERENCE_STATUS_INVALID: Row(
                422, 21475, "Status is invalid: it can only be set to completed"
            ),
            Reason.CONFERENCE_COMPLETED: Row(400, 10000, "Conference {conference} is completed"),
            Reason.CONFERENCE_NOT_STARTED: Row(400, 10000, "Conference {conference} has not started"),
            Reason.CONFERENCE_FULL: Row(400, 16020, "Conference {conference} is full"),
            Reason.PARTICIPANT_NOT_FOUND: Row(
                404, 20404, "Participant {call} is not in conference {conference}"
            ),
            Reason.CALL_ALREADY_PRESENT: Row(400, 16002, "Call {call} is in conference {conference} already"),
            Reason.LABEL_INVALID: Row(
                422,
                16024,
                "Label {label} is invalid: 1 to 128 characters, no slash, not shaped like a call's sid",
            ),
            Reason.LABEL_TAKEN: Row(400, 16026, "Label {label} is already in use in this conference"),
            Reason.COACH_TARGET_MISSING: Row(
                422, 16002, "CallSidToCoach must name another participant when Coaching is true"
            ),
            Reason.COACH_TARGET_NOT_PRESENT: Row(
                400, 16002, "CallSidToCoach {target} is not another participant of this conference"
            ),
            Reason.COACH_TARGET_ON_HOLD: Row(400, 16002, "CallSidToCoach {target} is on hold"),
            Reason.UPDATE_COMBINATION_INVALID: Row(
                422, 16002, "Hold=true cannot be combined with Coaching or AnnounceUrl"
            ),
            Reason.CALL_STATUS_INVALID: Row(422, 10000, "Call {call} is {status} and cannot be canceled"),
            Reason.DESTINATION_MISSING: Row(422, 10000, "To can't be blank"),
            Reason.CALLER_MISSING: Row(422, 10000, "From can't be blank"),
            Reason.CALLER_INVALID: Row(
                422, 21212, "From {from_} is invalid: it is no number, client or SIP user"
            ),
            Reason.DESTINATION_INVALID: Row(
                422, 21211, "To {to} is invalid: it is no phone number, sip:user@host or client:name"
            ),
            Reason.DESTINATION_NOT_ALLOWED: Row(422, 21215, "{to} cannot be called: {problem}"),
            Reason.BROWSER_REFUSED: Row(400, 31486, "The call was refused with {status}: {problem}"),
            Reason.INSTRUCTIONS_MISSING: Row(422, 21205, "Url, ApplicationSid or a document is missing"),
            Reason.KEYS_INVALID: Row(
                422, 21206, "SendDigits is invalid: it must be up to 32 of 0-9 A-D # * w W"
            ),
            Reason.PRICE_INVALID: Row(
                400, 30010, "MaxPricePerMinute is invalid: it must be a number with up to four decimals"
            ),
            Reason.RING_TIME_INVALID: Row(
                422, 21208, "Timeout is invalid: it must be a whole number from 1 to 600"
            ),
            Reason.CALL_OVER: Row(400, 10000, "This call is over and cannot be updated"),
            Reason.CALL_NOT_IN_PROGRESS: Row(400, 21220, "Call is not in-progress. Cannot redirect."),
            Reason.TRANSCRIBER_MISSING: Row(
                501, 20501, "Nothing here writes down what was said in a recording"
            ),
            Reason.TRANSCRIPTION_RUNNING: Row(
                422, 10000, "A transcription of this recording is in progress already"
            ),
            Reason.STREAM_URL_INVALID: Row(422, 31922, "{name} is invalid: it is no wss: URL"),
            Reason.CALL_NOT_OVER: Row(400, 20009, "Call {call} cannot be deleted: it is not over"),
            Reason.RECORDING_NOT_OVER: Row(400, 10000, "This recording cannot be deleted: it is not over"),
            Reason.RECORDING_NOT_RUNNING: Row(
                422, 10000, "This recording is {status}: it cannot be paused, resumed or stopped"
            ),
            Reason.RECORDING_WITHOUT_SOUND: Row(
                422, 10000, "This recording is {status}: there is no sound to be transcribed"
            ),
            Reason.RECORDING_RUNNING: Row(422, 21220, "A recording is in progress already"),
            Reason.APPLICATION_INVALID: Row(
                422, 21218, "ApplicationSid is invalid: there is no such application"
            ),
            Reason.QUEUE_FULL: Row(422, 14213, "The queue is full: {limit} calls wait in it"),
            Reason.QUEUE_NOT_EMPTY: Row(422, 10000, "The queue is not empty: it cannot be deleted"),
            Reason.QUEUE_NAME_TAKEN: Row(422, 10000, "FriendlyName is taken: another queue has it"),
            Reason.NO_NUMBER_AVAILABLE: Row(422, 21422, "There is no free number like that"),
            Reason.SIP_DOMAIN_TAKEN: Row(422, 21232, "DomainName is invalid: it is in use"),
            Reason.SIP_USERNAME_TAKEN: Row(422, 10000, "Username is taken: a phone of this account has it"),
            Reason.SIP_LIST_IN_USE: Row(422, 10000, "The list is in use: a domain has it"),
            Reason.SIP_LIST_INVALID: Row(422, 21231, "{name} is invalid: there is no such list"),
            Reason.OPERATOR_ONLY: Row(
                403, 20403, "Trunks are the operator's: the setting operator does not name this project"
            ),
            Reason.TRUNK_NAME_TAKEN: Row(422, 10000, "Name is taken: another trunk has it"),
            Reason.TRUNK_SETTLED: Row(
                422, 10000, "This trunk stands in the server's settings, which no request changes"
            ),
            Reason.PERMISSION_INVALID: Row(422, 10003, "{name} is invalid: {problem}"),
            Reason.SUBPROJECT_INVALID: Row(
                422, 10004, "{name} is invalid: it must be a subproject of this project"
            ),
            Reason.OVERLOADED: Row(429, 20429, "Too many requests"),
            Reason.UNAVAILABLE: Row(503, 20503, "The service is unavailable just now: try again"),
        }
    ),
    bug=Row(500, 20500, "An internal error occurred"),
    show=dashed,
    of_completed=Reason.CONFERENCE_COMPLETED,
)
