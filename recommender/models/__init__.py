"""The rows of the recommender app."""

from recommender.models.draft import WizardDraft
from recommender.models.job import Job, JobEvent, JobStep, Recommendation

__all__ = ["Job", "JobEvent", "JobStep", "Recommendation", "WizardDraft"]
