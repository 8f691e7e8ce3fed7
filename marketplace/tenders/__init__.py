"""Needs: tenders with their documents, questions and frozen rules."""
