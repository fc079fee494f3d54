"""AWS's own word on whether a policy would allow what the one in force does not.

Source: IAM Access Analyzer API Reference, CheckNoNewAccess (a custom policy check, for which AWS charges by
the call).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.aws.fact import Fact, ask
from bot.aws.public_verdict import Reader

CHECK = "CheckNoNewAccess"


def grants_new_access(
    reader: Reader, new: Mapping[str, Any], existing: Mapping[str, Any], region: str | None = None
) -> Fact[bool]:
    """Whether the new one of two policies of a user or role allows more than the existing one.

    Raises nothing of AWS's: what could not be asked carries its reason.
    """
    params = {
        "newPolicyDocument": json.dumps(new),
        "existingPolicyDocument": json.dumps(existing),
        "policyType": "IDENTITY_POLICY",
    }

    def read() -> bool:
        answer = reader.call("accessanalyzer", "check_no_new_access", params, region).data
        return str(answer["result"]) == "FAIL"

    return ask(read)
