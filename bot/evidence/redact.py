"""Takes live secrets out of evidence before it is stored or shown (rule 8).

Session tokens, secret keys and signatures of presigned URLs are worth stealing from an evidence store,
and nothing is proven by them. Access key ids stay: they are what an investigation is about. The text
around a secret is left byte for byte as it was received.
"""

import re

MARK = "[redacted]"

_NAMES = (
    "sessionToken|securityToken|secretAccessKey|secretKey|serviceSpecificCredential(?:Secret|Password)|"
    "x-amz-security-token|x-amz-signature|x-amz-server-side-encryption-customer-key|password|newPassword|oldPassword|"
    "SAMLAssertion|webIdentityToken|plaintext|base64StringSeed|bearerToken"
)

#: `"name": "value"`, also inside a JSON string, where the quotes are escaped (any number of times).
#: A run of backslashes is tried from its start only, or a long one would take its length squared.
_MEMBER = re.compile(
    rf'(?P<head>(?<!\\)(?P<quote>\\*")(?:{_NAMES})(?P=quote)\s*:\s*(?P=quote))'
    r"(?P<value>(?:(?!(?P=quote)).)+)",
    re.IGNORECASE | re.DOTALL,
)

#: Query parameters of presigned URLs: SigV4, SigV2 and CloudFront. `&` may be written as an escape.
_QUERY = re.compile(
    r"(?P<head>(?:X-Amz-Signature|X-Amz-Security-Token|(?<=[?&])Signature|(?<=u0026)Signature)(?:=|%3D))"
    r"(?P<value>[A-Za-z0-9%+/=_.~-]+)",
    re.IGNORECASE,
)

#: The `Authorization` header's signature. What lies before it is bounded: the text may be a bait.
_HEADER = re.compile(
    r"(?P<head>AWS4-HMAC-SHA256\s[^\"]{0,2000}?Signature=)(?P<value>[0-9a-f]{64})", re.IGNORECASE
)

#: In lower case: no pattern matches where none of these is. "SignatureVersion" is in every S3 record.
_WORDS = (
    b"token",
    b"secret",
    b"password",
    b"customer-key",
    b"samlassertion",
    b"plaintext",
    b"base64stringseed",
    b"signature=",
    b"signature%3d",
    b"x-amz-signature",
    b"aws4-hmac-sha256",
)

#: Bytes looked at together: some records. More than the patterns ever look back.
_PIECE = 4096


def redact(text: str) -> str:
    """The text with every secret replaced by a mark, and nothing else changed."""
    for pattern in (_MEMBER, _QUERY, _HEADER):
        text = pattern.sub(lambda match: match["head"] + MARK, text)
    return text


def redact_bytes(data: bytes) -> bytes:
    """The same for bytes; those that are not UTF-8 pass through unharmed.

    Most records have no secret: lines without a word that comes with one are not looked at more closely.
    """
    lowered = data.lower()
    parts: list[bytes] = []
    begin = 0
    while begin < len(data):
        end = _line_end(data, begin + _PIECE)
        suspicious = _suspicious(lowered, begin, end)
        while suspicious and end < len(data):
            # A value may stand on the next line, so one piece without such a word goes with it.
            more = _line_end(data, end + _PIECE)
            suspicious, end = _suspicious(lowered, end, more), more
            if not suspicious:
                parts.append(_closely(data[begin:end]))
                begin = end
        if begin < end:
            parts.append(_closely(data[begin:end]) if suspicious else data[begin:end])
            begin = end
    return b"".join(parts)


def _closely(data: bytes) -> bytes:
    return redact(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _line_end(data: bytes, at: int) -> int:
    """The first line's end at or after a place; a line is never cut in two."""
    found = data.find(b"\n", at)
    return found + 1 if found >= 0 else len(data)


def _suspicious(lowered: bytes, begin: int, end: int) -> bool:
    return any(lowered.find(word, begin, end) >= 0 for word in _WORDS)
