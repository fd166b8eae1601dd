"""Tasks: quickly entered, safely changed by two people."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms.base import StyledModelForm
from crm.models import Account, Task, User
from crm.queries import recent_accounts
from crm.work.tasks import assignable, by_name

FIELDS = ("title", "assignee", "due_on", "remind_at", "urgent", "note")


class TaskForm(StyledModelForm):
    """`account` None with `choose_account`: the form offers the accounts that the person dealt with last."""

    # What the form showed when it was opened: tells what this editor changed from what a colleague did meanwhile.
    base = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Task
        fields = ["title", "account", *FIELDS[1:]]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        labels = {"account": _("Account"), "assignee": _("Who does it")}

    def __init__(
        self,
        *args: Any,
        user: User,
        account: Account | None = None,
        choose_account: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            account = self.instance.account
        else:
            self.initial["assignee"] = self.initial.get("assignee") or user.pk
        self.about = account
        if choose_account and not self.instance.pk:
            self._offer_accounts(user)
        else:
            del self.fields["account"]
        assignee = self.fields["assignee"]
        assignee.queryset = by_name(self._colleagues(user))  # type: ignore[attr-defined]
        assignee.empty_label = None  # type: ignore[attr-defined]
        self.fields["title"].widget.attrs |= {"autocomplete": "off"}
        self.initial["base"] = json.dumps(self.as_shown()) if self.instance.pk else ""

    def _offer_accounts(self, user: User) -> None:
        field = self.fields["account"]
        field.queryset = Account.objects.visible_to(user)  # type: ignore[attr-defined]
        recent = recent_accounts(user, 12)
        if self.about is not None and self.about not in recent:
            recent.insert(0, self.about)
        field.widget.choices = [("", "–"), *((account.pk, str(account)) for account in recent)]

    def _colleagues(self, user: User) -> Any:
        """Of the account that was sent, else of the one the page is about; and whoever has the task already."""
        account = self.about
        sent = (
            self.data.get(self.add_prefix("account"), "")
            if "account" in self.fields and self.is_bound
            else ""
        )
        if sent.isdecimal() and len(sent) < 18:
            account = Account.objects.visible_to(user).filter(pk=sent).first()
        colleagues = assignable(user, account)
        if self.instance.pk:
            colleagues = colleagues | User.objects.filter(pk=self.instance.assignee_id)
        return colleagues

    def as_shown(self) -> dict[str, str]:
        """Each field as a browser would send it back unchanged."""
        shown = {}
        for name in FIELDS:
            field = self.fields[name]
            if name == "urgent":
                shown[name] = "on" if self[name].initial else ""
                continue
            value = field.widget.format_value(field.prepare_value(self[name].initial))
            shown[name] = str((value[0] if value else "") if isinstance(value, list) else value or "")
        return shown

    def changes(self, opened: dict[str, str]) -> dict[str, Any]:
        """Of the cleaned values those that differ from what the form showed when it was opened."""
        sent = {name: self.data.get(self.add_prefix(name), "") for name in FIELDS}
        return {
            name: self.cleaned_data[name]
            for name in FIELDS
            if sent[name].replace("\r\n", "\n") != opened.get(name)
        }
