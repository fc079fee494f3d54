"""The cases of the rows that watch and protect: trails, alarms, Config, analyzers, Object Lock."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bot.remediation.plan import State, state_hash
from tests.aws.account import ACCOUNT, REGION, Account, trail_bucket_policy
from tests.remediation.rows.cases import Case, new_bucket

# -- trails --------------------------------------------------------------------------------------------


def trail_arn(name: str, region: str = REGION) -> str:
    return f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{name}"


def new_trail(account: Account, name: str, region: str = REGION) -> None:
    """A bucket to watch, and a multi-Region trail `NAME-trail` that writes into a bucket of its own."""
    new_bucket(account, name)
    account.bucket(f"{name}-files", trail_bucket_policy(f"{name}-files"))
    trails = account.client("cloudtrail", region=region)
    trails.create_trail(Name=f"{name}-trail", S3BucketName=f"{name}-files", IsMultiRegionTrail=True)
    trails.start_logging(Name=f"{name}-trail")


def basic(**changed: Any) -> dict[str, Any]:
    whole = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
    return {**whole, "ExcludeManagementEventSources": [], **changed}


def advanced(name: str, **fields: dict[str, list[str]]) -> dict[str, Any]:
    named = {one.replace("__", "."): wanted for one, wanted in fields.items()}
    return {"Name": name, "FieldSelectors": [{"Field": field, **wanted} for field, wanted in named.items()]}


MANAGEMENT = advanced("Management", eventCategory={"Equals": ["Management"]})
OTHER_BUCKET = advanced(
    "Invoices",
    eventCategory={"Equals": ["Data"]},
    resources__type={"Equals": ["AWS::S3::Object"]},
    readOnly={"Equals": ["false"]},
    resources__ARN={"StartsWith": ["arn:aws:s3:::acme-invoices/", "arn:aws:s3:::acme-r36-1-files/x"]},
)
_S3 = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::acme-invoices/", "arn:aws:s3:::acme-pay/2026/"]}
_LAMBDA = {"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}
BASIC = st.builds(
    basic,
    ReadWriteType=st.sampled_from(["All", "ReadOnly", "WriteOnly"]),
    IncludeManagementEvents=st.booleans(),
    DataResources=st.sampled_from([[], [_S3], [_S3, _LAMBDA]]),
    ExcludeManagementEventSources=st.sampled_from([[], ["kms.amazonaws.com"]]),
).filter(lambda one: one["IncludeManagementEvents"] or one["DataResources"])


def _selectors(basic_ones: list[Any], advanced_ones: list[Any]) -> State:
    return {"EventSelectors": basic_ones, "AdvancedEventSelectors": advanced_ones}


SELECTORS = st.one_of(
    st.lists(BASIC, min_size=1, max_size=3).map(lambda found: _selectors(found, [])),
    st.sampled_from([[MANAGEMENT], [MANAGEMENT, OTHER_BUCKET], [OTHER_BUCKET]]).map(
        lambda found: _selectors([], found)
    ),
)


def put_selectors(account: Account, name: str, state: State) -> None:
    kind = "AdvancedEventSelectors" if state["AdvancedEventSelectors"] else "EventSelectors"
    account.client("cloudtrail").put_event_selectors(TrailName=f"{name}-trail", **{kind: state[kind]})


def _trail_state(name: str) -> State:
    return {"TrailArn": trail_arn(f"{name}-trail"), "HomeRegion": REGION}


DATA_EVENTS = Case(
    "R36",
    make=new_trail,
    states=SELECTORS,
    put=put_selectors,
    drift=lambda account, name: put_selectors(
        account, name, _selectors([basic(ReadWriteType="WriteOnly")], [])
    ),
    examples=(_selectors([basic(DataResources=[_S3])], []),),
    wanted=lambda _, name: {"bucket": name, "trail": f"{name}-trail"},
    known=lambda name: (
        {"bucket": name, "trail": f"{name}-trail"},
        {"Bucket": name, "OwnLogs": False, **_trail_state(name)},
    ),
)


def _settings(name: str, **changed: Any) -> State:
    whole = {
        "S3BucketName": f"{name}-files",
        "S3KeyPrefix": None,
        "KmsKeyId": None,
        "IsMultiRegionTrail": True,
    }
    return {**whole, "IncludeGlobalServiceEvents": True, "LogFileValidationEnabled": None, **changed}


def _new_trail(account: Account, name: str) -> None:
    """By its ARN or by its name."""
    new_trail(account, name.rpartition("/")[2].removesuffix("-trail"))


def _tamper(account: Account, given: str, state: State) -> None:
    """Into the state; a trail that the state does not have is deleted."""
    name = given.rpartition("/")[2].removesuffix("-trail")
    trails = account.client("cloudtrail")
    if state["EventSelectors"] or state["AdvancedEventSelectors"]:
        put_selectors(account, name, state)
        (trails.start_logging if state["Logging"] else trails.stop_logging)(Name=f"{name}-trail")
    else:
        trails.delete_trail(Name=f"{name}-trail")


_BLIND = _selectors([basic(IncludeManagementEvents=False, DataResources=[_S3])], [])
RESTORE_LOGGING = Case(
    "R37",
    make=_new_trail,
    states=st.one_of(
        st.builds(lambda logging, found: {"Logging": logging, **found}, st.booleans(), SELECTORS),
        st.just({"Logging": False, **_selectors([], [])}),
    ),
    put=_tamper,
    drift=lambda account, given: _tamper(
        account, given, {"Logging": False, **_selectors([basic(ReadWriteType="WriteOnly")], [])}
    ),
    examples=(
        {"Logging": False, **_BLIND},
        {"Logging": False, "Settings": None, **_selectors([], [])},
    ),
    wanted=lambda _, name: {"trail": f"{name}-trail", "log_bucket": f"{name}-files"},
    known=lambda name: (
        {"trail": f"{name}-trail", "log_bucket": f"{name}-files"},
        {"Settings": _settings(name), **_trail_state(name)},
    ),
)

# -- versions ------------------------------------------------------------------------------------------


def versioned(account: Account, name: str, status: str | None) -> None:
    if status:
        wanted = {"Status": status}
        account.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration=wanted)


def put_lock(account: Account, name: str, lock: State | None) -> None:
    versioned(account, name, "Enabled")
    if lock is not None:
        account.client("s3").put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)


def lock(mode: str = "", **length: int) -> State:
    rule = {"Rule": {"DefaultRetention": {"Mode": mode, **length}}} if mode else {}
    return {"ObjectLockEnabled": "Enabled", **rule}


OBJECT_LOCK = Case(
    "R42",
    make=new_bucket,
    states=st.builds(
        lambda found: {"ObjectLock": found, "Versioned": True, "LogTarget": False},
        st.none() | st.just(lock()) | st.integers(1, 29).map(lambda days: lock("GOVERNANCE", Days=days)),
    ),
    put=lambda account, name, state: put_lock(account, name, state["ObjectLock"]),
    drift=lambda account, name: put_lock(account, name, lock("GOVERNANCE", Days=2)),
    examples=({"ObjectLock": None, "Versioned": True, "LogTarget": False},),
    wanted=lambda _, name: {"bucket": name, "days": "30"},
    known=lambda name: ({"bucket": name, "days": "30"}, {"Bucket": name}),
)

# -- alarms --------------------------------------------------------------------------------------------


def log_group(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"


def new_log_group(account: Account, name: str) -> None:
    """By its ARN or by its name."""
    account.client("logs").create_log_group(logGroupName=name.rpartition(":")[2])


def _ours(arn: str) -> str:
    return f"S3Incident-changes-{state_hash(arn)[:8]}"


_OLD_FILTER = {
    "Pattern": "{ $.eventName = PutBucketPolicy }",
    "Metrics": [{"metricName": "old", "metricNamespace": "CIS", "metricValue": "1"}],
}


def _put_alarms(account: Account, name: str, state: State) -> None:
    arn = log_group(name)
    if state["Topic"]:
        account.client("sns").create_topic(Name=_ours(arn))
    if state["Filter"]:
        account.client("logs").put_metric_filter(
            logGroupName=name,
            filterName=_ours(arn),
            filterPattern=state["Filter"]["Pattern"],
            metricTransformations=state["Filter"]["Metrics"],
        )


def _alarms(*, topic: bool, found: State | None) -> State:
    return {"Topic": topic, "Subscribed": False, "Filter": found, "Alarm": None}


CHANGE_ALARM = Case(
    "R38",
    make=new_log_group,
    states=st.builds(_alarms, topic=st.booleans(), found=st.none() | st.just(_OLD_FILTER)),
    put=_put_alarms,
    drift=lambda account, arn: _put_alarms(
        account, arn.rpartition(":")[2], {"Topic": True, "Filter": _OLD_FILTER}
    ),
    examples=(_alarms(topic=False, found=None),),
    wanted=lambda _, name: {"trail": log_group(name), "email": "security@example.com"},
    known=lambda name: (
        {"trail": log_group(name), "email": "security@example.com"},
        {"LogGroup": log_group(name)},
    ),
)

# -- the account ---------------------------------------------------------------------------------------

_RULES = ("S3_BUCKET_PUBLIC_READ_PROHIBITED", "S3_BUCKET_ACL_PROHIBITED")


def recorder(account: Account) -> None:
    config = account.client("config")
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    if not config.describe_delivery_channels()["DeliveryChannels"]:
        account.bucket("acme-config")
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "acme-config"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def put_rule(account: Account, identifier: str, name: str = "") -> None:
    named = name or f"S3Incident-{identifier.lower().replace('_', '-')}"
    source = {"Owner": "AWS", "SourceIdentifier": identifier}
    account.client("config").put_config_rule(ConfigRule={"ConfigRuleName": named, "Source": source})


def _no_rules(account: Account, name: str) -> None:
    """The rules are the account's: each target begins with none."""
    del name
    recorder(account)
    config = account.client("config")
    for rule in config.describe_config_rules()["ConfigRules"]:
        config.delete_config_rule(ConfigRuleName=rule["ConfigRuleName"])


