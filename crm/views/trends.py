"""The business trends of an account: timeline, figures, share of wallet."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.forms.trends import (
    FIRST_YEAR,
    LAST_YEAR,
    FigureFormSet,
    ObservationForm,
    RivalFormSet,
    WalletForm,
    family_of,
    year_of,
)
from crm.models import Account, Observation, ObservationFigure, ObservationKind, ProductFamily
from crm.trends.charts import measure_charts, wallet_chart, wallet_warnings
from crm.trends.competitors import KnownCompetitors
from crm.trends.operations import ObservationChangedError, save_observation
from crm.trends.timeline import entries_page, series_of
from crm.trends.wallet import ChangedMeanwhileError, Wallet, fingerprint, save_wallet, wallets_of
from crm.web import UserRequest, visible_account


@requires("view_accounts")
@require_GET
def trends(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    kind = request.GET.get("kind", "")
    if kind and kind not in ObservationKind.values:
        raise Http404
    wallets = wallets_of(account)
    context = {
        "account": account,
        "shown": "trends",
        "kind": kind,
        "kinds": ObservationKind.choices,
        "page": entries_page(account, kind, request.GET.get("page")),
        "charts": measure_charts(series_of(account, kind)),
        "wallets": wallets,
        "wallet": wallet_chart(account, wallets),
        "warnings": wallet_warnings(wallets),
    }
    return render(request, "crm/trends/page.html", context)


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    initial = {"kind": request.GET.get("kind", "")}
    return _edit(request, Observation(account=account, user=request.user), initial)


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, _observation(request, pk), {})


def _edit(request: UserRequest, observation: Observation, initial: dict[str, Any]) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    account = observation.account
    form = ObservationForm(data, instance=observation, today=timezone.localdate(), initial=initial)
    figures = FigureFormSet(data, instance=observation, prefix="figures")
    status = 200
    if data is not None and all([form.is_valid(), figures.is_valid()]):
        try:
            save_observation(
                observation=form.save(commit=False), figures=figures, shown=form.cleaned_data["shown"]
            )
        except ObservationChangedError:
            form.add_error(
                None, _("A colleague changed this observation meanwhile. Open it again to see the change.")
            )
            status = 409
        else:
            messages.success(request, _("Observation saved."))
            return redirect(f"{_address(account)}#observation-{observation.pk}")
    known = ObservationFigure.objects.filter(observation__account=account)
    context = {
        "account": account,
        "shown": "trends",
        "observation": observation,
        "form": form,
        "figures": figures,
        "measures": known.order_by("measure").values_list("measure", flat=True).distinct(),
    }
    return render(request, "crm/trends/observation.html", context, status=status)


@requires("edit_accounts")
@require_POST
def delete(request: UserRequest, pk: int) -> HttpResponse:
    observation = _observation(request, pk)
    observation.delete()
    messages.success(request, _("Observation deleted."))
    return redirect(_address(observation.account))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def wallet(request: UserRequest, pk: int) -> HttpResponse:
    """One year's demand of one product family, and who supplies it."""
    account, today = visible_account(request, pk), timezone.localdate()
    try:
        year = year_of(request.GET.get("year", ""), today.year - 1)
        family = family_of(request.GET.get("family", ""))
    except ValueError:
        raise Http404 from None
    known = KnownCompetitors.read()
    data = request.POST if request.method == "POST" else None
    on_record = next((w for w in wallets_of(account) if (w.year, w.family) == (year, family)), None)
    form = WalletForm(data, today=today, initial=_initial(on_record, today))
    form.initial["shown"] = fingerprint(account, year, family)
    rivals: Any = RivalFormSet(
        data,
        prefix="rivals",
        form_kwargs={"known": known},
        initial=[
            {"name": str(competitor), "share": round(share * 100, 2)}
            for competitor, share in (on_record.rivals if on_record else ())
        ],
    )
    status = 200
    if data is not None and all([form.is_valid(), rivals.is_valid()]):
        try:
            with transaction.atomic():
                save_wallet(
                    account=account,
                    year=year,
                    family=family,
                    amount=form.cleaned_data["amount"],
                    rivals=rivals.rivals(),
                    source=form.cleaned_data["source"],
                    estimated_on=form.cleaned_data["estimated_on"],
                    shown=form.cleaned_data["shown"],
                )
        except (ChangedMeanwhileError, IntegrityError):
            form.add_error(
                None, _("A colleague changed this year meanwhile. Open it again to see the change.")
            )
            status = 409
        else:
            messages.success(request, _("Demand and shares saved."))
            return redirect(f"{_address(account)}#wallet")
    context = {
        "account": account,
        "shown": "trends",
        "form": form,
        "rivals": rivals,
        "year": year,
        "family": family,
        "families": ProductFamily.objects.order_by("name"),
        "known": known.competitors,
        "on_record": on_record,
        "years": [FIRST_YEAR, LAST_YEAR],
    }
    return render(request, "crm/trends/wallet.html", context, status=status)


def _initial(wallet: Wallet | None, today: dt.date) -> dict[str, Any]:
    if wallet is None:
        return {"estimated_on": today}
    return {"amount": wallet.demand, "source": wallet.source, "estimated_on": wallet.estimated_on}


def _observation(request: UserRequest, pk: int) -> Observation:
    observations = Observation.objects.visible_to(request.user).select_related("account")
    return get_object_or_404(observations, pk=pk)


def _address(account: Account) -> str:
    return reverse("crm:account-trends", args=[account.pk])
