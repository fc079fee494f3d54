"""Pipelines of other organizations that get a role's sessions."""

from tests.evidence.records import ACCOUNT, Caller, Log, session
from tests.evidence.stories import LINUX, role_arn
from tests.evidence.story import ask

PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


def build(log: Log, subject: str, number: int, key: str = "app.tgz") -> None:
    """One build: its sign-in, and what it reads with the session; every session has the same name."""
    who = {"type": "WebIdentityUser", "principalId": f"{PROVIDER}:{subject}", "userName": subject}
    issued, address = f"ASIABUILD{number:011d}", f"192.0.2.{number}"
    log.wait(hours=1).call(
        Caller(who, address, LINUX),
        "sts",
        "AssumeRoleWithWebIdentity",
        requestParameters={"roleArn": role_arn("release"), "roleSessionName": "GitHubActions"},
        responseElements={
            "subjectFromWebIdentityToken": subject,
            "credentials": {"accessKeyId": issued, "sessionToken": "x", "expiration": "x"},
        },
    )
    log.object(session("release", "GitHubActions", issued, address, LINUX), "GetObject", key)


def builds(*subjects: str) -> Log:
    log = Log()
    for number, subject in enumerate(subjects):
        build(log, subject, number)
    return log


def titles(log: Log) -> list[str]:
    return [finding.title for finding in ask(log).findings if finding.rule == "D23"]


OWN = ("repo:acme/app:ref:refs/heads/main", "repo:acme/web:pull_request", "repo:Acme/app:ref:refs/heads/main")


def test_a_strangers_pipeline_got_a_session() -> None:
    log = builds(*OWN, "repo:mallory/x:ref:refs/heads/main")
    told = "A pipeline of mallory got this session; until then only acme used the role"
    assert titles(log) == [told]
    result = ask(log)
    assert result.verdict.endswith(
        "Look first at session GitHubActions of role release (a pipeline of mallory got this session; until "
        "then only acme used the role)."
    )
    (finding,) = [one for one in result.findings if one.rule == "D23"]
    assert finding.access_key_id == "ASIABUILD00000000003"


def test_who_signs_in_for_whom_is_not_one_person() -> None:
    people = ask(builds(*OWN, "repo:mallory/x:ref:refs/heads/main")).people
    assert all(not person.joined for person in people if "oidc-provider" in " ".join(person.principals))


def test_pipelines_that_are_no_strangers() -> None:
    assert titles(builds(*OWN, "repo:acme/third:environment:production")) == []
    assert titles(builds(*OWN[:2], "repo:acme-tools/app:ref:refs/heads/main")) == []
    assert titles(builds(*(f"system:serviceaccount:team-{n}:app" for n in range(6)))) == []
