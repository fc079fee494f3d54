"""Every sentence that people read of R24, R25 and R26: access points and access grants.

Names, ARNs and policies in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OUTSIDERS_COME_BACK = "Undoing this lets in again, through the access point, whom its policy let in before."
NOTHING_REMAINS = "No statement remains."
BUCKET_POLICY_TOO = (
    "A bucket policy that leaves the decision to access points (s3:DataAccessPointAccount) lets in whomever"
    " any of them lets in: look at the others of the bucket too."
)
BLOCKED_UNDO = "If Block Public Access is on by then, S3 does not take a public policy back."
ACCESS_POINT_STAYS = (
    "The access point itself stays, with its address: delete it by hand when nobody of yours uses it."
)
LASTING_CHANGE = (
    "S3 carries the policy into every Region behind the answer: it may take minutes until it holds."
)
NO_DELETE = (
    "AWS lets nobody delete the policy of a multi-Region access point. Where nothing would remain, it gets a"
    " policy that names the owner's account alone, which gives nobody more than IAM does."
)


def not_an_access_point(given: str) -> str:
    return f"{given!r} is no name of an access point: 3 to 50 small letters, digits and hyphens."


def no_such_access_point(name: str) -> str:
    return f"There is no access point {name} in this account and Region: it was deleted, or is elsewhere."


def of_another_bucket(name: str, bucket: str, wanted: str) -> str:
    return f"The access point {name} leads to {bucket}, not to {wanted}. Ask again with the right bucket."


def no_policy(name: str) -> str:
    return (
        f"The access point {name} has no policy: nobody from outside gets in through it. Nothing is left to"
        " do here; delete the access point by hand if it is the attacker's."
    )


def under_way(name: str) -> str:
    return (
        f"A change of the policy of {name} is under way at AWS: wait some minutes until it holds, then plan"
        " again."
    )


# --- R26: an access grant -------------------------------------------------------------------------

GRANT_AGAIN = "Undoing this gives the grantee the same access again, by a grant with a new id."
NEW_ID = "A grant that is made again has another id and date: what refers to the old id must be changed."
CREDENTIALS_LIVE = (
    "Credentials that the grant has given out live on, up to 12 hours: revoke the sessions of the location's"
    " role (R5) as well. The role: aws s3control get-access-grants-location --access-grants-location-id"
)


def credentials_live(location: str) -> str:
    return f"{CREDENTIALS_LIVE} {location}."


def grants(content: Mapping[str, Any]) -> str:
    who = content["Grantee"]
    kind = {"IAM": "", "DIRECTORY_USER": "directory user ", "DIRECTORY_GROUP": "all of directory group "}
    name = f"{kind.get(who['GranteeType'], '')}{who['GranteeIdentifier']}"
    return f"{name} gets no more {content['Permission']} access to {content['GrantScope']}."


def not_a_grant(given: str) -> str:
    return f"{given!r} is no id of an access grant."


def no_such_grant(grant: str) -> str:
    return f"There is no access grant {grant} in this account and Region: nothing is left to do here."
