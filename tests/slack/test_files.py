"""What leaves the vault for Slack has no live secrets in it, whatever kind of file it is."""

from __future__ import annotations

import pytest

from bot.evidence.vault.vault import Vault
from bot.slack.files import FileGoneError, content
from bot.store.tables.evidence import Artefact

RECORD = (
    b'{"eventName":"AssumeRole","responseElements":{"credentials":{"accessKeyId":"ASIAEXAMPLE",'
    b'"sessionToken":"IQoJb3JpZ2lu"}},"requestParameters":{"url":"https://b/k?X-Amz-Signature=0badc0de"}}\n'
)


def row_of(stored) -> Artefact:
    return Artefact(
        name="events.json", path=stored.path, sha256=stored.sha256, size=stored.size, kind=stored.kind
    )


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "vault")


def test_a_sealed_original_is_posted_without_its_secrets(vault, tmp_path):
    source = tmp_path / "received"
    source.write_bytes(RECORD)
    stored = vault.seal("events.json", source, "events", "q")
    assert vault.as_received(stored) == RECORD
    for way in (vault, vault.root):
        posted = content(way, row_of(stored))
        assert b"IQoJb3JpZ2lu" not in posted
        assert b"0badc0de" not in posted
        assert b"ASIAEXAMPLE" in posted


def test_a_file_that_is_gone_or_changed_is_not_posted(vault):
    stored = vault.put("i.json", b"{}", "investigation", "q")
    (vault.root / stored.path).write_bytes(b"no gzip")
    with pytest.raises(FileGoneError, match=r"events\.json: it is damaged"):
        content(vault, row_of(stored))
    (vault.root / stored.path).unlink()
    with pytest.raises(FileGoneError, match="No such file"):
        content(vault, row_of(stored))
