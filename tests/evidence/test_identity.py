import pytest

from bot.evidence.identity import identify
from tests.evidence.records import outsider, service, session, user


def test_a_session_keeps_its_role_its_name_and_its_time() -> None:
    who = identify(session("web", "i-0317f6c6b66ae9c40", "ASIAX", "10.0.0.1", "x").identity, "10.0.0.1")
    assert who.principal == "arn:aws:sts::111122223333:assumed-role/web/i-0317f6c6b66ae9c40"
    assert who.issuer == "arn:aws:iam::111122223333:role/web"
    assert who.session_name == "i-0317f6c6b66ae9c40"
    assert who.session_created == "2026-11-23T02:00:00Z"
    assert who.is_instance
    assert who.mfa is False


@pytest.mark.parametrize("name", ["deploy", "i-0317", "i-zzzzzzzz", "xi-0317f6c6"])
def test_other_session_names_are_no_instances(name: str) -> None:
    assert not identify(session("web", name, "ASIAX", "10.0.0.1", "x").identity, "").is_instance


def test_services_are_named_by_who_invoked() -> None:
    who = identify(service("cloudtrail.amazonaws.com").identity, "cloudtrail.amazonaws.com")
    assert (who.principal, who.is_service) == ("cloudtrail.amazonaws.com", True)


def test_service_linked_roles_are_services() -> None:
    who = identify(session("AWSServiceRoleForConfig", "x", "ASIAX", "config.amazonaws.com", "x").identity, "")
    assert who.is_service


def test_a_service_acting_for_a_person_remains_the_person() -> None:
    identity = dict(user("maria", "ASIAX", "athena.amazonaws.com", "x").identity) | {
        "invokedBy": "athena.amazonaws.com"
    }
    who = identify(identity, "athena.amazonaws.com")
    assert who.principal.endswith("user/maria")
    assert not who.is_service


def test_other_accounts_show_only_their_number_and_principal_id() -> None:
    who = identify(outsider("999988887777", "1.2.3.4").identity, "1.2.3.4")
    assert who.principal.startswith("AWS account 999988887777 (AIDA")
    assert (
        identify({"type": "AWSAccount", "accountId": "1", "principalId": "1"}, "").principal
        == "AWS account 1"
    )


def test_nothing_known_is_said_so() -> None:
    who = identify({}, "1.2.3.4")
    assert (who.principal, who.type, who.access_key) == ("unknown", "Unknown", None)


def test_a_user_of_identity_center_is_no_account() -> None:
    who = {
        "type": "IdentityCenterUser",
        "accountId": "111122223333",
        "onBehalfOf": {"userId": "94482488-3041"},
    }
    assert identify(who, "192.0.2.1").principal == "Identity Center user 94482488-3041"
    session = {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::1:assumed-role/r/s",
        "onBehalfOf": {"userId": "94482488"},
    }
    assert identify(session, "192.0.2.1").principal == "arn:aws:sts::1:assumed-role/r/s"
