from satisfaction.models.figures import AccountSatisfaction, SatisfactionSnapshot, StagedSatisfaction
from satisfaction.models.surveys import Survey, SurveyAnswer, SurveyItem, SurveyResponse

__all__ = [
    "AccountSatisfaction",
    "SatisfactionSnapshot",
    "StagedSatisfaction",
    "Survey",
    "SurveyAnswer",
    "SurveyItem",
    "SurveyResponse",
]
