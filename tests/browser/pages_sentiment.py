"""Pages of the sentiment index."""

from __future__ import annotations

from crm.models import Account, User, Visit
from satisfaction.models import SentimentHead, VisitSentiment
from satisfaction.sentiment.registry import register_delivered
from satisfaction.sentiment.text import digest


def paths(user: User, account: Account) -> dict[str, str]:
    """No worker runs beside the browser tests: one note gets a reading by hand, with a sentence of each tone."""
    register_delivered()
    head = SentimentHead.objects.get(active=True)
    visit = Visit.objects.filter(account=account).exclude(note="").order_by("-happened_at")[0]
    sentences = [
        {"text": visit.note[:40], "score": 0.61, "weight": 0.36},
        {"text": visit.note[-40:], "score": -0.84, "weight": 0.64},
    ]
    VisitSentiment.objects.create(
        visit=visit,
        model=head,
        text_digest=digest(visit.note),
        outcome="negative",
        negative=0.7,
        neutral=0.15,
        positive=0.15,
        score=-0.55,
        confidence=0.7,
        sentences=sentences,
    )
    other = SentimentHead.objects.filter(active=False)[0]
    return {
        "sentiment": "/sentiment/",
        "sentiment of an account": f"/accounts/{account.pk}/sentiment/",
        "sentiment models": "/sentiment/models/",
        "sentiment model put in use": f"/sentiment/models/{other.pk}/activate/",
        "accounts in a bad mood": "/accounts/?sentiment=negative",
    }
