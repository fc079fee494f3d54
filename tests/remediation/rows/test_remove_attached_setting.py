"""R30: what the attacker attached goes; what was there before is written back as it was read."""

from __future__ import annotations

import pytest

from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.undo import undo_plan
from tests.aws.account import Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import new_bucket
from tests.remediation.rows.cases_bucket import (
    DROP_BOX,
    EVIL_CORS,
    inventory,
    put_setting,
    queue,
    setting,
)


def given(account: Account, name: str, what: str, value: object) -> None:
    new_bucket(account, name)
    put_setting(account, name, setting(what, value))


def test_the_other_notifications_stay_though_one_of_their_queues_is_gone(account: Account) -> None:
    value = {"QueueConfigurations": [queue("orders"), DROP_BOX], "EventBridgeConfiguration": {}}
    given(account, "acme-set-1", "notification", value)
    wanted = {"bucket": "acme-set-1", "setting": "notification", "id": "drop-box"}
    plan = plan_for(account, "R30", wanted)
    assert carry_out(account, plan).outcome == "verified"
    left = account.client("s3").get_bucket_notification_configuration(Bucket="acme-set-1")
    assert left["QueueConfigurations"] == [queue("orders")]
    assert "EventBridgeConfiguration" in left
    assert "444455556666:drop-box is not told of s3:ObjectCreated:*" in plan.affected[0]


def test_event_bridge_can_be_named_alone(account: Account) -> None:
    value = {"QueueConfigurations": [queue("orders")], "EventBridgeConfiguration": {}}
    given(account, "acme-set-2", "notification", value)
    wanted = {"bucket": "acme-set-2", "setting": "notification", "id": "EventBridge"}
    plan = plan_for(account, "R30", wanted)
    assert plan.after["Value"] == {"QueueConfigurations": [queue("orders")]}
    with pytest.raises(Refused, match="nothing named 'other'"):
        plan_for(account, "R30", {**wanted, "id": "other"})


def test_without_an_id_all_of_the_setting_goes(account: Account) -> None:
    given(account, "acme-set-3", "inventory", {one: inventory(one) for one in ("a", "b")})
    plan = plan_for(account, "R30", {"bucket": "acme-set-3", "setting": "inventory"})
    assert [call.params["Id"] for call in plan.calls] == ["a", "b"]
    assert carry_out(account, plan).outcome == "verified"
    assert carry_out(account, undo_plan(plan)).state == plan.before


def test_an_inventory_of_somebody_else_s_does_not_make_the_plan_stale(account: Account) -> None:
    given(account, "acme-set-4", "inventory", {"theft": inventory("theft")})
    plan = plan_for(account, "R30", {"bucket": "acme-set-4", "setting": "inventory", "id": "theft"})
    put_setting(account, "acme-set-4", setting("inventory", {"own": inventory("own", "acme-lists")}))
    assert carry_out(account, plan).outcome == "verified"
    left = account.client("s3").list_bucket_inventory_configurations(Bucket="acme-set-4")
    assert [one["Id"] for one in left["InventoryConfigurationList"]] == ["own"]


def test_a_cors_rule_without_an_id_is_named_by_its_origin(account: Account) -> None:
    own = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://acme.example", "https://app.example"]}
    given(account, "acme-set-5", "cors", [own, EVIL_CORS])
    plan = plan_for(account, "R30", {"bucket": "acme-set-5", "setting": "cors", "id": "https://evil.example"})
    assert plan.after["Value"] == [own]


def test_what_is_not_set_is_nothing_to_do(account: Account) -> None:
    new_bucket(account, "acme-set-6")
    for name in ("notification", "inventory", "website", "cors", "request-payment", "logging"):
        with pytest.raises(NothingToDo, match=f"no such {name} setting"):
            plan_for(account, "R30", {"bucket": "acme-set-6", "setting": name})


def test_unknown_settings_and_names_of_parts_that_there_are_not(account: Account) -> None:
    with pytest.raises(BadTarget, match="'acl' is none of the settings"):
        plan_for(account, "R30", {"bucket": "acme-set-6", "setting": "acl"})
    given(account, "acme-set-7", "request-payment", {"Payer": "Requester"})
    with pytest.raises(Refused, match="has no parts to name"):
        plan_for(account, "R30", {"bucket": "acme-set-7", "setting": "request-payment", "id": "x"})
