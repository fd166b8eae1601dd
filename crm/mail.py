"""Mail to people, each in the language the person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

if TYPE_CHECKING:
    from crm.models import User


def can_mail() -> bool:
    """Whether a mail server is configured."""
    return bool(settings.EMAIL_HOST)


def mail_to(user: User, *, template: str, context: dict[str, Any]) -> bool:
    """Send `crm/mail/<template>.txt` and `.html`; the first line of the text is the subject.

    False where the person has no address or no mail server is configured. A server that refuses raises
    (OSError, SMTPException): whoever keeps the record of what was mailed decides when to try again.
    """
    if not can_mail() or not user.email or not user.is_active:
        return False
    with translation.override(user.language):
        context = {**context, "reader": user, "site": settings.SITE_URL}
        subject, _blank, body = render_to_string(f"crm/mail/{template}.txt", context).partition("\n")
        message = EmailMultiAlternatives(subject.strip(), body.strip() + "\n", to=[user.email])
        message.attach_alternative(render_to_string(f"crm/mail/{template}.html", context), "text/html")
    message.send()
    return True
