"""Whether CloudTrail's private key signed something: SHA256withRSA, verification only.

Source: RFC 8017 (PKCS #1 v2.2), 8.2.2 RSASSA-PKCS1-v1_5 verification, 9.2 EMSA-PKCS1-v1_5, A.1.1
RSAPublicKey. Nothing here is secret, so nothing need take the same time for every input.
"""

import hashlib
from dataclasses import dataclass

_SEQUENCE, _INTEGER = 0x30, 0x02
#: DigestInfo of SHA-256, before the hash (RFC 8017, 9.2, note 1).
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
#: Bits. CloudTrail's keys have 2048; smaller ones can be broken, larger ones only cost time.
_LEAST, _MOST = 2048, 8192


@dataclass(frozen=True)
class PublicKey:
    """An RSA public key."""

    modulus: int
    exponent: int

    @classmethod
    def from_der(cls, der: bytes) -> "PublicKey":
        """A key as ListPublicKeys gives it: DER of PKCS #1's RSAPublicKey. Raises ValueError."""
        body, rest = _element(der, _SEQUENCE)
        modulus, after = _element(body, _INTEGER)
        exponent, end = _element(after, _INTEGER)
        if rest or end:
            raise ValueError("there is more than one key in it")
        key = cls(_positive(modulus), _positive(exponent))
        if not _LEAST <= key.modulus.bit_length() <= _MOST or key.exponent < 3 or key.exponent % 2 == 0:
            raise ValueError(f"an RSA key of {key.modulus.bit_length()} bits is not one of CloudTrail's")
        return key

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is of this message and was made with this key's private half."""
        size = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature)
        if len(signature) != size or number >= self.modulus:
            return False
        encoded = pow(number, self.exponent, self.modulus).to_bytes(size)
        # The whole encoding is made and compared: taking the received one apart is where forgeries get in.
        ending = b"\x00" + _SHA256 + hashlib.sha256(message).digest()
        return encoded == b"\x00\x01".ljust(size - len(ending), b"\xff") + ending


def _element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the DER element that the data begins with, and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise ValueError("it is not a PKCS #1 public key")
    length, begin = data[1], 2
    if length & 0x80:
        begin = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:begin])
    if len(data) < begin + length:
        raise ValueError("the key is cut short")
    return data[begin : begin + length], data[begin + length :]


def _positive(data: bytes) -> int:
    number = int.from_bytes(data, signed=True)
    if number <= 0:
        raise ValueError("a key's numbers are above zero")
    return number
