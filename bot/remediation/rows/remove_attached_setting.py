"""R30: take away what a bucket's settings hand to others."""

from __future__ import annotations

from collections.abc import Mapping

from bot.remediation.attached_settings import NAMES, SETTINGS, Setting
from bot.remediation.buckets import BucketRow, plan_of
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo
from bot.remediation.plan import Permission, Plan, State, Target
from bot.remediation.words import settings as words


class RemoveAttachedSetting(BucketRow):
    """R30: one configuration that the attacker added, or the whole setting, of one kind at a time.

    The kinds are notification, inventory, website, cors, request-payment and logging. What is not named stays
    as it is: S3 replaces most of them as a whole, so what stays is written back as it was read.
    """

    row = "R30"
    name = "remove-attached-setting"
    title = "Remove a notification, inventory, website, CORS, request payment or logging setting"
    family = "bucket settings"
    order = 116
    wants = ("bucket", "setting")
    optional = ("id",)
    reads: tuple[str, ...] = ()
    permissions = tuple(action for one in SETTINGS.values() for action in (*one.writes, *one.reads))
    verb = "Remove a setting of"
    undo_verb = "Write the setting back to"
    undo_warning = words.HANDED_OUT_AGAIN

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, `setting`, and `id`: one configuration's or several with commas; else all."""
        target = super().target(account_id, region, wanted)
        setting = wanted.get("setting", "")
        if setting not in SETTINGS:
            raise BadTarget(words.not_a_setting(setting, NAMES))
        named = {"id": wanted["id"]} if wanted.get("id") else {}
        return target.model_copy(update={"params": {**target.params, "setting": setting, **named}})

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Value`: what S3 answers about the setting, None where it is not set."""
        name = target.params["setting"]
        value = SETTINGS[name].read(read, target)
        return {"Bucket": target.params["bucket"], "Setting": name, "Value": value}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        name, value = target.params["setting"], state["Value"]
        setting = SETTINGS[name]
        if value is None:
            raise NothingToDo(words.not_set(name, target.label))
        after = {**state, "Value": setting.without(target, value, target.params.get("id"))}
        plan = plan_of(
            self,
            target,
            (state, after),
            setting.write(target, state, after),
            setting.write(target, after, state),
            affected=[*setting.effects(value, after["Value"]), words.CONSUMERS],
            warnings=(words.SENT_IS_SENT, *([words.NOT_VALIDATED] if name == "notification" else [])),
        )
        title = f"Remove the {name} setting{_named(target)} of {target.label}"
        return plan.model_copy(update={"title": title, "reads": _reads(setting, target)})


def _reads(setting: Setting, target: Target) -> tuple[Permission, ...]:
    return tuple(Permission(action=action, resource=target.id) for action in setting.reads)


def _named(target: Target) -> str:
    return f" {target.params['id']}" if "id" in target.params else ""


REMEDIATION = RemoveAttachedSetting()
