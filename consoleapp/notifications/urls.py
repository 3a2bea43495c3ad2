"""Addresses that messages name."""

from django.urls import path

from consoleapp.notifications import views

app_name = "notifications"
urlpatterns = [
    path("confirm", views.confirm, name="confirm"),
    path("unsubscribe", views.unsubscribe, name="unsubscribe"),
    path("SimpleNotificationService-<slug:digest>.pem", views.certificate, name="certificate"),
]
