"""Recommendation, both ways: needs for a firm and firms for a need, by published factors, with reasons in words."""

from .fits import Fit, firms_for, needs_for

__all__ = ["Fit", "firms_for", "needs_for"]
