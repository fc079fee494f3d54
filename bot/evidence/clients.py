"""What a user agent tells: the family of the client and the system it runs on. All of it can be forged."""

import ipaddress
import re
from functools import lru_cache

_PLATFORMS = (
    ("macOS", re.compile(r"darwin|macos|mac os", re.IGNORECASE)),
    ("Windows", re.compile(r"windows", re.IGNORECASE)),
    ("Linux", re.compile(r"linux|amzn", re.IGNORECASE)),
)
_PRIVATE = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)
_RUNTIME = re.compile(r"exec-env/(AWS_Lambda_[\w.]+|AWS_ECS_\w+)")
_CONSOLE = re.compile(r"console|mozilla|signin\.|aws-internal|s3console|cloudshell", re.IGNORECASE)


@lru_cache(maxsize=4096)
def platform(user_agent: str) -> str | None:
    """ "macOS", "Windows" or "Linux" when the user agent says so."""
    return next((name for name, pattern in _PLATFORMS if pattern.search(user_agent)), None)


@lru_cache(maxsize=4096)
def family(user_agent: str) -> str:
    """The client without its versions: "aws-cli on macOS", "boto3 on Linux"."""
    product = user_agent.split("/", maxsplit=1)[0].split(" ", maxsplit=1)[0].lower() or "no client named"
    system = platform(user_agent)
    return f"{product} on {system}" if system else product


@lru_cache(maxsize=4096)
def runtime(user_agent: str) -> str | None:
    """The AWS runtime that an SDK says it runs in: `AWS_Lambda_python3.13`, `AWS_ECS_FARGATE`."""
    match = _RUNTIME.search(user_agent)
    return match[1] if match else None


@lru_cache(maxsize=4096)
def is_console(user_agent: str) -> bool:
    """A browser, or the console calling for it: one person then shows several user agents."""
    return _CONSOLE.search(user_agent) is not None


@lru_cache(maxsize=4096)
def is_private(address: str) -> bool:
    """An address of a private network (RFC 1918, 6598, 4193): AWS sees those only through a VPC endpoint.

    Masked and malformed addresses count as public.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _PRIVATE if network.version == parsed.version)


def is_service_name(address: str) -> bool:
    """A sourceIPAddress that is no address: a service's DNS name or "AWS Internal"."""
    return address.endswith(".amazonaws.com") or address == "AWS Internal" or not address
