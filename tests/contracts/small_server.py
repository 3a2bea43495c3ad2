"""Stands in for prepare: an instance whose model server is a few lines of http.server."""

import json
import os
import sys
from pathlib import Path

SERVER = """
import http.server, os, signal, sys, threading, time
behaviour = os.environ.get("FAKE", "")
print("hello from the model server", flush=True)
if behaviour == "exits":
    print("cannot load the model", flush=True)
    sys.exit(3)
if behaviour == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
if behaviour == "chatty":
    print(*("x" * 1023 for _ in range(3 * 1024)), sep="\\n", flush=True)
    print("the end of a long output", flush=True)
if behaviour == "busy":
    threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if behaviour == "never" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def main(folder: Path) -> None:
    spec = json.loads((folder / "launch.json").read_text())
    answer: dict[str, object] = {
        "command": [sys.executable, "-c", SERVER, os.environ["INSTANCE_PORT"]],
        "environment": spec["environment"],
        "folder": str(folder),
    }
    if spec["environment"].get("FAKE") == "refused":
        answer = {"failure": "The image is unknown.", "permanent": True}
    (folder / "prepared.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
