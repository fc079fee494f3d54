import csv
import json
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli.investigate import investigate_command
from bot.evidence.report import Investigation
from tests.evidence.records import ATTACKER_IP, BUCKET, LEAKED_KEY, Log, leaked_key, outsider, user, write

app = typer.Typer()
app.command()(investigate_command)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    write(tmp_path / "logs", leaked_key().records)
    return tmp_path / "logs"


def run(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "120", "TERM": "dumb"}).invoke(app, [str(one) for one in arguments])


def test_the_report_says_who_what_and_what_next(logs: Path) -> None:
    result = run("--logs", logs, "--bucket", BUCKET)
    assert result.exit_code == 0
    text = result.stdout
    headings = [
        "Bucket acme-payroll",
        "What could have been seen",
        "Suspects",
        "What happened, in order (UTC)",
        "What they got",
        "What is not known",
        "What to do next",
        "What was read",
    ]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    for said in ("user ci-deploy", LEAKED_KEY, "exactly 36,595 bytes", "attach AWSDenyAll", "[R18]", "[R1]"):
        assert said in text


def test_json_to_standard_output_is_the_contract_and_nothing_else(logs: Path) -> None:
    result = run("--logs", logs, "--bucket", BUCKET, "--json", "-")
    assert result.exit_code == 0
    found = Investigation.model_validate(json.loads(result.stdout))
    assert found.suspects[0].principal.endswith("user/ci-deploy")


