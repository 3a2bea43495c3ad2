"""Sends the metrics app's tables to the metrics database, and only those."""

from typing import Any

from django.db.models import Model


class MetricsRouter:
    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return "metrics" if model._meta.app_label == "metrics" else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        return self.db_for_read(model, **hints)

    def allow_relation(self, left: Model, right: Model, **hints: Any) -> bool | None:
        inside = {left._meta.app_label == "metrics", right._meta.app_label == "metrics"}
        return None if len(inside) == 1 and False in inside else len(inside) == 1

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (app_label == "metrics") == (db == "metrics")
