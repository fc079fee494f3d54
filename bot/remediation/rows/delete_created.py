"""R10: delete what the attacker created, piece by piece, in one plan that can be taken up again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.remediation.buckets import feel_it
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.created.credentials import CREDENTIALS
from bot.remediation.created.groups import CreatedGroup
from bot.remediation.created.policies import CreatedPolicy
from bot.remediation.created.providers import CreatedProvider
from bot.remediation.created.roles import CreatedRole
from bot.remediation.created.thing import Export, Thing, without
from bot.remediation.created.users import DEVICES, CreatedUser
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.iam import change, planned
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.words import deletions as words

#: What names most comes first: a user with the id of a key is that key.
THINGS: tuple[Thing, ...] = (
    *CREDENTIALS,
    CreatedUser(),
    CreatedRole(),
    CreatedGroup(),
    CreatedPolicy(),
    CreatedProvider(),
)
_NAMES = tuple(dict.fromkeys(name for thing in THINGS for name in thing.wants))


class DeleteCreated(Automated):
    """R10: users, roles, groups, policies, providers and credentials, each with all that hangs on it.

    Refused for what was made before the first suspicious act, and for what can still be used.
    """

    row = "R10"
    name = "delete-created"
    title = "Delete a user, role, policy, provider or credential that the attacker made"
    family = "credentials"
    order = 120
    wants = ()
    optional = _NAMES
    permissions = tuple(dict.fromkeys(action for thing in THINGS for action in thing.permissions))
    reads = ()
    reversible = False
    approvals = 2
    verb = "Delete the"
    undo_verb = "Nothing brings back the"
    undo_warning = words.NEVER_COMES_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes one of `user`, `role`, `group`, `policy_arn`, `identity_provider`; with `user` the id of one
        of its credentials (`access_key_id`, `ssh_key_id`, `certificate_id`, `service_credential_id`).
        """
        given = {name: value for name, value in wanted.items() if value}
        if anchor := given.get("trust_anchor"):
            raise BadTarget(words.by_hand(anchor))
        named = [thing for thing in THINGS if set(thing.wants) == set(given)]
        if not named:
            raise BadTarget(words.which_one([" and ".join(thing.wants) for thing in THINGS]))
        return named[0].target(account_id, region, given)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Export`: all that IAM shows of it; None when it is gone."""
        thing = _thing(target)
        return {"Kind": thing.kind, "Name": target.label, "Export": thing.export(read, target)}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        thing, export = _thing(target), state["Export"]
        if export is None:
            raise NothingToDo(words.gone_already(target.label))
        thing.refuse(target, export, context)
        made, target = _made(thing, target, export, context), _pinned(target, export)
        calls = _calls(thing, target, state)
        plan = planned(
            self,
            target,
            (state, {**state, "Export": None}),
            calls,
            (),
            affected=feel_it(thing.used(target, export, context)),
            warnings=(made, *thing.warnings(export), words.LINEAGE),
            irreversible=(words.NEVER_COMES_BACK, *_parts(export)),
        )
        return plan.model_copy(update={"reads": tuple(thing.reads(target, export))})


def _thing(target: Target) -> Thing:
    return next(thing for thing in THINGS if set(thing.wants) <= set(target.params))


def _pinned(target: Target, export: Export) -> Target:
    """The target with what cannot be found any more once a part is gone."""
    devices = " ".join(sorted(export.get("VirtualMFADevices", ())))
    return target.model_copy(update={"params": {**target.params, DEVICES: devices}}) if devices else target


def _calls(thing: Thing, target: Target, state: State) -> Sequence[Call]:
    """One call a step, each with the state that it leaves."""
    calls = []
    for step in thing.steps(target, state["Export"]):
        state = without(state, step.gone)
        calls.append(change(step.arn, step.operation, state, step.params, condition=step.condition))
    return calls


def _made(thing: Thing, target: Target, export: Export, context: PlanContext) -> str:
    """When it was made, beside when the attack began. Raises Refused where it was made before."""
    when = thing.created(export)
    if when is None:
        return words.NO_DATE
    if context.since is None:
        return f"{words.made_unknown(target.label, when)} {words.NO_EVIDENCE_OF_TIME}"
    since = context.since.isoformat()
    if datetime.fromisoformat(when) < context.since:
        raise Refused(words.made_before(target.label, when, since))
    return words.made(target.label, when, since)


def _parts(export: Export) -> Iterator[str]:
    for part, held in export.items():
        if isinstance(held, dict) and held and part not in ("User", "Role", "Group", "Policy", "Provider"):
            yield words.goes_too(part, sorted(map(str, held)))


REMEDIATION = DeleteCreated()
