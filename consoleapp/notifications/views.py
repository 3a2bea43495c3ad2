"""What the addresses in messages lead to: a listener confirms, ends its subscription, and gets
the certificate that its messages are signed by."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from consoleapp.accounts.errors import CallerError
from consoleapp.notifications import services, signing


@require_GET
def confirm(request: HttpRequest) -> HttpResponse:
    """Whoever has the token is the one that it was sent to."""
    asked = request.GET
    try:
        found = services.confirm(
            topic_arn=asked.get("TopicArn", ""),
            token=asked.get("Token", ""),
            keep=asked.get("AuthenticateOnUnsubscribe") == "true",
        )
    except CallerError as error:
        return _refused(error)
    return _answer("ConfirmSubscription", f"<SubscriptionArn>{found.arn}</SubscriptionArn>")


@require_GET
def unsubscribe(request: HttpRequest) -> HttpResponse:
    try:
        services.unsubscribe_by_link(request.GET.get("SubscriptionArn", ""))
    except CallerError as error:
        return _refused(error)
    return _answer("Unsubscribe", "")


@require_GET
def certificate(request: HttpRequest, digest: str) -> HttpResponse:
    if f"SimpleNotificationService-{digest}.pem" != signing.certificate_name():
        return HttpResponse("There is no such certificate.", status=404, content_type="text/plain")
    return HttpResponse(signing.certificate(), content_type="application/x-pem-file")


def _answer(operation: str, result: str) -> HttpResponse:
    return HttpResponse(
        f"<{operation}Response><{operation}Result>{result}</{operation}Result>"
        f"</{operation}Response>",
        content_type="text/xml",
    )


def _refused(error: CallerError) -> HttpResponse:
    return HttpResponse(error.message, status=error.status, content_type="text/plain")
