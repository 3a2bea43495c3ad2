"""What the generator asks of the kernel for itself: its cores, and to die with its parent."""

import ctypes
import os
import signal
from collections.abc import Iterable
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


class Orphaned(RuntimeError):
    """The parent was gone before this process could tie itself to it."""


def die_with(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent dies, however it dies.

    It is the parent's *thread* that counts: whoever starts a generator must do so from a thread
    that lives as long as the test. Raises Orphaned when the parent is already gone.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    # The parent may have died before the call above; then no signal ever comes.
    if os.getppid() != parent_pid:
        raise Orphaned(f"parent {parent_pid} is gone")


def pin(cores: Iterable[int]) -> None:
    """Run on these cores only; none given leaves the process where it is."""
    wanted = set(cores)
    if wanted:
        os.sched_setaffinity(0, wanted)
