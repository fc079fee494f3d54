"""R12: rewrite a policy so that it allows what was used, and never more than before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.policy.change import Document, Kind, TightenError
from bot.policy.document import Policy, PolicyError, parse
from bot.policy.least_privilege import OBJECT_ACTIONS, least_privilege
from bot.policy.statements import speaks_of_action
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.created.holders import inline_policies
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.given import managed
from bot.remediation.given.form import affected, holder_in, refuse_holder
from bot.remediation.given.inline import InlinePolicy, write
from bot.remediation.given.managed import ManagedPolicy
from bot.remediation.iam import planned, reads_of, size_of
from bot.remediation.observed_use import log_of, unknown, uses_of
from bot.remediation.plan import Plan, State, Target
from bot.remediation.words import rights as words

_OBJECTS = ("object reads", "object writes")
#: In the target of a plan: its state has only what the calls change.
_PLANNED = "planned"
_WAYS = ({"user", "policy"}, {"role", "policy"}, {"policy_arn"})


class LeastPrivilege(Automated):
    """R12: what the attacker alone used goes, what others used stays, by the requests of the evidence.

    The evidence has all requests of suspects, and of everybody else only those that touched the bucket: a
    policy of anybody but suspects is refused. Source: IAM User Guide, "Grant least privilege"; domain R12.
    """

    row = "R12"
    name = "least-privilege"
    title = "Rewrite a policy of a user or role to what was used"
    family = "credentials"
    order = 130
    wants = ()
    optional = ("user", "role", "policy", "policy_arn")
    permissions = (
        *("iam:PutUserPolicy", "iam:PutRolePolicy"),
        *("iam:GetUser", "iam:GetRole", "iam:GetUserPolicy", "iam:GetRolePolicy"),
        *ManagedPolicy.permissions,
    )
    reads = ()
    verb = "Narrow the"
    undo_verb = "Widen again the"
    undo_warning = words.WIDE_AGAIN

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user` or `role` with `policy`, an inline one, or `policy_arn`, a customer managed one."""
        given = {name: value for name, value in wanted.items() if value}
        if set(given) not in _WAYS:
            raise BadTarget(words.which_rights([" and ".join(sorted(way)) for way in _WAYS]))
        form = ManagedPolicy() if "policy_arn" in given else InlinePolicy()
        return form.target(account_id, region, given)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Others`, the size of what shares the quota, is asked for planning only, as who has it attached."""
        if "policy_arn" in target.params:
            return ManagedPolicy().snapshot(read, target)
        state = InlinePolicy().snapshot(read, target)
        if _PLANNED in target.params:
            return state
        holder = holder_in(target.params)
        inline = inline_policies(read, holder.kind, holder.name)
        others = [one for name, one in inline.items() if name != target.params["policy"]]
        return {**state, "Others": size_of(others)}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        plan_of = _managed if "policy_arn" in target.params else _inline
        return plan_of(self, target, state, context)

    def undone(self, before: State) -> State:
        return managed.undone(before) if before.get("Deletes") else before


def _inline(row: LeastPrivilege, target: Target, state: State, context: PlanContext) -> Plan:
    holder, params = holder_in(target.params), {**target.params, _PLANNED: "yes"}
    target = target.model_copy(update={"id": state["Arn"], "params": params})
    state = dict(state)
    others = state.pop("Others", 0)
    refuse_holder(target.id, target.label, context)
    if state["Document"] is None:
        raise NothingToDo(words.no_such_policy(target.label))
    kind: Kind = "user" if holder.kind == "user" else "role"
    document, told = _narrowed(target, state["Document"], (kind, others), [target.id], context)
    after = {**state, "Document": document}
    plan = planned(
        row,
        target,
        (state, after),
        [write(holder, target, after)],
        [write(holder, target, state)],
        affected=(*told, *affected(target.id, context)),
        warnings=_warnings(state["Document"], context),
    )
    title = holder.kind.title()
    reads = reads_of(target.id, f"iam:Get{title}", f"iam:Get{title}Policy")
    return plan.model_copy(update={"reads": reads})


def _managed(row: LeastPrivilege, target: Target, state: State, context: PlanContext) -> Plan:
    state = dict(state)
    holders: dict[str, str] = state.pop("AttachedTo", {})
    for who, arn in holders.items():
        refuse_holder(arn, who, context)
    arns = list(holders.values())
    document, told = _narrowed(target, state["Document"], ("managed", 0), arns, context)
    state["Deletes"] = managed.oldest(state)
    target = managed.pinned(target, state)
    calls, undo, after = managed.to_document(target, state, document)
    plan = planned(
        row,
        target,
        (state, after),
        calls,
        undo,
        affected=(*told, *(words.loses_rights(who) for who in sorted(holders))),
        warnings=(*_warnings(state["Document"], context), words.VERSION_STAYS),
        irreversible=[words.version_goes(state["Deletes"])] if state["Deletes"] else (),
    )
    return plan.model_copy(update={"reads": reads_of(target.id, *managed.READS)})


def _narrowed(
    target: Target,
    document: Document,
    room: tuple[Kind, int],
    holders: Sequence[str],
    context: PlanContext,
) -> tuple[Document, Sequence[str]]:
    """The policy by what its holders used, and what changed.

    `room` is its kind, and how much others have of the quota. Raises Refused where the use is not known, and
    NothingToDo.
    """
    log = log_of(target, holders, context)
    kind, others = room
    unrecorded = OBJECT_ACTIONS if set(log.unseen) & set(_OBJECTS) else ()
    try:
        policy = parse(document)
        used = list(uses_of(log, holders, unknown(policy)))
        made = least_privilege(document, used, kind, unrecorded=unrecorded, others=others)
    except (TightenError, PolicyError, OSError) as error:
        raise Refused(words.cannot_narrow(target.label, str(error))) from error
    if made.document is None or all(use.by_attacker for use in used):
        raise Refused(words.nobody_used(target.label))
    if made.changed:
        return made.document, made.explanation
    if unrecorded and _on_objects(policy):
        raise Refused(words.objects_not_recorded(target.label))
    raise NothingToDo(words.narrow_already(target.label))


def _on_objects(policy: Policy) -> bool:
    allows = [one for one in policy.statements if one.effect == "Allow"]
    return any(speaks_of_action(one, action) for one in allows for action in OBJECT_ACTIONS)


def _warnings(document: Document, context: PlanContext) -> Iterator[str]:
    yield words.seldom_used(context.hours)
    if context.log and set(context.log.unseen) & set(_OBJECTS) and _on_objects(parse(document)):
        yield words.OBJECTS_STAY_ALLOWED
    yield words.OTHER_RIGHTS


REMEDIATION = LeastPrivilege()
