"""Reading one chain of digests, from the newest to the oldest, and checking each link and signature."""

import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.evidence.digests import sentences as say
from bot.evidence.digests.digest_file import ChainName, Digest, digest_in, string_to_sign
from bot.evidence.digests.objects import Names, Objects, same_place
from bot.evidence.digests.report import Kind, Problem
from bot.evidence.digests.rsa import PublicKey
from bot.evidence.digests.unpacked import pieces


@dataclass
class Link:
    """One digest of a chain: what it says, whether CloudTrail signed it, and what is wrong with it.

    `follows` is whether it joins the digest before it here without a gap.
    """

    name: str
    digest: Digest | None = None
    proven: bool = False
    follows: bool = False
    problems: list[Problem] = field(default_factory=list)


class Chain:
    """The digests of one chain; `names` are in order of time, oldest first."""

    def __init__(
        self,
        chain: ChainName,
        names: Sequence[str],
        objects: Objects,
        known: Names,
        keys: Mapping[str, PublicKey],
    ) -> None:
        self._chain = chain
        self._names = names
        self._objects = objects
        self._known = known
        self._keys = keys

    def links(self) -> list[Link]:
        """Every digest, oldest first."""
        links: list[Link] = []
        newer: Link | None = None
        for name in reversed(self._names):
            newer = self._link(name, newer)
            links.append(newer)
        links.reverse()
        for older, link in zip([None, *links], links, strict=False):
            self._join(older, link)
        return links

    def _link(self, name: str, newer: Link | None) -> Link:
        link = Link(name)
        try:
            content = b"".join(pieces(self._objects.fetch(name)))
            link.digest = digest_in(content)
        except (OSError, ValueError) as error:
            link.problems.append(self._problem("digest unreadable", name, say.UNREADABLE.format(error=error)))
            return link
        link.problems += self._check(link.digest, name, content, newer)
        link.proven = not link.problems
        return link

    def _check(self, digest: Digest, name: str, content: bytes, newer: Link | None) -> Iterator[Problem]:
        """What is wrong with a digest; nothing when CloudTrail's signature holds."""
        if not same_place(name, digest.digest_s3_object) or self._objects.bucket not in (
            None,
            digest.digest_s3_bucket,
        ):
            place = f"{digest.digest_s3_bucket}/{digest.digest_s3_object}"
            yield self._problem("digest moved", name, say.MOVED.format(key=place))
            return
        after = newer.digest if newer and newer.digest and _names(newer.digest, digest) else None
        signatures = [self._objects.signature(name), after.previous_digest_signature if after else None]
        given = [one for one in signatures if one]
        key = self._keys.get(digest.digest_public_key_fingerprint)
        signed = string_to_sign(digest, content)
        # A signature that holds is enough, whoever hands it over: nobody else can make one.
        if key and any(key.signed(signed, _unhex(one)) for one in given):
            return
        if after and after.previous_digest_hash_value != hashlib.sha256(content).hexdigest():
            yield self._problem("digest changed", name, say.DIGEST_CHANGED)
        elif key and given:
            yield self._problem("digest forged", name, say.FORGED)
        else:
            yield self._problem("not proven", name, self._why_not(digest, given))

    def _why_not(self, digest: Digest, signatures: Sequence[str]) -> str:
        if not self._keys:
            return say.NO_KEYS
        if not signatures:
            return say.NO_SIGNATURE
        return say.NO_KEY.format(fingerprint=digest.digest_public_key_fingerprint[:64])

    def _join(self, older: Link | None, link: Link) -> None:
        """Whether a digest follows the one before it that is here."""
        digest, before = link.digest, older.digest if older else None
        if digest is None or older is None:
            return
        previous = digest.previous_digest_s3_object
        if previous is not None and self._known.find(previous) is None:
            link.problems.append(self._problem("digest missing", previous, say.DIGEST_GONE))
        if before is None:
            return
        if digest.start > before.end:
            why = say.NO_DIGEST.format(start=before.end, end=digest.start)
            link.problems.append(self._problem("gap", link.name, why))
        elif previous is None:
            link.problems.append(self._problem("gap", link.name, say.RESTARTED))
        else:
            link.follows = _names(digest, before)

    def _problem(self, kind: Kind, what: str, why: str) -> Problem:
        return Problem(kind, what, self._chain, why)


def _names(newer: Digest, older: Digest) -> bool:
    """Whether a digest names another one as the one before it."""
    return newer.previous_digest_s3_object == older.digest_s3_object


def _unhex(signature: str) -> bytes:
    """The signature's bytes; none for text that is not hexadecimal, which no key signs."""
    try:
        return binascii.unhexlify(signature.strip())
    except (binascii.Error, ValueError):
        return b""
