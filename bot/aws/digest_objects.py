"""A trail's bucket for the validation of digests: objects, their metadata, and CloudTrail's public keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError

from bot.aws.gateway import Gateway
from bot.aws.objects import S3Objects, Unreadable


class S3TrailObjects(S3Objects):
    """The objects under `s3://bucket/prefix`, and the signatures that CloudTrail keeps in their metadata."""

    @property
    def where(self) -> str:
        """The URL."""
        return self.url

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return urlsplit(self.url).netloc

    def names(self) -> Iterator[str]:
        """Every key, relative to the prefix. Raises Unreadable."""
        return (key for key, _ in self.list(""))

    def signature(self, name: str) -> str | None:
        """The object's x-amz-meta-signature; None where it has none. Raises Unreadable."""
        try:
            found = obstore.get(self._store, name).attributes.get("signature")
        except (BaseError, FileNotFoundError, PermissionError) as error:
            raise Unreadable(f"AWS did not give {self.url} {name}: {error}") from error
        return str(found) if found else None


def public_keys(
    gateway: Gateway, regions: Iterable[str], window: tuple[datetime, datetime]
) -> dict[str, bytes]:
    """CloudTrail's public keys of these Regions and this time: fingerprint to DER (PKCS #1).

    Raises AwsError.
    """
    asked = {"StartTime": window[0], "EndTime": window[1]}
    return {
        key["Fingerprint"]: key["Value"]
        for region in sorted(set(regions))
        for key in gateway.pages("cloudtrail", "list_public_keys", asked, "PublicKeyList", region)
    }
