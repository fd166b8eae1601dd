"""What is to be done: tasks, planned visits, comments, and the notices that reach a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models.accounts import Account
from crm.models.activities import AccountRecordQuerySet, Visit
from crm.models.opportunities import Opportunity

if TYPE_CHECKING:
    from crm.models.people import User


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User) -> TaskQuerySet:
        """With an account: whoever sees the account. Without: the two it is between, and those who lead them."""
        own = (
            Q(assignee=user)
            | Q(creator=user)
            | Q(assignee__in=get_user_model()._default_manager.visible_to(user))
        )
        if not user.is_active:
            return self.none()
        return self.filter(Q(account__in=Account.objects.visible_to(user)) | (Q(account=None) & own))

    def open(self) -> TaskQuerySet:
        return self.filter(done_at=None)


class Task(models.Model):
    """Something one person is to do, about an account or not."""

    account = models.ForeignKey(
        Account,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("account"),
    )
    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    title = models.CharField(_("what is to be done"), max_length=200)
    note = models.TextField(_("note"), blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="tasks",
        verbose_name=_("who does it"),
    )
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(_("due on"), null=True, blank=True)
    remind_at = models.DateTimeField(_("remind at"), null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    urgent = models.BooleanField(_("urgent"), default=False)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(
                fields=["assignee", "due_on"], condition=models.Q(done_at__isnull=True), name="task_open"
            ),
            models.Index(
                fields=["remind_at"],
                condition=models.Q(done_at__isnull=True, reminded_at__isnull=True),
                name="task_to_remind",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PlannedVisit(models.Model):
    """A visit somebody intends to make. Logging the visit closes it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="planned_visits")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="planned_visits"
    )
    planned_on = models.DateField(_("day"))
    starts_at = models.TimeField(_("time"), null=True, blank=True)
    purpose = models.CharField(_("purpose"), max_length=120, blank=True)
    # Proposed by the cadence, not yet touched by a person: a change of grade may move it.
    proposed = models.BooleanField(default=False)
    visit = models.ForeignKey(
        Visit, on_delete=models.SET_NULL, null=True, blank=True, related_name="planned_as"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned visit")
        verbose_name_plural = _("planned visits")
        indexes = [models.Index(fields=["user", "planned_on"], name="planned_visit_day")]

    def __str__(self) -> str:
        return f"{self.account} {self.planned_on}"


class Comment(models.Model):
    """A word about an account, or about something that hangs on it, with the colleagues it names."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="comments")
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, null=True, blank=True, related_name="comments")
    complaint = models.ForeignKey(
        "crm.Complaint", on_delete=models.CASCADE, null=True, blank=True, related_name="comments"
    )
    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.CASCADE, null=True, blank=True, related_name="comments"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField(_("comment"), max_length=4000)
    mentioned = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects = AccountRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [models.Index(fields=["account", "-created_at"], name="comment_account_when")]

    def __str__(self) -> str:
        return self.text[:80]


class NoticeKind(models.TextChoices):
    REMINDER = "reminder", _("Reminder")
    ASSIGNED = "assigned", _("Task for you")
    MENTION = "mention", _("You were mentioned")
    ALERT = "alert", _("Alert")
    GRADE = "grade", _("Grade changed")
    SYNC = "sync", _("Offline entry")


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown_to(self, user: User) -> NoticeQuerySet:
        """A person's own, but for those of accounts that went out of sight."""
        own = self.filter(recipient=user)
        return own.filter(Q(account=None) | Q(account__in=Account.objects.visible_to(user)))

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(models.Model):
    """Something a person should see: under the bell until read, by mail if wanted."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=10, choices=NoticeKind)
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    task = models.ForeignKey(Task, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    # An English sentence known to gettext, and what fills it: shown in the reader's language.
    message = models.CharField(max_length=200)
    values = models.JSONField(default=dict, blank=True)
    path = models.CharField(max_length=200, blank=True)
    # The same event never gives two notices.
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    # A mail server that refuses is asked again later, and not for ever.
    mail_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    mail_after = models.DateTimeField(null=True, blank=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notice_recipient_when"),
            # The bell counts every minute for everybody; the mailer looks for what is young and not mailed.
            models.Index(
                fields=["recipient"], condition=models.Q(read_at__isnull=True), name="notice_unread"
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(mailed_at__isnull=True, read_at__isnull=True),
                name="notice_to_mail",
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["recipient", "key"], name="notice_once")]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The message in the language that is on now."""
        try:
            return gettext(self.message) % self.values
        except (KeyError, TypeError, ValueError):
            return gettext(self.message)


class CalendarFeed(models.Model):
    """The secret link under which a person's calendar program reads the plan. Only a digest of it is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"


class DigestState(models.TextChoices):
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    # Nothing to say that morning.
    EMPTY = "empty", _("Nothing to say")
    # The mail server refused or was not there: tried again.
    WAITING = "waiting", _("To be tried again")
    # It cannot be told whether the mail left: never tried again.
    UNCERTAIN = "uncertain", _("Uncertain")


class DailyDigest(models.Model):
    """The morning mail of one person and day: claimed before it is sent, so that nobody gets it twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests")
    day = models.DateField()
    state = models.CharField(max_length=10, choices=DigestState, default=DigestState.SENDING)
    tries = models.PositiveSmallIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("daily mail")
        verbose_name_plural = _("daily mails")
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="daily_digest_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day} {self.state}"
