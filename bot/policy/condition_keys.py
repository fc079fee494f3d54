"""The condition keys that AWS documents for requests to S3.

Source: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference, "Actions,
resources, and condition keys for Amazon S3". A key that is on neither page never is in a request (a typing
error, as a rule), or is newer than this list.
"""

from typing import Final

_GLOBAL_NAMES: Final = """
    assumedroot calledvia calledviafirst calledvialast chatbotsourcearn currenttime
    ec2instancesourceprivateipv4 ec2instancesourcevpc epochtime federatedprovider multifactorauthage
    multifactorauthpresent principalaccount principalarn principalisawsservice principalorgid
    principalorgpaths principalservicename principalservicenameslist principaltype referer requestedregion
    resourceaccount resourceorgid resourceorgpaths securetransport sourceaccount sourcearn sourceidentity
    sourceip sourceorgid sourceorgpaths sourceowner sourcevpc sourcevpcarn sourcevpce tagkeys
    tokenissuetime useragent userid username viaawsservice vpceaccount vpceorgid vpceorgpaths vpcsourceip
"""
_S3_NAMES: Final = """
    accessgrantsinstancearn accessgrantscope accesspointnetworkorigin authtype dataaccesspointaccount
    dataaccesspointarn delimiter destinationregion existingjoboperation existingjobpriority if-match
    if-none-match inventoryaccessibleoptionalfields isreplicationpauserequest jobsuspendedcause
    locationconstraint max-keys object-lock-legal-hold object-lock-mode
    object-lock-remaining-retention-days object-lock-retain-until-date objectcreationoperation prefix
    requestjoboperation requestjobpriority requestobjecttagkeys resourceaccount signatureage
    signatureversion tlsversion versionid x-amz-acl x-amz-content-sha256 x-amz-copy-source
    x-amz-grant-full-control x-amz-grant-read x-amz-grant-read-acp x-amz-grant-write x-amz-grant-write-acp
    x-amz-metadata-directive x-amz-object-ownership x-amz-server-side-encryption
    x-amz-server-side-encryption-aws-kms-key-id x-amz-server-side-encryption-customer-algorithm
    x-amz-storage-class x-amz-website-redirect-location
"""
_KEYS: Final = frozenset(
    (*(f"aws:{name}" for name in _GLOBAL_NAMES.split()), *(f"s3:{name}" for name in _S3_NAMES.split()))
)
_WITH_A_TAG: Final = (
    "aws:principaltag/",
    "aws:requesttag/",
    "aws:resourcetag/",
    "s3:accesspointtag/",
    "s3:buckettag/",
    "s3:existingobjecttag/",
    "s3:requestobjecttag/",
)


def is_recognised(key: str) -> bool:
    """Whether AWS documents the condition key for S3, whatever its case."""
    name = key.lower()
    return name in _KEYS or name.startswith(_WITH_A_TAG)
