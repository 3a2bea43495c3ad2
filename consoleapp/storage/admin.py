"""Admin of buckets: who owns which. A row without its bucket would mislead, so none is edited."""

from django.contrib import admin

from consoleapp.accounts.read_only import ReadOnlyAdmin
from consoleapp.storage.models import Bucket


@admin.register(Bucket)
class BucketAdmin(ReadOnlyAdmin):
    list_display = ["name", "team", "region", "created_at"]
    list_filter = ["team", "region"]
    search_fields = ["name"]
