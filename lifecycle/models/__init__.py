from lifecycle.models.figures import AccountLifecycle, LifecycleSnapshot, StagedLifecycle
from lifecycle.models.history import LoyaltyInterval, StageInterval, StageOverride
from lifecycle.models.value import (
    AccountValue,
    StagedValue,
    ValueInput,
    ValueJudgement,
    ValueSnapshot,
)

__all__ = [
    "AccountLifecycle",
    "AccountValue",
    "LifecycleSnapshot",
    "LoyaltyInterval",
    "StageInterval",
    "StageOverride",
    "StagedLifecycle",
    "StagedValue",
    "ValueInput",
    "ValueJudgement",
    "ValueSnapshot",
]
