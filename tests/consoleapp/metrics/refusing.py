"""A table of the metrics database that refuses writes for a while, on either database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

_SQLITE = """CREATE TRIGGER refuse BEFORE {what} ON {table} FOR EACH ROW WHEN {when}
    BEGIN SELECT RAISE(ABORT, 'refused'); END"""
_FUNCTION = """CREATE OR REPLACE FUNCTION refuse() RETURNS trigger AS
    $$ BEGIN RAISE integrity_constraint_violation; END $$ LANGUAGE plpgsql"""
_POSTGRESQL = """CREATE TRIGGER refuse BEFORE {what} ON {table} FOR EACH ROW WHEN ({when})
    EXECUTE FUNCTION refuse()"""


@contextmanager
def refusing(what: str, table: str, when: str = "1 = 1") -> Iterator[None]:
    connection = connections["metrics"]
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute(_FUNCTION)
        create = _POSTGRESQL if postgresql else _SQLITE
        cursor.execute(create.format(what=what, table=table, when=when))
        yield
        cursor.execute(f"DROP TRIGGER refuse ON {table}" if postgresql else "DROP TRIGGER refuse")
