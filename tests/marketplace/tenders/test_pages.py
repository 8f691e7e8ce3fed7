"""Pages of needs: what the owner, a firm, a stranger and an administrator see and may send."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.timezone import localtime

from marketplace.core import clock
from marketplace.tenders.actions import add_document, ask_question, fail_tender, publish_tender, start_selection
from marketplace.tenders.models import Tender
from marketplace.tenders.queries import next_step
from tests.factories.accounts import make_admin, make_user
from tests.factories.parties import make_buyer, make_firm
from tests.factories.projects import make_project
from tests.factories.tenders import make_tender, terms

pytestmark = pytest.mark.django_db


def member(organization):
    return organization.memberships.get().user


def typed(**overrides):
    """Return terms as a browser sends them."""
    values = terms()
    data = {name: value.pk if hasattr(value, "pk") else value for name, value in values.items() if value is not None}
    for name in ("signup_ends_at", "selection_at", "auction_ends_at"):
        data[name] = localtime(values[name]).strftime("%Y-%m-%dT%H:%M")
    for name in ("ceiling_fen", "step_fen"):
        data[name] = f"{values[name] / 100:.2f}"
    return {**data, **overrides}


class TestDrafting:
    def test_three_steps_to_a_public_notice(self, client):
        buyer, firm = make_buyer(), make_firm()
        client.force_login(member(buyer))
        assert client.get(reverse("tenders:new")).status_code == 302
        assert f"{reverse('tenders:terms')}?method=draw" in client.get(reverse("tenders:terms")).text
        page = client.get(reverse("tenders:terms"), {"method": "live_auction"})
        assert page.status_code == 200
        assert "服务内容" in page.text
        response = client.post(reverse("tenders:terms"), typed(title="月湖厂房水土保持方案编制"))
        tender = Tender.objects.get()
        assert response["Location"] == reverse("tenders:preview", args=[tender.number])
        preview = client.get(response["Location"]).text
        assert "月湖厂房水土保持方案编制" in preview
        assert "不足 2 家" in preview
        publish = reverse("tenders:publish", args=[tender.number])
        unconfirmed = client.post(publish)
        assert unconfirmed.status_code == 422
        assert "请核对后勾选确认" in unconfirmed.text
        assert client.post(publish, {"confirmed": "on"})["Location"] == tender.get_absolute_url()
        assert client.post(publish, {"confirmed": "on"})["Location"] == tender.get_absolute_url()
        client.force_login(member(firm))
        assert "月湖厂房水土保持方案编制" in client.get(tender.get_absolute_url()).text

    def test_a_project_fills_in_what_it_knows(self, client):
        buyer = make_buyer()
        project = make_project(owner=buyer)
        client.force_login(member(buyer))
        page = client.get(reverse("tenders:terms"), {"project": project.code, "method": "live_auction"}).text
        assert f'value="{project.pk}" selected' in page
        case = project.cases.get()
        client.post(reverse("tenders:terms"), typed(project=project.pk, case=case.pk))
        assert Tender.objects.get().case == case

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"ceiling_fen": "0"}, "最高限价必须大于 0 元"),
            ({"ceiling_fen": "很多"}, "请填写金额"),
            ({"ceiling_fen": "100.001"}, "最小到分"),
            ({"step_fen": "100000"}, "必须小于最高限价"),
            ({"selection_at": "2020-01-01T09:00"}, "不能早于报名截止"),
            ({"auction_ends_at": "2020-01-01T09:00"}, "必须晚于竞价开始"),
            ({"signup_ends_at": "明天"}, "请填写日期和时间"),
            ({"title": ""}, "请填写这一项"),
            ({"contact_phone": "abc"}, "请填写电话号码"),
            ({"service": "999999"}, "选择"),
        ],
    )
    def test_bad_input_comes_back_whole(self, client, change, words):
        client.force_login(member(make_buyer()))
        response = client.post(reverse("tenders:terms"), typed(description="独一无二的描述文字在此", **change))
        assert response.status_code == 422
        assert words in response.text
        assert "独一无二的描述文字在此" in response.text
        assert not Tender.objects.exists()

    def test_a_case_of_another_project_is_refused_at_its_field(self, client):
        buyer = make_buyer()
        first, second = make_project(owner=buyer), make_project(owner=buyer)
        client.force_login(member(buyer))
        response = client.post(reverse("tenders:terms"), typed(project=first.pk, case=second.cases.get().pk))
        assert response.status_code == 422
        assert "不属于所选项目" in response.text

    def test_times_in_the_past_are_refused_when_publishing(self, client):
        now = clock.now() - timedelta(hours=2)
        tender = make_tender(status="draft", now=now)
        client.force_login(tender.created_by)
        page = client.get(reverse("tenders:preview", args=[tender.number])).text
        assert "报名截止时间已经过去" in page
        response = client.post(reverse("tenders:publish", args=[tender.number]), {"confirmed": "on"})
        assert response.status_code == 422
        assert "报名截止时间已经过去" in response.text

    def test_a_steep_step_is_only_pointed_out(self, client):
        tender = make_tender(status="draft", step_fen=2_000_000)
        client.force_login(tender.created_by)
        assert "超过最高限价的 10%" in client.get(reverse("tenders:preview", args=[tender.number])).text
        assert client.post(reverse("tenders:publish", args=[tender.number]), {"confirmed": "on"}).status_code == 302

    def test_edit_list_and_discard(self, client):
        tender = make_tender(status="draft")
        client.force_login(tender.created_by)
        edit = reverse("tenders:edit", args=[tender.number])
        assert tender.title in client.get(edit).text
        assert client.post(edit, typed(title="换了名称的需求", later="1"))["Location"] == edit
        assert "换了名称的需求" in client.get(reverse("tenders:mine")).text
        client.post(reverse("tenders:discard", args=[tender.number]))
        assert "换了名称的需求" not in client.get(reverse("tenders:mine")).text
        assert client.get(edit).status_code == 404

    @pytest.mark.parametrize("name", ["edit", "preview", "publish", "discard", "tender"])
    def test_drafts_are_the_owners_alone(self, client, name):
        tender = make_tender(status="draft")
        url = reverse(f"tenders:{name}", args=[tender.number])
        call = client.post if name in {"publish", "discard"} else client.get
        assert call(url).status_code == (404 if name == "tender" else 302)
        for person, status in ((member(make_buyer()), 404), (member(make_firm()), 403), (make_user(), 403)):
            client.force_login(person)
            assert call(url).status_code == (404 if name == "tender" else status)


class TestNotice:
    def test_the_public_reads_all_but_secrets(self, client):
        tender = make_tender()
        page = client.get(tender.get_absolute_url())
        assert page.status_code == 200
        for words in (
            tender.number,
            tender.buyer.name,
            "100,000.00",
            "报名截止",
            "登录后报名",
            "发布采购公告",
            "data:image/svg",
        ):
            assert words in page.text
        assert "起草需求" not in page.text
        assert "style=" not in page.text.split("<main")[1].split("</main>")[0].replace("data:image", "")

    def test_each_viewer_gets_one_thing_to_do(self, client):
        tender, firm = make_tender(), make_firm()
        sign_up = reverse("bidding:sign_up", args=[tender.number])
        client.force_login(member(firm))
        assert f'action="{sign_up}"' in client.get(tender.get_absolute_url()).text
        client.force_login(make_user())
        assert "办理入驻" in client.get(tender.get_absolute_url()).text
        client.force_login(tender.created_by)
        page = client.get(tender.get_absolute_url()).text
        assert "报名进行中" in page
        assert reverse("tenders:cancel", args=[tender.number]) in page
        assert sign_up not in page
        client.force_login(make_admin())
        assert reverse("tenders:cancel", args=[tender.number]) in client.get(tender.get_absolute_url()).text

    def test_the_next_step_follows_time_and_state(self):
        tender = make_tender()
        late = tender.signup_ends_at + timedelta(seconds=1)

        def step(now=None):
            return next_step(tender, now=now or clock.now(), viewer=None, signed_in=False)

        assert "登录" in step().label
        assert step(late).until == tender.selection_at
        tender = start_selection(tender=tender)
        assert step().url == reverse("bidding:room", args=[tender.number])
        assert step(tender.selection_at).until == tender.auction.ends_at
        tender = fail_tender(tender=tender, reason="没有有效报价")
        assert step().text == "没有有效报价"

    def test_the_notice_says_when_the_auction_really_ended(self, client):
        tender = make_tender()
        planned = localtime(tender.auction_ends_at).strftime("%Y-%m-%d %H:%M")
        assert "原定" not in client.get(tender.get_absolute_url()).text
        ends_at = tender.auction_ends_at + timedelta(seconds=95)
        type(tender.auction).objects.filter(tender=tender).update(ends_at=ends_at)
        page = client.get(tender.get_absolute_url()).text
        assert f"至 {localtime(ends_at):%Y-%m-%d %H:%M:%S}（原定 {planned}" in page

    def test_unknown_numbers_are_404(self, client):
        assert client.get("/tenders/YT2026-999999/").status_code == 404

    def test_questions_on_the_page(self, client):
        tender, firm = make_tender(), make_firm()
        ask = reverse("tenders:ask", args=[tender.number])
        assert client.post(ask, {"text": "问"}).status_code == 302
        client.force_login(tender.created_by)
        refused = client.post(ask, {"text": "业主自问的问题"})
        assert refused.status_code == 403
        assert "业主自问的问题" in refused.text
        client.force_login(member(firm))
        assert client.post(ask, {"text": ""}).status_code == 422
        assert client.post(ask, {"text": "评审费由谁承担？"}).status_code == 302
        page = client.get(tender.get_absolute_url()).text
        assert "评审费由谁承担？" in page
        assert firm.name not in page.split('id="questions"')[1].split("timeline-title")[0]

    def test_answers_on_the_page(self, client):
        tender, firm = make_tender(), make_firm()
        question = ask_question(tender=tender, organization=firm, text="含税吗？", by=member(firm))
        url = reverse("tenders:answer", args=[question.pk])
        client.force_login(member(firm))
        assert client.post(url, {"text": "含"}).status_code == 403
        client.force_login(tender.created_by)
        assert url in client.get(tender.get_absolute_url()).text
        assert client.post(url, {"text": " "}).status_code == 422
        assert client.post(url, {"text": "含税。"}).status_code == 302
        assert client.post(url, {"text": "又改"}).status_code == 409
        client.logout()
        assert "含税。" in client.get(tender.get_absolute_url()).text

    def test_cancelling_on_the_page(self, client):
        tender = make_tender()
        url = reverse("tenders:cancel", args=[tender.number])
        client.force_login(member(make_buyer()))
        assert client.post(url, {"reason": "x"}).status_code == 403
        client.force_login(tender.created_by)
        assert client.get(url).status_code == 200
        assert client.post(url, {"reason": ""}).status_code == 422
        assert client.post(url, {"reason": "项目缓建"}).status_code == 302
        assert "项目缓建" in client.get(tender.get_absolute_url()).text
        assert client.post(url, {"reason": "再次"}).status_code == 409

    def test_the_calendar_is_well_formed(self, client):
        tender = make_tender(title="很长的名称，带逗号;分号" * 4)
        response = client.get(reverse("tenders:calendar", args=[tender.number]))
        assert response["Content-Type"].startswith("text/calendar")
        body = response.content.decode()
        assert body.count("BEGIN:VEVENT") == 2
        assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
        assert "\\," not in body.split("SUMMARY")[0]


class TestDocuments:
    @pytest.fixture(autouse=True)
    def media(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path

    def file(self, content=b"%PDF-1.7 x", name="任务书.pdf"):
        return SimpleUploadedFile(name, content)

    def test_upload_refuse_download(self, client):
        tender = make_tender(status="draft")
        client.force_login(tender.created_by)
        url = reverse("tenders:add_document", args=[tender.number])
        refused = client.post(url, {"file": self.file(b"MZ not a pdf")})
        assert refused.status_code == 422
        assert "文件内容不是 pdf" in refused.text
        assert client.post(url, {"file": self.file()}).status_code == 302
        document = tender.documents.get()
        download = reverse("tenders:document", args=[document.pk])
        own = client.get(download)
        assert own.status_code == 200
        assert b"".join(own.streaming_content) == b"%PDF-1.7 x"
        client.logout()
        assert client.get(download).status_code == 404
        publish_tender(tender=tender, by=tender.created_by)
        response = client.get(download)
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert b"".join(response.streaming_content) == b"%PDF-1.7 x"

    def test_removal_is_the_owners(self, client):
        tender = make_tender(status="draft")
        document = add_document(tender=tender, file=self.file(), by=tender.created_by)
        url = reverse("tenders:remove_document", args=[document.pk])
        client.force_login(member(make_buyer()))
        assert client.post(url).status_code == 404
        client.force_login(tender.created_by)
        assert client.post(url).status_code == 302
        assert not tender.documents.exists()
