from segmentation.models.figures import AccountGrade, GradeSnapshot, StagedGrade
from segmentation.models.history import GradeChange, GradeInterval, GradeOverride
from segmentation.models.kpis import KpiMonth
from segmentation.models.policies import ServicePolicy, ServicePolicyChange
from segmentation.models.scoring_models import (
    ModelBackTest,
    ScoringModel,
    ScoringModelDraft,
    ScoringModelVersion,
)
from segmentation.models.segments import (
    Clustering,
    Segment,
    SegmentMembership,
    SegmentPurpose,
    StagedMembership,
)
from segmentation.models.value import EquityStudy, KeyAccountReview

__all__ = [
    "AccountGrade",
    "Clustering",
    "EquityStudy",
    "GradeChange",
    "GradeInterval",
    "GradeOverride",
    "GradeSnapshot",
    "KeyAccountReview",
    "KpiMonth",
    "ModelBackTest",
    "ScoringModel",
    "ScoringModelDraft",
    "ScoringModelVersion",
    "Segment",
    "SegmentMembership",
    "SegmentPurpose",
    "ServicePolicy",
    "ServicePolicyChange",
    "StagedGrade",
    "StagedMembership",
]
