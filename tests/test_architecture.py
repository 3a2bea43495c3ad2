"""What keeps the code small and one-way: held here, so that it stays true."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("consoleapp", "recommender", "endpoints")
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "data", "misc"}
# These gather the names of a package of models; every other __init__ is empty.
GATHERING = {"endpoints/models/__init__.py", "recommender/models/__init__.py"}
TOP_LEVEL = {
    *("manage.py", "consoleapp", "recommender", "endpoints", "templates", "static", "tests"),
    *("requirements.txt", "README.md", "Makefile", "pyproject.toml", "compose.yaml", "Dockerfile"),
    *("docs", "bench", ".ci", ".gitignore", ".git", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"),
}


def sources(*roots: str) -> Iterator[Path]:
    for root in roots:
        for path in sorted((ROOT / root).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_passes_three_hundred_lines() -> None:
    everything = [*sources(*PACKAGES, "tests", "bench")]
    everything += [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").rglob("*.js")]
    everything += [*(ROOT / "static" / "css").rglob("*.css")]
    long = {
        name(p): n for p in everything if (n := len(p.read_text().splitlines())) > MAX_FILE_LINES
    }
    assert not long


def test_no_function_passes_fifty_lines() -> None:
    long = {
        f"{name(path)}:{node.name}": size
        for path in sources(*PACKAGES)
        for node in functions(path)
        if node.end_lineno and (size := node.end_lineno - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert not long


def test_every_module_opens_with_a_sentence() -> None:
    silent = [
        name(path)
        for path in sources(*PACKAGES)
        if path.read_text().strip()
        and path.name not in {"apps.py"}
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_package_files_are_empty_but_for_the_models() -> None:
    filled = {
        name(path)
        for path in sources(*PACKAGES, "tests")
        if path.name == "__init__.py" and path.read_text().strip()
    }
    assert filled <= GATHERING


def test_no_module_has_a_vague_name() -> None:
    assert not [name(path) for path in sources(*PACKAGES, "tests") if path.stem in VAGUE]


def test_the_top_level_holds_only_what_the_design_names() -> None:
    import subprocess

    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert {path.split("/")[0] for path in listed if path} <= TOP_LEVEL


@pytest.mark.parametrize("package", PACKAGES)
def test_rows_are_saved_with_the_columns_named(package: str) -> None:
    """A bare save() writes every column back, and loses what another process wrote meanwhile."""
    bare = [
        f"{name(path)}:{number}"
        for path in sources(package)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\.save\(\)", line)
    ]
    assert not bare


def test_fragments_do_not_extend_and_have_a_root_with_an_id() -> None:
    wrong = []
    for path in sorted((ROOT / "templates").rglob("_*.html")):
        text = path.read_text()
        if "{% extends" in text:
            wrong.append(f"{name(path)} extends a page")
    assert not wrong


def test_colours_live_in_the_tokens_alone() -> None:
    stray = [
        name(path)
        for path in sorted((ROOT / "static" / "css").rglob("*.css"))
        if path.name != "tokens.css" and re.search(r"#[0-9a-fA-F]{3,8}\b", path.read_text())
    ]
    assert not stray


def test_pages_carry_no_inline_script() -> None:
    inline = [
        name(path)
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if re.search(r"<script(?![^>]*(src=|application/json))", path.read_text())
        or re.search(r"\son\w+=\"", path.read_text())
    ]
    assert not inline


def test_the_changelog_names_the_version_that_runs() -> None:
    from django.conf import settings

    changelog = (ROOT / "CHANGELOG.md").read_text()
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == settings.VERSION
    assert f'version = "{settings.VERSION}"' in (ROOT / "pyproject.toml").read_text()
