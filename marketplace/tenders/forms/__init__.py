"""Input of needs: terms, amendments, files, firms, confirmation, questions, answers, reasons."""

from .amendments import AmendmentFileForm, AmendmentForm
from .short import AnswerForm, AvoidanceForm, DocumentForm, FirmForm, PublishForm, QuestionForm, ReasonForm
from .terms import TermsForm

__all__ = [
    "AmendmentFileForm",
    "AmendmentForm",
    "AnswerForm",
    "AvoidanceForm",
    "DocumentForm",
    "FirmForm",
    "PublishForm",
    "QuestionForm",
    "ReasonForm",
    "TermsForm",
]
