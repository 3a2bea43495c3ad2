"""The metrics ingest process: `python -m consoleapp.metrics.ingest`."""

import logging
import os

import django
import uvloop
from django.conf import settings

from consoleapp.metrics.emit import split_address


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "consoleapp.settings")
    django.setup()
    # Models can only be imported once Django is set up.
    from consoleapp.metrics.collector import Collector

    async def serve() -> None:
        collector = Collector(settings.INGEST_TOKEN, settings.INSTANCES_DIR)
        await collector.run(*split_address(settings.INGEST_ADDRESS))

    uvloop.run(serve())
    logging.getLogger(__name__).info("metrics ingest stopped")


if __name__ == "__main__":
    main()
