"""Every route of the console on one screen."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from consoleapp import views
from consoleapp.health import health


def _app(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    return [path(prefix, include(module))] if find_spec(module) else []


urlpatterns = [
    path("", views.root, name="root"),
    path("health", health, name="health"),
    # What browsers ask for beside pages that are not ours, such as the API's JSON.
    path("favicon.ico", views.favicon, name="favicon"),
    path("admin/", admin.site.urls),
    # Named in messages to listeners, who have no account here.
    *_app("notifications/", "consoleapp.notifications.urls"),
    path("console/", views.home, name="home"),
    *_app("console/", "consoleapp.accounts.urls"),
    *_app("console/", "consoleapp.storage.urls"),
    *_app("console/", "consoleapp.metrics.urls"),
    *_app("console/", "endpoints.urls"),
    *_app("console/", "recommender.urls"),
    *_app("api/v1/", "consoleapp.accounts.api_urls"),
    *_app("api/v1/", "consoleapp.storage.api_urls"),
    *_app("api/v1/", "consoleapp.metrics.api_urls"),
    *_app("api/v1/", "endpoints.api.urls"),
    *_app("api/v1/", "recommender.api.urls"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    # Split: its script is a file of its own, as the content policy wants it.
    path(
        "api/v1/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema"),
        name="api-docs",
    ),
    # The two above are led to with their slash.
    re_path(r"^api/v1/(?!schema$|docs$)", views.NoSuchPath.as_view()),
]
