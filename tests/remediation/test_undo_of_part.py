"""What ran of a halted plan is taken back by the part of its undo that begins where AWS stands."""

from __future__ import annotations

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.errors import Refused
from bot.remediation.plan import Plan
from bot.remediation.undo import undo_of_part, undo_plan
from tests.aws.account import ACCOUNT, REGION
from tests.remediation.rows.cases import CONTEXT
from tests.remediation.rows.every_case import CASES

#: Rows of several calls whose undo goes back call by call.
LONGER = ("R34", "R39")


def plan_of(row: str) -> Plan:
    case = next(one for one in CASES if one.row == row)
    return max(case.plans("acme-x1"), key=lambda plan: len(plan.calls))


@pytest.mark.parametrize("row", LONGER)
def test_the_way_back_from_the_middle_ends_where_the_whole_one_does(row: str) -> None:
    plan = plan_of(row)
    whole = undo_plan(plan)
    assert len(plan.calls) > 1
    for made in range(1, len(plan.calls)):
        part = undo_of_part(plan, made, {"as": "AWS shows it"})
        assert part.base_hash == plan.calls[made - 1].after
        assert part.final_hash == whole.final_hash
        assert part.calls == whole.calls[-len(part.calls) :]
        assert len(part.calls) < len(whole.calls)
        assert (part.undo, part.undoes) == (plan.calls[:made], plan.digest)


def test_where_nothing_ran_there_is_nothing_to_undo() -> None:
    with pytest.raises(Refused, match="nothing to undo"):
        undo_of_part(plan_of("R34"), 0, {})


def test_an_undo_that_does_not_come_by_that_state_is_refused() -> None:
    plan = plan_of("R34")
    elsewhere = plan.model_copy(update={"undo": plan.undo[-1:]})
    with pytest.raises(Refused, match="call by call"):
        undo_of_part(elsewhere, 1, {})


def test_what_cannot_be_undone_as_a_whole_cannot_in_part() -> None:
    with pytest.raises(Refused, match="cannot be undone by the bot"):
        undo_of_part(plan_of("R34").model_copy(update={"undo": ()}), 1, {})


def test_several_inventories_come_back_in_the_opposite_order() -> None:
    kind = remediation("R30")
    target = kind.target(ACCOUNT, REGION, {"bucket": "acme", "setting": "inventory"})
    where = {"S3BucketDestination": {"Bucket": "arn:aws:s3:::elsewhere", "Format": "CSV"}}
    value = {name: {"Id": name, "Destination": where} for name in ("daily", "hourly", "weekly")}
    plan = kind.plan(target, {"Bucket": "acme", "Setting": "inventory", "Value": value}, CONTEXT)
    taken, back = ([call.params["Id"] for call in calls] for calls in (plan.calls, plan.undo))
    assert back == taken[::-1]
    assert [call.params["Id"] for call in undo_of_part(plan, 2, {}).calls] == back[1:]
