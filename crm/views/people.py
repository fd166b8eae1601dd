"""Users of Mainstay: who works here, where, and with what rights."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import requires
from crm.forms.base import style
from crm.forms.people import UserForm
from crm.models import User
from crm.operations import RefusedError, save_user
from crm.web import UserRequest


@requires("view_people")
@require_GET
def people(request: UserRequest) -> HttpResponse:
    """A manager's team; everybody for those who keep the data."""
    users = User.objects.visible_to(request.user)
    users = users.prefetch_related("territories").annotate(account_count=Count("accounts", distinct=True))
    listed = users.distinct().order_by("-is_active", "role", "last_name", "username")
    return render(request, "crm/people/list.html", {"people": listed})


@requires("administer")
@require_http_methods(["GET", "POST"])
def create(request: UserRequest) -> HttpResponse:
    return _edit(request, User())


@requires("administer")
@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(User, pk=pk))


def _edit(request: UserRequest, person: User) -> HttpResponse:
    new = person.pk is None
    data = request.POST if request.method == "POST" else None
    form = UserForm(data, instance=person)
    if data is not None and form.is_valid():
        user = form.save(commit=False)
        if user.pk == request.user.pk and not user.is_active:
            form.add_error("is_active", _("You cannot shut yourself out."))
        else:
            try:
                save_user(user=user, territories=form.cleaned_data["territories"])
            except RefusedError:
                form.add_error("role", _("Somebody must stay administrator."))
    if data is not None and form.is_valid():
        messages.success(request, _("%(person)s saved.") % {"person": person})
        if new:
            return _show_link(request, person)
        return redirect("crm:people")
    return render(request, "crm/people/form.html", {"form": form, "person": person})


@requires("administer")
@require_POST
def password_link(request: UserRequest, pk: int) -> HttpResponse:
    return _show_link(request, get_object_or_404(User, pk=pk, is_active=True))


def _show_link(request: UserRequest, person: User) -> HttpResponse:
    """An address, good once and for a few days, where the person chooses a password that nobody else learns."""
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    path = reverse("crm:set-password", args=[uid, default_token_generator.make_token(person)])
    context = {"person": person, "link": request.build_absolute_uri(path)}
    return render(request, "crm/people/password_link.html", context)


class _StyledSetPasswordForm(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        style(self)


@method_decorator(login_not_required, name="dispatch")
class SetPassword(PasswordResetConfirmView):
    template_name = "crm/people/set_password.html"
    form_class = _StyledSetPasswordForm
    success_url = reverse_lazy("crm:login")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password is set. Log in with it."))
        return super().form_valid(form)


set_password = SetPassword.as_view()
