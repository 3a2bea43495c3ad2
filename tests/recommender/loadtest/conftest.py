from pathlib import Path

import pytest


@pytest.fixture
def payload(tmp_path: Path) -> Path:
    path = tmp_path / "row.csv"
    path.write_text("1,2,3\n")
    return path
