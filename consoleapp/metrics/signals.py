"""What others may want to know of metrics. Whoever listens must not hold up the evaluation."""

from django.dispatch import Signal

#: Sent after an alarm changed its state: `alarm` as it is now, and the state `before`.
alarm_moved = Signal()
