from pathlib import Path

from consoleapp.aws import services
from consoleapp.aws.coverage import page
from consoleapp.aws.dispatch import operations

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "coverage.md"


def test_the_document_is_what_the_tables_say() -> None:
    assert DOCUMENT.read_text() == page(), "run: python manage.py coverage"


def test_every_operation_of_ours_is_one_of_aws_s() -> None:
    for service, table in operations().items():
        assert set(table) <= set(services.model(service).operation_names)
