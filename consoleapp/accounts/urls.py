"""Routes of /console/ that belong to people, teams and their keys."""

from django.urls import path

from consoleapp.accounts.views import keys, sign_in, team

app_name = "accounts"
urlpatterns = [
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("password", sign_in.password, name="password"),
    path("switch", sign_in.switch, name="switch"),
    path("team", team.team, name="team"),
    path("team/members/add", team.add_member, name="add-member"),
    path("team/members/<str:username>/role", team.change_role, name="change-role"),
    path("team/members/<str:username>/remove", team.remove_member, name="remove-member"),
    path("team/roles", team.roles, name="roles"),
    path("team/quotas", team.quotas, name="quotas"),
    path("team/quotas/set", team.set_quota, name="set-quota"),
    path("team/audit", team.audit, name="audit"),
    path("team/keys", keys.keys, name="keys"),
    path("team/keys/create", keys.create_key, name="create-key"),
    path("team/keys/<str:key_id>/revoke", keys.revoke_key, name="revoke-key"),
    path("team/tokens/create", keys.create_token, name="create-token"),
    path("team/tokens/<int:token_id>/revoke", keys.revoke_token, name="revoke-token"),
]
