"""Sentences about alarms, rules and analyzers that watch from now on (R38, R39, R40)."""

from __future__ import annotations

from collections.abc import Sequence

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


# --- R39 and R40: an account ----------------------------------------------------------------------


def not_this_account(given: str, account_id: str) -> str:
    return f"{given!r} is not this incident's account, which is {account_id}."


# --- R39: Config rules ----------------------------------------------------------------------------

RULES_GONE = (
    "Undoing this deletes the rules and what they found: Config tells nobody any more when S3 opens up."
)
NOBODY_FEELS_RULES = "Nobody's requests change: Config looks at the settings and says what does not comply."
ONLY_THIS_REGION = "Rules look at one Region alone: put them in every Region where there are buckets."
NOT_ALL_RULES = (
    "None of them repairs anything, so they never fight this bot. The two that need a policy or actions of"
    " yours to compare with (S3_BUCKET_POLICY_NOT_MORE_PERMISSIVE,"
    " S3_BUCKET_BLACKLISTED_ACTIONS_PROHIBITED) are not among them: put those by hand."
)


def rules_cost(number: int) -> str:
    return (
        f"Config charges for every evaluation (0.001 USD each for the first 100,000 a month, list price):"
        f" {number} rules, for each change of each bucket."
    )


def unknown_rules(given: Sequence[str], known: Sequence[str]) -> str:
    return f"No managed rules without parameters are {', '.join(given)}; there are {', '.join(known)}."


def no_recorder(region: str) -> str:
    return (
        f"AWS Config records nothing in {region}, and rules without a recorder see nothing. Switch it on"
        f" first (aws configservice start-configuration-recorder --region {region}"
        " --configuration-recorder-name default; where there is none yet, the console's one-click setup"
        " makes it, with its role and bucket), then ask for this again."
    )


def rules_are_there(account_id: str) -> str:
    return f"Config in {account_id} has all of these rules, ours or others: nothing is left to do here."


# --- R40: Access Analyzer -------------------------------------------------------------------------

NO_FINDINGS_ANY_MORE = (
    "Undoing this deletes the analyzer with all its findings: nobody sees any more what is open to the"
    " outside."
)
NOBODY_FEELS_ANALYZER = "Nobody's requests change: the analyzer reads policies and says whom they let in."
FINDINGS_LATE = (
    "First findings come within some 30 minutes, changes of the account's Block Public Access up to six hours"
    " later. It looks at this Region alone."
)
ARCHIVE_RULES = "Whoever may write archive rules can hide findings: look at archived ones too."
ROLE_STAYS = (
    "Where it is the first analyzer of the account, IAM makes the role AWSServiceRoleForAccessAnalyzer,"
    " which the undo leaves: it is AWS's own and harmless."
)


def analyzer_is_there(name: str, status: str, region: str) -> str:
    return (
        f"The analyzer {name} looks at this account in {region} already (status {status}): nothing is left"
        " to do here."
    )


# --- R41: Trusted Advisor -------------------------------------------------------------------------

NO_SUPPORT_PLAN = (
    "Trusted Advisor's checks need a Business, Enterprise On-Ramp or Enterprise support plan, which this"
    " account does not have. Access Analyzer (R40) and Config's rules (R39) tell the same without one."
)
NO_SUCH_CHECK = (
    "Trusted Advisor lists no check of S3 bucket permissions here: look for it in the console, or use Access"
    " Analyzer (R40)."
)
NOBODY_FEELS_CHECKS = "Nobody's requests change: Trusted Advisor looks at the bucket again."
YELLOW_TOO = (
    "It is yellow also where Trusted Advisor may not read the policy, and the next refresh is taken only"
    " after some minutes, up to an hour."
)
ONLY_LOOKS = "There is nothing to undo: this only looks."
REFRESH = "Ask for a new look (or press the check's refresh button in the console):"


def close_first(bucket: str) -> str:
    return (
        f"Close {bucket} first, or it stays as it is: its policy (R18), its ACL (R21), or all at once (R19)."
    )


def green(bucket: str) -> str:
    return f"Trusted Advisor has nothing against {bucket} as of its last refresh: nothing is left to do here."
