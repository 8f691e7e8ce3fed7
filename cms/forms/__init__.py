"""Input of the desks that is more than a reason."""

from .penalties import PenaltyForm
from .rules import RuleSetForm
from .templates import TemplateForm

__all__ = ["PenaltyForm", "RuleSetForm", "TemplateForm"]
