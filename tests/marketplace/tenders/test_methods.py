"""Pages of each way to select: only the terms that it needs, a preview equal to the notice, one thing to do now."""

from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.core import clock
from marketplace.tenders.actions import publish_tender, start_selection
from marketplace.tenders.models import NAMED, SEALED, Method, Tender, TenderTemplate
from marketplace.tenders.queries import next_step, terms_of
from tests.factories.bidding import agent_of, make_bidder
from tests.factories.catalog import make_service
from tests.factories.parties import make_buyer, make_firm
from tests.factories.projects import make_project
from tests.factories.tenders import make_tender, typed_terms

pytestmark = pytest.mark.django_db
TERMS = reverse("tenders:terms")
FIELDS = {
    "step_fen": {"live_auction"},
    "auction_ends_at": {"live_auction"},
    "floor_fen": {"live_auction", *SEALED},
    "price_kind": SEALED,
    "criteria-0-name": {"merit", "scored"},
    "chosen_firm": NAMED,
    "ground": {"direct"},
    "ground_reason": NAMED,
    "happened_at": {"emergency"},
    "signup_ends_at": set(Method.values) - NAMED,
    "minimum_credit": set(Method.values) - NAMED,
}


@pytest.mark.parametrize("method", Method.values)
def test_a_need_of_each_method_in_the_browser(client, method):
    buyer = make_buyer()
    client.force_login(agent_of(buyer))
    page = client.get(TERMS, {"method": method}).text
    for name, methods in FIELDS.items():
        assert (f'name="{name}"' in page) is (method in methods), name
    response = client.post(TERMS, typed_terms(method))
    tender = Tender.objects.get()
    assert response["Location"] == reverse("tenders:preview", args=[tender.number])
    assert tender.method == method
    assert client.get(reverse("tenders:edit", args=[tender.number])).status_code == 200
    if method == "quotes":
        from tests.factories.tenders import invite_enough

        invite_enough(tender, tender.created_by)
    assert client.post(reverse("tenders:publish", args=[tender.number]), {"confirmed": "on"}).status_code == 302
    client.logout()
    notice = client.get(tender.get_absolute_url())
    assert notice.status_code == 200
    assert str(Method(method).label) in notice.text


def body_of(page):
    return page.split('aria-labelledby="terms-title"')[1].split("</ol>")[0]


@pytest.mark.parametrize("method", Method.values)
def test_the_preview_equals_the_notice(client, method):
    draft = make_tender(status="draft", method=method, minimum_credit=60, requirement="同类业绩", place="园区 8 号")
    if method == "quotes":
        from tests.factories.tenders import invite_enough

        invite_enough(draft, draft.created_by)
    client.force_login(draft.created_by)
    preview = client.get(reverse("tenders:preview", args=[draft.number])).text
    shown = terms_of(draft)
    tender = publish_tender(tender=draft, by=draft.created_by)
    assert terms_of(tender) == shown
    assert body_of(client.get(tender.get_absolute_url()).text) == body_of(preview)


def test_the_notice_carries_all_terms(client):
    first, second = make_service(name="水土保持方案编制"), make_service(name="环境影响评价")
    tender = make_tender(
        method="scored", service=first, more_services=[second], services_rule="any", fiscal_percent=40, is_urgent=True,
        price_kind="discount", floor_fen=6_000_000, place="园区 8 号", requirement="同类业绩三项", minimum_credit=70,
        local_code="YHQ-2026-18",
    )  # fmt: skip
    page = client.get(tender.get_absolute_url()).text
    for words in (
        "财政资金 40%，社会资金 60%",
        "能承接其中一项即可",
        "环境影响评价",
        "60,000.00 元",
        "下浮率（在最高限价基础上）",
        "园区 8 号",
        "同类业绩三项",
        "70 分",
        "YHQ-2026-18",
        "紧急",
        "人员与业绩",
        "评审人员评分",
        "综合评分第 1 版，发布时固定",
        "开启报价",
        "0 家机构报名",
    ):
        assert words in page, words


