from consoleapp.accounts import audit
from consoleapp.accounts.actor import Actor
from consoleapp.accounts.models import AuditEvent


def test_it_keeps_who_did_what_to_which_resource(actor: Actor) -> None:
    audit.record(actor, "CreateEndpoint", "arn:aws:sagemaker:x", instances=2)
    event = AuditEvent.objects.get()
    assert (event.team, event.user, event.action) == (actor.team, actor.user, "CreateEndpoint")
    assert (event.resource_arn, event.detail) == ("arn:aws:sagemaker:x", {"instances": 2})


def test_the_console_itself_leaves_no_user(actor: Actor) -> None:
    audit.record(Actor.system(actor.team, "us-east-1"), "DeleteEndpoint")
    assert AuditEvent.objects.get().user is None


def test_a_very_long_arn_is_cut_rather_than_lost(actor: Actor) -> None:
    audit.record(actor, "PutObject", "arn:aws:s3:::" + "k" * 1024)
    assert len(AuditEvent.objects.get().resource_arn) == 256
