"""The ARNs that the actions of the watching services are authorized on.

Source: Service Authorization Reference (CloudWatch Logs, CloudWatch, SNS, Config, IAM Access Analyzer): the
resource types of each action. An action that is not here has none.
"""

from __future__ import annotations

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call

_ON_LOG_GROUP = {"PutMetricFilter", "DeleteMetricFilter", "DescribeMetricFilters"}
_ON_RULE = {"PutConfigRule", "DeleteConfigRule", "DescribeConfigRules"}
_ON_ANALYZER = {"CreateAnalyzer", "DeleteAnalyzer", "GetAnalyzer"}


def resource(call: Call, account_id: str) -> str:
    """The ARN of what the call is about, "*" where the action has no resource."""
    where = f"{call.region}:{account_id}"
    if call.service == "logs" and call.operation in _ON_LOG_GROUP:
        return f"arn:aws:logs:{where}:log-group:{call.text('logGroupName')}"
    if call.service == "cloudwatch":
        names = [call.text("AlarmName"), *(call.params.get("AlarmNames") or ())]
        name = next((one for one in names if one), "*")
        return f"arn:aws:cloudwatch:{where}:alarm:{name}"
    if call.service == "sns":
        return call.text("TopicArn") or f"arn:aws:sns:{where}:{call.text('Name') or '*'}"
    if call.service == "config" and call.operation in _ON_RULE:
        return f"arn:aws:config:{where}:config-rule/*"  # the id behind it is Config's own choice
    if call.service == "accessanalyzer" and call.operation in _ON_ANALYZER:
        return f"arn:aws:access-analyzer:{where}:analyzer/{call.text('analyzerName')}"
    return "*"


def linked_service(call: Call) -> str | None:
    """The service whose service-linked role the call may make; None where it makes none."""
    makes = (call.service, call.operation) == ("accessanalyzer", "CreateAnalyzer")
    return "access-analyzer.amazonaws.com" if makes else None


def service_role(call: Call, backend: Backend) -> str | None:
    """The ARN of the service-linked role that the call would make; None where it makes none.

    Source: IAM Access Analyzer, "Service-linked role permissions": iam:CreateServiceLinkedRole is needed.
    """
    service = linked_service(call)
    if service is None or backend.has_service_role(service):
        return None
    name = "AWSServiceRoleForAccessAnalyzer"
    return f"arn:aws:iam::{backend.account_id}:role/aws-service-role/{service}/{name}"