def test_named_firms_and_late_records_are_public(client):
    late = make_tender(method="emergency", happened_at=clock.now() - timedelta(days=30), ground_reason="河堤抢险")
    page = client.get(late.get_absolute_url()).text
    for words in (late.chosen_firm.name, "河堤抢险", "逾期补录", "应急服务开始"):
        assert words in page
    direct = make_tender(method="direct", money_kind="state")
    page = client.get(direct.get_absolute_url()).text
    assert "低于直接选取限额" in page
    assert "逾期补录" not in page
    listed = client.get(reverse("tenders:tenders"), {"method": "emergency"}).text
    assert "应急选取公示" in listed
    assert late.title in listed
    assert direct.title not in listed
    assert "应急选取公示" not in client.get(reverse("tenders:tenders")).text


def test_a_need_with_several_services_is_found_by_each(client):
    first, second = make_service(), make_service()
    tender, other = make_tender(service=first, more_services=[second]), make_tender()
    page = client.get(reverse("tenders:tenders"), {"service": second.code}).text
    assert tender.title in page
    assert other.title not in page
    assert "共 1 条公告" in page


class TestChoosing:
    def test_cards_carry_the_project_along(self, client):
        buyer = make_buyer()
        project = make_project(owner=buyer)
        client.force_login(agent_of(buyer))
        asked = client.get(TERMS, {"project": project.code})
        assert asked["Location"] == f"{reverse('tenders:method')}?project={project.code}"
        page = client.get(asked["Location"]).text
        assert page.count('class="method-card"') == 10
        assert f"{TERMS}?project={project.code}&amp;method=merit" in page
        assert project.cases.get().number in page
        assert "财政资金 3、国有资金 3、社会资金 2" in page

    def test_a_draft_changes_its_way(self, client):
        draft = make_tender(status="draft")
        client.force_login(draft.created_by)
        edit = reverse("tenders:edit", args=[draft.number])
        page = client.get(reverse("tenders:method"), {"tender": draft.number}).text
        assert f"{edit}?method=draw" in page
        form = client.get(edit, {"method": "merit"}).text
        assert draft.title in form
        assert "响应方案" in form
        client.post(edit, typed_terms("draw", title=draft.title, service=draft.service))
        draft.refresh_from_db()
        assert (draft.method, draft.step_fen) == ("draw", None)
        client.force_login(agent_of(make_buyer()))
        assert client.get(reverse("tenders:method"), {"tender": draft.number}).status_code == 404

    def test_templates_and_earlier_needs_to_start_from(self, client):
        earlier = make_tender()
        template = TenderTemplate.objects.create(
            service=make_service(), name="常用", description="按模板编制报告并修改。", delivery_days=21
        )
        client.force_login(earlier.created_by)
        page = client.get(TERMS, {"method": "draw"}).text
        assert reverse("tenders:copy", args=[earlier.number]) in page
        assert f'<option value="{template.pk}"' in page
        started = client.get(TERMS, {"method": "draw", "template": template.pk}).text
        assert "按模板编制报告并修改。" in started
        assert 'value="21"' in started
        for nonsense in ("x", "999999", "²"):
            assert client.get(TERMS, {"method": "draw", "template": nonsense}).status_code == 200

    def test_the_gate(self, client):
        url = reverse("tenders:method")
        assert client.get(url).status_code == 302
        client.force_login(agent_of(make_firm()))
        assert client.get(url).status_code == 403


