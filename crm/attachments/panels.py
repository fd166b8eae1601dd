"""The files on the account's page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crm.attachments.queries import files_of
from crm.panels import Panel

if TYPE_CHECKING:
    from crm.models import Account, User

SHOWN = 8


class FilesPanel(Panel):
    slug = "files"
    lazy = True
    title = _("Files")
    icon = "paperclip"
    template_name = "crm/attachments/panel.html"

    def get_context(self, *, account: Account, user: User, today: dt.date) -> dict[str, Any]:
        files = list(files_of(account)[: SHOWN + 1])
        return {"files": files[:SHOWN], "more": len(files) > SHOWN, "user": user}
