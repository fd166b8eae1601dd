"""Pages of the pipeline."""

from __future__ import annotations

from crm.models import Account, Opportunity, OpportunityState, PipelineStage, User


def paths(user: User, account: Account) -> dict[str, str]:
    here = Opportunity.objects.filter(state=OpportunityState.OPEN).order_by("-stage__order", "pk")[0]
    won = Opportunity.objects.filter(state=OpportunityState.WON).order_by("pk")[0]
    return {
        "pipeline board": "/pipeline/",
        "pipeline list": "/pipeline/list/?state=all",
        "pipeline forecast": "/pipeline/forecast/",
        "pipeline analysis": "/pipeline/analysis/?period=all",
        "pipeline stages": "/pipeline/stages/",
        "pipeline stage": f"/pipeline/stages/{PipelineStage.objects.order_by('order')[0].pk}/",
        "opportunity": f"/opportunities/{here.pk}/",
        "opportunity won": f"/opportunities/{won.pk}/",
        "opportunity edit": f"/opportunities/{here.pk}/edit/",
        "opportunity move": f"/opportunities/{here.pk}/move/",
        "opportunity lost": f"/opportunities/{here.pk}/close/lost/",
        "opportunity new": f"/opportunities/new/?account={account.pk}",
        "opportunity choose": "/opportunities/new/",
        "account opportunities": f"/accounts/{here.account_id}/opportunities/",
    }
