"""The blocks from which editors build a page: words, steps, notices, questions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

RICH = ["bold", "link", "document-link", "ol", "ul"]


class Step(blocks.StructBlock):
    """One step: what to do, and what happens then."""

    title = blocks.CharBlock(label=_("这一步"), max_length=60)
    text = blocks.TextBlock(label=_("说明"), required=False)


class Notice(blocks.StructBlock):
    """A box that one should not miss."""

    kind = blocks.ChoiceBlock(
        label=_("语气"),
        choices=[("open", _("好消息")), ("waiting", _("请注意")), ("danger", _("警示")), ("neutral", _("说明"))],
        default="waiting",
    )
    title = blocks.CharBlock(label=_("标题"), max_length=60)
    text = blocks.TextBlock(label=_("内容"), required=False)


class Term(blocks.StructBlock):
    """One row of a summary: a name and what holds."""

    label = blocks.CharBlock(label=_("名称"), max_length=40)
    value = blocks.TextBlock(label=_("内容"))


class Question(blocks.StructBlock):
    """A question as people ask it, and its answer."""

    question = blocks.CharBlock(label=_("问题"), max_length=120)
    answer = blocks.RichTextBlock(label=_("答复"), features=RICH)


class Words(blocks.StreamBlock):
    """All that the body of a page may hold."""

    heading = blocks.CharBlock(label=_("小标题"), max_length=80, template="cms/blocks/heading.html", icon="title")
    paragraph = blocks.RichTextBlock(
        label=_("段落"), features=RICH, template="cms/blocks/paragraph.html", icon="pilcrow"
    )
    steps = blocks.ListBlock(Step(), label=_("步骤"), template="cms/blocks/steps.html", icon="list-ol")
    notice = Notice(label=_("提示框"), template="cms/blocks/notice.html", icon="warning")
    terms = blocks.ListBlock(Term(), label=_("对照表"), template="cms/blocks/terms.html", icon="table")
    faq = blocks.ListBlock(Question(), label=_("问答"), template="cms/blocks/faq.html", icon="help")
