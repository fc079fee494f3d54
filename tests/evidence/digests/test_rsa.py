"""Signatures, against another implementation (cryptography's)."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.digests.rsa import PublicKey
from tests.evidence.digests.trail import der, private_key, sign

PRIVATE = private_key(0)
KEY = PublicKey.from_der(der(PRIVATE))


@settings(max_examples=25)
@given(message=st.binary(max_size=300))
def test_what_the_private_key_signed_holds(message: bytes) -> None:
    assert KEY.signed(message, bytes.fromhex(sign(message)))


@settings(max_examples=50)
@given(at=st.integers(0, 255), bit=st.integers(0, 7))
def test_a_signature_with_one_bit_changed_does_not(at: int, bit: int) -> None:
    signature = bytearray(bytes.fromhex(sign(b"digest")))
    signature[at] ^= 1 << bit
    assert not KEY.signed(b"digest", bytes(signature))


def test_another_message_another_key_another_length() -> None:
    signature = bytes.fromhex(sign(b"digest"))
    assert not KEY.signed(b"digests", signature)
    assert not PublicKey.from_der(der(private_key(1))).signed(b"digest", signature)
    for wrong in (b"", signature[:-1], signature + b"\0", b"\0" + signature, b"\xff" * 256, bytes(256)):
        assert not KEY.signed(b"digest", wrong)


def test_another_hash_or_padding_does_not_hold() -> None:
    assert not KEY.signed(b"digest", PRIVATE.sign(b"digest", padding.PKCS1v15(), SHA1()))
    pss = padding.PSS(padding.MGF1(SHA256()), 32)
    assert not KEY.signed(b"digest", PRIVATE.sign(b"digest", pss, SHA256()))


def test_a_padding_with_rubbish_behind_it_does_not_hold() -> None:
    """Bleichenbacher's forgery of 2006: short padding, the hash, then room for a cube root."""
    info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(b"digest").digest()
    encoded = (b"\x00\x01" + b"\xff" * 8 + b"\x00" + info).ljust(256, b"\0")
    numbers = PRIVATE.private_numbers()
    signature = pow(int.from_bytes(encoded), numbers.d, KEY.modulus).to_bytes(256)
    assert not KEY.signed(b"digest", signature)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (b"", "not a PKCS #1"),
        (b"\x30", "not a PKCS #1"),
        (b"\x31\x03\x02\x01\x05", "not a PKCS #1"),
        (der(PRIVATE)[:-1], "cut short"),
        (der(PRIVATE) + b"\0", "more than one key"),
        (bytes.fromhex("3007020200c1020103"), "8 bits"),
        (bytes.fromhex("3006020100020103"), "above zero"),
        (PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), "PKCS #1"),
    ],
)
def test_what_is_no_key_says_so(wrong: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        PublicKey.from_der(wrong)


def test_a_key_that_can_be_broken_is_not_taken() -> None:
    with pytest.raises(ValueError, match="1024 bits"):
        PublicKey.from_der(der(rsa.generate_private_key(65537, 1024)))


@given(data=st.binary(max_size=64))
def test_no_bytes_do_more_than_raise_value_error(data: bytes) -> None:
    try:
        PublicKey.from_der(data)
    except ValueError:
        return
    pytest.fail("64 bytes cannot hold a key of 2048 bits")
