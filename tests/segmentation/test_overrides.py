"""Against the model's grade or stage: a rep proposes, a manager who sees the account decides, the end is reviewed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Account, Notice, User
from crm.models.history import Override, OverrideState
from crm.overrides import OverrideRefusedError, decide_override, revoke_override, set_override
from lifecycle.models import AccountLifecycle, StageOverride
from lifecycle.scoring.stages import Stage
from segmentation.models import AccountGrade, GradeOverride
from segmentation.override_day import OverridesToDecide
from segmentation.override_review import review
from tests.factories import make_trade_line
from tests.figures import compute
from tests.fixtures import World

AS_OF = dt.date(2025, 6, 30)
LogIn = Callable[..., Client]


def today() -> dt.date:
    return timezone.localdate()


def say(model: type[Any], account: Account, author: User, value: int = 1, days: int = 60, **more: Any) -> Any:
    said = {"reason": "Large project coming", "today": today(), "now": timezone.now(), **more}
    valid_to = said["today"] + dt.timedelta(days=days)
    return set_override(model, account=account, author=author, value=value, valid_to=valid_to, **said)


def decide(
    override: Override, user: User, *, approve: bool, word: str = "", day: dt.date | None = None
) -> None:
    decide_override(override, approve=approve, word=word, user=user, today=day or today(), now=timezone.now())


@pytest.fixture
def account(world: World) -> Account:
    make_trade_line(world.account, dt.date(2025, 3, 1), net_amount=1000, cost=600)
    make_trade_line(world.colleagues_account, dt.date(2025, 3, 1), net_amount=2000, cost=900)
    compute(AS_OF)
    return world.account


def test_proposed_approved_and_only_then_in_the_figures(
    account: Account, world: World, log_in: LogIn
) -> None:
    rep, manager = log_in(world.rep), log_in(world.manager)
    until = f"{today() + dt.timedelta(days=40)}"
    body = {"grade": "0", "reason": "Large project coming", "valid_to": until}
    assert rep.post(f"/accounts/{account.pk}/grade/", body).status_code == 302
    proposal = GradeOverride.objects.get()
    assert (proposal.state, proposal.decided_by) == (OverrideState.PROPOSED, None)
    page = rep.get(f"/accounts/{account.pk}/").content.decode()
    assert "proposes A; it does not count yet" in page
    compute(AS_OF)
    assert not AccountGrade.objects.get(account=account).overridden
    assert Notice.objects.filter(recipient=world.manager, account=account).count() == 1
    listed = manager.get("/overrides/").content.decode()
    assert "Large project coming" in listed
    answer = manager.post(
        f"/accounts/{account.pk}/grade/proposals/{proposal.pk}/",
        {"decision": "approve", "word": "I agree", "next": "/overrides/"},
    )
    assert answer.headers["Location"] == "/overrides/"
    compute(AS_OF)
    row = AccountGrade.objects.get(account=account)
    assert (row.grade, row.overridden) == (0, True)
    proposal.refresh_from_db()
    assert (proposal.decided_by, proposal.decision) == (world.manager, "I agree")
    told = Notice.objects.get(recipient=world.rep)
    assert "approved your proposal" in told.message
    assert told.values["word"] == "I agree"
    assert "I agree" in manager.get("/overrides/?tab=running").content.decode()


def test_refused_needs_a_word_and_changes_nothing(account: Account, world: World, log_in: LogIn) -> None:
    proposal = say(StageOverride, account, world.rep, value=int(Stage.LOST))
    manager, url = log_in(world.manager), f"/accounts/{account.pk}/stage/proposals/{proposal.pk}/"
    page = manager.post(url, {"decision": "refuse", "word": ""}, follow=True).content.decode()
    assert "Say in a word why not." in page
    assert "Large project coming" in page
    page = manager.post(
        url, {"decision": "refuse", "word": "They ordered yesterday"}, follow=True
    ).content.decode()
    assert "Refused. The rep is told." in page
    proposal.refresh_from_db()
    assert proposal.state == OverrideState.REFUSED
    compute(AS_OF)
    assert not AccountLifecycle.objects.get(account=account).overridden
    assert Notice.objects.get(recipient=world.rep).values["word"] == "They ordered yesterday"


def test_a_manager_s_own_word_counts_at_once(account: Account, world: World) -> None:
    own = say(GradeOverride, account, world.manager)
    assert (own.state, own.decided_by) == (OverrideState.APPROVED, world.manager)
    assert not Notice.objects.exists()


def test_only_leaders_who_see_the_account_decide(account: Account, world: World, log_in: LogIn) -> None:
    proposal = say(GradeOverride, account, world.rep)
    url, body = f"/accounts/{account.pk}/grade/proposals/{proposal.pk}/", {"decision": "approve"}
    assert log_in(world.rep).post(url, body).status_code == 404
    assert log_in(world.colleague).post(url, body).status_code == 404
    other = f"/accounts/{world.colleagues_account.pk}/grade/proposals/{proposal.pk}/"
    assert log_in(world.manager).post(other, body).status_code == 404
    proposal.refresh_from_db()
    assert proposal.state == OverrideState.PROPOSED


def test_two_managers_decide_once(account: Account, world: World, log_in: LogIn) -> None:
    proposal = say(GradeOverride, account, world.rep)
    decide(proposal, world.manager, approve=True)
    with pytest.raises(OverrideRefusedError):
        decide(proposal, world.analyst, approve=False, word="No")
    url = f"/accounts/{account.pk}/grade/proposals/{proposal.pk}/"
    page = log_in(world.manager).post(url, {"decision": "approve"}, follow=True).content.decode()
    assert "This proposal has been decided or taken back already." in page


def test_an_approval_replaces_what_held(account: Account, world: World) -> None:
    say(GradeOverride, account, world.manager, value=3)
    decide(say(GradeOverride, account, world.rep, value=0), world.manager, approve=True)
    holding = GradeOverride.objects.filter(state=OverrideState.APPROVED, revoked_at=None)
    assert [override.value for override in holding] == [0]


def test_a_manager_s_word_leaves_the_proposal_to_be_decided(account: Account, world: World) -> None:
    proposal = say(GradeOverride, account, world.rep)
    say(GradeOverride, account, world.manager, value=3)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.revoked_at) == (OverrideState.PROPOSED, None)


def test_an_end_that_has_passed_is_not_approved(account: Account, world: World) -> None:
    proposal = say(GradeOverride, account, world.rep, days=5)
    with pytest.raises(OverrideRefusedError, match="ended"):
        decide(proposal, world.manager, approve=True, day=today() + dt.timedelta(days=5))


def test_a_rep_proposes_anew_or_takes_it_back(account: Account, world: World) -> None:
    first, second = (
        say(GradeOverride, account, world.rep, value=0),
        say(GradeOverride, account, world.rep, value=1),
    )
    first.refresh_from_db()
    assert first.revoked_at is not None
    assert Notice.objects.filter(recipient=world.manager).count() == 2
    held = say(GradeOverride, account, world.manager, value=2)
    assert revoke_override(GradeOverride, account=account, author=world.rep, now=timezone.now()) == 1
    second.refresh_from_db()
    held.refresh_from_db()
    assert second.revoked_at is not None
    assert held.revoked_at is None, "a rep takes back the proposal, not the manager's word"


def test_the_review_lists_what_waits_runs_and_ends(account: Account, world: World) -> None:
    for place, days in enumerate([20, 200]):
        owner = [account, world.colleagues_account][place]
        say(GradeOverride, owner, world.manager, days=days)
    say(StageOverride, account, world.manager, days=10, value=2)
    ended = say(StageOverride, world.colleagues_account, world.manager, days=9, value=2)
    StageOverride.objects.filter(pk=ended.pk).update(
        valid_from=today() - dt.timedelta(days=60), valid_to=today() - dt.timedelta(days=1)
    )
    long_ago = say(StageOverride, world.strangers_account, world.analyst)
    StageOverride.objects.filter(pk=long_ago.pk).update(
        valid_from=today() - dt.timedelta(days=300), valid_to=today() - dt.timedelta(days=200)
    )
    say(StageOverride, world.strangers_account, world.stranger)

    def lines(user: User, tab: str) -> list[tuple[str, int]]:
        _page, found, _waiting = review(user, tab, today(), 1)
        return [(line.kind.slug, line.days_left) for line in found]

    assert lines(world.manager, "running") == [("stage", 10), ("grade", 20), ("grade", 200)]
    assert lines(world.manager, "due") == [("stage", -1), ("stage", 10), ("grade", 20)]
    assert lines(world.manager, "waiting") == []
    assert lines(world.analyst, "waiting") == [("stage", 60)]
    assert lines(world.rep, "running") == [("stage", 10), ("grade", 20)]


def test_a_leader_s_day_has_what_waits_and_what_ends_soon(account: Account, world: World) -> None:
    say(GradeOverride, world.colleagues_account, world.colleague)
    say(GradeOverride, account, world.manager, days=10)
    say(StageOverride, account, world.manager, days=100, value=2)
    items = OverridesToDecide().items(user=world.manager, today=today())
    assert [item.account for item in items] == [world.colleagues_account, account]
    assert "proposes: Grade" in items[0].title
    assert "ends soon" in items[1].title


def test_the_review_costs_the_same_for_one_and_for_many(
    account: Account, world: World, django_assert_max_num_queries: Any, log_in: LogIn
) -> None:
    manager = log_in(world.manager)
    say(GradeOverride, account, world.rep)
    say(StageOverride, account, world.rep)
    manager.get("/overrides/")
    with django_assert_max_num_queries(40) as few:
        manager.get("/overrides/")
    for place in range(6):
        say(StageOverride, account, [world.rep, world.manager][place % 2], value=place % 3 + 1)
        say(GradeOverride, world.colleagues_account, world.colleague, value=place % 3)
    with django_assert_max_num_queries(len(few)):
        manager.get("/overrides/")
