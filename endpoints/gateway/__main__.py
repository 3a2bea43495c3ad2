"""The gateway process: `python -m endpoints.gateway`."""

import asyncio
import gc
import logging
import signal

import uvloop

from consoleapp import env
from consoleapp.metrics.emit import AsyncEmitter
from endpoints.capture.spool import Spool
from endpoints.gateway.capture import Captures
from endpoints.gateway.config import Config
from endpoints.gateway.gateway import Gateway
from endpoints.gateway.watch import watch

logger = logging.getLogger("endpoints.gateway")

_WATCH_ENDS_S = 2.0


async def run(config: Config) -> None:
    """Serves until SIGTERM or SIGINT, then lets what is in flight end."""
    loop = asyncio.get_running_loop()
    asked_to_stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, asked_to_stop.set)
    emitter = AsyncEmitter(config.ingest_address, config.ingest_token)
    emitter.start()
    captures = Captures(Spool(config.capture_folder), emitter.send)
    gateway = Gateway(
        token=config.token,
        emit=emitter.send,
        max_connections=config.max_connections,
        captures=captures,
    )
    drained = asyncio.Event()
    capturing = loop.create_task(captures.run(drained))
    watching = loop.create_task(watch(gateway, config.redis_url, asked_to_stop))
    ticking = loop.create_task(gateway.tick())
    server = await loop.create_server(gateway.connection, config.host, config.port, backlog=1024)
    logger.info("listening on %s:%d", config.host, config.port)
    # What is alive now lives as long as the process: the collector need not walk it again.
    gc.collect()
    gc.freeze()
    # Requests leave no cycles behind, so there is little to look for.
    gc.set_threshold(50_000, 20, 50)
    await asked_to_stop.wait()
    server.close()
    await gateway.drain(config.drain_s)
    drained.set()
    await asyncio.wait({watching, capturing}, timeout=_WATCH_ENDS_S)
    ticking.cancel()
    gateway.report()
    await emitter.close()


def main() -> None:
    logging.basicConfig(
        level=env.text("LOG_LEVEL", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    uvloop.run(run(Config.from_environment()))


if __name__ == "__main__":
    main()
