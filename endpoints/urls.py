"""Pages of models, the registry, endpoint configurations and endpoints, below /console/."""

from django.urls import path

from endpoints.views import (
    alarms_shown,
    capture_shown,
    config_create,
    configs,
    endpoint_actions,
    endpoint_create,
    endpoint_update,
    endpoints,
    evaluations,
    inference,
    models,
    registry,
    shifts,
)

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
    path("create-endpoint-config", config_create.create, name="create-config"),
    path("endpoint-configs", configs.configs, name="configs"),
    path("endpoint-configs/<str:name>", configs.config, name="config"),
    path("endpoint-configs/<str:name>/delete", configs.delete, name="delete-config"),
    path("create-endpoint", endpoint_create.create, name="create"),
    path("endpoints", endpoints.endpoints, name="list"),
    path("endpoints/<str:name>", endpoints.endpoint, name="detail"),
    path("endpoints/<str:name>/activity", endpoints.activity, name="activity"),
    path("endpoints/<str:name>/parts/<str:part>", endpoints.part, name="part"),
    path("endpoints/<str:name>/capture", capture_shown.capture, name="capture"),
    path("endpoints/<str:name>/alarms", alarms_shown.alarms, name="alarms"),
    path("endpoints/<str:name>/charts/<str:slug>", endpoints.chart, name="chart"),
    path("endpoints/<str:name>/invoke", inference.invoke, name="invoke"),
    path("endpoints/<str:name>/invoke/code", inference.code, name="invoke-code"),
    path("endpoints/<str:name>/update", endpoint_update.update, name="update"),
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
    path("endpoints/<str:name>/shifts", shifts.endpoint_shifts, name="shifts"),
    path("endpoints/<str:name>/shifts/create", shifts.create, name="shift-create"),
    path("endpoints/<str:name>/shifts/<int:number>", shifts.shift, name="shift"),
    path("endpoints/<str:name>/shifts/<int:number>/pause", shifts.pause, name="shift-pause"),
    path("endpoints/<str:name>/shifts/<int:number>/resume", shifts.resume, name="shift-resume"),
    path(
        "endpoints/<str:name>/shifts/<int:number>/roll-back",
        shifts.roll_back,
        name="shift-roll-back",
    ),
    path(
        "endpoints/<str:name>/shifts/<int:number>/charts/<str:slug>",
        shifts.chart,
        name="shift-chart",
    ),
]
