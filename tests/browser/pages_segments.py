"""Segments: list of each purpose, one by rule and one from behaviour, the editor, a search waiting and one done."""

from __future__ import annotations

from crm.models import Account, User
from crm.snapshots import shown_run
from segmentation.models import Segment
from segmentation.segments.operations import adopt, request_clustering, run_clustering


def paths(user: User, account: Account) -> dict[str, str]:
    run = shown_run()
    assert run is not None
    done, proposed, waiting = (
        request_clustering(run=run, reason="Yearly look at behaviour", purpose="marketing", user=user)
        for _place in range(3)
    )
    run_clustering(done.pk)
    run_clustering(proposed.pk)
    done.refresh_from_db()
    adopt(done, names={}, user=user)
    by_rule = Segment.objects.filter(clustering=None).order_by("pk")
    found = Segment.objects.exclude(clustering=None).order_by("pk")
    return {
        "segments": "/segments/",
        "segments marketing": "/segments/?purpose=marketing",
        "segment": f"/segments/{by_rule[0].pk}/",
        "segment nested edit": f"/segments/{by_rule[2].pk}/edit/",
        "segment new": "/segments/new/",
        "segment group": f"/segments/{found[0].pk}/",
        "segment group edit": f"/segments/{found[0].pk}/edit/",
        "segment search": f"/segments/searches/{proposed.pk}/",
        "segment search waiting": f"/segments/searches/{waiting.pk}/",
    }
