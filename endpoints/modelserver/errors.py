"""The two ways to say no: to a request (with its HTTP status), and to a model."""


class RequestRefused(Exception):
    """The caller must change the request; the message says what."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class ModelRefused(Exception):
    """The model cannot be served; the message is the last line of the log."""
