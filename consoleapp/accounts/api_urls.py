"""Routes of /api/v1/ that belong to people, keys, roles and quotas."""

from django.urls import path

from consoleapp.accounts import api

urlpatterns = [
    path("whoami", api.whoami, name="api-whoami"),
    path("access-keys", api.access_keys, name="api-access-keys"),
    path("access-keys/<str:key_id>", api.access_key, name="api-access-key"),
    path("api-tokens", api.api_tokens, name="api-tokens"),
    path("api-tokens/<int:token_id>", api.api_token, name="api-token"),
    path("iam-roles", api.iam_roles, name="api-iam-roles"),
    path("quotas", api.quota_list, name="api-quotas"),
    path("quotas/<str:code>", api.quota, name="api-quota"),
]
