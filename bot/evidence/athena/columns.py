"""The members of a CloudTrail record that an Athena table has columns for.

Source: Athena User Guide, "Create the table for CloudTrail logs in Athena using partition projection",
extended by what that table lacks and records have (CloudTrail User Guide, "CloudTrail userIdentity element",
"CloudTrail record contents"). The input format hands over requestParameters, responseElements,
additionalEventData and serviceEventDetails as text; everything else is text, or text within structures.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "flag", "json", "map", "resources"]


@dataclass(frozen=True)
class Column:
    """One value of a record: where it stands, and what it is.

    `flag` is true or false, `json` any JSON value, `map` an object of texts, `resources` the record's list.
    """

    path: tuple[str, ...]
    kind: Kind = "text"

    @property
    def reference(self) -> str:
        """The value in SQL. A structure that is not there gives NULL for all that is in it."""
        return ".".join(self.path).lower()

    @property
    def text(self) -> str:
        """The value in SQL as text."""
        if self.kind == "map":
            return f"json_format(CAST({self.reference} AS JSON))"
        if self.kind == "resources":
            # As lists: Athena's engine versions differ in how they write structures.
            members = ", ".join(f"r.{name.lower()}" for name in RESOURCE)
            return f"json_format(CAST(transform({self.reference}, r -> ARRAY[{members}]) AS JSON))"
        return self.reference


#: The members of an entry of `resources`, in the order in which `Column.text` gives them.
RESOURCE = ("ARN", "ARNPrefix", "accountId", "type")

_USER = ("userIdentity",)
_SESSION = (*_USER, "sessionContext")


def _texts(path: tuple[str, ...], *names: str) -> Iterator[Column]:
    return (Column((*path, name)) for name in names)


COLUMNS: tuple[Column, ...] = (
    Column(("eventVersion",)),
    *_texts(_USER, "type", "principalId", "arn", "accountId", "accessKeyId", "userName", "invokedBy"),
    *_texts(_USER, "identityProvider", "credentialId"),
    *_texts((*_USER, "onBehalfOf"), "userId", "identityStoreArn"),
    *_texts((*_USER, "invokedByDelegate"), "accountId"),
    *_texts((*_USER, "inScopeOf"), "sourceArn", "sourceAccount", "issuerType", "credentialsIssuedTo"),
    *_texts(_SESSION, "sourceIdentity", "assumedRoot", "ec2RoleDelivery"),
    *_texts((*_SESSION, "attributes"), "creationDate", "mfaAuthenticated"),
    *_texts((*_SESSION, "sessionIssuer"), "type", "principalId", "arn", "accountId", "userName"),
    Column((*_SESSION, "webIdFederationData", "federatedProvider")),
    Column((*_SESSION, "webIdFederationData", "attributes"), "map"),
    *_texts((), "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent"),
    *_texts((), "errorCode", "errorMessage"),
    Column(("requestParameters",), "json"),
    Column(("responseElements",), "json"),
    Column(("additionalEventData",), "json"),
    *_texts((), "requestID", "eventID"),
    Column(("readOnly",), "flag"),
    Column(("resources",), "resources"),
    *_texts((), "eventType", "apiVersion"),
    Column(("managementEvent",), "flag"),
    *_texts((), "recipientAccountId", "sharedEventID", "vpcEndpointId", "vpcEndpointAccountId"),
    *_texts((), "eventCategory", "sessionCredentialFromConsole"),
    Column(("serviceEventDetails",), "json"),
    *_texts(("addendum",), "reason", "updatedFields", "originalRequestID", "originalEventID"),
    *_texts(("tlsDetails",), "tlsVersion", "cipherSuite", "clientProvidedHostHeader"),
)
