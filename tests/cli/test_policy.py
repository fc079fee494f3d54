"""`s3incident policy simulate` and `exposure`: their files, their words and their exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli.policy import app

OWN, OTHER = "111122223333", "444455556666"
READ = {"Sid": "Read\x1b[31m", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
VENDOR = {**READ, "Sid": "Vendor", "Principal": {"AWS": OTHER}, "Action": "s3:*"}
POLICY = {"Version": "2012-10-17", "Statement": [READ, VENDOR]}


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    runner = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"})
    return runner.invoke(app, [str(one) for one in arguments], input=stdin)


def case(name: str, action: str, **context: Any) -> dict[str, Any]:
    request = {
        "principal": "anonymous",
        "action": action,
        "resource": "arn:aws:s3:::b/k",
        "resource_account": OWN,
        "context": context,
    }
    only_tls = {**READ, "Sid": "Tls", "Effect": "Deny", "Action": "s3:*"}
    only_tls["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    policy = {"Version": "2012-10-17", "Statement": [READ, only_tls]}
    return {"name": name, "request": request, "identity_policies": [], "resource_policy": policy}


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    good = [
        case("read", "s3:GetObject", **{"aws:SecureTransport": "true"}),
        case("write", "s3:PutObject", **{"aws:SecureTransport": "true"}),
        case("plain http", "s3:GetObject", **{"aws:SecureTransport": "false"}),
        case("not recorded", "s3:GetObject", **{"aws:SecureTransport": None}),
    ]
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in good), encoding="utf-8")
    return file


DECISIONS = [
    ("read", "allowed"),
    ("write", "implicitly_denied"),
    ("plain http", "explicitly_denied"),
    ("not recorded", "depends"),
]


def test_simulate_writes_a_line_for_each_case(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    result = run("simulate", cases, "--json", out)
    assert result.exit_code == 0
    answers = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(one["name"], one["decision"]) for one in answers] == DECISIONS
    assert answers[2]["because"][0]["statement"] == "Tls"
    assert answers[3]["depends_on"] == ["aws:SecureTransport"]
    assert result.stdout.startswith("4 lines: 1 allowed; 1 denied by an explicit Deny;")


def test_simulate_to_standard_output_is_json_only(cases: Path) -> None:
    result = run("simulate", cases, "--json", "-")
    assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == [
        name for name, _ in DECISIONS
    ]
    assert "4 lines" in result.stderr


def test_simulate_in_words(cases: Path) -> None:
    result = run("simulate", cases)
    assert result.exit_code == 0
    assert "plain http: denied by an explicit Deny" in result.stdout
    assert "resource: Deny Tls of resource policy" in result.stdout
    assert "Bool aws:SecureTransport [false] held" in result.stdout
    assert "It depends on aws:SecureTransport, which cannot be known here." in result.stdout
    assert "\x1b" not in result.stdout


def test_one_bad_line_is_named_and_the_others_go_on(cases: Path) -> None:
    lines = cases.read_bytes().splitlines(keepends=True)
    broken = [lines[0], b"\n", b'{"name": "x", "request": {}}\n', b"\xff\n", lines[1]]
    cases.write_bytes(b"".join(broken))
    result = run("simulate", cases, "--json", "-")
    assert result.exit_code == 1
    assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == ["read", "write"]
    assert f"{cases}:3: $.request.principal: must be an ARN, a service name or anonymous." in result.stderr
    assert f"{cases}:4: $: is not UTF-8 text. Correct this line and run it again" in result.stderr
    assert "4 lines: 1 allowed; 1 denied, because nothing allows it; 2 not a case." in result.stderr


def test_simulate_reads_standard_input_and_a_byte_order_mark(cases: Path) -> None:
    result = run("simulate", "-", "--json", "-", stdin=b"\xef\xbb\xbf" + cases.read_bytes())
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 4


@pytest.mark.parametrize("content", [None, b"", b"\n\n"])
def test_simulate_without_cases(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "cases.jsonl"
    if content is not None:
        file.write_bytes(content)
    result = run("simulate", file)
    assert result.exit_code == 2
    assert str(file) in result.stderr


def test_simulate_into_a_folder_that_is_not_there(cases: Path, tmp_path: Path) -> None:
    result = run("simulate", cases, "--json", tmp_path / "none" / "out")
    assert result.exit_code == 2
    assert "could not be written" in result.stderr


def written(folder: Path, name: str, value: Any) -> Path:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return file


def test_exposure_as_json(tmp_path: Path) -> None:
    policy = written(tmp_path, "policy", {"Policy": json.dumps(POLICY)})
    out = tmp_path / "out.json"
    result = run("exposure", "--bucket-policy", policy, "--account", OWN, "--json", out)
    assert result.exit_code == 0
    assert result.stdout == ""
    found = json.loads(out.read_text())
    assert found["public"] is True
    assert found["effective"]["level"] == "anyone"
    assert found["effective"]["actions"] == ["s3:*", "s3:GetObject"]
    assert found["cross_account"] == [OTHER]
    assert [(one["index"], one["public"], one["grants_to"]) for one in found["statements"]] == [
        (0, True, ["anyone, without an AWS account"]),
        (1, False, [OTHER]),
    ]


def test_exposure_with_every_setting(tmp_path: Path) -> None:
    everyone = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    acl = {"Owner": {"ID": "f" * 64}, "Grants": [{"Grantee": everyone, "Permission": "READ"}]}
    block = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}
    result = run(
        "exposure", "--bucket-policy", written(tmp_path, "policy", POLICY),
        "--acl", written(tmp_path, "acl", acl),
        "--public-access-block", written(tmp_path, "block", block),
        "--account-public-access-block", written(tmp_path, "account", {"IgnorePublicAcls": True}),
        "--organization-public-access-block", written(tmp_path, "org", {"IgnorePublicAcls": False}),
        "--account", OWN, "--json", "-",
    )  # fmt: skip
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["policy_public"], found["acl_public"]) == (True, True)
    assert found["effective"]["held_back_by"] == ["bucket RestrictPublicBuckets"]
    assert [one["kind"] for one in found["effective"]["through"]] == ["grant"]


def test_exposure_in_words(tmp_path: Path) -> None:
    policy = written(tmp_path, "policy", POLICY)
    result = run("exposure", "--bucket-policy", policy, "--ownership", "BucketOwnerEnforced")
    assert result.exit_code == 0
    assert "S3 calls it public: yes, by its policy" in result.stdout
    assert "Who gets in now: anyone, without an AWS account" in result.stdout
    assert f"statement Vendor: {OTHER}: s3:*" in result.stdout
    assert "Without --account" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--ownership", "Enforced", "BucketOwnerPreferred"),
        ("--account", "1234", "12 digits"),
        ("--account", "\N{FULLWIDTH DIGIT ONE}11122223333", "12 digits"),
        ("--acl", "missing.json", "could not be read"),
    ],
)
def test_exposure_refuses(tmp_path: Path, option: str, value: str, words: str) -> None:
    result = run("exposure", "--bucket-policy", written(tmp_path, "policy", POLICY), option, value)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize(
    "option", ["--bucket-policy", "--acl", "--public-access-block", "--account-public-access-block"]
)
@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]", b'{"Statement": 1, "Grants": 1}'])
def test_exposure_names_a_file_that_is_not_what_it_should_be(
    tmp_path: Path, option: str, content: bytes
) -> None:
    policy, bad = written(tmp_path, "policy", POLICY), tmp_path / "bad.json"
    bad.write_bytes(content)
    given = ["--bucket-policy", policy] if option != "--bucket-policy" else []
    result = run("exposure", *given, option, bad)
    assert result.exit_code == 2
    assert str(bad) in result.stderr
