"""Fill an empty database with the demo company: one transaction, so it is there whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from config.demo.accounts import make_plans
from config.demo.behaviour import YEARS
from config.demo.by_hand import make_words_by_hand
from config.demo.catalogue import make_catalogue, monthly_rates, rate_lookup, save_rates
from config.demo.competition import make_competition
from config.demo.contacts import make_contacts
from config.demo.decisions import make_decisions
from config.demo.duplicates import make_twins
from config.demo.further_fields import make_further_fields
from config.demo.key_accounts import make_key_accounts
from config.demo.ledger import generate, save
from config.demo.next_model import make_back_test, make_draft, make_studies
from config.demo.opportunities import make_opportunities
from config.demo.organisation import PEOPLE, make_people, make_territories, reps_by_territory
from config.demo.plans import make_planned_visits
from config.demo.segments import make_groups, make_segments
from config.demo.trends import make_trends
from config.demo.value import make_value
from config.demo.visits import make_visits
from config.demo.voices import make_complaints, make_surveys
from config.demo.work import make_work
from config.stack.processes import write_private
from crm import rollup
from crm.models import Account, ModelParameters, TradeLine, User
from crm.search.refill import refill
from satisfaction.sentiment.index import publish_indexes

MARK = "demo.company"  # ModelParameters: version 1 when loaded, version 2 when the figures are there too
LEAST, MOST = 20, 3000
HISTORY_MONTHS = 36

Say = Callable[[str], None]


class DemoError(Exception):
    """The demo company cannot be loaded; the text says why and what to do."""


@dataclass(frozen=True)
class Loaded:
    as_of: dt.date
    accounts: int
    figures: bool  # the recompute over its months is done


def loaded() -> Loaded | None:
    """What an earlier load left in this database."""
    marks = {mark.version: mark.values for mark in ModelParameters.objects.filter(model=MARK)}
    if 1 not in marks:
        return None
    first = marks[1]
    return Loaded(dt.date.fromisoformat(first["as_of"]), first["accounts"], 2 in marks)


def refuse_unless_empty() -> None:
    for model in (Account, TradeLine, User):
        if model._default_manager.exists():
            raise DemoError(
                f"This database already holds {model._meta.verbose_name_plural}. The demo company is loaded into an "
                "empty database only, so that it never mixes with real data. Nothing was changed."
            )


def load(*, as_of: dt.date, accounts: int, say: Say) -> dict[str, int]:
    """All rows and the roll-up; the figures are the recompute's. Returns how many of what were made."""
    if not LEAST <= accounts <= MOST:
        raise DemoError(f"--accounts must be between {LEAST} and {MOST}; `make bench` has larger companies.")
    with transaction.atomic():
        refuse_unless_empty()
        territories = make_territories()
        users, phrases = make_people(territories)
        reps = reps_by_territory(users, territories)
        plans = make_plans(count=accounts, as_of=as_of, territories=territories, reps=reps)
        contacts = make_contacts(plans, as_of)
        say(f"{len(plans)} accounts, {sum(map(len, contacts.values()))} contacts, {len(users)} users")
        say(f"{make_decisions(plans, contacts)} decision maps")
        catalogue = make_catalogue()
        visits = make_visits(plans, contacts, catalogue, as_of, timezone.get_default_timezone())
        make_planned_visits(plans, as_of)
        complaints = make_complaints(plans, contacts, catalogue, as_of)
        responses = make_surveys(plans, contacts, as_of)
        say(f"{visits} visits, {complaints} complaints, {responses} survey responses")
        opportunities = make_opportunities(plans, as_of, timezone.get_default_timezone())
        say(f"{opportunities} opportunities")
        say(
            f"{make_work(plans, users, catalogue, as_of, timezone.get_default_timezone())} tasks, comments, files"
        )
        # From the ratings; the notes are read by the worker, the newest first, once it runs.
        say(f"{publish_indexes(as_of=as_of)} accounts with a sentiment index or too little for one")
        rates = monthly_rates(as_of, YEARS * 12 + 2)
        save_rates(rates)
        lines = generate(plans, catalogue, rate_lookup(rates), as_of)
        count = save(lines, plans, catalogue)
        say(f"{count} trade lines of {len(catalogue.products)} products over {YEARS} years")
        with connection.cursor() as cursor:
            days = rollup.rebuild(cursor)
            # Rows that were written in bulk are searched too.
            refill(cursor)
        say(f"rolled up to {days} days of trade")
        say(f"{make_trends(plans, contacts, as_of)} observations of customers' business")
        say(f"{make_competition(plans, as_of)} ratings of us and of competitors")
        say(f"{make_key_accounts(plans, users, as_of)} reviews of key accounts")
        say(f"{make_value(plans, as_of)} gains, costs and judgements of value")
        say(f"{make_further_fields(plans)} values of further fields")
        make_draft(users)
        by_hand = make_words_by_hand(plans, users, as_of, timezone.get_default_timezone())
        say(f"{by_hand} grades and stages set or proposed by hand, a draft of the next scoring model")
        say(f"{make_twins(plans, timezone.now())} pairs of accounts that may be one")
        say(f"{make_segments()} segments by rule")
        ModelParameters.objects.create(
            model=MARK,
            version=1,
            values={"as_of": as_of.isoformat(), "accounts": accounts},
            reason="Generated demo company, all figures invented",
        )
        # Before the commit: users without a way to log in would be of no use.
        write_logins(phrases)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {
        "accounts": len(plans),
        "trade_lines": count,
        "trade_days": days,
        "visits": visits,
        "complaints": complaints,
        "survey_responses": responses,
    }


def finish(*, as_of: dt.date) -> None:
    make_groups()
    make_studies()
    make_back_test(timezone.now())
    ModelParameters.objects.create(
        model=MARK,
        version=2,
        values={"as_of": as_of.isoformat()},
        reason="Figures of the demo company computed",
    )


def logins_file() -> Path:
    return Path(settings.HOME) / "demo-logins.txt"


def write_logins(phrases: dict[str, str]) -> None:
    rows = [(p.role.value, p.username, phrases[p.username]) for p in PEOPLE if p.shown]
    text = "".join(f"{role:<14} {name:<14} {phrase}\n" for role, name, phrase in rows)
    write_private(logins_file(), text)


def first_month_end(as_of: dt.date) -> dt.date:
    """The oldest month's end whose figures are computed."""
    month = as_of.year * 12 + as_of.month - 1 - HISTORY_MONTHS
    following = dt.date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return following - dt.timedelta(days=1)
