"""Access Analyzer asked over HTTP: no analyzer, findings with their details, refused."""

from __future__ import annotations

from bot.aws import access_analyzer
from tests.aws.account import ACCOUNT, Account
from tests.aws.watched import let_ask, open_policy, without


def test_from_no_analyzer_to_findings_with_details(account: Account) -> None:
    let_ask(account)
    reader = account.access.reader(ACCOUNT)
    assert access_analyzer.findings(reader, "aa-open").value == ()
    account.bucket("aa-open")
    account.bucket("aa-closed")
    s3 = account.client("s3")
    s3.delete_public_access_block(Bucket="aa-open")
    s3.put_bucket_policy(Bucket="aa-open", Policy=open_policy("aa-open"))
    client = account.client("accessanalyzer")
    client.create_analyzer(analyzerName="outside", type="ACCOUNT")
    client.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")
    found = access_analyzer.findings(reader, "aa-open").value
    assert found is not None
    [one] = found
    assert one.analyzer["name"] == "outside"
    assert one.findings.value is not None
    [finding] = one.findings.value
    assert finding["status"] == "ACTIVE"
    [details] = finding["findingDetails"]
    assert details["externalAccessDetails"]["action"] == ["s3:GetObject"]
    closed = access_analyzer.findings(reader, "aa-closed").value
    assert closed is not None
    assert closed[0].findings.value == ()


def test_refused_is_unknown(account: Account) -> None:
    let_ask(account)
    reader = account.access.reader(ACCOUNT)
    with without(account, "access-analyzer:GetFinding"):
        found = access_analyzer.findings(reader, "aa-open").value
    assert found is not None
    assert found[0].findings.denied
    with without(account, "access-analyzer:ListAnalyzers"):
        assert access_analyzer.findings(reader, "aa-open").denied
