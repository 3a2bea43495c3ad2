"""Admin of topics and of what was sent: to look at. Services alone write them."""

from django.contrib import admin

from consoleapp.accounts.read_only import ReadOnlyAdmin
from consoleapp.notifications.models import Delivery, Subscription, Topic


@admin.register(Topic)
class TopicAdmin(ReadOnlyAdmin):
    list_display = ["name", "team", "region", "created_at"]
    list_filter = ["team", "region"]
    search_fields = ["name"]


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ["topic", "protocol", "endpoint", "confirmed_at"]
    exclude = ["token"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["subscription", "kind", "status", "attempts", "problem", "due_at"]
    list_filter = ["status", "kind"]
