"""Pages of models, the registry, endpoint configurations and endpoints, below /console/."""

from django.urls import path

from endpoints.views import configs, endpoint_actions, endpoints, evaluations, models, registry

app_name = "endpoints"
urlpatterns = [
    path("models", models.models, name="models"),
    path("create-model", models.create, name="create-model"),
    path("models/<str:name>", models.model, name="model"),
    path("models/<str:name>/delete", models.delete, name="delete-model"),
    path("model-packages", registry.groups, name="packages"),
    path("model-packages/<str:name>", registry.group, name="group"),
    path("model-packages/<str:name>/<int:version>", registry.package, name="package"),
    path(
        "model-packages/<str:name>/<int:version>/approval", registry.approve, name="approve-package"
    ),
    path("endpoint-configs", configs.configs, name="configs"),
    path("endpoint-configs/<str:name>", configs.config, name="config"),
    path("endpoint-configs/<str:name>/delete", configs.delete, name="delete-config"),
    path("endpoints", endpoints.endpoints, name="list"),
    path("endpoints/<str:name>", endpoints.endpoint, name="detail"),
    path("endpoints/<str:name>/delete", endpoint_actions.delete, name="delete"),
    path("endpoints/<str:name>/weights", endpoint_actions.weights, name="weights"),
    path("endpoints/<str:name>/evaluations", evaluations.endpoint_evaluations, name="evaluations"),
    path("endpoints/<str:name>/evaluations/start", evaluations.start, name="evaluation-start"),
    path(
        "endpoints/<str:name>/evaluations/<int:number>",
        evaluations.evaluation,
        name="evaluation",
    ),
    path(
        "endpoints/<str:name>/evaluations/<int:number>/stop",
        evaluations.stop,
        name="evaluation-stop",
    ),
    path(
        "endpoints/<str:name>/evaluations/<int:number>/delete",
        evaluations.delete,
        name="evaluation-delete",
    ),
    path(
        "endpoints/<str:name>/evaluations/<int:number>/roc",
        evaluations.roc,
        name="evaluation-roc",
    ),
    path(
        "endpoints/<str:name>/evaluations/<int:number>/predictions.csv",
        evaluations.predictions,
        name="evaluation-predictions",
    ),
]
