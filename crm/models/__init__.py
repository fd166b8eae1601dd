from crm.models.accounts import Account, AccountIdentifier, AccountKind, AccountSupply
from crm.models.activities import Complaint, ComplaintKind, Visit, VisitKind, VisitOutcome
from crm.models.contacts import Contact, DecisionRole, Position, Stance
from crm.models.facts import AccountFacts, StagedAccountFacts
from crm.models.idempotency import IdempotencyKey
from crm.models.imports import (
    ImportBatch,
    ImportKind,
    ImportMapping,
    ImportRejection,
    ImportReplacement,
    ImportState,
)
from crm.models.ledger import ExchangeRate, TradeDay, TradeLine
from crm.models.people import Role, Territory, User
from crm.models.products import Product, ProductFamily
from crm.models.runs import (
    ChangedAccount,
    ModelParameters,
    Run,
    RunRange,
    RunScope,
    RunState,
    RunStep,
    StepState,
)
from crm.models.saved_views import SavedView
from crm.models.tokens import ApiToken, Scope

__all__ = [
    "Account",
    "AccountFacts",
    "AccountIdentifier",
    "AccountKind",
    "AccountSupply",
    "ApiToken",
    "ChangedAccount",
    "Complaint",
    "ComplaintKind",
    "Contact",
    "DecisionRole",
    "ExchangeRate",
    "IdempotencyKey",
    "ImportBatch",
    "ImportKind",
    "ImportMapping",
    "ImportRejection",
    "ImportReplacement",
    "ImportState",
    "ModelParameters",
    "Position",
    "Product",
    "ProductFamily",
    "Role",
    "Run",
    "RunRange",
    "RunScope",
    "RunState",
    "RunStep",
    "SavedView",
    "Scope",
    "StagedAccountFacts",
    "Stance",
    "StepState",
    "Territory",
    "TradeDay",
    "TradeLine",
    "User",
    "Visit",
    "VisitKind",
    "VisitOutcome",
]
