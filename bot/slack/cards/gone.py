"""What a card raises when what it should show is not in the database (any more)."""


class CardGoneError(Exception):
    """Nothing to draw: the message names what is missing."""
