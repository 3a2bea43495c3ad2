"""The supervisord configuration of one start, as text."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from consoleapp.processes.programs import Program


def supervisord(programs: Iterable[Program], *, run: Path, logs: Path) -> str:
    """Restarts whatever dies, without end; one rotated log per program."""
    found = list(programs)
    sections = [
        "\n".join(
            [
                "[supervisord]",
                "nodaemon=true",
                "silent=true",
                f"logfile={_plain(logs / 'supervisord.log')}",
                f"pidfile={_plain(run / 'supervisord.pid')}",
                f"childlogdir={_plain(logs)}",
            ]
        ),
        *(_program(program, logs) for program in found),
        *(_tier(priority, found) for priority in sorted({each.priority for each in found})),
    ]
    return "\n\n".join(sections) + "\n"


def _tier(priority: int, programs: Iterable[Program]) -> str:
    """Programs of one priority: supervisord stops group after group, and a group at once."""
    names = ",".join(each.name for each in programs if each.priority == priority)
    return f"[group:tier{priority}]\nprograms={names}\npriority={priority}"


def _program(program: Program, logs: Path) -> str:
    return "\n".join(
        [
            f"[program:{program.name}]",
            f"command={_plain(shlex.join(program.command))}",
            f"priority={program.priority}",
            "autorestart=true",
            "startsecs=1",
            # A part that cannot start yet (Redis loading its file, say) is tried for ever.
            "startretries=1000000",
            f"stopsignal={program.stop_signal}",
            f"stopwaitsecs={program.stop_s}",
            "stopasgroup=false",
            "killasgroup=true",
            "redirect_stderr=true",
            f"stdout_logfile={_plain(logs / program.name)}.log",
            "stdout_logfile_maxbytes=10MB",
            "stdout_logfile_backups=2",
        ]
    )


def _plain(value: object) -> str:
    # supervisord expands %(name)s in values.
    return str(value).replace("%", "%%")
