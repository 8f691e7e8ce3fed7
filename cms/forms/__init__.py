"""Input of the desks that is more than a reason."""

from .penalties import PenaltyForm
from .rules import RuleSetForm
from .templates import TemplateForm
from .webhooks import WebhookEndpointForm

__all__ = ["PenaltyForm", "RuleSetForm", "TemplateForm", "WebhookEndpointForm"]
