"""The gateway against nginx's proxy_pass and against no proxy: see bench/README.md."""

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.harness import rows, tools, wrk
from bench.harness.cpu import Watch
from bench.harness.fronted import PATH, console_headers, gateway
from bench.harness.pinned import free_port, pinned
from bench.harness.rows import Row

P50_ALLOWANCE_US = 20.0
_NGINX = """
daemon off; master_process off; error_log stderr error; pid {folder}/{name}.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder}; client_body_buffer_size 64k;
  {inside}
}}
"""
_UPSTREAM = """
  server {{ listen 127.0.0.1:{port} backlog=4096;
    location /invocations {{ default_type text/csv; return 200 "0.123456"; }} }}
"""
_PROXY = """
  upstream model {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{port} backlog=4096;
    location /endpoints/ {{ proxy_pass http://model/invocations; proxy_http_version 1.1;
      proxy_set_header Connection ""; }} }}
"""


@contextlib.contextmanager
def nginx(name: str, inside: str, folder: str, port: int, core: int) -> Iterator[list[int]]:
    config = Path(folder) / f"{name}.conf"
    config.write_text(_NGINX.format(folder=folder, name=name, inside=inside))
    command = [tools.path_of("nginx"), "-p", folder, "-c", str(config)]
    with pinned(command, cores=[core], port=port) as process:
        yield [process.pid]


def measure(
    name: str, post: wrk.Post, part: list[int], options: argparse.Namespace, connections: int
) -> tuple[Row, list[float]]:
    """Five runs: requests a second with the cores' shares, and each run's p50."""
    rates, p50s, parts, others, errors = [], [], [], [], 0
    load_core = options.load_core
    wrk.run(post, cores=[load_core], connections=connections, seconds=1)
    for _ in range(options.runs):
        with Watch({"part": part}, cores=[load_core]) as watch:
            seen = wrk.run(
                post, cores=[load_core], connections=connections, seconds=options.seconds
            )
        rates.append(seen.rate)
        p50s.append(seen.p50_us)
        errors += seen.errors
        parts.append(watch.used.of_processes["part"])
        others.append(watch.used.of_cores[load_core])
    return Row(name, tuple(rates), tuple(parts), tuple(others), errors), p50s


def main() -> None:
    options = _options()
    tools.require("wrk", "nginx", "taskset")
    part_core, load_core = options.part_core, options.load_core
    with tempfile.TemporaryDirectory() as folder:
        upstream, proxy = free_port(), free_port()
        # The upstream shares the load's core: the part under test has the other to itself.
        inside = _UPSTREAM.format(port=upstream)
        with nginx("upstream", inside, folder, upstream, load_core):
            inside = _PROXY.format(port=proxy, upstream=upstream)
            with nginx("proxy", inside, folder, proxy, part_core) as pids:
                url = f"http://127.0.0.1:{proxy}{PATH}"
                post = wrk.Post(url, headers=console_headers())
                theirs = measure("nginx proxy_pass", post, pids, options, options.connections)[0]
                their_p50 = measure("nginx", post, pids, options, 1)[1]
            with gateway(upstream, folder, part_core) as ours_running:
                url, pids = ours_running.url, ours_running.pids
                post = wrk.Post(url, headers=console_headers())
                ours = measure("gateway", post, pids, options, options.connections)[0]
                our_p50 = measure("gateway", post, pids, options, 1)[1]
                post = wrk.Post(
                    url, headers=console_headers(), varying="X-Amzn-SageMaker-Inference-Id"
                )
                name = "gateway, no two heads alike"
                varied = measure(name, post, pids, options, options.connections)[0]
        direct = _direct(folder, options)
    _report([theirs, ours, varied], direct, their_p50, our_p50)


def _direct(folder: str, options: argparse.Namespace) -> tuple[Row, list[float]]:
    port = free_port()
    inside = _UPSTREAM.format(port=port)
    with nginx("direct", inside, folder, port, options.part_core) as pids:
        post = wrk.Post(f"http://127.0.0.1:{port}/invocations", headers=console_headers())
        row = measure("direct (the upstream alone)", post, pids, options, options.connections)[0]
        return row, measure("direct", post, pids, options, 1)[1]


def _report(
    measured: list[Row],
    direct: tuple[Row, list[float]],
    their_p50: list[float],
    our_p50: list[float],
) -> None:
    theirs, ours, varied = measured
    print("requests per second, the part under test on one core")
    for row in (direct[0], theirs, ours, varied):
        print(" ", row.line("req/s"))
    print("ratios")
    print(" ", rows.ratio("gateway / nginx, per core", ours, theirs, target=0.75))
    print(" ", rows.ratio("gateway (heads differ) / nginx", varied, theirs, target=0.75))
    print("p50 at one connection, added to the upstream's own (us)")
    base = statistics.median(direct[1])
    added_theirs = statistics.median(their_p50) - base
    added_ours = statistics.median(our_p50) - base
    allowed = added_theirs + P50_ALLOWANCE_US
    verdict = "met" if added_ours <= allowed else "MISSED"
    print(f"  upstream itself {base:.0f} ({min(direct[1]):.0f} .. {max(direct[1]):.0f})")
    print(f"  nginx   + {added_theirs:.0f}   gateway + {added_ours:.0f}", end="   ")
    print(f"target <= nginx + {P50_ALLOWANCE_US:g}: {verdict}")


def _options() -> argparse.Namespace:
    cores = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8, help="length of each run")
    parser.add_argument("--runs", type=int, default=rows.RUNS)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--part-core", type=int, default=cores[-1])
    parser.add_argument("--load-core", type=int, default=cores[0])
    options = parser.parse_args()
    if options.part_core == options.load_core:
        sys.exit("This benchmark needs two cores: one for the part under test, one for the load.")
    return options


if __name__ == "__main__":
    main()
