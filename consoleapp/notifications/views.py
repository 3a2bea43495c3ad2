"""Where a listener confirms: whoever has the token is the one that it was sent to."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from consoleapp.accounts.errors import CallerError
from consoleapp.notifications import services


@require_GET
def confirm(request: HttpRequest) -> HttpResponse:
    try:
        found = services.confirm(
            topic_arn=request.GET.get("TopicArn", ""), token=request.GET.get("Token", "")
        )
    except CallerError as error:
        return HttpResponse(error.message, status=400, content_type="text/plain")
    return HttpResponse(
        "<ConfirmSubscriptionResponse><ConfirmSubscriptionResult>"
        f"<SubscriptionArn>{found.arn}</SubscriptionArn>"
        "</ConfirmSubscriptionResult></ConfirmSubscriptionResponse>",
        content_type="text/xml",
    )
