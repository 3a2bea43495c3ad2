"""`manage.py coverage`: writes docs/coverage.md anew."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from consoleapp.aws.coverage import page


class Command(BaseCommand):
    help = "Write docs/coverage.md from the operation tables."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(__file__).resolve().parents[3] / "docs" / "coverage.md"
        path.write_text(page())
        self.stdout.write(f"wrote {path}")
