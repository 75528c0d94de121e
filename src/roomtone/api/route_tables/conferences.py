"""Routes of conferences and of what is below one."""

from __future__ import annotations

from roomtone.api import conferences, deliveries, participants, recordings, streams
from roomtone.api.route import OPEN, Route
from roomtone.api.route_tables.streams import routes_of_streams
from roomtone.dialects import (
    conference_forms,
    hearing_resources,
    paging,
    participant_creation,
    participant_forms,
    recording_forms,
    timeline_resources,
)

_PARTICIPANTS = ("Conferences", OPEN, "Participants")
_RECORDINGS = ("Recordings",)

CONFERENCES = (
    Route(
        "participants.list",
        "GET",
        _PARTICIPANTS,
        participants.list_,
        participant_forms.FILTER_NAMES | paging.NAMES,
    ),
    Route("participants.fetch", "GET", (*_PARTICIPANTS, OPEN), participants.fetch),
    Route(
        "participants.update",
        "POST",
        (*_PARTICIPANTS, OPEN),
        participants.update,
        participant_forms.UPDATE_NAMES,
    ),
    Route("participants.delete", "DELETE", (*_PARTICIPANTS, OPEN), participants.delete),
    Route(
        "conferences.list",
        "GET",
        ("Conferences",),
        conferences.list_,
        conference_forms.FILTER_NAMES | paging.NAMES,
    ),
    Route("conferences.fetch", "GET", ("Conferences", OPEN), conferences.fetch),
    Route(
        "conferences.update",
        "POST",
        ("Conferences", OPEN),
        conferences.update,
        conference_forms.UPDATE_NAMES,
    ),
    Route(
        "conference-mix.fetch",
        "GET",
        ("Conferences", OPEN, "Mix"),
        conferences.mix,
        hearing_resources.NAMES,
        "neither",
    ),
    Route(
        "conference-timeline.fetch",
        "GET",
        ("Conferences", OPEN, "Timeline"),
        conferences.timeline,
        timeline_resources.NAMES,
        "neither",
    ),
    Route(
        "conference-replays.create",
        "POST",
        ("Conferences", OPEN, "Deliveries"),
        deliveries.replay_of_conference,
        deliveries.REPLAY_NAMES,
        "neither",
    ),
    Route(
        "conference-statistics.fetch",
        "GET",
        ("Conferences", OPEN, "Statistics"),
        conferences.statistics,
        vendors="neither",
    ),
    Route(
        "conference-deliveries.fetch",
        "GET",
        ("Conferences", OPEN, "Deliveries"),
        deliveries.of_conference,
        deliveries.NAMES,
        "neither",
    ),
    Route(
        "conference-recordings.list",
        "GET",
        ("Conferences", OPEN, *_RECORDINGS),
        recordings.list_of_conference,
        recording_forms.DATE_NAMES | paging.NAMES,
    ),
    Route(
        "conference-recordings.fetch",
        "GET",
        ("Conferences", OPEN, *_RECORDINGS, OPEN),
        recordings.fetch_of_conference,
    ),
    Route(
        "conference-recordings.delete",
        "DELETE",
        ("Conferences", OPEN, *_RECORDINGS, OPEN),
        recordings.delete_of_conference,
    ),
    Route(
        "participants.create",
        "POST",
        _PARTICIPANTS,
        participants.create,
        participant_creation.NAMES,
        "twilio",
    ),
    Route(
        "conference-recordings.update",
        "POST",
        ("Conferences", OPEN, *_RECORDINGS, OPEN),
        recordings.update_of_conference,
        recording_forms.UPDATE_NAMES,
    ),
    Route(
        "conference-recordings.create",
        "POST",
        ("Conferences", OPEN, *_RECORDINGS),
        recordings.create_of_conference,
        recording_forms.CREATE_NAMES_OF_CONFERENCE,
        "neither",
    ),
    *routes_of_streams(
        "conference-streams",
        ("Conferences",),
        (streams.create_of_conference, streams.update_of_conference),
        "signalwire",
    ),
)
"""Conferences, participants, recordings and streams."""
