"""R8: remove a user's console password, or an MFA device that an attacker added."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.aws.errors import AwsRefused
from bot.remediation.arns import refuse_protected, user_arn
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo
from bot.remediation.iam import change, listed, planned
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.rows import wording
from bot.remediation.users import affected_by, arn_of, observed_of, reads, resource, user_name
from bot.remediation.words import users as words

#: IAM API Reference, DeactivateMFADevice: SerialNumber.
_SERIAL = re.compile(r"[\w+=/:,.@-]{9,256}", re.ASCII)


class RemoveConsolePassword(Automated):
    """R8: delete the login profile. IAM shows nobody the password, so that nothing can put it back.

    What IAM shows of it (since when it is there, whether it had to be changed) stays in the plan. With
    `mfa_device` that device is deactivated instead: an attacker's own device keeps a way in open.
    """

    row = "R8"
    name = "remove-console-password"
    title = "Remove a user's console password, or deactivate an MFA device"
    family = "credentials"
    order = 40
    wants = ("user",)
    optional = ("mfa_device",)
    reads = ("iam:GetUser", "iam:ListMFADevices")
    permissions = ("iam:DeleteLoginProfile", "iam:GetLoginProfile", "iam:DeactivateMFADevice", *reads)
    verb = "Deactivate an MFA device of"
    reversible = False
    undo_verb = "Nothing gives back the console password of"
    undo_warning = wording.NEVER_PUT_BACK

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user`, a name or an ARN, and `mfa_device`, its serial number, where that is meant."""
        name, device = user_name(account_id, wanted), wanted.get("mfa_device", "")
        params = {"user": name, "account_id": account_id, "region": region}
        if device:
            if not _SERIAL.fullmatch(device):
                raise BadTarget(words.not_a_device(device))
            params["mfa_device"] = device
        return Target(kind="user", id=user_arn(account_id, region, name), label=name, params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`LoginProfile`: None where the user has no password. For a device `Enabled`: since when."""
        name = target.params["user"]
        if "mfa_device" in target.params:
            devices = listed(read, "list_mfa_devices", {"UserName": name}, "MFADevices")
            since = {one["SerialNumber"]: one["EnableDate"].isoformat() for one in devices}
            enabled = since.get(target.params["mfa_device"])
            return {"User": name, "Arn": arn_of(read, target), "Enabled": enabled}
        return {"User": name, "Arn": arn_of(read, target), "LoginProfile": _profile(read, name)}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        refuse_protected(target.id, context)
        if "mfa_device" in target.params:
            return self._device(target, state, context)
        if state["LoginProfile"] is None:
            raise NothingToDo(wording.no_password(target.label))
        after = {**state, "LoginProfile": None}
        call = Call(
            service="iam",
            operation="delete_login_profile",
            params={"UserName": target.params["user"]},
            after=state_hash(after),
            permissions=(Permission(action="iam:DeleteLoginProfile", resource=resource(target)),),
        )
        return Plan(
            remediation=self.row,
            title=f"Remove the console password of {target.label}",
            verb="Remove the console password of",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=(call,),
            undo=(),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=reads(target, "iam:GetUser", "iam:GetLoginProfile"),
            affected=affected_by(observed_of(target.id, context)),
            irreversible=(wording.NEVER_PUT_BACK,),
            warnings=(wording.OPEN_CONSOLES_STAY, wording.KEYS_STAY),
        )

    def _device(self, target: Target, state: State, context: PlanContext) -> Plan:
        serial = target.params["mfa_device"]
        if state["Enabled"] is None:
            raise NothingToDo(words.no_such_device(serial, target.label))
        after = {**state, "Enabled": None}
        params = {"UserName": target.params["user"], "SerialNumber": serial}
        plan = planned(
            self,
            target,
            (state, after),
            [change(target.id, "deactivate_mfa_device", after, params)],
            (),
            affected=affected_by(observed_of(target.id, context)),
            warnings=(words.since_when(serial, state["Enabled"]), words.LAST_DEVICE, words.ONLY_THE_DEVICE),
            irreversible=(words.DEVICE_NEVER_BACK,),
        )
        title = f"Deactivate the MFA device {serial} of {target.label}"
        return plan.model_copy(update={"title": title})


def _profile(read: Reader, user: str) -> State | None:
    try:
        profile = read.call("iam", "get_login_profile", {"UserName": user}).data["LoginProfile"]
    except AwsRefused as error:
        if error.code == "NoSuchEntity":
            return None
        raise
    return {
        "CreateDate": profile["CreateDate"].isoformat(),
        "PasswordResetRequired": bool(profile.get("PasswordResetRequired")),
    }


REMEDIATION = RemoveConsolePassword()
