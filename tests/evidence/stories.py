"""More whole stories, of theft and of innocence, in the shapes that AWS writes."""

from __future__ import annotations

from typing import Any

from tests.evidence.records import (
    ACCOUNT,
    ATTACKER_IP,
    BUCKET,
    CI_IP,
    LEAKED_KEY,
    Caller,
    Log,
    Record,
    anonymous,
    outsider,
    session,
    user,
)

OTHER_ACCOUNT = "999988887777"
LINUX = "aws-cli/2.31.0 Linux/6.1"
MAC = "aws-cli/2.31.0 Darwin/24.1.0"
BOTO = "Boto3/1.43.0 os/linux"
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
OFFICE = "198.51.100.20"
VICTIM_KEY = "AKIAVICTIMKEY0000001"


def role_arn(role: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{role}"


def assumed(key: str) -> Record:
    return {"credentials": {"accessKeyId": key, "sessionToken": "IQoJTOKEN==", "expiration": "x"}}


def read_all(log: Log, who: Caller, count: int = 30, **members: Any) -> None:
    for number in range(count):
        log.wait(seconds=2).object(who, "GetObject", f"payroll/{number:02d}.csv", size=1000.0, **members)


def chain_over_two_accounts() -> Log:
    """A partner's key leaks; three hops later somebody reads the bucket: partner user, entry, jump, data."""
    log = Log()
    thief = user("partner-ci", LEAKED_KEY, ATTACKER_IP, MAC, account=OTHER_ACCOUNT)
    hidden = Caller(
        {"type": "AWSAccount", "principalId": "AIDAPARTNERCI00000001", "accountId": OTHER_ACCOUNT},
        ATTACKER_IP,
        MAC,
    )
    shared = "5b2a7c1e-0000-4000-8000-00000000aaaa"
    entry = {"roleArn": role_arn("entry"), "roleSessionName": "partner"}
    for who, account in ((hidden, ACCOUNT), (thief, OTHER_ACCOUNT)):
        log.call(
            who,
            "sts",
            "AssumeRole",
            requestParameters=entry,
            responseElements=assumed("ASIAENTRY00000000001"),
            recipientAccountId=account,
            sharedEventID=shared,
        )
    first = session("entry", "partner", "ASIAENTRY00000000001", ATTACKER_IP, MAC)
    log.wait(minutes=1).assume(first, "jump", "a", "ASIAJUMP000000000001")
    second = session("jump", "a", "ASIAJUMP000000000001", ATTACKER_IP, MAC)
    log.wait(minutes=1).assume(second, "data", "b", "ASIADATA000000000001")
    third = session("data", "b", "ASIADATA000000000001", ATTACKER_IP, MAC)
    read_all(log, third)
    log.wait(minutes=1).bucket(third, "PutBucketPolicy", bucketPolicy=lets_in(OTHER_ACCOUNT))
    return log


def insider_with_console() -> Log:
    """An employee signs in without MFA, downloads everything in the browser and switches versioning off."""
    log = Log()
    eve = user("eve", "ASIAEVE0000000000001", OFFICE, BROWSER)
    login = Caller({**eve.identity, "accessKeyId": ""}, OFFICE, BROWSER)
    log.call(
        login,
        "signin",
        "ConsoleLogin",
        responseElements={"ConsoleLogin": "Success"},
        additionalEventData={"MFAUsed": "No", "LoginTo": "https://console.aws.amazon.com"},
        eventType="AwsConsoleSignIn",
    )
    context = {"attributes": {"creationDate": "2026-11-23T02:00:00Z", "mfaAuthenticated": "false"}}
    console = Caller({**eve.identity, "sessionContext": context}, OFFICE, BROWSER)
    read_all(log.wait(minutes=3), console)
    off = {"Status": "Suspended"}
    log.wait(minutes=2).bucket(console, "PutBucketVersioning", VersioningConfiguration=off)
    for number in range(5):
        log.wait(seconds=3).object(console, "DeleteObject", f"payroll/{number:02d}.csv", size=None)
    return log


def presigned_url_passed_on() -> Log:
    """An application signs URLs in its VPC; one of them is used from all over the world."""
    log = Log()
    app = session(
        "payroll-app", "i-0317f6c6b66ae9c40", "ASIAPAYROLLAPP000001", "10.0.1.5", "Boto3/1.43.0 os/linux"
    )
    log.object(app, "GetObject", "payroll/own.csv")
    by_url = {
        "AuthenticationMethod": "QueryString",
        "SignatureVersion": "SigV4",
        "bytesTransferredOut": 500.0,
    }
    for number, agent in enumerate((MAC, "curl/8.9.1", BROWSER)):
        stranger = app.at(f"203.0.113.{number + 1}", agent)
        read_all(log, stranger, 25, additionalEventData=by_url)
    return log


def replication_away() -> Log:
    """A stolen admin key makes the bucket replicate to an account of the thief's, and send it news."""
    log = Log()
    admin = user("admin", LEAKED_KEY, CI_IP, LINUX)
    log.call(admin, "sts", "GetCallerIdentity")
    thief = admin.at(ATTACKER_IP, MAC)
    rule = {
        "Status": "Enabled",
        "Destination": {"Bucket": "arn:aws:s3:::thiefs-bucket", "Account": OTHER_ACCOUNT},
    }
    configuration = {"Role": role_arn("replicator"), "Rule": rule}
    log.wait(minutes=9).bucket(thief, "PutBucketReplication", ReplicationConfiguration=configuration)
    targets = {
        "QueueConfiguration": {"Queue": f"arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:news", "Event": "s3:*"}
    }
    log.wait(minutes=1).bucket(thief, "PutBucketNotification", NotificationConfiguration=targets)
    return log


def ransom() -> Log:
    """Objects are rewritten under a key only the thief has, others re-encrypted in place; then the note."""
    log = Log()
    ops = user("backup-ops", LEAKED_KEY, CI_IP, LINUX)
    log.call(ops, "sts", "GetCallerIdentity")
    thief = ops.at(ATTACKER_IP, MAC)
    log.wait(minutes=5)
    for number in range(25):
        parameters = {
            "bucketName": BUCKET,
            "key": f"payroll/{number:02d}.csv",
            "x-amz-copy-source": f"{BUCKET}/payroll/{number:02d}.csv",
            "x-amz-server-side-encryption-customer-algorithm": "AES256",
        }
        key = f"payroll/{number:02d}.csv"
        log.wait(seconds=1).object(thief, "CopyObject", key, requestParameters=parameters)
    for number in range(25, 30):
        log.wait(seconds=1).object(thief, "UpdateObjectEncryption", f"payroll/{number:02d}.csv", size=None)
    log.wait(seconds=20).object(thief, "PutObject", "HOW-TO-RECOVER-YOUR-FILES.txt", size=0.0)
    log.wait(seconds=9).call(
        thief, "kms", "ScheduleKeyDeletion", requestParameters={"keyId": "1234abcd", "pendingWindowInDays": 7}
    )
    return log


def backdoor_for_another() -> Log:
    """A leaked key makes a key for another user, who has keys of her own, and comes back with it."""
    log = Log()
    home = user("ci-deploy", LEAKED_KEY, CI_IP, LINUX)
    maria = user("maria", VICTIM_KEY, OFFICE, "aws-cli/2.31.0 macOS/15")
    log.call(home, "sts", "GetCallerIdentity")
    log.wait(minutes=1).object(maria, "GetObject", "payroll/own.csv")
    thief = home.at(ATTACKER_IP, "Boto3/1.40.1 os/windows")
    log.wait(minutes=10).create_key(thief, "maria", "AKIABACKDOOR00000001")
    again = user("maria", "AKIABACKDOOR00000001", ATTACKER_IP, "Boto3/1.40.1 os/windows")
    read_all(log.wait(minutes=2), again)
    return log


def opened_by_mistake() -> Log:
    """An administrator opens the bucket to the world; strangers find it."""
    log = Log()
    admin = user("admin", "AKIAADMIN00000000001", OFFICE, LINUX)
    log.bucket(admin, "PutBucketAcl", **{"x-amz-acl": "public-read"})
    for number in range(3):
        log.wait(minutes=7).object(anonymous(f"203.0.113.{number + 9}"), "GetObject", "payroll/00.csv")
    return log


# Innocents that look alike.


def nightly_backup() -> Log:
    log = Log()
    backup = session("backup", "backup-20261123", "ASIABACKUP0000000001", "10.0.3.3", "Boto3/1.43.0 os/linux")
    log.object(backup, "ListObjects", None)
    read_all(log, backup, 120)
    return log


def posture_scanner() -> Log:
    """A vendor's role asks every question there is, many of them refused."""
    log = Log()
    scanner = session(
        "cspm-reader", "vendor-scan", "ASIASCANNER000000001", "198.51.100.200", "Boto3/1.43.0 os/linux"
    )
    asked = (
        "GetBucketAcl",
        "GetBucketPolicy",
        "GetBucketPolicyStatus",
        "GetBucketVersioning",
        "GetBucketLogging",
    )
    for number in range(10):
        for name in (*asked, "GetBucketLogging", "GetBucketEncryption", "GetBucketReplication"):
            log.wait(seconds=1).bucket(scanner, name, bucket=BUCKET if number == 3 else f"acme-{number}")
        log.denied(scanner, "iam", "ListUsers")
    return log


def administrator_at_work() -> Log:
    """Users, keys and rights for new colleagues, all day."""
    log = Log()
    admin = user("admin", "AKIAADMIN00000000001", OFFICE, LINUX)
    for name in ("anna", "ben", "carla"):
        log.wait(minutes=5).call(admin, "iam", "CreateUser", requestParameters={"userName": name})
        log.create_key(admin, name, f"AKIANEW{name.upper():0>13}")
        policy = {"userName": name, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
        log.call(admin, "iam", "AttachUserPolicy", requestParameters=policy)
        newcomer = user(name, f"AKIANEW{name.upper():0>13}", OFFICE, "aws-cli/2.31.0 macOS/15")
        log.wait(minutes=3).object(newcomer, "GetObject", "payroll/own.csv")
    return log


def builds_from_anywhere() -> Log:
    """A pipeline signs in by OIDC; every build has another address, name and session."""
    log = Log()
    subject = {
        "type": "WebIdentityUser",
        "principalId": "arn:aws:iam::111122223333:oidc-provider/token.example.com:sts:repo:acme/web:ref:main",
        "userName": "repo:acme/web:ref:main",
        "identityProvider": "token.example.com",
    }
    for number in range(8):
        address, name = f"192.0.2.{number + 10}", f"build-{20261123000 + number}"
        key = f"ASIABUILD{number:011d}"
        log.wait(minutes=4).call(
            Caller(subject, address, "aws-actions/4"),
            "sts",
            "AssumeRoleWithWebIdentity",
            requestParameters={"roleArn": role_arn("deploy"), "roleSessionName": name},
            responseElements=assumed(key) | {"provider": "token.example.com"},
        )
        build = session("deploy", name, key, address, LINUX)
        for file in range(25):
            log.wait(seconds=1).object(build, "PutObject", f"builds/{number}/{file}", size=0.0)
        read_all(log, build, 22)
    return log


def watchdog_refused() -> Log:
    log = Log()
    watchdog = session("watchdog", "probe", "ASIAWATCHDOG00000001", "198.51.100.9", "Go-http-client/1.1")
    for number in range(300):
        log.wait(seconds=5).object(watchdog, "HeadObject", f"{number}", errorCode="AccessDenied")
    return log


def partner_reads() -> Log:
    log = Log()
    partner = outsider(OTHER_ACCOUNT, "198.51.100.99")
    read_all(log, partner, 40)
    return log


def office_behind_one_address() -> Log:
    """Colleagues with one role, one client and one address: sessions named after people are people."""
    log = Log()
    for name in ("anna", "ben", "carla"):
        person = session("Developer", name, f"ASIA{name.upper():0>16}", OFFICE, MAC)
        log.wait(minutes=1).object(person, "GetObject", "payroll/own.csv")
    return log


def lets_in(account: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{BUCKET}/*",
            }
        ],
    }
