"""Routes of /api/v1/ that belong to storage."""

from django.urls import path

from consoleapp.storage import api

urlpatterns = [
    path("buckets", api.bucket_list, name="api-buckets"),
    path("buckets/<str:name>", api.bucket, name="api-bucket"),
    path("buckets/<str:name>/objects", api.objects, name="api-objects"),
    path("buckets/<str:name>/objects/<path:key>", api.object_of_key, name="api-object"),
]
