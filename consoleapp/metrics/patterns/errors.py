"""What is wrong with a filter pattern."""


class BadPattern(ValueError):
    """str() says why."""
