"""Incidents that others have published, told again in the shapes that AWS writes, with names of our own."""

from __future__ import annotations

from typing import Any

from tests.evidence.records import ACCOUNT, BUCKET, Caller, Log, Record, session, user
from tests.evidence.stories import BOTO, BROWSER, MAC, OFFICE, assumed, read_all, role_arn

VPN = "198.18.7.7"
AWAY = "203.0.113.140"
KALI = "aws-cli/2.31.0 Python/3.12 Linux/6.1.0-kali exe/x86_64"


def web_content_replaced() -> Log:
    """Safe{Wallet}, 2025: a developer's Mac is taken over and its session used from a VPN; days later the
    script of the web app in the bucket is replaced, and put back after it has done its work.
    """
    log = Log()
    home = session("Developer", "ben", "ASIABEN0000000000001", OFFICE, MAC)
    pipeline = session("web-deploy", "ci", "ASIADEPLOY0000000001", "10.0.4.4", BOTO)
    log.object(pipeline, "PutObject", "_next/app.js", size=0.0)
    for number in range(3):
        log.wait(hours=2).object(home, "GetObject", f"_next/{number}.js")
    thief = home.at(VPN, KALI)
    log.wait(hours=1).call(thief, "sts", "GetCallerIdentity")
    log.wait(minutes=2).call(thief, "iam", "EnableMFADevice", errorCode="AccessDenied")
    log.object(thief, "ListObjects", None)
    log.wait(hours=20).object(thief, "PutObject", "_next/app.js", size=0.0)
    log.wait(hours=48).object(thief, "PutObject", "_next/app.js", size=0.0)
    log.wait(minutes=1).object(pipeline, "GetObject", "_next/app.js")
    return log


def ransom_by_another_key() -> Log:
    """Codefinger, 2025: a key found in public rewrites everything under a key of the caller's own (SSE-C),
    sets a lifecycle rule that deletes in seven days, and leaves a note. Nothing was seen of the key before.
    """
    log = Log()
    thief = user("backup-writer", "AKIAFOUNDINPUBLIC001", VPN, "Boto3/1.36.0 os/windows")
    log.object(thief, "ListObjects", None)
    for number in range(40):
        key = f"db/{number:03d}.bak"
        log.wait(seconds=1).object(thief, "GetObject", key)
        asked = {
            "bucketName": BUCKET,
            "key": key,
            "x-amz-server-side-encryption-customer-algorithm": "AES256",
        }
        log.object(thief, "PutObject", key, size=0.0, requestParameters=asked)
    rule = {
        "Rule": {"Status": "Enabled", "Expiration": {"Days": 7}, "ID": "cleanup", "Filter": {"Prefix": ""}}
    }
    log.wait(minutes=1).bucket(thief, "PutBucketLifecycle", LifecycleConfiguration=rule)
    log.wait(minutes=1).object(thief, "PutObject", "db/README_FOR_DECRYPT.txt", size=0.0)
    return log


def from_the_pod_to_the_state_file() -> Log:
    """SCARLETEEL, 2023: a pod is broken into, the node's credentials are read from the metadata service and
    used from outside: functions' settings are read, and with them a Terraform state file in the bucket, with
    the keys of a user who is then tried in vain.
    """
    log = Log()
    node = session("eks-node", "i-0317f6c6b66ae9c40", "ASIANODE000000000001", "10.0.1.5", BOTO)
    log.object(node, "GetObject", "charts/app.tgz")
    thief = node.at(AWAY, KALI)
    log.wait(hours=3).call(thief, "sts", "GetCallerIdentity")
    log.call(thief, "lambda", "ListFunctions20150331")
    for number in range(12):
        asked = {"functionName": f"job-{number}"}
        log.wait(seconds=3).call(thief, "lambda", "GetFunction20150331v2", requestParameters=asked)
    log.wait(minutes=1).object(thief, "ListObjects", None)
    log.wait(seconds=9).object(thief, "GetObject", "env/prod/terraform.tfstate")
    other = user("tf-admin", "AKIAFROMSTATEFILE001", AWAY, KALI)
    for name in ("ListUsers", "ListAccessKeys", "CreateUser"):
        log.wait(minutes=1).denied(other, "iam", name)
    return log


