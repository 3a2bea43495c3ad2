"""REST routes of models, the registry, endpoint configurations and endpoints."""

from django.urls import path

from endpoints.api import endpoints, evaluations, invocations, models, shifts

app_name = "endpoints-api"
urlpatterns = [
    path("models", models.models, name="api-models"),
    path("models/<str:name>", models.model, name="api-model"),
    path("model-package-groups", models.groups, name="api-groups"),
    path("model-package-groups/<str:name>", models.group, name="api-group"),
    path("model-packages", models.packages, name="api-packages"),
    path("model-packages/<str:group_name>/<int:version>", models.package, name="api-package"),
    path("endpoint-configs", endpoints.configs, name="api-configs"),
    path("endpoint-configs/<str:name>", endpoints.config, name="api-config"),
    path("endpoints", endpoints.endpoints, name="api-endpoints"),
    path("endpoints/<str:name>", endpoints.endpoint, name="api-endpoint"),
    path("endpoints/<str:name>/weights", endpoints.weights, name="api-endpoint-weights"),
    path(
        "endpoints/<str:name>/invocations",
        invocations.invocations,
        name="api-endpoint-invocations",
    ),
    path("endpoints/<str:name>/events", endpoints.events, name="api-endpoint-events"),
    path("endpoints/<str:name>/instances", endpoints.instances, name="api-endpoint-instances"),
    path(
        "endpoints/<str:name>/evaluations",
        evaluations.endpoint_evaluations,
        name="api-endpoint-evaluations",
    ),
    path(
        "endpoints/<str:name>/evaluations/<int:number>",
        evaluations.evaluation,
        name="api-endpoint-evaluation",
    ),
    path(
        "endpoints/<str:name>/evaluations/<int:number>/stop",
        evaluations.stop,
        name="api-endpoint-evaluation-stop",
    ),
    path("endpoints/<str:name>/shifts", shifts.endpoint_shifts, name="api-endpoint-shifts"),
    path("endpoints/<str:name>/shifts/<int:number>", shifts.shift, name="api-endpoint-shift"),
    path(
        "endpoints/<str:name>/shifts/<int:number>/pause",
        shifts.pause,
        name="api-endpoint-shift-pause",
    ),
    path(
        "endpoints/<str:name>/shifts/<int:number>/resume",
        shifts.resume,
        name="api-endpoint-shift-resume",
    ),
    path(
        "endpoints/<str:name>/shifts/<int:number>/roll-back",
        shifts.roll_back,
        name="api-endpoint-shift-roll-back",
    ),
]
