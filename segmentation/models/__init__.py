from segmentation.models.figures import AccountGrade, GradeSnapshot, StagedGrade
from segmentation.models.history import GradeChange, GradeInterval, GradeOverride
from segmentation.models.policies import ServicePolicy, ServicePolicyChange
from segmentation.models.scoring_models import ScoringModel, ScoringModelVersion

__all__ = [
    "AccountGrade",
    "GradeChange",
    "GradeInterval",
    "GradeOverride",
    "GradeSnapshot",
    "ScoringModel",
    "ScoringModelVersion",
    "ServicePolicy",
    "ServicePolicyChange",
    "StagedGrade",
]
