"""One run of wrk: requests a second, percentiles, errors."""

import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.harness import tools

# The head is put together once: wrk's own format() costs as much as all else it does per request,
# which would make it the limit instead of the part under test.
_VARYING = """
local count, before, after = 0
init = function()
  wrk.headers["{name}"] = "@"
  local whole = wrk.format()
  local at = whole:find("{name}: @", 1, true) + #"{name}: "
  before, after = whole:sub(1, at - 1), whole:sub(at + 1)
end
request = function()
  count = count + 1
  return before .. count .. after
end
"""
_UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6}


@dataclass(frozen=True, slots=True)
class Answers:
    rate: float
    p50_us: float
    p99_us: float
    errors: int


@dataclass(frozen=True, slots=True)
class Post:
    """The request to send. `varying` names a header that gets another value each time."""

    url: str
    body: str = "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8"
    headers: Mapping[str, str] = field(default_factory=dict)
    varying: str = ""

    def script(self) -> str:
        lines = ['wrk.method = "POST"', f"wrk.body = [[{self.body}]]"]
        lines += [f'wrk.headers["{name}"] = [[{value}]]' for name, value in self.headers.items()]
        if self.varying:
            lines.append(_VARYING.format(name=self.varying))
        return "\n".join(lines)


def run(post: Post, *, cores: Sequence[int], connections: int, seconds: int) -> Answers:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(post.script())
        script.flush()
        done = subprocess.run(
            [
                *("taskset", "-c", ",".join(map(str, cores)), tools.path_of("wrk")),
                *("-t1", f"-c{connections}", f"-d{seconds}s", "--latency"),
                *("-s", script.name, post.url),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    return _read(done.stdout)


def _read(text: str) -> Answers:
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    assert rate is not None, text
    errors = [int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", text)]
    for line in re.findall(r"Socket errors: (.*)", text):
        errors += [int(n) for n in re.findall(r"\d+", line)]
    return Answers(float(rate[1]), _percentile(text, 50), _percentile(text, 99), sum(errors))


def _percentile(text: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s)\s*$", text, re.MULTILINE)
    assert found is not None, text
    return float(found[1]) * _UNITS[found[2]]
