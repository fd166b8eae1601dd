from crm.models.accounts import Account, AccountChannel, AccountIdentifier, AccountKind, AccountSupply
from crm.models.activities import Complaint, ComplaintKind, Visit, VisitKind, VisitOutcome
from crm.models.attachments import Attachment
from crm.models.contacts import Contact, DecisionRole, Level, Position, Stance
from crm.models.decisions import (
    BuyingProcess,
    DecisionStep,
    Faction,
    Influence,
    Participation,
    StanceChange,
    StanceSource,
)
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
from crm.models.merges import AccountMerge, DistinctAccounts, MergedRows
from crm.models.opportunities import (
    CloseReason,
    CriterionMet,
    ExitCriterion,
    Opportunity,
    OpportunityChange,
    OpportunityState,
    PipelineStage,
)
from crm.models.organisation import AccountAddress, AccountPhone, AddressKind, OrganisationUnit
from crm.models.people import Role, Territory, User
from crm.models.personal import PersonalDataLog, PersonalDataUse, PersonalDetails
from crm.models.plans import CalendarFeed, Comment, Notice, NoticeKind, PlannedVisit, Task
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
from crm.models.trends import (
    CategorySpend,
    Competitor,
    CompetitorShare,
    Observation,
    ObservationFigure,
    ObservationKind,
)

__all__ = [
    "Account",
    "AccountAddress",
    "AccountChannel",
    "AccountFacts",
    "AccountIdentifier",
    "AccountKind",
    "AccountMerge",
    "AccountPhone",
    "AccountSupply",
    "AddressKind",
    "ApiToken",
    "Attachment",
    "BuyingProcess",
    "CalendarFeed",
    "CategorySpend",
    "ChangedAccount",
    "CloseReason",
    "Comment",
    "Competitor",
    "CompetitorShare",
    "Complaint",
    "ComplaintKind",
    "Contact",
    "CriterionMet",
    "DecisionRole",
    "DecisionStep",
    "DistinctAccounts",
    "ExchangeRate",
    "ExitCriterion",
    "Faction",
    "IdempotencyKey",
    "ImportBatch",
    "ImportKind",
    "ImportMapping",
    "ImportRejection",
    "ImportReplacement",
    "ImportState",
    "Influence",
    "Level",
    "MergedRows",
    "ModelParameters",
    "Notice",
    "NoticeKind",
    "Observation",
    "ObservationFigure",
    "ObservationKind",
    "Opportunity",
    "OpportunityChange",
    "OpportunityState",
    "OrganisationUnit",
    "Participation",
    "PersonalDataLog",
    "PersonalDataUse",
    "PersonalDetails",
    "PipelineStage",
    "PlannedVisit",
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
    "StanceChange",
    "StanceSource",
    "StepState",
    "Task",
    "Territory",
    "TradeDay",
    "TradeLine",
    "User",
    "Visit",
    "VisitKind",
    "VisitOutcome",
]
