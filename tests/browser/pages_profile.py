"""Pages of profile, business trends and personal details for the walk through every page."""

from __future__ import annotations

from crm.models import Account, Observation, Position, User


def paths(user: User, account: Account) -> dict[str, str]:
    User.objects.filter(pk=user.pk).update(sees_personal_details=True)
    base = f"/accounts/{account.pk}"
    person = Position.objects.filter(account=account).order_by("pk")[0].contact_id
    observed = Observation.objects.order_by("pk")[0]
    return {
        "account profile": f"{base}/profile/",
        "address new": f"{base}/addresses/new/",
        "phone new": f"{base}/phones/new/",
        "account trends": f"{base}/trends/",
        "trends of another": f"/accounts/{observed.account_id}/trends/?kind={observed.kind}",
        "observation new": f"{base}/trends/new/",
        "observation edit": f"/observations/{observed.pk}/edit/",
        "wallet": f"{base}/wallet/",
        "personal details": f"/contacts/{person}/personal/",
        "personal edit": f"/contacts/{person}/personal/edit/",
        "personal log": f"/contacts/{person}/personal/log/",
        "personal erase": f"/contacts/{person}/personal/erase/",
    }
