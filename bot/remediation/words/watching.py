"""Sentences about alarms, rules and analyzers that watch from now on (R38, R39, R40)."""

from __future__ import annotations

# --- R38: an alarm --------------------------------------------------------------------------------

NOBODY_IS_TOLD_ANY_MORE = "Undoing this ends the alarm: nobody is told any more when S3 settings change."
NOBODY_FEELS_ALARMS = "Nobody's requests change: people are told when somebody changes S3 settings."
MINUTES_LATE = (
    "It rings some 5 to 15 minutes after a change, for deployments and colleagues too. CloudTrail's events"
    " of more than 256 KB never reach the log group: an attacker can write a policy that long."
)
SUBSCRIPTION_STAYS = (
    "The topic was there before and stays: the undo does not end the new subscription. Who gets its mails can"
    " unsubscribe in each of them."
)


def confirm(email: str | None, topic: str) -> str:
    """That a human has to confirm, or first of all to subscribe."""
    if email is None:
        return (
            "Nobody is subscribed yet: give an email with this change, or run aws sns subscribe --topic-arn"
            f" {topic} --protocol email --notification-endpoint ADDRESS. Whoever has that address must"
            " confirm."
        )
    return (
        f"{email} gets a mail from AWS, and a human must click the link in it within two days: until then"
        " nobody is told of anything. Then test it with aws cloudwatch set-alarm-state."
    )


def not_an_address(given: str) -> str:
    return f"{given!r} is not an e-mail address."


def log_group_elsewhere(arn: str, account_id: str) -> str:
    return f"{arn} is not a log group of account {account_id}."


def no_such_trail(trail: str, region: str) -> str:
    return (
        f"There is no trail {trail} to be seen in {region}: give its ARN if it is one of another Region, or"
        " the ARN of the log group."
    )


def no_log_group(trail: str) -> str:
    return (
        f"{trail} delivers into no log group of CloudWatch Logs, so there is nothing to watch there. Give"
        " the log group of another trail by its ARN; or let this one deliver into one (update-trail with"
        " --cloud-watch-logs-log-group-arn and --cloud-watch-logs-role-arn), then ask again."
    )


def no_such_log_group(name: str) -> str:
    return f"There is no log group {name}: it was deleted, and the trail delivers nothing there."


def already_watched(log_group: str) -> str:
    return f"The alarm on {log_group} is there, as this would make it: nothing is left to do here."
