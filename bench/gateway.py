"""The gateway against nginx's proxy_pass and against no proxy: see bench/README.md."""

import argparse
import contextlib
import dataclasses
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.harness import rows, tools, wrk
from bench.harness.cpu import Watch
from bench.harness.ends import Ends, ends
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
    name: str, post: wrk.Post, part: list[int], load: Ends, options: argparse.Namespace
) -> Row:
    """Requests a second, run by run, with the cores' shares."""
    rates, parts, others, errors = [], [], [], 0
    load.load(post, connections=options.connections, seconds=1)
    for _ in range(options.runs):
        with Watch({"part": part, "load": [load.pid]}) as watch:
            seen = load.load(post, connections=options.connections, seconds=options.seconds)
        rates.append(seen.rate)
        errors += seen.errors
        parts.append(watch.used.of_processes["part"])
        others.append(watch.used.of_processes["load"])
    return Row(name, tuple(rates), tuple(parts), tuple(others), errors)


def p50s(post: wrk.Post, options: argparse.Namespace) -> list[float]:
    """Of one connection, in microseconds, run by run."""
    runs = range(options.runs + 1)
    seen = [wrk.run(post, cores=[options.load_core], connections=1, seconds=2) for _ in runs]
    return [one.p50_us for one in seen[1:]]


def main() -> None:
    options = _options()
    tools.require("wrk", "nginx", "taskset", "cc")
    with tempfile.TemporaryDirectory() as folder, ends(options.load_core) as load:
        proxy = free_port()
        inside = _PROXY.format(port=proxy, upstream=load.port)
        with nginx("proxy", inside, folder, proxy, options.part_core) as pids:
            post = wrk.Post(f"http://127.0.0.1:{proxy}{PATH}", headers=console_headers())
            theirs = measure("nginx proxy_pass", post, pids, load, options)
            their_p50 = p50s(post, options)
        with gateway(load.port, folder, options.part_core) as running:
            post = wrk.Post(running.url, headers=console_headers())
            ours = measure("gateway", post, running.pids, load, options)
            our_p50 = p50s(post, options)
            post = dataclasses.replace(post, varying="X-Amzn-SageMaker-Inference-Id")
            name = "gateway, no two heads alike"
            varied = measure(name, post, running.pids, load, options)
    with ends(options.load_core) as load, ends(options.part_core) as alone:
        post = wrk.Post(f"http://127.0.0.1:{alone.port}/invocations", headers=console_headers())
        direct = measure("direct (the model alone)", post, [alone.pid], load, options)
        direct_p50 = p50s(post, options)
    _report([direct, theirs, ours, varied], direct_p50, their_p50, our_p50)


def _report(
    measured: list[Row], direct_p50: list[float], their_p50: list[float], our_p50: list[float]
) -> None:
    _, theirs, ours, varied = measured
    print("requests per second, the part under test on one core")
    for row in measured:
        print(" ", row.line("req/s"))
    print("ratios")
    for name, row in (("gateway / nginx", ours), ("gateway (heads differ) / nginx", varied)):
        print(" ", rows.ratio(f"{name}, per core", row, theirs, target=0.75))
        print(" ", rows.cpu_ratio(f"{name}, per CPU-second", row, theirs, target=0.75))
    print("p50 at one connection, added to the upstream's own (us)")
    base = statistics.median(direct_p50)
    added_theirs = statistics.median(their_p50) - base
    added_ours = statistics.median(our_p50) - base
    allowed = added_theirs + P50_ALLOWANCE_US
    verdict = "met" if added_ours <= allowed else "MISSED"
    print(f"  upstream itself {base:.0f} ({min(direct_p50):.0f} .. {max(direct_p50):.0f})")
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
