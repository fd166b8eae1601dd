"""What this app adds to the API's root."""

from typing import Any

from segmentation.api.changes import GradeChangeViewSet
from segmentation.api.grades import GradeViewSet
from segmentation.api.segments import SegmentViewSet

# (prefix, viewset, name of its URLs); the feed comes first, before "changes" could be taken for an account.
ROUTES: list[tuple[str, Any, str]] = [
    ("grades/changes", GradeChangeViewSet, "grade-change"),
    ("grades", GradeViewSet, "grade"),
    ("segments", SegmentViewSet, "segment"),
]
