"""Tasks, comments that name colleagues, and a few files drawn on the spot."""

from __future__ import annotations

import datetime as dt
import io
import math
import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from config.demo.behaviour import Plan
from config.demo.catalogue import Catalogue
from config.demo.dice import Dice, texts
from config.demo.visits import NAMESPACE
from crm.attachments.operations import attach
from crm.models import Comment, Task, User, Visit
from crm.notices.operations import notify
from crm.work.comments import MENTIONED

WITH_FILES = 6
MANAGERS = {True: "lin.xiaoming", False: "helen.grant"}


def make_work(
    plans: list[Plan], users: dict[str, User], catalogue: Catalogue, as_of: dt.date, zone: dt.tzinfo
) -> int:
    """Returns how many tasks, comments and files."""
    tasks: list[Task] = []
    comments: list[tuple[Comment, User | None]] = []
    owned = [plan for plan in plans if plan.account.owner is not None]
    for plan in owned:
        dice = plan.dice("work")
        words = texts("work")["zh" if plan.account.owner.language == "zh-hans" else "en"]  # type: ignore[union-attr]
        leader = users[MANAGERS[plan.china]]
        said = {"name": leader.username, "product": dice.pick(catalogue.products).code}
        if dice.chance(0.4):
            tasks += [_task(dice, plan, words, said, leader, as_of, zone) for _ in range(dice.whole(1, 2))]
        if dice.chance(0.35):
            text = dice.pick(words["comments"])
            at = _moment(dice, as_of - dt.timedelta(days=dice.whole(0, 90)), zone)
            comment = Comment(
                account=plan.account, author=plan.account.owner, text=text.format(**said), created_at=at
            )
            comments.append((comment, leader if "{name}" in text else None))
    Task.objects.bulk_create(tasks)
    _save(comments)
    return len(tasks) + len(comments) + _make_files(owned[:WITH_FILES])


def _task(
    dice: Dice, plan: Plan, words: Any, said: dict[str, str], leader: User, as_of: dt.date, zone: dt.tzinfo
) -> Task:
    owner: Any = plan.account.owner
    due = as_of + dt.timedelta(days=dice.whole(-12, 25))
    done = dice.chance(0.35)
    return Task(
        account=plan.account,
        title=dice.pick(words["tasks"]).format(**said),
        note=dice.pick(words["notes"]),
        assignee=owner,
        creator=leader if dice.chance(0.3) else owner,
        due_on=due if dice.chance(0.85) else None,
        urgent=dice.chance(0.15),
        done_at=_moment(dice, as_of - dt.timedelta(days=dice.whole(0, 30)), zone) if done else None,
    )


def _moment(dice: Dice, day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(dice.whole(8, 17), dice.whole(0, 59)), zone)


def _save(comments: list[tuple[Comment, User | None]]) -> None:
    rows = [comment for comment, _person in comments]
    moments = [comment.created_at for comment in rows]
    Comment.objects.bulk_create(rows)
    for comment, moment in zip(rows, moments, strict=True):
        comment.created_at = moment
    Comment.objects.bulk_update(rows, ["created_at"])
    through = Comment.mentioned.through
    named = [(comment, person) for comment, person in comments if person is not None]
    through.objects.bulk_create(
        through(comment_id=comment.pk, user_id=person.pk) for comment, person in named
    )
    for comment, person in named[:12]:
        notify(
            recipient=person,
            kind="mention",
            message=MENTIONED,
            values={"person": comment.author, "text": comment.text},
            key=f"mention:{comment.pk}",
            path=f"/accounts/{comment.account_id}/comments/",
            account=comment.account,
            comment=comment,
        )


def _make_files(plans: list[Plan]) -> int:
    """Pictures and a report of the newest visit of a few accounts."""
    made = 0
    for plan in plans:
        visit = Visit.objects.filter(account=plan.account).order_by("-happened_at").first()
        owner = plan.account.owner
        if visit is None or owner is None:
            continue
        names = texts("work")["zh" if owner.language == "zh-hans" else "en"]["files"]
        picture = _bearing(plan.dice("files"))
        for place, (name, ending, kind) in enumerate(
            zip(names, (".jpg", ".png", ".pdf"), ("JPEG", "PNG", "PDF"), strict=True)
        ):
            buffer = io.BytesIO()
            picture.save(buffer, kind)
            kept = attach(
                account=plan.account,
                user=owner,
                upload=SimpleUploadedFile(f"{name}{ending}", buffer.getvalue()),
                client_key=uuid.uuid5(NAMESPACE, f"{plan.key}/file/{place}"),
                visit=visit,
            )
            type(kept).objects.filter(pk=kept.pk).update(created_at=visit.happened_at)
            made += 1
    return made


def _bearing(dice: Dice) -> Image.Image:
    """A ball bearing seen from the side."""
    image = Image.new("RGB", (640, 480), (dice.whole(205, 235), dice.whole(210, 235), dice.whole(215, 240)))
    pen = ImageDraw.Draw(image)
    balls, middle = dice.whole(8, 13), (320, 240)
    for radius, colour in (
        (200, "#7d8894"),
        (160, "#d9dee4"),
        (150, "#56606b"),
        (105, "#d9dee4"),
        (95, "#7d8894"),
        (60, "#eef1f4"),
    ):
        pen.ellipse(
            [middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius], fill=colour
        )
    for number in range(balls):
        angle = 2 * math.pi * number / balls
        x, y = middle[0] + 128 * math.cos(angle), middle[1] + 128 * math.sin(angle)
        pen.ellipse([x - 24, y - 24, x + 24, y + 24], fill="#b8c0c8", outline="#39424c", width=3)
    return image
