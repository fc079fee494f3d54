"""A sealed investigation can be done again from what was sealed, with the same answers about the bucket."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.sources.folder import LocalFolder
from bot.evidence.vault.records import files_in
from bot.evidence.vault.vault import Vault
from bot.incidents.findings import Kept, keep_events


def answers(found: Investigation) -> dict[str, object]:
    """What is said about the bucket: who, what they got, every answer, every change to make."""
    return {
        "account": found.account_id,
        "about": found.totals.about_bucket,
        "answers": [(one.id, one.answer, one.events, one.event_ids) for one in found.answers],
        "lineage": found.lineage,
        "findings": [(one.rule, one.principal, one.event_ids) for one in found.findings],
        "timeline": found.timeline,
        "proposals": found.proposals,
        "verdict": found.verdict,
        "suspects": [one.principal for one in found.suspects],
        "actors": {
            one.principal: (
                one.label,
                one.bucket_events,
                one.objects_read,
                one.get_object_calls,
                one.bytes_out,
            )
            for one in found.actors
            if one.bucket_events
        },
    }


@pytest.mark.parametrize("export", ["as-received", "redacted"])
@pytest.mark.parametrize(
    ("folder", "bucket"), [("otrf_ec2_proxy_s3_exfil", "mordors3stack-s3bucket-llp2yingx64a")]
)
def test_the_sealed_records_give_the_same_answers_again(
    real_data: Path, tmp_path: Path, folder: str, bucket: str, export: str
) -> None:
    question = Question(bucket=bucket)
    with keep_events(tmp_path / "kept") as keep:
        first = investigate(question, [LocalFolder(real_data / folder, None)], keep=keep)
    assert first.suspects
    vault = Vault(tmp_path / "vault")
    kept = Kept.of(vault, "inc-0001", first, tmp_path / "kept", question)
    exported = tmp_path / "exported"
    exported.mkdir()
    for file in kept.beside:
        read = vault.as_received if export == "as-received" else vault.read
        (exported / file.name).write_bytes(read(file.stored))
    again = investigate(question, [LocalFolder(exported, None)])
    assert answers(again) == answers(first)
    assert len(list(exported.iterdir())) == len(files_in(tmp_path / "kept"))
