"""The demo company, smaller, in the database that the live server reads: pages with something on them."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from pathlib import Path

from config.demo.load import load
from config.nightly import recompute
from crm.models import Account, Complaint, Position, Role, Run, User
from tests.factories import make_visit

AS_OF = dt.date(2026, 6, 30)
MONTH_ENDS = [dt.date(2026, 3, 31), dt.date(2026, 4, 30), dt.date(2026, 5, 31)]


def load_company(accounts: int = 60) -> None:
    load(as_of=AS_OF, accounts=accounts, say=lambda text: None)
    for as_of in [*MONTH_ENDS, AS_OF]:
        run = recompute(as_of=as_of, trigger="command")
        assert run.state == "published", run.error


def somebody(role: Role) -> User:
    return User.objects.filter(role=role, is_active=True).order_by("pk")[0]


def paths(user: User) -> dict[str, str]:
    """A page of every kind, by name. The account is the one with the best grade: it has everything.

    Only whoever logged a visit edits it, so `user` logs one.
    """
    from segmentation.models import AccountGrade

    account = Account.objects.get(
        pk=AccountGrade.objects.exclude(score=None).order_by("-score")[0].account_id
    )
    visit = make_visit(
        account, user, dt.datetime(2026, 6, 29, 10, tzinfo=dt.UTC), note="Asked for a quotation"
    )
    prospect = Account.objects.filter(facts__occasions=0).order_by("pk").first()
    found = {
        "home": "/",
        "accounts": "/accounts/",
        "accounts searched": "/accounts/?q=zhou",
        "account": f"/accounts/{account.pk}/",
        "account edit": f"/accounts/{account.pk}/edit/",
        "account trade": f"/accounts/{account.pk}/trade/",
        "account history": f"/accounts/{account.pk}/history/",
        "account new": "/accounts/new/",
        "visits": "/visits/",
        "visit new": f"/visits/new/?account={account.pk}",
        "visit edit": f"/visits/{visit.pk}/edit/",
        "complaints": "/complaints/",
        "complaint edit": f"/complaints/{Complaint.objects.order_by('pk')[0].pk}/edit/",
        "contact new": f"/accounts/{account.pk}/contacts/new/",
        "contact edit": f"/positions/{Position.objects.order_by('pk')[0].pk}/edit/",
        "tiers": "/tiers/",
        "lifecycle": "/lifecycle/",
        "satisfaction": "/satisfaction/",
        "people": "/people/",
        "territories": "/territories/",
        "imports": "/imports/",
        "runs": "/runs/",
        "run": f"/runs/{Run.objects.order_by('pk')[0].pk}/",
        "tokens": "/tokens/",
        "not found": "/no-such-page/",
    }
    if prospect:
        found["prospect"] = f"/accounts/{prospect.pk}/"
    for part in sorted(path.stem for path in Path(__file__).parent.glob("pages_*.py")):
        # Each part of the product names its own pages.
        found |= import_module(f"tests.browser.{part}").paths(user, account)
    return found
