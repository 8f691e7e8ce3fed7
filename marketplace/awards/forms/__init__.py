"""What people type in the choice of a firm: objections, decisions, marks, picks, appointments."""

from .awards import DecisionForm, DeclineForm, ObjectionForm
from .judging import AppointForm, PickForm
from .marks import MarksForm

__all__ = ["AppointForm", "DecisionForm", "DeclineForm", "MarksForm", "ObjectionForm", "PickForm"]
