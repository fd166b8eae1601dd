"""Who may see and do what. The only gate to account rows: pages, API, search, exports and jobs all pass here.

Not visible means 404, never 403: a refusal must not tell that the thing exists.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from crm.models.people import Role, Territory, User

if TYPE_CHECKING:
    from crm.models import Account
    from crm.models.accounts import AccountQuerySet
    from crm.models.people import UserQuerySet

EVERYONE = frozenset(Role)
LEADERS = frozenset({Role.MANAGER, Role.ANALYST, Role.ADMINISTRATOR})
DATA_KEEPERS = frozenset({Role.ANALYST, Role.ADMINISTRATOR})

# What each role may do; which rows it does it to is `visible_to`.
CAPABILITIES: dict[str, frozenset[Role]] = {
    "view_accounts": EVERYONE,
    "edit_accounts": EVERYONE,
    "log_visits": EVERYONE,
    "export": EVERYONE,
    "merge_accounts": LEADERS,
    "view_coverage": LEADERS,
    "edit_policies": LEADERS,
    "edit_custom_fields": LEADERS,
    "edit_pipeline": frozenset({Role.ADMINISTRATOR}),
    "view_personal_details": EVERYONE,
    "view_dashboards": LEADERS,
    "view_runs": LEADERS,
    "start_runs": LEADERS,
    "view_people": LEADERS,
    "override_figures": LEADERS,
    "edit_models": LEADERS,
    "import": DATA_KEEPERS,
    "administer": frozenset({Role.ADMINISTRATOR}),
}

SEES_EVERYTHING = DATA_KEEPERS


def has_capability(user: User, capability: str) -> bool:
    """An unknown capability is a programming error, not a "no"."""
    if capability == "view_personal_details":
        # No role brings this one: an administrator gives it to a person.
        return user.is_active and user.sees_personal_details
    return user.is_active and user.role in CAPABILITIES[capability]


def requires(capability: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """For views: whoever lacks the capability gets "not found"."""
    CAPABILITIES[capability]

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not has_capability(request.user, capability):  # type: ignore[arg-type]
                raise Http404
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return guarded

    return decorate


def visible_accounts(accounts: AccountQuerySet, user: User) -> AccountQuerySet:
    """Reps: their own accounts and their territories'. Managers: also whatever their people own. Merged: nobody."""
    if not user.is_active:
        return accounts.none()
    whole = not accounts.query.where and not accounts.query.is_sliced
    accounts = accounts.filter(merged_into=None)
    if user.role in SEES_EVERYTHING:
        accounts.is_whole_base = whole
        return accounts
    return accounts.filter(own_rows(user))


def own_rows(user: User) -> Q:
    """By owner and territory, what a rep or manager sees; those who see everything need not ask.

    For accounts, and for figures that were kept by the owner and territory of the time.
    """
    territories = Territory.objects.within(user.territory_paths)
    visible = Q(owner=user) | Q(territory__in=territories)
    if user.role == Role.MANAGER:
        visible |= Q(owner__in=User.objects.filter(territories__in=territories))
    return visible


def users_seeing(users: UserQuerySet, account: Account) -> UserQuerySet:
    """`visible_accounts` from the other side: who sees one account. Two small queries whatever the number of people."""
    if account.merged_into_id is not None:
        return users.none()
    owners = list(Territory.objects.filter(people=account.owner_id).values_list("path", flat=True))
    above_owner = {int(part) for path in owners for part in path.split(".") if part}
    own = account.territory.path if account.territory else ""
    above_account = {int(part) for part in own.split(".") if part}
    members = User.territories.through.objects
    sees = Q(role__in=SEES_EVERYTHING) | Q(pk=account.owner_id)
    sees |= Q(pk__in=members.filter(territory__in=above_account).values("user"))
    sees |= Q(role=Role.MANAGER, pk__in=members.filter(territory__in=above_owner).values("user"))
    return users.filter(sees, is_active=True)


def visible_users(users: UserQuerySet, user: User) -> UserQuerySet:
    """Colleagues that a page may name as owner or team: a manager's team, everybody for those who keep the data."""
    if not user.is_active:
        return users.none()
    if user.role in SEES_EVERYTHING:
        return users
    if user.role == Role.MANAGER:
        team = User.objects.filter(territories__in=Territory.objects.within(user.territory_paths))
        return users.filter(Q(pk=user.pk) | Q(pk__in=team))
    return users.filter(pk=user.pk)
