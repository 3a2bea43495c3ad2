"""REST: the team's buckets and the objects in them."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, parser_classes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from consoleapp.accounts import quotas
from consoleapp.accounts.authentication import actor_of
from consoleapp.accounts.errors import ValidationFailed
from consoleapp.storage import buckets, s3
from consoleapp.storage.models import Bucket
from consoleapp.storage.streaming import as_download


class BucketAnswer(serializers.ModelSerializer[Bucket]):
    class Meta:
        model = Bucket
        fields = ["name", "region", "created_at"]


class BucketRequest(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=63)


class ObjectAnswer(serializers.Serializer[Any]):
    uri = serializers.CharField()
    key = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes")
    modified_at = serializers.DateTimeField()
    etag = serializers.CharField()


class ListingAnswer(serializers.Serializer[Any]):
    prefix = serializers.CharField()
    folders = serializers.ListField(child=serializers.CharField())
    objects = ObjectAnswer(many=True)
    next_token = serializers.CharField()


class UploadRequest(serializers.Serializer[Any]):
    key = serializers.CharField(required=False, help_text="Default: the file's name")
    file = serializers.FileField(allow_empty_file=True)


@extend_schema(methods=["GET"], operation_id="buckets_list", responses=BucketAnswer(many=True))
@extend_schema(methods=["POST"], request=BucketRequest, responses={201: BucketAnswer})
@api_view(["GET", "POST"])
def bucket_list(request: Request) -> Response:
    actor = actor_of(request)
    if request.method == "GET":
        return Response(BucketAnswer(buckets.owned(actor), many=True).data)
    asked = BucketRequest(data=request.data)
    asked.is_valid(raise_exception=True)
    made = buckets.create_bucket(actor, asked.validated_data["name"])
    return Response(BucketAnswer(made).data, status=201)


@extend_schema(responses={204: None})
@api_view(["DELETE"])
def bucket(request: Request, name: str) -> Response:
    """Deletes the bucket, which must be empty."""
    buckets.delete_bucket(actor_of(request), name)
    return Response(status=204)


@extend_schema(
    methods=["GET"],
    operation_id="objects_list",
    parameters=[
        OpenApiParameter("prefix", str, description="A folder, ending with a slash"),
        OpenApiParameter("token", str, description="next_token of the page before"),
    ],
    responses=ListingAnswer,
)
@extend_schema(
    methods=["POST"],
    request={"multipart/form-data": UploadRequest},
    responses={201: ObjectAnswer},
)
@api_view(["GET", "POST"])
@parser_classes([MultiPartParser])
def objects(request: Request, name: str) -> Response:
    """GET lists one level of the bucket. POST uploads a file (multipart/form-data)."""
    actor = actor_of(request)
    if request.method == "GET":
        uri = f"s3://{name}/{request.query_params.get('prefix', '')}"
        listing = s3.list_prefix(actor, uri, token=request.query_params.get("token", ""))
        return Response(ListingAnswer(listing).data)
    asked = UploadRequest(data=request.data)
    asked.is_valid(raise_exception=True)
    file = asked.validated_data["file"]
    most = quotas.limit(actor.team, "storage.upload_mib.max")
    if file.size > most * 2**20:
        raise ValidationFailed(f"The file is larger than {most:g} MiB.", field="file")
    uri = f"s3://{name}/{asked.validated_data.get('key') or file.name}"
    s3.put_file(actor, uri, file, file.content_type or "")
    return Response(ObjectAnswer(s3.head(actor, uri)).data, status=201)


@extend_schema(methods=["GET"], responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
@extend_schema(methods=["DELETE"], responses={204: None})
@api_view(["GET", "DELETE"])
def object_of_key(request: Request, name: str, key: str) -> HttpResponseBase:
    """GET downloads the object, DELETE removes it."""
    uri = f"s3://{name}/{key}"
    if request.method == "GET":
        return as_download(s3.open_object(actor_of(request), uri))
    s3.delete(actor_of(request), uri)
    return Response(status=204)
