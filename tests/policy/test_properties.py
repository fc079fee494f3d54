"""What must hold for every policy, not only for the ones we thought of."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.policy.context import UNKNOWN
from bot.policy.document import PolicyError, parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.policy.exposure import exposure
from bot.policy.operators import OPERATORS
from bot.policy.reach import granted, together

OWN, OTHER = "111122223333", "444455556666"
CALLERS = [
    "anonymous",
    "cloudtrail.amazonaws.com",
    f"arn:aws:iam::{OWN}:root",
    f"arn:aws:iam::{OWN}:user/david",
    f"arn:aws:sts::{OWN}:assumed-role/etl/nightly",
    f"arn:aws:sts::{OWN}:federated-user/david",
    f"arn:aws:iam::{OTHER}:role/vendor",
    "not a principal at all",
]
PRINCIPALS = ["*", OWN, OTHER, f"arn:aws:iam::{OWN}:user/david", f"arn:aws:iam::{OWN}:role/etl"]
ACTIONS = ["s3:GetObject", "s3:PutBucketPolicy", "s3:*", "*", "s3:Get*", "kms:Decrypt"]
RESOURCES = ["*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}"]
ELEMENTS = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "Condition"]
KEYS = ["aws:SourceIp", "aws:PrincipalOrgID", "aws:username", "aws:SecureTransport"]
VALUES = ["203.0.113.0/24", "198.51.100.7", "o-1", "o-*", "true", "${aws:username}", "david"]
SOME_OPERATORS = [
    "StringEquals",
    "StringNotLike",
    "IpAddress",
    "NotIpAddress",
    "BoolIfExists",
    "ForAnyValue:StringLike",
]

conditions = st.dictionaries(
    st.sampled_from([*SOME_OPERATORS, "Null"]),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=2),
    max_size=2,
)


@st.composite
def statements(draw: st.DrawFn, *, named: bool, effect: str | None = None) -> dict[str, Any]:
    negation = st.sampled_from(["", "", "", "Not"])
    body: dict[str, Any] = {
        "Effect": effect or draw(st.sampled_from(["Allow", "Deny"])),
        f"{draw(negation)}Action": draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2)),
        f"{draw(negation)}Resource": draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2)),
        "Condition": draw(conditions),
    }
    if named:
        listed = draw(st.lists(st.sampled_from(PRINCIPALS), min_size=1, max_size=2))
        body[f"{draw(negation)}Principal"] = {"AWS": listed}
    return body


def documents(*, named: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(statements(named=named), max_size=4)


contexts = st.dictionaries(
    st.sampled_from(KEYS), st.sampled_from([*VALUES, UNKNOWN]) | st.lists(st.sampled_from(VALUES), max_size=2)
)
requests = st.builds(
    Request,
    principal=st.sampled_from(CALLERS),
    action=st.sampled_from(["s3:GetObject", "s3:PutBucketPolicy", "kms:Decrypt"]),
    resource=st.sampled_from(["arn:aws:s3:::b", "arn:aws:s3:::b/david"]),
    resource_account=st.sampled_from([OWN, OTHER, None]),
    context=contexts,
)
LAYERS = ("identity", "resource", "session", "boundaries", "scps", "rcps")
layered = st.fixed_dictionaries(
    {name: st.none() | documents(named=name in ("resource", "rcps")) for name in LAYERS}
)
Layered = Mapping[str, list[dict[str, Any]] | None]


def policies(layers: Layered) -> Policies:
    found = {
        name: None if body is None else parse({"Version": "2012-10-17", "Statement": body}, name)
        for name, body in layers.items()
    }
    return Policies(
        identity=(found["identity"],) if found["identity"] else (),
        resource=found["resource"],
        boundaries=(found["boundaries"],) if found["boundaries"] else None,
        session=found["session"],
        scps=((found["scps"],),) if found["scps"] else (),
        rcps=((found["rcps"],),) if found["rcps"] else (),
    )


OPENNESS = {"explicitly_denied": 0, "implicitly_denied": 0, "depends": 1, "allowed": 2}


def openness(request: Request, layers: Layered) -> int:
    return OPENNESS[evaluate(request, policies(layers)).outcome]


@given(requests, layered, st.sampled_from(LAYERS), st.data())
def test_adding_a_deny_never_allows_more(
    request_: Request, layers: Layered, where: str, data: st.DataObject
) -> None:
    body = layers[where]
    if body is None:
        return
    denial = data.draw(statements(named=where in ("resource", "rcps"), effect="Deny"))
    assert openness(request_, {**layers, where: [*body, denial]}) <= openness(request_, layers)


@given(requests, layered, st.sampled_from(LAYERS), st.data())
def test_removing_an_allow_never_allows_more(
    request_: Request, layers: Layered, where: str, data: st.DataObject
) -> None:
    body = layers[where]
    allows = [index for index, one in enumerate(body or []) if one["Effect"] == "Allow"]
    if not body or not allows:
        return
    gone = data.draw(st.sampled_from(allows))
    fewer = [one for index, one in enumerate(body) if index != gone]
    assert openness(request_, {**layers, where: fewer}) <= openness(request_, layers)


@given(requests, layered, st.randoms(use_true_random=False))
def test_the_order_of_statements_never_matters(request_: Request, layers: Layered, chance: Any) -> None:
    shuffled = {name: body and chance.sample(body, len(body)) for name, body in layers.items()}
    one, other = evaluate(request_, policies(layers)), evaluate(request_, policies(shuffled))
    assert (one.outcome, one.depends_on) == (other.outcome, other.depends_on)


@given(requests, layered, st.sampled_from(["identity", "session", "boundaries", "scps"]))
def test_an_explicit_deny_wins_in_every_layer_of_the_principal(
    request_: Request, layers: Layered, where: str
) -> None:
    exempt = {"scps": (), "boundaries": (f"arn:aws:iam::{OWN}:root",)}.get(where, ())
    if not request_.principal.startswith("arn:") or request_.principal in exempt:
        return
    denial = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    denied = evaluate(request_, policies({**layers, where: [*(layers[where] or []), denial]}))
    assert denied.outcome == "explicitly_denied"


@given(requests, layered)
def test_an_explicit_deny_in_the_resource_policy_wins_for_everyone(
    request_: Request, layers: Layered
) -> None:
    denial = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    denied = evaluate(request_, policies({**layers, "resource": [*(layers["resource"] or []), denial]}))
    owner_root = request_.principal.endswith(":root") and request_.action == "s3:PutBucketPolicy"
    assert denied.outcome == "explicitly_denied" or owner_root


@given(requests, layered, st.sampled_from(KEYS), st.none() | st.sampled_from(VALUES))
def test_learning_an_unknown_key_never_contradicts_what_was_certain(
    request_: Request, layers: Layered, key: str, value: str | None
) -> None:
    rest = {name: given for name, given in request_.context.items() if name != key}
    unsure = evaluate(replace(request_, context={**rest, key: UNKNOWN}), policies(layers))
    sure = evaluate(
        replace(request_, context=rest if value is None else {**rest, key: value}), policies(layers)
    )
    if key == "aws:username" and value is None:
        return  # absent, it would follow from the principal again
    if unsure.outcome != "depends":
        assert OPENNESS[unsure.outcome] == OPENNESS[sure.outcome]


@given(requests, layered)
def test_every_decision_says_why(request_: Request, layers: Layered) -> None:
    decision = evaluate(request_, policies(layers))
    assert decision.because
    assert bool(decision.depends_on) is (decision.outcome == "depends")


@given(documents(named=True), st.sampled_from(["s3:GetObject", "s3:PutBucketPolicy"]), st.booleans())
def test_whoever_gets_in_is_within_the_reach(body: list[dict[str, Any]], action: str, signed: bool) -> None:
    """The reach is an upper bound: what evaluation allows to strangers, exposure must have announced."""
    policy = parse({"Version": "2012-10-17", "Statement": body})
    reach = together(granted(policy, OWN).values())
    context = {"aws:SecureTransport": "true", "aws:SourceIp": "192.0.2.1"}
    stranger = "arn:aws:iam::999988887777:user/zoe" if signed else "anonymous"
    if signed:
        context["aws:PrincipalOrgID"] = "o-stranger"
    request = Request(stranger, action, "arn:aws:s3:::b/david", OWN, context)
    everything = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    if evaluate(request, Policies(identity=(everything,), resource=policy)).allowed:
        assert reach.level in (("any_aws_account", "anyone") if signed else ("anyone",))


SCRAPS = [
    *ACTIONS,
    *RESOURCES,
    "",
    "${",
    "${}",
    "${,'x'}",
    "${*",
    "*${*}",
    "?" * 9,
    "anonymous",
    "203.0.113.0/99",
]
scraps = st.text(max_size=5) | st.sampled_from(SCRAPS)
values = st.recursive(
    scraps | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["AWS", "Service", *KEYS]), inner)
    ),
    max_leaves=4,
)
texts = scraps.filter(bool) | st.lists(scraps.filter(bool), min_size=1, max_size=3)
nearly = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": texts},
    optional={
        "Principal": scraps | st.fixed_dictionaries({"AWS": texts}),
        "Resource": texts,
        "Sid": scraps,
        "Condition": st.dictionaries(
            st.sampled_from([one.name for one in OPERATORS.values()]),
            st.dictionaries(scraps, scraps),
            max_size=2,
        ),
    },
)
broken = st.builds(
    lambda body, extra: {**body, **extra}, nearly, st.dictionaries(st.sampled_from(ELEMENTS), values)
)
anything = st.builds(
    lambda version, body: {"Version": version, "Statement": body},
    st.sampled_from(["2012-10-17", "2008-10-17"]),
    st.lists(nearly, max_size=3) | nearly | broken | values,
)


@given(anything, requests, scraps)
def test_no_json_value_makes_anything_raise_but_a_policy_error(
    document: dict[str, Any], request_: Request, stray: str
) -> None:
    try:
        policy = parse(document)
    except PolicyError:
        return
    for one in (request_, replace(request_, principal=stray, resource=stray, action=stray)):
        assert (
            evaluate(one, Policies(identity=(policy,), resource=policy, rcps=((policy,),))).outcome
            in OPENNESS
        )
    assert exposure(policy, None, None, None, None, account_id=OWN).effective
