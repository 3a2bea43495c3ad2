"""What is wrong with an expression."""


class BadExpression(Exception):
    """str() says why, without the name of the expression."""