def test_json_to_a_file_beside_the_report(logs: Path, tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    result = run("--logs", logs, "--bucket", BUCKET, "--json", target)
    assert result.exit_code == 0
    assert "Suspects" in result.stdout
    assert json.loads(target.read_text())["schema_version"] == 1


def test_a_window_and_an_account_narrow_the_question(logs: Path) -> None:
    result = run(
        "--logs",
        logs,
        "--bucket",
        BUCKET,
        "--from",
        "2026-11-23T02:30",
        "--to",
        "2026-11-23T05:00:00Z",
        "--json",
        "-",
    )
    window = json.loads(result.stdout)["window"]
    assert (window["start"], window["end"]) == ("2026-11-23T02:30:00Z", "2026-11-23T05:00:00Z")
    assert window["first_event"] >= "2026-11-23T02:30:00Z"


def test_a_known_account_is_not_suspect(tmp_path: Path) -> None:
    log = Log()
    log.object(outsider("999988887777", "1.2.3.4"), "PutObject", "invoice.pdf")
    write(tmp_path, log.records)
    for known, suspects in ((), 1), (("--known-account", "999988887777"), 0):
        result = run("--logs", tmp_path, "--bucket", BUCKET, *known, "--json", "-")
        labels = [actor["label"] for actor in json.loads(result.stdout)["actors"]]
        assert labels.count("suspect") == suspects


def test_a_date_means_the_whole_day(logs: Path) -> None:
    result = run(
        "--logs", logs, "--bucket", BUCKET, "--from", "2026-11-23", "--to", "2026-11-23", "--json", "-"
    )
    window = json.loads(result.stdout)["window"]
    assert (window["start"], window["end"]) == ("2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z")


@pytest.mark.parametrize("name", ["s3://acme-payroll", "s3://acme-payroll/", "arn:aws:s3:::acme-payroll"])
def test_other_ways_to_write_a_bucket(logs: Path, name: str) -> None:
    assert json.loads(run("--logs", logs, "--bucket", name, "--json", "-").stdout)["bucket"] == BUCKET


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--from", "yesterday"), "--from 'yesterday' is not a time. Write it as 2026-11-23"),
        (("--to", "2026-99-99"), "--to '2026-99-99' is not a time."),
        (("--from", "2026-11-24", "--to", "2026-11-23"), "lies after --to"),
        (("--account", "12"), "--account '12' is not an AWS account id"),
        (("--known-account", "12345678901x"), "it has 12 digits"),
        (("--json", "/nonexistent/folder/x.json"), "could not be written to /nonexistent/folder/x.json"),
        (("--csv", "/nonexistent/x.csv"), "there is no folder /nonexistent"),
        (("--html", "."), "--html . is a folder. Give the name of a file."),
        (("--matches", "/nonexistent/x"), "there is no folder /nonexistent"),
        (("--access-logs", "/nonexistent"), "Give --access-logs S3 server access logs, a file or a folder."),
        (("--detections", "/nonexistent"), "Give --detections a folder of Sigma rules."),
        (("--baseline", "30"), "--baseline needs --from"),
        (("--baseline", "0", "--from", "2026-11-23"), "--baseline 0 is not a number of days from 1 to 365"),
        (("--key", "wJalrXUtnFEMI/K7MDENG"), "--key takes an access key's id"),
        (("--account", "١٢٣٤٥٦٧٨٩٠١٢"), "is not an AWS account id"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(logs: Path, arguments: tuple[str, ...], sentence: str) -> None:
    result = run("--logs", logs, "--bucket", BUCKET, *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stdout == ""


def test_a_bucket_with_a_key_is_refused(logs: Path) -> None:
    result = run("--logs", logs, "--bucket", "s3://acme-payroll/x.csv")
    assert (result.exit_code, "is not a bucket name" in result.stderr) == (2, True)


def test_what_cannot_be_a_bucket_is_refused(logs: Path) -> None:
    result = run("--logs", logs, "--bucket", "ACME_payroll!")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'ACME_payroll!' cannot be the name of an S3 bucket" in result.stderr


def test_a_finding_is_told_in_sentences(logs: Path) -> None:
    text = " ".join(run("--logs", logs, "--bucket", BUCKET).stdout.split())
    assert ". User ci-deploy, rule " in text
    assert ". user ci-deploy, rule " not in text


def test_an_unknown_path(tmp_path: Path) -> None:
    result = run("--logs", tmp_path / "nowhere", "--bucket", BUCKET)
    assert result.exit_code == 2
    assert "There is no file or folder" in result.stderr


def test_a_folder_without_logs(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("nothing")
    result = run("--logs", tmp_path, "--bucket", BUCKET)
    assert result.exit_code == 2
    assert "There is no CloudTrail log in" in result.stderr


def test_only_damaged_logs(tmp_path: Path) -> None:
    (tmp_path / "x.json.gz").write_bytes(b"\x1f\x8bbroken")
    result = run("--logs", tmp_path, "--bucket", BUCKET)
    assert result.exit_code == 2
    assert "x.json.gz: the gzip data is cut short" in result.stderr


def test_logs_of_another_time(logs: Path) -> None:
    result = run("--logs", logs, "--bucket", BUCKET, "--from", "2025-01-01", "--to", "2025-01-02")
    assert result.exit_code == 2
    assert "Widen --from and --to" in result.stderr


def test_a_damaged_file_is_named_and_the_rest_is_read(logs: Path) -> None:
    (logs / "broken.json.gz").write_bytes(b"\x1f\x8bbroken")
    result = run("--logs", logs, "--bucket", BUCKET)
    assert result.exit_code == 0
    assert "Not read: broken.json.gz: the gzip data is cut short" in result.stdout
    assert "user ci-deploy" in result.stdout


def test_nobody_suspect_and_no_reads_recorded_is_not_an_all_clear(tmp_path: Path) -> None:
    log = Log()
    log.call(user("maria", "AKIAX", ATTACKER_IP, "aws-cli/2"), "s3", "ListBuckets")
    write(tmp_path, log.records)
    text = run("--logs", tmp_path, "--bucket", BUCKET).stdout
    assert "not an all-clear" in " ".join(text.replace("│", " ").split())
    assert "Unknown: object reads were not provably recorded." in text
    assert "What to do next" in text
    assert "The proposed changes" not in text


def test_the_logs_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    log = Log()
    evil = "\x1b[2J\x1b]0;owned\x07[bold red]x[/bold red]\u202e\r\n"
    thief = user("ev\x1bil", LEAKED_KEY, ATTACKER_IP, f"Darwin {evil}")
    log.object(thief, "GetObject", f"key{evil}")
    log.call(thief, "cloudtrail", "StopLogging", requestParameters={"name": evil})
    write(tmp_path, log.records)
    text = run("--logs", tmp_path, "--bucket", BUCKET).stdout
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(text)
    assert "[bold red]x[/bold red]" in text


def test_a_long_story_is_cut_in_the_middle_and_says_so(tmp_path: Path) -> None:
    log = Log()
    thief = user("thief", LEAKED_KEY, ATTACKER_IP, "aws-cli/2")
    log.call(thief, "cloudtrail", "StopLogging", requestParameters={"name": "t"})
    for number in range(100):
        log.wait(minutes=1).bucket(thief, "PutBucketTagging" if number % 2 else "GetBucketTagging")
    write(tmp_path, log.records)
    assert "entries more; --json has all" in run("--logs", tmp_path, "--bucket", BUCKET).stdout


def test_a_hostile_file_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "logs\x1b[2J"
    folder.mkdir()
    (folder / "\x1b]0;owned\x07.json").write_text("{nope")
    for logs in (folder, tmp_path / "no\x1b[31mfolder"):
        arguments = ["--logs", str(logs), "--bucket", BUCKET]
        result = CliRunner().invoke(app, arguments, color=True)
        assert result.exit_code == 2
        assert "\x1b[2J" not in result.output
        assert "\x1b]0;" not in result.output
        assert "\x1b[31m" not in result.output


def test_a_file_whose_name_is_no_text_is_named_as_far_as_possible(logs: Path, tmp_path: Path) -> None:
    (logs / os.fsdecode(b"\xff\xfebad.json")).write_text("{nope")
    result = run("--logs", logs, "--bucket", BUCKET, "--json", tmp_path / "out.json")
    assert result.exit_code == 0
    [source] = json.loads((tmp_path / "out.json").read_text())["sources"]
    assert "bad.json: not JSON" in source["problems"][0]


def test_csv_and_html_beside_the_report(logs: Path, tmp_path: Path) -> None:
    csv_file, html_file = tmp_path / "events.csv", tmp_path / "report.html"
    result = run("--logs", logs, "--bucket", BUCKET, "--csv", csv_file, "--html", html_file)
    assert result.exit_code == 0
    rows = list(csv.DictReader(csv_file.read_text("utf-8-sig").splitlines()))
    assert len([row for row in rows if "about the bucket" in row["why"]]) == 92
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    page = html_file.read_text()
    assert page.count("data:image/png;base64,") == 2
    assert "user ci-deploy" in page


def test_the_secret_of_a_key_is_not_repeated(logs: Path) -> None:
    result = run("--logs", logs, "--bucket", BUCKET, "--key", "wJalrXUtnFEMI/K7MDENG")
    assert "wJalr" not in result.stderr


def test_what_was_found_is_kept_and_read_again(logs: Path, tmp_path: Path) -> None:
    asked = ("--logs", logs, "--bucket", BUCKET, "--matches", tmp_path / "found", "--json", "-")
    first = run(*asked)
    assert (tmp_path / "found").stat().st_size > 0
    assert json.loads(run(*asked).stdout) == json.loads(first.stdout)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    rule = """
title: Somebody asked who they are
id: 6a1f0d3c-5c2e-4c53-9a6b-0f4f0a3f9d11
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventSource: sts.amazonaws.com, eventName: GetCallerIdentity}
  condition: selection
level: high
"""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ours.yml").write_text(rule)
    return tmp_path / "rules"


def _in_force(result: Result) -> bool:
    found = json.loads(result.stdout)["findings"]
    return any("Somebody asked who they are" in one["title"] for one in found)


def test_a_teams_own_rule_is_in_force(logs: Path, rules: Path) -> None:
    asked = ("--logs", logs, "--bucket", BUCKET, "--json", "-")
    for more, expected in (((), False), (("--detections", rules), True)):
        assert _in_force(run(*asked, *more)) is expected


def test_the_teams_folder_is_taken_from_the_settings_as_the_bot_takes_it(
    logs: Path, rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("--logs", logs, "--bucket", BUCKET, "--json", "-")
    # What concerns Slack and AWS may be missing or wrong: logs on disk need none of it.
    (tmp_path / ".env").write_text("S3INCIDENT_ACCOUNTS=none yet\nS3INCIDENT_DETECTIONS_DIR=rules\n")
    assert _in_force(run(*asked))
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("S3INCIDENT_DETECTIONS_DIR", "empty")
    assert not _in_force(run(*asked))
    assert _in_force(run(*asked, "--detections", rules))
    monkeypatch.setenv("S3INCIDENT_DETECTIONS_DIR", "no-such-folder")
    refused = run(*asked)
    assert refused.exit_code == 2
    assert "Give S3INCIDENT_DETECTIONS_DIR a folder of Sigma rules." in refused.stderr


def test_a_key_under_suspicion_is_followed(logs: Path) -> None:
    found = json.loads(run("--logs", logs, "--bucket", BUCKET, "--key", LEAKED_KEY, "--json", "-").stdout)
    assert any(LEAKED_KEY in actor["access_key_ids"] for actor in found["actors"])


def test_digests_are_validated_before_anything_is_concluded(logs: Path) -> None:
    result = run("--logs", logs, "--bucket", BUCKET, "--validate-digests")
    assert result.exit_code == 0
    assert "digest" in result.stderr
    refused = run("--logs", next(logs.rglob("*.gz")), "--bucket", BUCKET, "--validate-digests")
    assert (refused.exit_code, "needs --logs with the folder" in refused.stderr) == (2, True)


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_wider_than_the_terminal(logs: Path, width: int) -> None:
    arguments = ["--logs", str(logs), "--bucket", BUCKET]
    result = CliRunner(env={"COLUMNS": str(width), "TERM": "dumb"}).invoke(app, arguments)
    assert max(len(line) for line in result.stdout.splitlines()) <= width
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("text", ["[bold red]x[/]", "\x1b[31mx", "a\u202eb", "x" * 20_000, ":warning:"])
def test_what_an_attacker_wrote_is_shown_and_does_nothing(tmp_path: Path, text: str) -> None:
    log = leaked_key()
    log.object(user("ci-deploy", LEAKED_KEY, ATTACKER_IP, text), "GetObject", text)
    write(tmp_path, log.records)
    result = run("--logs", tmp_path, "--bucket", BUCKET)
    assert result.exit_code == 0
    assert not {"\x1b", "\u202e"} & set(result.stdout)
    assert max(len(line) for line in result.stdout.splitlines()) <= 120
    if text.startswith(("[", ":")):
        assert text in result.stdout
