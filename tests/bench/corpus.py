"""A corpus of CloudTrail files like those of a busy account, seeded, and written once.

Services at work for three days: reads and writes of objects in a hundred buckets, services that assume roles,
descriptions, decryptions. About one record in a hundred is about BUCKET, by four roles; the story of a leaked
key (`leaked_key`) runs through the last night. Session tokens, request ids and `x-amz-id-2` are as random as
AWS's, so that the files unpack at the speed of real ones.
"""

import base64
import gzip
import json
import os
import random
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.evidence.records import ACCOUNT, BUCKET, leaked_key

Record = dict[str, Any]

SEED = 20261122
REGION = "eu-west-1"
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 3
WINDOW = (START, START + timedelta(days=DAYS, hours=1))

#: CloudTrail delivers about every five minutes; how many records a file has here.
RECORDS = 1000

#: Bytes unpacked of one file, about: what turns a size asked for into a number of files.
FILE_SIZE = 1_600_000

_ROLES = tuple(
    f"{team}-{job}" for team in ("billing", "search", "orders", "media", "crm") for job in range(12)
)
_BUCKETS = tuple(f"acme-{kind}-{number}" for kind in ("lake", "logs", "assets") for number in range(33))
_READERS = ("payroll-export", "payroll-web", "payroll-report", "backup-runner")
_CALLS = (
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeVolumes"),
    ("ec2", "DescribeNetworkInterfaces"),
    ("logs", "DescribeLogStreams"),
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("elasticloadbalancing", "DescribeTargetHealth"),
    ("rds", "DescribeDBInstances"),
    ("sqs", "GetQueueAttributes"),
    ("dynamodb", "DescribeTable"),
)
_AGENTS = (
    "[aws-sdk-java/2.31.4 Linux/6.1.0 OpenJDK_64-Bit_Server_VM/21.0.4+7 Java/21.0.4 io/sync http/Apache]",
    "[Boto3/1.40.1 md/Botocore#1.40.1 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.9]",
    "[aws-sdk-go-v2/1.30.4 os/linux lang/go#1.23.1 md/GOOS#linux md/GOARCH#amd64 api/s3#1.61.0]",
)


@dataclass(frozen=True)
class Corpus:
    """A folder with `AWSLogs/` in it; `size` in bytes unpacked, `packed` in bytes as on disk."""

    folder: Path
    files: int
    records: int
    size: int
    packed: int


def corpus(size: int, home: Path | None = None) -> Corpus:
    """The corpus of about that many bytes unpacked; written only where it is not there yet.

    `home` is S3INCIDENT_BENCH_CORPUS, or a folder of the machine's temporary one.
    """
    home = home or Path(
        os.environ.get("S3INCIDENT_BENCH_CORPUS") or Path(tempfile.gettempdir()) / "s3incident-bench"
    )
    files = max(2, round(size / FILE_SIZE))
    folder = home / f"cloudtrail-{SEED}-{files}"
    done = folder / "corpus.json"
    if not done.exists():
        numbers = _write(folder, files)
        done.write_text(json.dumps(numbers))
    return Corpus(folder / "logs", files, **json.loads(done.read_text()))


def _write(folder: Path, files: int) -> dict[str, int]:
    # The spawned processes import this module anew: nothing of the parent's threads goes with them.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        written = list(pool.map(partial(_file, folder / "logs", files), range(files), chunksize=8))
    return {
        "records": sum(records for records, _, _ in written),
        "size": sum(size for _, size, _ in written),
        "packed": sum(packed for _, _, packed in written),
    }


def _file(folder: Path, files: int, number: int) -> tuple[int, int, int]:
    """One file: (records, bytes unpacked, bytes packed)."""
    chance = random.Random(f"{SEED}/{number}")
    end = START + timedelta(days=DAYS) * ((number + 1) / files)
    records = [_record(chance, end - timedelta(seconds=chance.uniform(0, 560))) for _ in range(RECORDS)]
    records += _of_the_story(end - timedelta(days=DAYS) / files, end)
    chance.shuffle(records)
    data = json.dumps({"Records": records}, separators=(",", ":")).encode()
    name = f"{ACCOUNT}_CloudTrail_{REGION}_{end:%Y%m%dT%H%M}Z_{chance.getrandbits(64):016x}.json.gz"
    path = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{end:%Y/%m/%d}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress(data, 6, mtime=0)
    path.write_bytes(packed)
    return len(records), len(data), len(packed)


def _of_the_story(start: datetime, end: datetime) -> list[Record]:
    """What the thief, and those at work around, did between two deliveries."""
    return [one for one in leaked_key().records if start <= datetime.fromisoformat(one["eventTime"]) < end]


def _record(chance: random.Random, at: datetime) -> Record:
    draw = chance.random()
    if draw < 0.01:
        return _object(chance, at, BUCKET, chance.choice(_READERS))
    if draw < 0.55:
        return _object(chance, at, chance.choice(_BUCKETS), chance.choice(_ROLES))
    if draw < 0.60:
        return _assumed(chance, at)
    if draw < 0.70:
        return _decrypted(chance, at)
    return _described(chance, at)


