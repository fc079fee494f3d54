"""The sentences with which an investigation is told: on the terminal, on its page, in its list of events."""

from __future__ import annotations

#: What each row of the remediation catalogue does (domain section 2).
REMEDIATIONS = {
    "R1": "Deactivate the access key",
    "R2": "Deny everything to the user (attach AWSDenyAll)",
    "R3": "Attach AWS's quarantine policy to the user",
    "R4": "Deny everything to the user by an inline policy",
    "R5": "Revoke the role's sessions",
    "R6": "Restrict who may assume the role",
    "R7": "Deny this one session on the bucket",
    "R8": "Take the console password away",
    "R9": "Disable the Identity Center user and end its sessions",
    "R10": "Delete what the attacker created",
    "R11": "Take the statement out of the policy",
    "R12": "Narrow the rights to what is used",
    "R13": "Deny it for the organization (SCP or RCP)",
    "R14": "Deny the principal in the bucket policy",
    "R15": "Deny the address in the bucket policy",
    "R16": "Deny everybody outside the organization in the bucket policy",
    "R17": "Deny requests without TLS",
    "R18": "Remove the statement that opens the bucket policy",
    "R19": "Block public access to the bucket",
    "R20": "Block public access in the whole account",
    "R21": "Make the bucket's ACL private",
    "R22": "Make the objects' ACLs private",
    "R23": "Switch ACLs off (bucket owner enforced)",
    "R24": "Close the access point's policy",
    "R25": "Close the multi-Region access point's policy",
    "R26": "Delete the access grant",
    "R27": "Make presigned URLs worthless",
    "R28": "Remove the replication rule",
    "R29": "Remove the lifecycle rule",
    "R30": "Remove the notification, inventory or website configuration",
    "R31": "Narrow the VPC endpoint's policy",
    "R32": "Take back the KMS grant, or enable the key again",
    "R33": "Switch versioning on",
    "R34": "Switch server access logging on",
    "R35": "Set the default encryption and block SSE-C",
    "R36": "Record data events of the bucket",
    "R37": "Restore logging",
    "R38": "Set an alarm on such calls",
    "R39": "Add the AWS Config rules",
    "R40": "Switch IAM Access Analyzer on",
    "R42": "Switch Object Lock on",
    "R43": "Switch MFA delete on",
    "R44": "Restore what was deleted",
    "R45": "Unlock the bucket policy as root",
}

UNCLEAR = "The way in is unclear, so no containment is proposed: widen the window and ask the data owner."
OUTSIDE = (
    "The suspects are outside the account: the bucket's policy, its ACLs or an access point let them in. "
    "Read these three and close what is open."
)
NOTHING_YET = (
    "Contain nothing yet on this evidence: widen the window, add Regions and sources, ask the data owner."
)
UNSIGNED = (
    "Unsigned requests were answered: check whether the bucket, or objects in it, are meant to be public."
)
READ_AGAIN = "Get the files that could not be read again, and repeat this: what they hold is missing here."

NOBODY = "Nobody. What cannot be known is listed below."
NOBODY_ELSE = "Nobody else appears in these logs."
NO_ACTS = "No act of a suspect and no change to the bucket is in these logs."
NOTHING_GOT = "No object by a suspect, as far as was recorded."
GOT_UNKNOWN = "Unknown: object reads were not provably recorded."
UNKNOWN_SIZE = "an unknown number of bytes"
ALL_KNOWN = "Nothing is left open by these logs."
SCORE = "The score adds up the points below. It orders people and decides nothing by itself."


def nothing_suspicious_from(address: str) -> str:
    """An address of a suspect from which nothing suspicious came."""
    return f"{address} (nothing suspicious from there)"


def points(number: int) -> str:
    """`+40` and `-20`, which say which way a reason speaks; empty where no points were given."""
    return f"{number:+d}" if number else ""


LIST_TITLE = "Every event about the bucket and of suspects (CSV)"

ABOUT_BUCKET, BY_SUSPECT = "about the bucket", "from a place held against a suspect"
