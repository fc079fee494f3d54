"""What Slack itself says to people, in one place."""

from __future__ import annotations

COULD_NOT_CONNECT = "We had some trouble connecting. Try again?"
REQUIRED = "Please complete this required field."
NOT_AN_EMAIL = "Please enter a valid email address."
NOT_A_URL = "Please enter a valid URL."
NOT_A_NUMBER = "Please enter a number."
GONE = "This message was changed or removed; what you clicked is not there any more."
ARCHIVED = "This channel is archived. Nothing can be posted here."


def command_failed(command: str, code: str) -> str:
    return f'{command} failed with the error "{code}"'


def not_a_command(command: str) -> str:
    return (
        f'{command} is not a valid command. In Slack, all messages that start with "/" '
        "are interpreted as commands."
    )


def no_answer(app: str, code: str) -> str:
    """Shown beside a button or a shortcut that the app did not acknowledge."""
    return f"{app} did not respond ({code}). Nothing tells whether your click arrived."


def too_short(least: int) -> str:
    return f"Please enter at least {least} characters."


def too_long(most: int) -> str:
    return f"Please enter no more than {most} characters."


def below(least: str) -> str:
    return f"Please enter a number that is {least} or more."


def above(most: str) -> str:
    return f"Please enter a number that is {most} or less."


def no_such_person(handle: str) -> str:
    return f"There is nobody called {handle} here."


def joined(name: str) -> str:
    return f"{name} has joined the channel"


def left(name: str) -> str:
    return f"{name} has left the channel"
