"""Reads a URL as a browser would."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener


def status(url: str) -> int:
    """The HTTP status that the fake AWS answers with."""
    try:
        with build_opener(ProxyHandler({})).open(url) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
