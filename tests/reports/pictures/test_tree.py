"""The lineage picture's content, before it is drawn."""

from __future__ import annotations

from bot.reports.pictures.tree import MOST_BOXES, MOST_DEPTH, tree
from tests.incidents.evidence import KEY, USER
from tests.reports.shown import SECOND, complete, hop


def test_a_key_stands_under_the_key_that_issued_it() -> None:
    first, second = tree(complete()).boxes
    assert (first.key, first.depth, first.above) == (KEY, 0, None)
    assert (second.key, second.depth, second.above) == (SECOND, 1, 0)
    assert first.suspicious
    assert first.at_bucket
    assert first.reach == "5 calls, 0 refused; at least 1 object read"
    assert second.reach == "not used in these logs"


def test_the_order_of_the_lineage_does_not_matter() -> None:
    assert tree(complete(lineage=(hop(SECOND, KEY), hop(KEY)))) == tree(complete())


def test_what_issued_the_first_key_is_a_box_too() -> None:
    made = hop("ASIAINSTANCE", None, event="AssumeRole", minted_by="ec2.amazonaws.com")
    origin, session, *_ = tree(complete(lineage=(made,))).boxes
    assert (origin.title, origin.key) == ("ec2.amazonaws.com", None)
    assert (session.above, session.parent) == (0, "ec2.amazonaws.com")


def test_keys_that_issued_each_other_end_no_less() -> None:
    ring = (hop("A", "B"), hop("B", "C"), hop("C", "A"), hop("D", "D"))
    boxes = tree(complete(lineage=ring)).boxes
    assert sorted(box.key for box in boxes if box.key) == ["A", KEY, "B", "C", "D"]


def test_a_suspect_whose_key_is_not_in_the_lineage_has_a_box() -> None:
    (box,) = tree(complete(lineage=())).boxes
    assert (box.title, box.key, box.suspicious) == ("user ci-deploy", KEY, True)


def test_requests_without_credentials_are_told_apart_by_address() -> None:
    (actor,) = complete().actors
    origins = tuple(one.model_copy(update={"access_key_id": None}) for one in actor.origins)
    nobody = actor.model_copy(update={"principal": "anonymous", "origins": origins})
    (box,) = tree(complete(actors=(nobody,), lineage=())).boxes
    assert box.title == "anonymous, 203.0.113.66, 203.0.113.91"
    assert box.how == "no credentials"


def test_everybody_else_at_the_bucket_shares_one_box() -> None:
    (actor,) = complete().actors
    others = tuple(actor.model_copy(update={"principal": f"user-{n}", "label": "known"}) for n in range(9))
    boxes = tree(complete(actors=(actor, *others))).boxes
    assert boxes[-1].title == "Not suspect"
    assert boxes[-1].how == "user-0, user-1, user-2 and 6 more"


def test_a_long_chain_and_a_crowd_of_sessions_stay_within_bounds() -> None:
    chain = [hop("K0"), *(hop(f"K{n}", f"K{n - 1}") for n in range(1, 9))]
    crowd = [hop(f"S{n}", "K0", principal=f"{USER}{n}") for n in range(500)]
    shown = tree(complete(lineage=(*chain, *crowd)))
    assert max(box.depth for box in shown.boxes) == MOST_DEPTH
    assert len(shown.boxes) == MOST_BOXES
    assert shown.left_out == 509 + 1 - MOST_BOXES
