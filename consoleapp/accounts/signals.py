"""Announces that the set of usable access keys changed, after the transaction that changed it.

The endpoints app listens and tells the gateway, so a revoked key dies within two seconds.
"""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal

from consoleapp.accounts.models import AccessKey, Membership, User

#: Sent without arguments; receivers read `keys.active()`.
access_keys_changed = Signal()


def connect() -> None:
    """Called once, when the app is ready: pages, REST and the admin all save through models."""
    for sender in (AccessKey, Membership, User):
        post_save.connect(_changed, sender=sender, dispatch_uid=f"keys-saved-{sender.__name__}")
        post_delete.connect(_changed, sender=sender, dispatch_uid=f"keys-gone-{sender.__name__}")


def _changed(sender: type, **kwargs: Any) -> None:
    fields = kwargs.get("update_fields")
    if sender is User and fields is not None and "is_active" not in fields:
        return  # signing in writes last_login: no key is touched by that
    transaction.on_commit(_announce)


def _announce() -> None:
    # Robust: a broken listener must not undo or hide a revocation. Django logs what it raised.
    access_keys_changed.send_robust(sender=AccessKey)
