"""What names of clients and objects give away."""

import re

#: Parts of the user agents of tools made for finding or taking things (D24), in lower case.
TOOLS = (
    "kali",
    "parrot",
    "pentoo",
    "trufflehog",
    "pacu",
    "s3 browser",
    "cyberduck",
    "cloudfox",
    "scoutsuite",
    "s3scanner",
    "bucketloot",
)

_TOOLS = re.compile("|".join(map(re.escape, TOOLS)), re.IGNORECASE)
#: Of an object's name, without the folders it is in.
_NOTES = re.compile(
    r"ransom|how[-_ ]?to[-_ ]?(decrypt|recover|restore)|restore[-_ ]?(my|your)?[-_ ]?files|"
    r"your[-_ ]?files|decrypt[-_ ]?(instruction|note)|"
    r"(read|pay)[-_ ]?me[-_ ]?(now|to|first|for[-_ ]?decrypt)",
    re.IGNORECASE,
)
#: One of these is in every name that `_NOTES` finds, in whatever case: most names need no closer look.
_OF_NOTES = re.compile("ransom|how|restore|your|decrypt|read|pay")
_CREDENTIALS = re.compile(
    r"(\.env.*|id_(rsa|ecdsa|ed25519|dsa)|.*\.(pem|ppk|p12|pfx|kdbx|tfstate)|credentials(\.csv|\.json)?|"
    r"(.*_)?accesskeys\.csv|\.git-credentials|\.npmrc|\.pgpass|htpasswd)$",
    re.IGNORECASE | re.DOTALL,
)


def tool_in(user_agent: str) -> str | None:
    """The tool made for finding or taking things that a user agent names (domain D24), or None.

    Trivially changed by who uses it: a weak sign.
    """
    match = _TOOLS.search(user_agent)
    return match[0] if match else None


def is_ransom_note(key: str) -> bool:
    """An object key that reads like a ransom note's (D17)."""
    name = _name(key)
    return _OF_NOTES.search(name.casefold()) is not None and _NOTES.search(name) is not None


def is_credential_file(key: str) -> bool:
    """An object key of files that hold credentials (D18)."""
    return _CREDENTIALS.match(_name(key)) is not None


def _name(key: str) -> str:
    """The object's name without the folders that it is in."""
    return key.rpartition("/")[2]
