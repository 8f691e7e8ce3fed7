"""Synonyms: groups of words that mean the same, as administrators keep them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_WORD = 40
MOST_IN_GROUP = 12


class Synonym(models.Model):
    """A group of words that mean the same: whoever types one of `words` finds all of them, and all of `also`.

    One word a line, in the one spelling of search.analysis; what is typed as one of `also` does not find `words`: that is
    for what belongs to the matter but is wider or narrower. A word stands in the `words` of one group only.
    """

    words = models.TextField(_("意思相同的词"))
    also = models.TextField(_("一并查找的词"), blank=True)
    updated_at = models.DateTimeField(_("最近修改"))

    class Meta:
        ordering = ["words"]
        verbose_name = _("同义词")
        verbose_name_plural = _("同义词")
        constraints = [
            models.UniqueConstraint(fields=["words"], name="synonym_words_once"),
            models.CheckConstraint(condition=models.Q(words__contains="\n"), name="synonym_has_two_words"),
        ]

    def __str__(self) -> str:
        return "、".join(self.word_list)

    @property
    def word_list(self) -> tuple[str, ...]:
        """Return the words that mean the same."""
        return tuple(self.words.splitlines())

    @property
    def also_list(self) -> tuple[str, ...]:
        """Return the words that are sought along."""
        return tuple(self.also.splitlines())

    @property
    def meaning(self) -> dict[str, tuple[str, ...]]:
        """Return for each of `words` what is sought for it, itself first."""
        return {word: tuple(dict.fromkeys((word, *self.word_list, *self.also_list))) for word in self.word_list}
