"""Input of the desks that is more than a reason."""

from .penalties import PenaltyForm
from .refunds import RefundForm
from .rules import RuleSetForm
from .spot_checks import SpotCheckRoundForm
from .templates import TemplateForm
from .webhooks import WebhookEndpointForm

__all__ = ["PenaltyForm", "RefundForm", "RuleSetForm", "SpotCheckRoundForm", "TemplateForm", "WebhookEndpointForm"]
