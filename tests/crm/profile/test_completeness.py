"""How complete a profile is: each criterion for itself, the score in bounds, the next gaps and where to fill them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from crm.models import (
    Account,
    AccountPhone,
    CategorySpend,
    Competitor,
    CompetitorShare,
    Observation,
    Position,
    User,
)
from crm.profile.completeness import (
    CRITERIA,
    SLUGS,
    WEIGHTS,
    below,
    gaps_of,
    score_of,
    with_marks,
    without,
)
from crm.scoring.completeness import completeness, next_gaps
from tests.factories import make_account, make_contact
from tests.fixtures import World

LogIn = Callable[[User], Client]
TODAY = dt.date(2025, 6, 30)


def met(account: Account) -> set[str]:
    marks = with_marks(Account.objects.filter(pk=account.pk), TODAY).get().profile_marks  # type: ignore[attr-defined]
    return {slug for place, slug in enumerate(SLUGS) if marks >> place & 1}


def test_weights_add_up_and_an_empty_profile_scores_0() -> None:
    assert WEIGHTS.sum() == 100
    assert score_of(0) == 0
    assert score_of(2 ** len(CRITERIA) - 1) == 100


def test_each_criterion_by_what_meets_it(world: World) -> None:
    account = make_account(world.rep)
    assert met(account) == set()
    Account.objects.filter(pk=account.pk).update(
        isic_code="2814", address="Ring Road 1", latitude=1, employees=5, contract_to=TODAY
    )
    # A street without a town and half a place are none.
    assert met(account) == {"industry", "size", "terms"}
    Account.objects.filter(pk=account.pk).update(
        city="Wuxi", longitude=1, registration_number="9", contract_to=TODAY - dt.timedelta(days=1)
    )
    AccountPhone.objects.create(account=account, label="Gate", number="1")
    assert met(account) == {"industry", "size", "address", "place", "registration", "phone"}
    Observation.objects.create(
        account=account, kind="market", observed_on=TODAY - dt.timedelta(days=366), title="x", user=world.rep
    )
    assert "trends" not in met(account)
    Observation.objects.update(observed_on=TODAY - dt.timedelta(days=365))
    dated = {"account": account, "year": 2023, "estimated_on": TODAY}
    CategorySpend.objects.create(amount=0, **dated)
    CompetitorShare.objects.create(share=Decimal(5), competitor=Competitor.objects.create(name="K"), **dated)
    assert met(account) & {"trends", "demand", "competitors"} == {"trends"}
    CategorySpend.objects.update(year=2024)
    CompetitorShare.objects.update(year=2024)
    assert met(account) & {"demand", "competitors"} == {"demand", "competitors"}


def test_people_count_while_they_stay_and_stances_while_they_are_fresh(world: World) -> None:
    account = make_account(world.rep)
    fresh = {"stance": 1, "stance_noted_on": TODAY - dt.timedelta(days=365)}
    make_contact(account, decision_role="decider", **fresh)
    make_contact(account)
    assert met(account) == {"decider", "stances"}
    make_contact(account, decision_role="user", stance=0, stance_noted_on=TODAY - dt.timedelta(days=366))
    assert met(account) == {"decider", "people"}
    Position.objects.filter(decision_role="user").update(left_on=TODAY)
    assert met(account) == {"decider", "stances"}
    Position.objects.filter(decision_role="decider").update(left_on=TODAY)
    assert met(account) == set()


def test_filters_agree_with_the_marks(world: World) -> None:
    accounts = Account.objects.all()
    make_contact(world.account, decision_role="decider")
    Account.objects.filter(pk=world.account.pk).update(
        industry_code="C34", address="a", city="b", phone="1", registration_number="2", employees=3,
        latitude=1, longitude=1, payment_days=30,
    )  # fmt: skip
    scores = {row.pk: score_of(row.profile_marks) for row in with_marks(accounts, TODAY)}  # type: ignore[attr-defined]
    assert scores[world.account.pk] == 58
    for bound in (0, 1, 58, 58.5, 101):
        low = set(below(accounts, bound, TODAY).values_list("pk", flat=True))
        assert low == {pk for pk, score in scores.items() if score < bound}, bound
    for slug in SLUGS:
        missing = set(without(accounts, slug, TODAY).values_list("pk", flat=True))
        assert missing == {account.pk for account in accounts if slug not in met(account)}, slug
    assert not without(accounts, "nonsense", TODAY).exists()


def test_the_panel_names_the_three_weightiest_gaps_and_where_to_fill_them(
    world: World, log_in: LogIn
) -> None:
    gaps = gaps_of(world.account, 0)
    assert [str(gap.text) for gap in gaps] == [
        "Who makes the final decision",
        "At least three people",
        "How those who decide stand towards us, this year",
    ]
    client = log_in(world.rep)
    text = client.get(f"{world.account.get_absolute_url()}panels/completeness/").content.decode()
    assert "Find out next:" in text
    for criterion in CRITERIA:
        address = criterion.url(world.account)
        assert client.get(address.partition("#")[0]).status_code == 200
        if "#id_" in address:
            field = f'id="{address.partition("#")[2]}"'
            assert field in client.get(address.partition("#")[0]).content.decode(), criterion.slug


def test_the_list_has_a_column_and_a_filter(world: World, log_in: LogIn) -> None:
    client = log_in(world.administrator)
    assert (
        '<td class="text-end not-on-phone" data-label="Profile">0%</td>'
        in client.get("/accounts/?columns=completeness").content.decode()
    )
    assert client.get("/accounts/?gaps=low").context["page"].paginator.count == 3
    make_contact(world.account, decision_role="decider")
    assert client.get("/accounts/?gaps=decider").context["page"].paginator.count == 2
    assert client.get("/accounts/?gaps=x").context["page"].paginator.count == 0
    assert timezone.localdate() > TODAY


def test_bad_weights_and_shapes_are_refused() -> None:
    for weights in ([0.0, 0.0], [-1.0, 2.0], [1.0], []):
        with pytest.raises(ValueError, match=r"weights|marks"):
            completeness([[True, False]], weights)


marks = st.lists(st.booleans(), min_size=4, max_size=4)


@given(st.lists(marks, max_size=5), st.lists(st.floats(0.1, 50), min_size=4, max_size=4))
def test_more_known_never_scores_less(rows: list[list[bool]], weights: list[float]) -> None:
    table = np.array(rows, dtype=bool).reshape(len(rows), 4)
    scores = completeness(table, weights)
    assert ((scores >= 0) & (scores <= 100)).all()
    for place in range(4):
        more = table.copy()
        more[:, place] = True
        assert (completeness(more, weights) >= scores).all()
    for row, gaps in zip(table, next_gaps(table, weights, 4), strict=True):
        assert set(gaps) == set(np.flatnonzero(~row))
        assert [weights[gap] for gap in gaps] == sorted((weights[gap] for gap in gaps), reverse=True)
