"""A page with every component beside its neighbours, so that the look can be judged at once; shown only with DEBUG."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.views.generic import TemplateView

from .clock import now


class GalleryForm(forms.Form):
    """Have one field of each kind."""

    title = forms.CharField(label="采购项目名称", help_text="写明对象和工作，例如“信江新区三号地块岩土工程勘察”。")
    ceiling = forms.CharField(label="最高限价", help_text="单位：元，最多两位小数。报价不得高于此数。")
    service = forms.ChoiceField(
        label="服务事项", choices=[("", "请选择"), ("1", "岩土工程勘察"), ("2", "环境影响评价")]
    )
    method = forms.ChoiceField(
        label="选取方式",
        help_text="公告发布后不能再改。",
        choices=[("auction", "网上竞价"), ("draw", "随机抽取"), ("credit", "信用择优")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="补充说明", required=False, widget=forms.Textarea)
    document = forms.FileField(label="采购文件", help_text="PDF 或 DOCX，不超过 20 MB。", required=False)
    commitment = forms.BooleanField(
        label="本单位承诺所填内容属实", help_text="不实承诺会扣信用分，并在公开监督栏目公布。"
    )


class Gallery(TemplateView):
    """Show every component with words like the real ones."""

    template_name = "gallery.html"
    extra_context = {"demo": True}
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        moment = now()
        wrong = GalleryForm(
            QueryDict("title=&ceiling=32000.555&service=1&method=auction&note=现场已通水通电。&commitment="),
            MultiValueDict(),
        )
        wrong.is_valid()
        if wrong.is_bound:
            wrong.add_error("ceiling", "最高限价最多两位小数，您填的是 32000.555。")
        titles = [
            ("award_proposed", "竞价结束，提出中选机构", "系统"),
            ("bid_placed", "第 14 次报价：78,600.00 元", "机构 03"),
            ("auction_opened", "竞价开始", "系统"),
            ("tender_published", "公告发布", "鹰潭市示范水务有限公司"),
        ]
        return super().get_context_data(
            **kwargs,
            form=GalleryForm(),
            wrong=wrong,
            line=[100, 98, 97, 97, 94, 92, 91, 88, 84, 83, 79],
            soon=moment + timedelta(minutes=9, seconds=41),
            later=moment + timedelta(days=3, hours=5),
            page=Paginator(range(240), 20).get_page(4),
            query=QueryDict("q=勘察&page=4"),
            crumbs=[("采购公告", "/tenders/"), ("信江新区三号地块岩土工程勘察", "")],
            rows=[
                ("项目业主", "鹰潭市示范水务有限公司", "#", "查看"),
                ("服务事项", "岩土工程勘察", "", ""),
                ("服务期限", "合同签订后 30 日内", "", ""),
                ("资质要求", "工程勘察专业类（岩土工程）乙级及以上", "", ""),
            ],
            entries=[
                {
                    "title": title,
                    "who": who,
                    "at": moment - timedelta(minutes=17 * index),
                    "number": 18 - index,
                    "hash": "9f2c41d07be85a6e" * 4,
                }
                for index, (_, title, who) in enumerate(titles)
            ],
            quiet=["鹰潭市示范水务有限公司", "月湖区", "报名到 11 月 27 日 17:00"],
            chips=[("月湖区", "#"), ("网上竞价", "#"), ("10 万元以下", "#")],
            groups=[
                (
                    "状态",
                    [
                        {"url": "#", "label": "正在报名", "count": 23, "active": True},
                        {"url": "#", "label": "正在竞价", "count": 4},
                        {"url": "#", "label": "公示中", "count": 11},
                    ],
                ),
                (
                    "地区",
                    [
                        {"url": "#", "label": "月湖区", "count": 18},
                        {"url": "#", "label": "余江区", "count": 9},
                        {"url": "#", "label": "贵溪市", "count": 31},
                    ],
                ),
            ],
            steps=[
                ("填写信用代码", "一分钟"),
                ("选择服务事项", "可随时增减"),
                ("签承诺书", "不收费用"),
                ("完成入驻", "当场生效"),
            ],
            figures=[
                (172, "入驻机构", "家"),
                (120, "采购公告", "条"),
                ("21.4%", "平均比上限低", ""),
                ("2.6", "每项报名机构", "家"),
            ],
            tabs=[("公告", "#", 12), ("报名机构", "#", 5), ("问答", "#", 3), ("过程", "#", "")],
            ladder=[
                ("机构 03", 7860000, False),
                ("机构 07", 7960000, True),
                ("机构 01", 8120000, False),
                ("机构 07", 8300000, True),
            ],
        )
