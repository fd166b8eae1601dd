"""Pages of competition, customer equity, retention and suppliers' ratings for the walk through every page."""

from __future__ import annotations

from crm.models import Account, SupplierRating, User

QUESTION = "driver=quality&marks=1&cost=200000&years=2"


def paths(user: User, account: Account) -> dict[str, str]:
    rating = SupplierRating.objects.exclude(competitor=None).order_by("pk")[0]
    found = {
        "supplier ratings": f"/accounts/{rating.account_id}/suppliers/",
        "supplier ratings, none": f"/accounts/{account.pk}/suppliers/",
        "supplier rating new": f"/accounts/{account.pk}/suppliers/new/",
        "supplier rating edit": f"/supplier-ratings/{rating.pk}/edit/",
    }
    if user.can("view_dashboards"):
        found |= {
            "competition": "/competition/?by=industry",
            "customer equity": f"/equity/?{QUESTION}",
            "equity judgements": "/equity/judgements/",
            "retention": "/retention/",
        }
    return found