def help_desk_and_identity_provider() -> Log:
    """LUCR-3, 2023: a person's sign-in is taken over at the identity provider. The console session looks
    around, reads secrets, makes a user with a key, switches GuardDuty off; S3 Browser takes the objects.
    """
    log = Log()
    role = "AWSReservedSSO_PowerUser_0a1b2c3d4e5f6071"
    home = session(role, "dora@example.com", "ASIADORA000000000001", OFFICE, BROWSER)
    for number in range(4):
        log.wait(hours=5).object(home, "GetObject", f"reports/{number}.pdf")
    thief = session(role, "dora@example.com", "ASIADORA000000000002", VPN, BROWSER)
    log.wait(hours=9).call(
        Caller(
            {
                "type": "SAMLUser",
                "principalId": "kSf0example=:dora@example.com",
                "userName": "dora@example.com",
            },
            VPN,
            BROWSER,
        ),
        "sts",
        "AssumeRoleWithSAML",
        requestParameters={"roleArn": role_arn(role), "roleSessionName": "dora@example.com"},
        responseElements=assumed("ASIADORA000000000002") | {"subject": "dora@example.com"},
    )
    for name in ("ListBuckets", "ListUsers", "ListRoles"):
        log.wait(seconds=20).call(thief, "s3" if "Buckets" in name else "iam", name)
    for secret in ("prod/db", "prod/github"):
        log.wait(seconds=9).call(
            thief, "secretsmanager", "GetSecretValue", requestParameters={"secretId": secret}
        )
    log.wait(minutes=2).call(thief, "iam", "CreateUser", requestParameters={"userName": "svc-sync"})
    log.create_key(thief, "svc-sync", "AKIASYNC000000000001")
    log.wait(minutes=1).call(thief, "guardduty", "DeleteDetector", requestParameters={"detectorId": "d0"})
    browser = user("svc-sync", "AKIASYNC000000000001", VPN, "S3 Browser/11.7.5 (https://s3browser.com)")
    read_all(log.wait(minutes=3), browser, 50)
    return log


def keys_in_a_git_config() -> Log:
    """EmeraldWhale and Androxgh0st, 2024: a key from an exposed .git/config is tried by a machine: who am
    I, may I send mail, may I make users (no), which buckets; then the bucket is read, slowly.
    """
    log = Log()
    owner = user("mailer", "AKIAMAILER0000000001", "10.0.7.7", BOTO)
    for number in range(5):
        log.wait(hours=3).object(owner, "GetObject", f"templates/{number}.html")
    thief = owner.at(AWAY, "Boto3/1.34.1 Python/3.10 Windows/10")
    log.wait(hours=1).call(thief, "sts", "GetCallerIdentity")
    log.call(thief, "ses", "GetSendQuota")
    log.call(thief, "ses", "ListIdentities")
    log.denied(thief, "iam", "CreateUser", requestParameters={"userName": "ses_xcatze"})
    log.denied(thief, "iam", "AttachUserPolicy", requestParameters={"userName": "ses_xcatze"})
    log.wait(seconds=30).call(thief, "s3", "ListBuckets")
    log.wait(seconds=5).object(thief, "ListObjects", None)
    for number in range(12):
        log.wait(minutes=4).object(thief, "GetObject", f"customers/{number}.csv")
    return log


def survey_by_a_scanner_of_ours() -> Log:
    """No incident: the posture scanner of the company's own security team is new, works from the office,
    and asks every question of every bucket; much is refused.
    """
    log = Log()
    scanner = session("security-audit", "prowler", "ASIAPROWLER000000001", OFFICE, BOTO)
    asked = (
        "GetBucketAcl",
        "GetBucketPolicy",
        "GetBucketLogging",
        "GetBucketVersioning",
        "GetBucketEncryption",
    )
    for number in range(30):
        for name in asked:
            record = log.wait(seconds=1).bucket(
                scanner, name, bucket=BUCKET if number == 7 else f"a-{number}"
            )
            if number % 3 == 0:
                record |= _refused()
    log.call(scanner, "iam", "GetAccountAuthorizationDetails")
    return log


def _refused() -> Record:
    return {"errorCode": "AccessDenied", "errorMessage": f"User of {ACCOUNT} is not authorized"}


def parameters(record: Record) -> dict[str, Any]:
    return dict(record["requestParameters"] or {})
