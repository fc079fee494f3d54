"""What names of clients and objects give away."""

import re

_TOOLS = re.compile(
    r"kali|parrot|pentoo|trufflehog|pacu|s3 browser|cyberduck|cloudfox|scoutsuite|s3scanner|bucketloot",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"(^|/)[^/]*(ransom|how[-_ ]?to[-_ ]?(decrypt|recover|restore)|restore[-_ ]?(my|your)?[-_ ]?files|"
    r"your[-_ ]?files|decrypt[-_ ]?(instruction|note)|(read|pay)[-_ ]?me[-_ ]?(now|to|first))[^/]*$",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(
    r"(^|/)(\.env[^/]*|id_(rsa|ecdsa|ed25519|dsa)|[^/]*\.(pem|ppk|p12|pfx|kdbx|tfstate)|\.?aws/credentials|credentials"
    r"(\.csv|\.json)?|accesskeys\.csv|[^/]*_accesskeys\.csv|\.git-credentials|\.npmrc|\.pgpass|htpasswd)$",
    re.IGNORECASE,
)


def is_suspicious_client(user_agent: str) -> bool:
    """A user agent of tools made for finding or taking things (domain D24). Trivially changed: a weak
    sign.
    """
    return _TOOLS.search(user_agent) is not None


def is_ransom_note(key: str) -> bool:
    """An object key that reads like a ransom note's (D17)."""
    return _NOTES.search(key) is not None


def is_credential_file(key: str) -> bool:
    """An object key of files that hold credentials (D18)."""
    return _CREDENTIALS.search(key) is not None
