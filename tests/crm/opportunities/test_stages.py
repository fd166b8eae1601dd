"""Administrators keep the stages: order, criteria, and why one cannot go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from crm.models import ExitCriterion, PipelineStage, User
from crm.pipeline.stages import load_usual_stages, shift_stage, stages
from tests.crm.opportunities.support import TODAY, course, make_opportunity, stage
from tests.fixtures import World

LogIn = Callable[[User], Client]


def names() -> list[str]:
    return [one.name for one in stages()]


def test_a_new_installation_has_the_usual_stages_in_both_languages(db: None) -> None:
    load_usual_stages()
    assert [one.probability for one in stages()] == [10, 25, 40, 55, 75, 90]
    assert [one.name_zh for one in stages()] == ["询价", "技术交流", "试样", "报价", "商务谈判", "意向确认"]
    assert all(one.criteria.all() for one in stages())
    assert not ExitCriterion.objects.filter(text_zh="").exists()
    assert load_usual_stages() is False


def test_stages_change_places(world: World) -> None:
    load_usual_stages()
    before = names()
    shift_stage(stage_id=stage(3).pk, up=True)
    assert names() == [before[0], before[2], before[1], *before[3:]]
    shift_stage(stage_id=stages()[0].pk, up=True)
    shift_stage(stage_id=stages()[-1].pk, up=False)
    assert names() == [before[0], before[2], before[1], *before[3:]]


def test_a_stage_with_its_criteria_is_edited(world: World, log_in: LogIn) -> None:
    client, first = log_in(world.administrator), stage(1)
    kept, gone, *_rest = first.criteria.order_by("order")
    form = client.get(f"/pipeline/stages/{first.pk}/").context["criteria"]
    body = {f"criteria-{name}": value for name, value in form.management_form.initial.items()}
    body |= {"name": "Lead", "name_zh": "线索", "probability": "5"}
    for place, entry in enumerate(form.forms):
        row = entry.instance
        body |= {f"criteria-{place}-id": row.pk or "", f"criteria-{place}-text": row.text}
        body[f"criteria-{place}-text_zh"] = row.text_zh
    body |= {"criteria-1-DELETE": "on", "criteria-3-text": "A sample was asked for"}
    assert client.post(f"/pipeline/stages/{first.pk}/", body).status_code == 302
    first.refresh_from_db()
    assert (first.name, first.probability, first.order) == ("Lead", 5, 1)
    texts = list(first.criteria.order_by("order").values_list("text", flat=True))
    assert texts[0] == kept.text
    assert gone.text not in texts
    assert texts[-1] == "A sample was asked for"


def test_a_new_stage_comes_last(world: World, log_in: LogIn) -> None:
    load_usual_stages()
    body = {
        "name": "Framework signed", "probability": "95", "criteria-TOTAL_FORMS": "0", "criteria-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert log_in(world.administrator).post("/pipeline/stages/new/", body).status_code == 302
    assert names()[-1] == "Framework signed"


@pytest.mark.parametrize("in_it", [True, False])
def test_a_stage_in_use_stays_and_says_why(world: World, log_in: LogIn, in_it: bool) -> None:
    row = make_opportunity(world.account, world.rep, 1 if in_it else 2)
    course(row, world.rep, (1, "open", TODAY), (2, "open", TODAY))
    client = log_in(world.administrator)
    page = client.post(f"/pipeline/stages/{stage(1).pk}/delete/", follow=True).content.decode()
    expected = "1 opportunity is in this stage" if in_it else "1 opportunity has been in this stage"
    assert expected in page
    assert PipelineStage.objects.filter(order=1).exists()
    client.post(f"/pipeline/stages/{stage(5).pk}/delete/")
    assert not PipelineStage.objects.filter(order=5).exists()


def test_the_last_stage_stays(world: World, log_in: LogIn) -> None:
    load_usual_stages()
    client = log_in(world.administrator)
    for one in stages():
        client.post(f"/pipeline/stages/{one.pk}/delete/")
    assert PipelineStage.objects.count() == 1
