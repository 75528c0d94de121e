"""Cookies of one story with customers' servers."""

from __future__ import annotations

from http.cookies import SimpleCookie

from yarl import URL

from roomtone.net.cookies import LONGEST, MOST, Cookies

HERE = URL("http://127.0.0.1:8080/voice/first")


def kept(*told: str, url: URL = HERE) -> Cookies:
    cookies = Cookies()
    for line in told:
        cookies.note(url, SimpleCookie(line))
    return cookies


async def test_what_a_server_sets_is_sent_back_to_it_alone() -> None:
    cookies = kept("session=abc; Path=/", "step=2; Path=/voice")
    assert cookies.header(HERE) == "session=abc; step=2"
    assert cookies.header(URL("http://127.0.0.1:8080/")) == "session=abc"
    assert cookies.header(URL("http://app.example.com/voice")) == ""


async def test_a_secure_one_is_not_sent_in_the_clear_and_one_that_is_taken_back_not_at_all() -> None:
    there = URL("https://app.example.com/")
    cookies = kept("secret=1; Secure; Path=/", "gone=1; Path=/", "gone=; Max-Age=0; Path=/", url=there)
    assert cookies.header(there) == "secret=1"
    assert cookies.header(URL("http://app.example.com/")) == ""


async def test_no_more_is_kept_or_sent_than_servers_take() -> None:
    assert kept(f"long={'x' * LONGEST}; Path=/").header(HERE) == ""
    many = kept(*(f"c{number}=1; Path=/" for number in range(MOST)))
    assert many.header(HERE).count("=") == MOST
    many.note(HERE, SimpleCookie("more=1; Path=/"))
    assert many.header(HERE) == ""
