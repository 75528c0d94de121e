"""The words between machines and legs."""

from __future__ import annotations

from roomtone.core.exchange import Clip, FetchedAudio, FetchedDocument, FetchFailed
from roomtone.cxml.messages import AudioArrived, DocumentArrived, DocumentFailed, arrival


def test_each_answer_of_a_fetch_arrives_in_the_machines_words() -> None:
    clip = Clip("x", 8_000, b"\0\0" * 4_000)
    assert arrival(FetchedDocument("<Response/>", "http://a/")) == DocumentArrived("<Response/>", "http://a/")
    assert arrival(FetchedAudio(clip, "http://a/")) == AudioArrived("http://a/", 0.5)
    assert arrival(FetchFailed(11200, "gone", "http://a/")) == DocumentFailed(11200, "gone", "http://a/")
