"""What the demo company of standard size consists of. Loaded once, in a transaction that is never committed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum

from config.demo import load as demo
from config.demo.competition import WEIGHTS
from crm.models import (
    Account,
    AccountKind,
    AccountSupply,
    Contact,
    CustomField,
    Product,
    Role,
    SupplierRating,
    TradeDay,
    TradeLine,
    Visit,
)
from lifecycle.models import StageOverride
from segmentation.equity.ratings import DRIVERS, estimate, read_rounds
from segmentation.field_users import fields_in
from segmentation.modelling.drafts import draft_problems
from segmentation.models import GradeOverride, ScoringModelDraft, ScoringModelVersion
from segmentation.override_review import in_tab
from segmentation.scoring.grading import DEFAULT_MODEL

AS_OF = dt.date(2025, 3, 14)
HAN = re.compile(r"[㐀-鿿]")

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def company(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, int]]:
    home: Path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        patch.setattr(settings, "HOME", home)
        yield demo.load(as_of=AS_OF, accounts=300, say=lambda text: None)
        transaction.set_rollback(True)


def test_the_standard_company_has_the_promised_shape(company: dict[str, int]) -> None:
    assert Account.objects.count() == 300
    assert Account.objects.filter(currency="CNY").count() in range(210, 231)
    assert 60_000 <= company["trade_lines"] <= 90_000
    assert TradeLine.objects.order_by("traded_on")[0].traded_on > AS_OF - dt.timedelta(days=5 * 366)
    assert not TradeLine.objects.filter(traded_on__gt=AS_OF).exists()
    assert not TradeLine.objects.filter(traded_on__week_day__in=(1, 7)).exists()
    assert set(TradeLine.objects.values_list("currency", flat=True)) == {"CNY", "EUR", "USD", "JPY"}
    assert TradeLine.objects.filter(quantity__lt=0, net_amount__lt=0).exists(), "returns"
    assert TradeLine.objects.filter(cost=None).exists()
    assert TradeLine.objects.filter(cancelled=True).exists()
    assert AccountSupply.objects.filter(supplier__kind=AccountKind.DISTRIBUTOR).count() >= 10
    assert Account.objects.filter(parent__isnull=False).count() >= 20
    assert Account.objects.filter(kind=AccountKind.PROSPECT, trade_lines=None).count() >= 20
    assert not Account.objects.filter(kind=AccountKind.PROSPECT).exclude(trade_lines=None).exists()
    people = Account.objects.annotate(people=Count("positions")).values_list("people", flat=True)
    assert (min(people), max(people)) == (2, 7)
    # The roll-up is there too, and adds up.
    lines = TradeLine.objects.filter(cancelled=False).aggregate(s=Sum("net_sales"), p=Sum("gross_profit"))
    assert TradeDay.objects.aggregate(s=Sum("net_sales"), p=Sum("gross_profit")) == lines
    # The heavy tail, and the loss-makers.
    sales = sorted(
        TradeDay.objects.values_list("account").annotate(s=Sum("net_sales")).values_list("s", flat=True)
    )
    assert sum(sales[-len(sales) // 5 :]) > sum(sales) * 6 // 10
    last_year = TradeDay.objects.filter(traded_on__gt=AS_OF - dt.timedelta(days=365)).values("account")
    assert last_year.annotate(p=Sum("gross_profit")).filter(p__lt=0).count() >= 5


def test_everybody_reads_it_in_their_own_language(company: dict[str, int]) -> None:
    for account in Account.objects.all():
        assert HAN.search(account.name), account.name
        assert account.english_name
        assert not HAN.search(account.english_name)
        assert account.search_text
        assert account.sort_name
    for contact in Contact.objects.all():
        assert contact.english_name
        assert not HAN.search(contact.english_name)
        assert contact.search_text
    for product in Product.objects.select_related("family"):
        assert HAN.search(product.name_zh)
        assert not HAN.search(product.name)
        assert HAN.search(product.family.name_zh)
        assert not HAN.search(product.family.name)
    for visit in Visit.objects.select_related("user"):
        assert "{" not in visit.note
        assert bool(HAN.search(visit.note)) == (visit.user.language == "zh-hans"), visit.note
    assert Account.objects.matching("mainstay nowhere").count() == 0
    known = Account.objects.filter(name__contains="长风远")
    assert set(known) <= set(Account.objects.matching("changfengyuan"))


def test_visits_leave_steps_due_and_overdue(company: dict[str, int]) -> None:
    newest = Visit.objects.order_by("account", "-happened_at").distinct("account")
    steps = [v.next_step_on for v in newest if v.next_step_on]
    assert sum(day < AS_OF for day in steps) >= 20
    assert sum(day >= AS_OF for day in steps) >= 20
    assert Visit.objects.filter(happened_at__date__gte=AS_OF).count() == 0
    wrong = Visit.objects.filter(Q(next_step="") & Q(next_step_on__isnull=False))
    assert not wrong.exists()


def test_nobody_orders_during_the_spring_festival(company: dict[str, int]) -> None:
    """2025: 29 January. Seasonal buyers and credit notes of the days round it aside."""
    week = (dt.date(2025, 1, 27), dt.date(2025, 1, 31))
    china = TradeLine.objects.filter(currency="CNY", quantity__gt=0)
    quiet = china.filter(traded_on__range=week).count()
    busy = china.filter(traded_on__range=(dt.date(2025, 3, 10), dt.date(2025, 3, 14))).count()
    assert quiet * 10 < busy


def test_ratings_of_suppliers_hold_choices_that_the_model_can_read(company: dict[str, int]) -> None:
    assert 70 <= SupplierRating.objects.values("account").distinct().count() <= 140
    found = estimate(read_rounds())
    assert found.decisions > 120
    assert found.logit is not None
    assert found.logit.errors is not None
    truth = np.array([WEIGHTS[name] for name in DRIVERS])
    assert (np.abs(found.logit.weights - truth) < 3.5 * found.logit.errors[1:]).all()


def test_some_grades_and_stages_are_set_by_hand_and_some_proposed(company: dict[str, int]) -> None:
    counts = {
        model: [in_tab(model.objects.all(), tab, AS_OF).count() for tab in ("waiting", "running", "due")]
        for model in (GradeOverride, StageOverride)
    }
    assert counts == {GradeOverride: [2, 2, 1], StageOverride: [1, 2, 1]}
    waiting = in_tab(GradeOverride.objects.all(), "waiting", AS_OF)
    assert {one.author.role for one in waiting} == {Role.REP}
    approved = GradeOverride.objects.exclude(decided_by=None).exclude(decision="").get()
    assert (approved.author.role, approved.decided_by.role) == (Role.REP, Role.MANAGER)
    for model in (GradeOverride, StageOverride):
        for one in model.objects.select_related("account", "author"):
            assert bool(HAN.search(one.reason)) == (one.author.language == "zh-hans"), one.reason
            assert one.account.owner is not None


def test_further_fields_are_filled_and_weighed_by_a_draft_alone(company: dict[str, int]) -> None:
    machines, payment = CustomField.objects.filter(archived_at=None)
    assert (machines.kind, payment.kind) == ("number", "choice")
    for field in (machines, payment):
        assert HAN.search(field.name_zh)
        assert not HAN.search(field.name)
        held = [a.custom[field.code] for a in Account.objects.all() if field.code in a.custom]
        assert len(held) >= 200
        assert len(set(held)) >= 4
    assert set(payment.marks) == {
        a.custom[payment.code] for a in Account.objects.all() if payment.code in a.custom
    }

    published = ScoringModelVersion.objects.get()
    assert published.definition == DEFAULT_MODEL.to_dict()
    draft = ScoringModelDraft.objects.get()
    assert draft.author is not None
    assert draft.author.role == Role.MANAGER
    assert draft.base == published
    assert not draft_problems(draft)
    assert fields_in(draft.definition) == {payment.code}
