"""Who speaks: told on change, and only while the customer asked to be told.

Nobody's flags are looked at: speaking into a muted line is still speaking. Nothing is remembered while nobody asked.

Sources: Twilio conference status callback (participant-speech-start, participant-speech-stop); SignalWire cXML
"Conference" (statusCallbackEvent speaker).
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.conference.messages import (
    Event,
    ParticipantSpeechStarted,
    ParticipantSpeechStopped,
    SpeechStarted,
    SpeechStopped,
    Step,
)
from roomtone.core.conference.mix import wants_speech
from roomtone.core.conference.people import swapped
from roomtone.core.conference.state import Conference


def speech(conference: Conference, signal: SpeechStarted | SpeechStopped) -> Step:
    """Note that somebody began or stopped to speak."""
    who = conference.find(signal.call)
    speaking = isinstance(signal, SpeechStarted)
    if who is None or who.speaking == speaking or not wants_speech(conference):
        return Step(conference)
    event: Event = ParticipantSpeechStarted(who.call) if speaking else ParticipantSpeechStopped(who.call)
    return Step(swapped(conference, who, replace(who, speaking=speaking)), (event,))
