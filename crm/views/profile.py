"""The profile of an account: basic information, relations, what is missing."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.forms.profile import AddressForm, PhoneForm, SupplyForm
from crm.models import Account, AccountAddress, AccountPhone, AccountSupply
from crm.models.naming import reads_chinese
from crm.profile.basics import basics_of
from crm.profile.completeness import gaps_of, marks_of, score_of
from crm.profile.relations import relations_of
from crm.web import UserRequest, visible_account

FOUND = 8
SUPPLY_SHOWN = 100


@requires("view_accounts")
@require_GET
def profile(request: UserRequest, pk: int) -> HttpResponse:
    return render(request, "crm/profile/page.html", _page(request, pk, None))


def _page(request: UserRequest, pk: int, supply_form: SupplyForm | None) -> dict[str, object]:
    visible = Account.objects.visible_to(request.user)
    account = get_object_or_404(visible.select_related("owner", "territory"), pk=pk)
    marks = marks_of(account, timezone.localdate())
    visible_pairs = AccountSupply.objects.filter(supplier__in=visible, customer__in=visible)
    supplies = visible_pairs.filter(Q(supplier=account) | Q(customer=account))
    chinese = reads_chinese()
    return {
        "account": account,
        "shown": "profile",
        "sections": basics_of(account, chinese=chinese),
        "addresses": account.addresses.order_by("kind", "pk"),
        "phones": account.phones.order_by("label", "pk"),
        "relations": relations_of(account, request.user),
        "supplies": supplies.select_related("supplier", "customer").order_by("pk")[:SUPPLY_SHOWN],
        "supply_form": supply_form or SupplyForm(user=request.user, account=account),
        "score": score_of(marks),
        "gaps": gaps_of(account, marks),
    }


@requires("view_accounts")
@require_GET
def pick(request: UserRequest) -> HttpResponse:
    """What fits the text typed into a picker; `exclude` is the account that is being edited."""
    text = request.GET.get("q", "").strip()
    exclude = request.GET.get("exclude", "")
    accounts = Account.objects.visible_to(request.user)
    if exclude.isdecimal() and len(exclude) < 18:
        accounts = accounts.exclude(pk=int(exclude))
    found = list(accounts.matching(text)[:FOUND]) if text else []
    return render(request, "crm/profile/_found.html", {"accounts": found, "text": text})


@requires("edit_accounts")
@require_POST
def supply_add(request: UserRequest, pk: int) -> HttpResponse:
    """`direction`: the other one is a supplier of this account, or a customer of it."""
    account = visible_account(request, pk)
    direction = request.POST.get("direction")
    if direction not in ("supplier", "customer"):
        raise Http404
    form = SupplyForm(request.POST, user=request.user, account=account)
    if form.is_valid():
        other = form.cleaned_data["other"]
        pair = (other, account) if direction == "supplier" else (account, other)
        try:
            with transaction.atomic():
                AccountSupply.objects.create(
                    supplier=pair[0], customer=pair[1], since=form.cleaned_data["since"]
                )
        except IntegrityError:
            form.add_error("other", _("This relation is on record already."))
        else:
            messages.success(request, _("%(account)s added.") % {"account": other})
            return redirect(_relations(account.pk))
    return render(request, "crm/profile/page.html", _page(request, pk, form))


@requires("edit_accounts")
@require_POST
def supply_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Whoever sees both sides; `account` says whose page to go back to."""
    visible = Account.objects.visible_to(request.user)
    supply = get_object_or_404(AccountSupply, pk=pk, supplier__in=visible, customer__in=visible)
    back = (
        supply.supplier_id if request.POST.get("account") == str(supply.supplier_id) else supply.customer_id
    )
    supply.delete()
    messages.success(request, _("Relation removed."))
    return redirect(_relations(back))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def address_create(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    return _edit(request, AddressForm, AccountAddress(account=account))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def address_edit(request: UserRequest, pk: int) -> HttpResponse:
    rows = AccountAddress.objects.visible_to(request.user).select_related("account")
    return _edit(request, AddressForm, get_object_or_404(rows, pk=pk))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def phone_create(request: UserRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    return _edit(request, PhoneForm, AccountPhone(account=account))


@requires("edit_accounts")
@require_http_methods(["GET", "POST"])
def phone_edit(request: UserRequest, pk: int) -> HttpResponse:
    rows = AccountPhone.objects.visible_to(request.user).select_related("account")
    return _edit(request, PhoneForm, get_object_or_404(rows, pk=pk))


def _edit(
    request: UserRequest, form_class: type[AddressForm | PhoneForm], row: AccountAddress | AccountPhone
) -> HttpResponse:
    """One form for both: save, or (name="delete") take the row away."""
    account = row.account
    back = f"{reverse('crm:account-profile', args=[account.pk])}#places"
    if request.method == "POST" and row.pk and "delete" in request.POST:
        row.delete()
        messages.success(request, _("Removed."))
        return redirect(back)
    form = form_class(request.POST if request.method == "POST" else None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(back)
    title = row._meta.verbose_name
    return render(
        request,
        "crm/profile/form.html",
        {"account": account, "shown": "profile", "form": form, "row": row, "title": title, "back": back},
    )


def _relations(pk: int) -> str:
    return f"{reverse('crm:account-profile', args=[pk])}#relations"