def _object(chance: random.Random, at: datetime, bucket: str, role: str) -> Record:
    name = chance.choices(("GetObject", "PutObject", "HeadObject", "ListObjects"), (70, 15, 10, 5))[0]
    host = f"{bucket}.s3.{REGION}.amazonaws.com"
    key = f"year=2026/part-{chance.randrange(10**5):05d}-{chance.getrandbits(64):016x}.snappy.parquet"
    arn = f"arn:aws:s3:::{bucket}/{'' if name == 'ListObjects' else key}"
    asked = {"list-type": "2", "prefix": "year=2026/"} if name == "ListObjects" else {"key": key}
    details = {
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        "bytesTransferredIn": chance.randrange(10**6) if name == "PutObject" else 0,
        "AuthenticationMethod": "AuthHeader",
        "x-amz-id-2": base64.b64encode(chance.randbytes(57)).decode(),
        "bytesTransferredOut": chance.randrange(10**6) if name == "GetObject" else 0,
    }
    whole = _base(chance, at, role, "s3", name)
    whole |= {
        "userAgent": _agent(role),
        "requestParameters": {"bucketName": bucket, "Host": host} | asked,
        "additionalEventData": details,
        "readOnly": name != "PutObject",
        "resources": [
            {"type": "AWS::S3::Object", "ARNPrefix" if name == "ListObjects" else "ARN": arn},
            {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ],
        "managementEvent": False,
        "eventCategory": "Data",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}
        | {"clientProvidedHostHeader": host},
    }
    if chance.random() < 0.02:
        whole |= {"errorCode": "NoSuchKey", "errorMessage": "The specified key does not exist."}
    return whole


def _assumed(chance: random.Random, at: datetime) -> Record:
    role = chance.choice(_ROLES + _READERS)
    service = chance.choice(("ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"))
    credentials = {
        "accessKeyId": session_key(role, at),
        "sessionToken": base64.b64encode(chance.randbytes(600)).decode(),
        "expiration": f"{at + timedelta(hours=6):%b %d, %Y, %I:%M:%S %p}",
    }
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{role}-{at:%H}"
    return _base(chance, at, role, "sts", "AssumeRole") | {
        "userIdentity": {"type": "AWSService", "invokedBy": service},
        "sourceIPAddress": service,
        "userAgent": service,
        "requestParameters": {
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
            "roleSessionName": f"{role}-{at:%H}",
        },
        "responseElements": {
            "credentials": credentials,
            "assumedRoleUser": {"assumedRoleId": f"{_role_id(role)}:{role}-{at:%H}", "arn": arn},
        },
        "resources": [
            {"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": f"arn:aws:iam::{ACCOUNT}:role/{role}"}
        ],
        "sharedEventID": _uuid(chance),
    }


def _decrypted(chance: random.Random, at: datetime) -> Record:
    bucket, key = chance.choice(_BUCKETS), f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{_uuid(random.Random(7))}"
    return _base(chance, at, chance.choice(_ROLES), "kms", "Decrypt") | {
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "requestParameters": {
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::{bucket}/{chance.getrandbits(64):016x}"},
        },
        "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key}],
        "sessionCredentialFromConsole": "true",
    }


def _described(chance: random.Random, at: datetime) -> Record:
    service, name = chance.choice(_CALLS)
    ids = [{"value": f"i-0{chance.getrandbits(64):016x}"} for _ in range(chance.randrange(24))]
    return _base(chance, at, chance.choice(_ROLES), service, name) | {
        "requestParameters": {
            "maxResults": 1000,
            "filterSet": {"items": [{"name": "id", "valueSet": {"items": ids}}]},
        },
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"}
        | {"clientProvidedHostHeader": f"{service}.{REGION}.amazonaws.com"},
    }


def _base(chance: random.Random, at: datetime, role: str, service: str, name: str) -> Record:
    """What every record has, by a session of a role, in CloudTrail's order."""
    address = random.Random(f"{role}/{chance.randrange(4)}")
    return {
        "eventVersion": "1.11",
        "userIdentity": _session(role, at),
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": f"10.{address.randrange(256)}.{address.randrange(256)}.7",
        "userAgent": _agent(role)[1:-1],
        "requestParameters": None,
        "responseElements": None,
        "requestID": _uuid(chance),
        "eventID": _uuid(chance),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }


def _session(role: str, at: datetime) -> Record:
    return {
        "type": "AssumedRole",
        "principalId": f"{_role_id(role)}:{role}-{at:%H}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{role}-{at:%H}",
        "accountId": ACCOUNT,
        "accessKeyId": session_key(role, at),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": _role_id(role),
                "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
                "accountId": ACCOUNT,
                "userName": role,
            },
            "attributes": {"creationDate": f"{at:%Y-%m-%dT%H}:00:00Z", "mfaAuthenticated": "false"},
        },
    }


def session_key(role: str, at: datetime) -> str:
    """The temporary key of a role's session: a new one every hour."""
    return "ASIA" + _letters(f"{role}/{at:%d%H}")


def _agent(role: str) -> str:
    """What a role's program is written with; its hosts come and go, that does not."""
    return random.Random(role).choice(_AGENTS)


def _role_id(role: str) -> str:
    return "AROA" + _letters(role)


def _letters(seed: str) -> str:
    return "".join(random.Random(seed).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))


def _uuid(chance: random.Random) -> str:
    text = chance.randbytes(16).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
