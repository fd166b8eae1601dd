from lifecycle.models.figures import AccountLifecycle, LifecycleSnapshot, StagedLifecycle
from lifecycle.models.history import LoyaltyInterval, StageInterval, StageOverride

__all__ = [
    "AccountLifecycle",
    "LifecycleSnapshot",
    "LoyaltyInterval",
    "StageInterval",
    "StageOverride",
    "StagedLifecycle",
]
