"""What the list pages of this app share: a name filter and pages."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import QuerySet

from consoleapp.accounts.access import AuthedRequest

PAGE_SIZE: Final = 20


def listed(request: AuthedRequest, rows: QuerySet[Any]) -> dict[str, Any]:
    """Context of a list: `page`, and what was asked."""
    asked = request.GET.get("name", "").strip()
    if asked:
        rows = rows.filter(name__icontains=asked)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return {"page": page, "rows": list(page), "asked": asked, "filtered": bool(asked)}
