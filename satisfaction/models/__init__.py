from satisfaction.models.figures import AccountSatisfaction, SatisfactionSnapshot, StagedSatisfaction
from satisfaction.models.sentiment import AccountSentiment, SentimentHead, VisitSentiment
from satisfaction.models.surveys import Survey, SurveyAnswer, SurveyItem, SurveyResponse

__all__ = [
    "AccountSatisfaction",
    "AccountSentiment",
    "SatisfactionSnapshot",
    "SentimentHead",
    "StagedSatisfaction",
    "Survey",
    "SurveyAnswer",
    "SurveyItem",
    "SurveyResponse",
    "VisitSentiment",
]
