"""Uploading files, and who may read them."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.person import Person
from bot.sandbox.slack.server import FakeSlack
from tests.sandbox.slack.test_web_api import code

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def fetch(url: str, **headers: str) -> tuple[bytes, dict[str, str]]:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as response:
        return response.read(), dict(response.headers)


def refused(url: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as found:
        fetch(url)
    found.value.close()
    return found.value.code


def test_the_sdk_uploads_into_a_thread(client: WebClient, incident: str, dana: Person) -> None:
    ts = client.chat_postMessage(channel=incident, text="evidence")["ts"]
    file = client.files_upload_v2(
        channel=incident,
        thread_ts=ts,
        filename="events.json",
        title="All events",
        content='{"a": 1}',
        initial_comment="The full list",
    )["file"]
    assert (file["name"], file["title"], file["mimetype"], file["size"]) == (
        "events.json",
        "All events",
        "application/json",
        8,
    )
    shared = dana.wait_for("inc-0001", "The full list")
    assert (shared.thread_ts, shared.files, shared.subtype) == (ts, [file["id"]], "file_share")
    info = client.files_info(file=file["id"])["file"]
    assert info["shares"] == {"private": {incident: [{"ts": shared.ts}]}}


def test_members_read_it_and_nobody_else(slack: FakeSlack, client: WebClient, incident: str) -> None:
    file = client.files_upload_v2(channel=incident, filename="chart.png", file=PNG)["file"]
    url = f"{slack.page_url}files/{file['id']}"
    content, headers = fetch(f"{url}?as=U0DANA")
    assert content == PNG
    assert headers["Content-Type"] == "image/png"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("attachment")
    assert fetch(file["url_private"], Authorization=f"Bearer {slack.bot_token}")[0] == PNG
    assert refused(f"{url}?as=U0SAM") == 404
    assert refused(f"{url}?as=U0STRANGER") == 404


def test_a_hostile_file_name_stays_in_its_header(slack: FakeSlack, client: WebClient, incident: str) -> None:
    name = 'x.html"\r\nSet-Cookie: a=b'
    file = client.files_upload_v2(channel=incident, filename=name, content="<script>")["file"]
    _content, headers = fetch(f"{slack.page_url}files/{file['id']}?as=U0DANA")
    assert "Set-Cookie" not in headers
    assert "sandbox" in headers["Content-Security-Policy"]


def test_what_was_not_uploaded_cannot_be_shared(client: WebClient, incident: str) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=3)
    files = [{"id": ticket["file_id"]}]
    assert code(client.files_completeUploadExternal, files=files, channel_id=incident) == "file_not_found"
    assert code(client.files_info, file=ticket["file_id"]) == "file_not_found"
    assert code(client.files_getUploadURLExternal, filename="a.txt", length=0) == "missing_argument"


def test_an_upload_url_works_once(slack: FakeSlack, client: WebClient) -> None:
    url = client.files_getUploadURLExternal(filename="a.txt", length=3)["upload_url"]
    with urllib.request.urlopen(url, b"abc", timeout=5) as response:
        assert response.read() == b"OK - 3"
    with pytest.raises(urllib.error.HTTPError) as again:
        urllib.request.urlopen(url, b"xyz", timeout=5)
    again.value.close()
    assert again.value.code == 404


def test_sharing_needs_membership(client: WebClient, security: str) -> None:
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=3)
    with urllib.request.urlopen(ticket["upload_url"], b"abc", timeout=5):
        pass
    files = [{"id": ticket["file_id"]}]
    assert code(client.files_completeUploadExternal, files=files, channel_id=security) == "not_in_channel"
