"""Routes of /console/ that belong to storage. Keys travel as parameters: they may hold anything."""

from django.urls import path

from consoleapp.storage import views

app_name = "storage"
urlpatterns = [
    path("storage", views.browse, name="browse"),
    path("storage/create", views.create_bucket, name="create-bucket"),
    path("storage/<str:name>/", views.bucket, name="bucket"),
    path("storage/<str:name>/upload", views.upload, name="upload"),
    path("storage/<str:name>/download", views.download, name="download"),
    path("storage/<str:name>/delete", views.delete, name="delete"),
    path("storage/<str:name>/delete-bucket", views.delete_bucket, name="delete-bucket"),
]