class TestFirmField:
    def test_several_names_are_told_and_a_code_decides(self, client):
        buyer, service = make_buyer(), make_service()
        first = make_firm(name="鹰潭铜城测绘有限公司", services=[service])
        make_firm(name="铜城测绘院有限公司", services=[service])
        client.force_login(agent_of(buyer))
        data = typed_terms("direct", service=service, chosen_firm=first)
        for words, sentence in (("铜城测绘", "有几家机构符合"), ("不存在", "没有找到这家机构"), ("", "请填写这一项")):
            answer = client.post(TERMS, {**data, "chosen_firm": words})
            assert answer.status_code == 422
            assert sentence in answer.text
        assert client.post(TERMS, {**data, "chosen_firm": first.uscc}).status_code == 302
        assert Tender.objects.get().chosen_firm == first

    def test_criteria_come_back_as_they_were_typed_terms(self, client):
        client.force_login(agent_of(make_buyer()))
        data = typed_terms("merit")
        for change, sentence in (
            ({"criteria-0-points": "四十"}, "分值应为 1 至 100 的整数"),
            ({"criteria-0-points": "60"}, "现在是 110 分"),
            ({"criteria-1-name": ""}, "都要有名称"),
        ):
            answer = client.post(TERMS, {**data, **change})
            assert answer.status_code == 422
            assert sentence in answer.text
            assert all(f'value="{value}"' in answer.text for value in change.values())


class TestNextStep:
    def step(self, tender, viewer=None, now=None):
        return next_step(tender, now=now or clock.now(), viewer=viewer, signed_in=viewer is not None)

    @pytest.mark.parametrize("method", sorted(SEALED))
    def test_sealed_offers_are_handed_in_until_they_are_opened(self, method):
        tender = make_tender(method=method)
        firm = make_firm(services=[tender.service])
        assert self.step(tender, firm).post
        make_bidder(tender=tender, organization=firm)
        mine = self.step(tender, firm)
        assert (mine.title, mine.until, bool(mine.withdraw_url)) == ("提交报价", tender.selection_at, True)
        closed = self.step(tender, firm, tender.signup_ends_at)
        assert (closed.title, closed.withdraw_url) == ("提交报价", "")
        assert self.step(tender, None, tender.signup_ends_at).until_label == "开启报价"
        assert self.step(start_selection(tender=tender), None, tender.selection_at).title == "正在选取"

    def test_a_draw_waits_in_the_open(self):
        tender = make_tender(method="draw")
        bidder = make_bidder(tender=tender)
        mine = self.step(tender, bidder.organization)
        assert (mine.title, mine.until_label) == ("您已报名", "公开抽取")
        assert self.step(tender, None, tender.signup_ends_at).until == tender.selection_at

    @pytest.mark.parametrize(
        ("method", "words"), [("merit", "请为方案评分"), ("credit", "请从小名单中择优"), ("scored", "评审人员正在评分")]
    )
    def test_judging_is_the_owners_task(self, method, words):
        from marketplace.awards.models import Selection

        tender = start_selection(tender=make_tender(method=method))
        now = tender.selection_at
        judging = {"status": "judging", "judging_ends_at": now + timedelta(days=3)}
        Selection.objects.update_or_create(
            tender=tender, defaults=judging, create_defaults={**judging, "commitment": "0" * 64, "committed_at": now}
        )
        assert self.step(tender, tender.buyer, now).title == words
        everyone = self.step(tender, None, now)
        assert (everyone.title, everyone.until) == ("评审中", now + timedelta(days=3))

    def test_a_named_firm_needs_no_sign_up(self):
        tender = make_tender(method="direct")
        assert self.step(tender, make_firm(services=[tender.service])).title == "正在办理"


@pytest.mark.parametrize(("method", "count"), [("direct", 1), ("draw", 2), ("live_auction", 2)])
def test_the_calendar_has_the_dates_that_there_are(client, method, count):
    tender = make_tender(method=method)
    response = client.get(reverse("tenders:calendar", args=[tender.number]))
    body = response.content.decode()
    assert body.count("BEGIN:VEVENT") == count
    assert f"DTSTART:{tender.selection_at:%Y%m%dT%H%M}" in body.replace("\r\n ", "")
