"""The pages of tasks, notices, comments, files and the timeline, with something on each."""

from __future__ import annotations

from crm.attachments.operations import attach
from crm.models import Account, Comment, Task, User
from crm.notices.operations import notify
from tests.crm.attachments.samples import PDF, photo_with_place, upload


def paths(user: User, account: Account) -> dict[str, str]:
    photo = attach(account=account, user=user, upload=upload(photo_with_place((800, 600)), "照片 1.jpg"))
    attach(
        account=account, user=user, upload=upload(PDF, "drawing 6204-2RS rev. B, as sent on 2026-06-29.pdf")
    )
    task = Task.objects.create(
        title="Send samples of 6204", account=account, assignee=user, creator=user, urgent=True
    )
    comment = Comment.objects.create(
        account=account, author=user, text=f"Ask @{user.username} about the price"
    )
    comment.mentioned.add(user)
    for number, kind in enumerate(("reminder", "assigned", "mention", "alert")):
        message = {"message": "Reminder: %(task)s", "values": {"task": task.title}}
        notify(recipient=user, kind=kind, key=f"page:{number}", account=account, task=task, **message)  # type: ignore[arg-type]
    page = f"/accounts/{account.pk}/"
    return {
        "account files": f"{page}files/",
        "file delete": f"/attachments/{photo.pk}/delete/",
        "tasks": "/tasks/",
        "tasks of the team": "/tasks/?show=team",
        "task new": f"/tasks/new/?account={account.pk}",
        "task": f"/tasks/{task.pk}/",
        "notices": "/notices/",
        "notices all": "/notices/?show=all",
        "account comments": f"{page}comments/",
        "comment edit": f"/comments/{comment.pk}/edit/",
        "comment delete": f"/comments/{comment.pk}/delete/",
        "account timeline": f"{page}timeline/",
        "account timeline of visits": f"{page}timeline/?kind=visits",
    }
