"""What an evaluation is asked to do, as a value: the test set and how to read it. Pure."""

import math
from dataclasses import dataclass
from typing import Final

from consoleapp.accounts.errors import ValidationFailed

MAX_ROWS_PER_INVOCATION: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`label_column`: a header's name, or a number from 0 (-1 is the last)."""

    test_set_uri: str
    label_column: str = "0"
    has_header: bool = False
    positive_label: str = "1"
    #: A row is called positive when its score is this or more.
    threshold: float = 0.5
    #: More than one is faster, but one row that fails then takes the others with it.
    rows_per_invocation: int = 1

    def check(self) -> None:
        """Raises ValidationFailed with the member at fault."""
        if not math.isfinite(self.threshold):
            raise ValidationFailed("The threshold is a number.", field="threshold")
        if not 1 <= self.rows_per_invocation <= MAX_ROWS_PER_INVOCATION:
            raise ValidationFailed(
                f"1 to {MAX_ROWS_PER_INVOCATION} rows are sent with one invocation;"
                f" {self.rows_per_invocation} was given.",
                field="rows_per_invocation",
            )
        self._check_texts()

    def _check_texts(self) -> None:
        for member, most in (("label_column", 256), ("positive_label", 64)):
            if not 1 <= len(getattr(self, member).strip()) <= most:
                raise ValidationFailed(
                    f"The {member.replace('_', ' ')} has 1 to {most} characters.", field=member
                )
