"""The ratings of one account's suppliers: list, add, edit, delete."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.models import SupplierRating
from crm.suppliers.forms import RatingForm
from crm.suppliers.operations import (
    ChosenAlreadyError,
    RatedAlreadyError,
    RatingChangedError,
    save_rating,
)
from crm.suppliers.rounds import US, rounds_of
from crm.trends.competitors import KnownCompetitors
from crm.web import UserRequest, visible_account


@requires("view_accounts")
@require_GET
def ratings(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    context = {"account": account, "shown": "trends", "rounds": rounds_of(account)}
    return render(request, "crm/suppliers/page.html", context)


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, SupplierRating(account=visible_account(request, pk)))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, _rating(request, pk))


@requires("edit_accounts")
@require_POST
def delete(request: UserRequest, pk: int) -> HttpResponse:
    rating = _rating(request, pk)
    rating.delete()
    messages.success(request, _("Rating deleted."))
    return redirect("crm:supplier-ratings", rating.account_id)


def _edit(request: UserRequest, rating: SupplierRating) -> HttpResponse:
    account, today = rating.account, timezone.localdate()
    known = KnownCompetitors.read()
    data = request.POST if request.method == "POST" else None
    initial = {"rated_on": _day(request) or today, "source": request.GET.get("source", "")[:200]}
    form = RatingForm(data, rating=rating, known=known, today=today, initial=initial)
    status = 200
    if data is not None and form.is_valid():
        try:
            save_rating(
                rating=form.fill(), new_competitor=form.new_competitor, shown=form.cleaned_data["shown"]
            )
        except RatingChangedError:
            form.add_error(
                None, _("A colleague changed this rating meanwhile. Open it again to see the change.")
            )
            status = 409
        except RatedAlreadyError:
            form.add_error("supplier", _("This supplier was rated on this day already: change that rating."))
        except ChosenAlreadyError as taken:
            form.add_error(
                taken.which,
                _("On this day that is said of %(supplier)s already.")
                % {"supplier": taken.other.competitor or US},
            )
        else:
            messages.success(request, _("Rating saved."))
            if "next" in data:
                said = {"rated_on": f"{rating.rated_on:%Y-%m-%d}", "source": rating.source}
                return redirect(
                    f"{reverse('crm:supplier-rating-create', args=[account.pk])}?{urlencode(said)}"
                )
            return redirect("crm:supplier-ratings", account.pk)
    context = {
        "account": account,
        "shown": "trends",
        "rating": rating,
        "form": form,
        "known": known.competitors,
    }
    return render(request, "crm/suppliers/rating.html", context, status=status)


def _day(request: UserRequest) -> object:
    try:
        return parse_date(request.GET.get("rated_on", ""))
    except ValueError:
        return None


def _rating(request: UserRequest, pk: int) -> SupplierRating:
    ratings = SupplierRating.objects.visible_to(request.user).select_related("account", "competitor")
    return get_object_or_404(ratings, pk=pk)
