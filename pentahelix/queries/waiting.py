"""What waits for a person: the number at the bell and the page behind it."""

from pentahelix.principal import Principal


def count(person: Principal) -> int:
    """How many things wait for `person`; derived, nothing is ever marked as read."""
    return 0
