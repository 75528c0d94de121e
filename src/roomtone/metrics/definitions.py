"""Every figure, by name: what `board` makes, what `docs/reference/metrics.md` lists, what dashboards may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What can be done with a figure."""

    COUNTER = "counter"
    """Only grows while the server runs."""

    GAUGE = "gauge"
    HISTOGRAM = "histogram"


FAST_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Bounds, in seconds, of what should take milliseconds."""

SLOW_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
"""Bounds, in seconds, of what a stranger's server takes."""

CALL_S = (5.0, 15.0, 60.0, 180.0, 600.0, 1_800.0, 3_600.0, 14_400.0)
"""Bounds, in seconds, of how long people talk."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure."""

    name: str
    """As it is asked for; counters end in ``_total``, and what has a unit ends in it."""

    kind: Kind
    text: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    """Upper bounds, of a histogram."""

    group: str = ""
    """The heading it stands under on the page."""


def _of(group: str, *some: Definition) -> tuple[Definition, ...]:
    return tuple(Definition(one.name, one.kind, one.text, one.labels, one.buckets, group) for one in some)


_C, _G, _H = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM

DEFINITIONS: tuple[Definition, ...] = (
    *_of(
        "House",
        Definition("roomtone_info", _G, "Always 1; its labels say what runs.", ("version", "engine")),
        Definition("roomtone_ready", _G, "Whether work is taken, as `/readyz` says: 1 or 0."),
        Definition(
            "roomtone_load", _G, "What is refused because there is too much to do: 0 nothing, 1 new calls, 2 all requests."
        ),
        Definition("roomtone_loop_late_seconds", _G, "How late the event loop came to what was due, half a second ago."),
        Definition("roomtone_store_late_seconds", _G, "How long the oldest write has waited for its commit."),
    ),
    *_of(
        "API",
        Definition(
            "roomtone_api_requests_total",
            _C,
            "Requests answered. `route` is the operation (`participants.update`), `other` where there is none.",
            ("route", "method", "status"),
        ),
        Definition(
            "roomtone_api_request_seconds",
            _H,
            "From a request's head to its answer's, in the server.",
            ("route",),
            FAST_S,
        ),
    ),
    *_of(
        "Calls and conferences",
        Definition("roomtone_calls", _G, "Calls that are not over.", ("direction", "status")),
        Definition("roomtone_calls_begun_total", _C, "Calls that came or were made.", ("direction",)),
        Definition(
            "roomtone_calls_ended_total",
            _C,
            "Calls that are over; `outcome` is completed, busy, no-answer, failed or canceled.",
            ("direction", "outcome"),
        ),
        Definition(
            "roomtone_call_sip_finals_total",
            _C,
            "Final SIP responses to the INVITEs of calls that are over, where one is known.",
            ("direction", "code"),
        ),
        Definition(
            "roomtone_call_seconds", _H, "How long calls that were answered lasted.", ("direction",), CALL_S
        ),
        Definition(
            "roomtone_conferences",
            _G,
            "Conferences that are not over; `init` waits for somebody to start it.",
            ("status",),
        ),
        Definition("roomtone_participants", _G, "Participants of all conferences."),
        Definition("roomtone_participants_muted", _G, "Those who are muted."),
        Definition("roomtone_participants_held", _G, "Those who are on hold."),
    ),
    *_of(
        "Media, by real-time thread",
        Definition("roomtone_media_ticks_total", _C, "Ticks of 20 ms that were mixed.", ("thread",)),
        Definition(
            "roomtone_media_ticks_skipped_total",
            _C,
            "Ticks whose time had passed; their sound was not sent. Any of them is heard as a gap.",
            ("thread",),
        ),
        Definition(
            "roomtone_media_tick_lateness_seconds",
            _G,
            "How late ticks began in the last 5 s: `quantile` is 0.5, 0.99, 0.999 or 1.",
            ("thread", "quantile"),
        ),
        Definition(
            "roomtone_media_busy_ratio", _G, "Share of its time that a thread worked in the last 5 s.", ("thread",)
        ),
        Definition("roomtone_media_streams", _G, "Streams that a thread carries.", ("thread",)),
        Definition("roomtone_media_conferences", _G, "Conferences that a thread mixes.", ("thread",)),
        Definition(
            "roomtone_media_packets_unsent_total", _C,
            "Packets that the network did not take.", ("thread",),
        ),
        Definition(
            "roomtone_media_packets_total",
            _C,
            "Packets of streams that have ended; `kind` is received, sent, lost, late, duplicate or refused.",
            ("kind",),
        ),
    ),
    *_of(
        "Callbacks",
        Definition(
            "roomtone_callback_attempts_total",
            _C,
            "Attempts to tell a customer's server; `outcome` is delivered, postponed (it is tried again) or given_up.",
            ("outcome",),
        ),
        Definition(
            "roomtone_callback_seconds", _H, "How long an attempt took, to its answer or fault.", (), SLOW_S
        ),
        Definition("roomtone_callbacks_waiting", _G, "Callbacks that are owed."),
        Definition("roomtone_callback_servers_waiting", _G, "Servers that are owed something."),
    ),
    *_of(
        "Store",
        Definition("roomtone_store_commit_seconds", _H, "How long a commit took, with its work.", (), FAST_S),
        Definition(
            "roomtone_store_jobs_total", _C, "Writes that were committed; several share a commit under load."
        ),
    ),
    *_of(
        "Engine",
        Definition("roomtone_engine_up", _G, "Whether the engine answers: 1 or 0."),
        Definition("roomtone_engine_link_losses_total", _C, "How often the engine stopped answering."),
        Definition(
            "roomtone_engine_replaced_total", _C, "How often another engine took the place of one that died."
        ),
        Definition(
            "roomtone_engine_facts_dropped_total", _C, "Facts that the engine could not hand over: its queue was full."
        ),
    ),
)  # fmt: skip
"""All of ours, in the page's order. Those of the two processes are the library's (`PROCESS`)."""

PROCESS = (
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_virtual_memory_bytes",
)
"""What the library tells of a process, on Linux; ``roomtone_engine_`` before it: of the engine."""
