"""R11: take back rights that were given: a statement, a policy, an attachment, a place in a group."""

from __future__ import annotations

from collections.abc import Mapping

from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import BadTarget
from bot.remediation.given.attached import Attachment, Membership
from bot.remediation.given.form import Form
from bot.remediation.given.inline import InlinePolicy
from bot.remediation.given.managed import ManagedPolicy, undone
from bot.remediation.plan import Plan, State, Target
from bot.remediation.words import rights as words

FORMS: tuple[Form, ...] = (InlinePolicy(), Attachment(), Membership(), ManagedPolicy())
_NAMES = ("user", "role", "group", "policy", "policy_arn", "statement", "version")


class TakeBackRights(Automated):
    """R11: each way of giving rights has its own way back; the state is what that one way changes.

    A statement goes as a whole: to rewrite one with NotAction or NotResource would change its meaning.
    """

    row = "R11"
    name = "take-back-rights"
    title = "Take back a policy, a statement, an attachment or a place in a group"
    family = "credentials"
    order = 110
    wants = ()
    optional = _NAMES
    permissions = tuple(dict.fromkeys(action for form in FORMS for action in form.permissions))
    reads = ()
    verb = "Take back the"
    undo_verb = "Give back the"
    undo_warning = words.RIGHTS_COME_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user`, `role` or `group` with `policy` (inline; `statement` if some of it shall stay), with
        `policy_arn` (attached), or `user` with `group`; or `policy_arn` with `statement`, a Sid or a number,
        or with `version`, the attacker's.
        """
        given = {name: value for name, value in wanted.items() if value}
        if set(given) == {"user"}:
            raise BadTarget(words.no_boundary(given["user"]))
        form = next((form for form in FORMS if frozenset(given) in form.ways), None)
        if form is None:
            every = [way for form in FORMS for way in form.ways]
            raise BadTarget(words.which_rights([" and ".join(sorted(way)) for way in every]))
        return form.target(account_id, region, given)

    def snapshot(self, read: Reader, target: Target) -> State:
        return _form(target).snapshot(read, target)

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        return _form(target).plan(self, target, state, context)

    def undone(self, before: State) -> State:
        return undone(before) if before.get("Deletes") else before


def _form(target: Target) -> Form:
    named = frozenset(target.params) & frozenset(_NAMES)
    return next(form for form in FORMS if named in form.ways)


REMEDIATION = TakeBackRights()
