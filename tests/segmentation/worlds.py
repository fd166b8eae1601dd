"""A small base of customers whose figures a test can work out by hand."""

from __future__ import annotations

import datetime as dt

from crm.models import Account, User
from satisfaction.models import Survey, SurveyAnswer, SurveyItem, SurveyResponse
from tests.factories import make_account, make_contact, make_trade_line
from tests.figures import compute
from tests.fixtures import World

MONTH_END = dt.date(2025, 5, 31)
AS_OF = dt.date(2025, 6, 15)
# (name, sales in the window, cost, discount, first purchase, industry position, perceived of 8 expected)
CUSTOMERS = [
    ("Alpha", 900, 500, 45, dt.date(2013, 3, 1), 5, 9),
    ("Beta", 700, 420, 35, dt.date(2019, 6, 14), 4, 8),
    ("Gamma", 500, 450, 50, dt.date(2022, 1, 10), 3, 6),
    ("Delta", 300, 330, 3, dt.date(2024, 2, 1), 2, None),
    ("Epsilon", 100, None, 0, dt.date(2025, 1, 20), None, None),
]


def make_survey() -> SurveyItem:
    survey = Survey.objects.create(code="care", title="Care", title_zh="客户关怀")
    return SurveyItem.objects.create(survey=survey, code="quality", text="Quality", text_zh="质量")


def answer(account: Account, item: SurveyItem, perceived: float, day: dt.date, expected: float = 8) -> None:
    response = SurveyResponse.objects.create(
        survey=item.survey, account=account, contact=make_contact(account), answered_on=day
    )
    SurveyAnswer.objects.create(response=response, item=item, expected=expected, perceived=perceived)


def make_customers(owner: User | None, item: SurveyItem) -> dict[str, Account]:
    accounts = {}
    for name, sales, cost, discount, first, position, perceived in CUSTOMERS:
        account = make_account(owner, name=name, industry_position=position)
        make_trade_line(account, first, net_amount=10, cost=6)
        make_trade_line(
            account, dt.date(2025, 5, 1), net_amount=sales, cost=cost, list_price=sales + discount
        )
        if perceived is not None:
            answer(account, item, perceived, dt.date(2025, 4, 1))
        accounts[name] = account
    return accounts


def two_dates(world: World) -> dict[str, Account]:
    """Customers of the rep in East, graded at a month's end and a fortnight later; Gamma wins a large order between."""
    accounts = make_customers(world.rep, make_survey())
    compute(MONTH_END)
    make_trade_line(accounts["Gamma"], dt.date(2025, 6, 10), net_amount=5000, cost=1000, list_price=5000)
    compute(AS_OF)
    return accounts
