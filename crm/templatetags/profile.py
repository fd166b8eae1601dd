"""Small pieces of the profile's pages."""

from __future__ import annotations

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def plain_number(value: Decimal) -> str:
    """As many decimals as there are: 12, 12.5, 1,200.25."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
