"""The rows of the account list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from crm.account_list import AccountList
    from crm.models import Account

register = template.Library()


@register.filter
def cells(listed: AccountList, account: Account) -> SafeString:
    """The account's cells, one for each column."""
    return listed.cells(account)
