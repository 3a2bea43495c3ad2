"""`make bench`: every benchmark, one after the other, each in a process of its own."""

import subprocess
import sys

NAMES = ("gateway", "loadgen", "whole_path", "control_plane")


def main() -> int:
    codes = []
    for name in NAMES:
        print(f"\n== {name} ==", flush=True)
        done = subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False)
        codes.append(done.returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