def _put_rules(account: Account, name: str, state: State) -> None:
    del name
    for identifier, there in state["Rules"].items():
        if there:
            put_rule(account, identifier)
    for identifier in state["Covered"]:
        put_rule(account, identifier, f"team-{identifier.lower()}")


def _rules(first: str | None, covered: list[str]) -> State:
    return {"Recording": True, "Rules": dict(zip(_RULES, (first, None), strict=True)), "Covered": covered}


_ASKED = {"account": ACCOUNT, "rules": ",".join(_RULES)}
CONFIG_RULES = Case(
    "R39",
    make=_no_rules,
    states=st.sampled_from([_rules(None, []), _rules("ACTIVE", []), _rules(None, [_RULES[0]])]),
    put=_put_rules,
    drift=lambda account, _: put_rule(account, _RULES[1]),
    examples=(_rules(None, []),),
    wanted=lambda *_: _ASKED,
    known=lambda _: (_ASKED, {"Account": ACCOUNT, "Region": REGION}),
)


def no_analyzer(account: Account, name: str) -> None:
    """The analyzer is the account's, and so is the role that IAM makes for the first one."""
    del name
    analyzers, iam = account.client("accessanalyzer"), account.client("iam")
    for one in analyzers.list_analyzers()["analyzers"]:
        analyzers.delete_analyzer(analyzerName=one["name"])
    for role in iam.list_roles(PathPrefix="/aws-service-role/access-analyzer.amazonaws.com/")["Roles"]:
        iam.delete_service_linked_role(RoleName=role["RoleName"])


ACCESS_ANALYZER = Case(
    "R40",
    make=no_analyzer,
    states=st.just({"Analyzer": None}),
    put=lambda *_: None,
    drift=lambda account, _: account.client("accessanalyzer").create_analyzer(
        analyzerName="team", type="ACCOUNT"
    ),
    examples=({"Analyzer": None},),
    wanted=lambda *_: {"account": ACCOUNT},
    known=lambda _: ({"account": ACCOUNT}, {"Account": ACCOUNT, "Region": REGION}),
)

CASES: tuple[Case, ...] = (
    DATA_EVENTS,
    RESTORE_LOGGING,
    OBJECT_LOCK,
    CHANGE_ALARM,
    CONFIG_RULES,
    ACCESS_ANALYZER,
)
