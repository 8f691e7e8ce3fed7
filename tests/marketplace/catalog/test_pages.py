"""The public pages: what stands on them, what is said where nothing is known, and what they cost."""

from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.catalog import queries
from marketplace.catalog.actions import load_catalog
from marketplace.catalog.elements import ELEMENTS, GROUPS, unknown
from marketplace.catalog.models import ApplicationMaterial, ApprovalResult, ServiceCategory, ServiceMatter
from marketplace.core import clock
from tests.factories.catalog import make_service
from tests.factories.parties import make_firm

pytestmark = pytest.mark.django_db
LIST = "/services/"


def cost(client, url):
    client.get(url)  # figures are counted once for all who look
    with CaptureQueriesContext(connection) as found:
        page = client.get(url)
    assert page.status_code == 200
    return len(found)


def test_there_are_thirty_six_elements_each_with_fields_that_there_are():
    assert sorted(one.number for one in ELEMENTS) == list(range(1, 37))
    fields = {field.name for field in ServiceMatter._meta.get_fields()}
    assert {name for one in ELEMENTS for name in one.fields} <= fields


def test_every_field_of_a_matter_is_an_element_or_belongs_to_one():
    held = {name for one in ELEMENTS for name in one.fields}
    beside = {"id", "code", "name_en", "department_en", "statutory_unit", "promised_unit"}
    assert {field.name for field in ServiceMatter._meta.concrete_fields} - held == beside


def test_the_page_of_a_matter_groups_what_is_known(client):
    service = make_service(name="出具报告")
    matter = service.matters.get()
    ServiceMatter.objects.filter(pk=matter.pk).update(
        task_type="01", statutory_count=20, promised_count=5, promised_unit="day", is_fee=False, accept_condition="条件一\n条件二",
        online_url_pc="https://example.gov.cn/a", is_single_login_pc=True, plan_effect_date=date(2020, 1, 1), limit_scene_num=0,
    )  # fmt: skip
    paper = ApplicationMaterial.objects.create(
        matter=matter, name="论证报告", is_from_marketplace=True, copies=2, form="paper"
    )
    service.materials.add(paper)
    ApprovalResult.objects.create(matter=matter, name="批复", kind="decision", validity_count=2)
    page = client.get(matter.get_absolute_url()).content.decode()
    for words in (
        "行政许可",
        "20 个工作日",
        "5 天（自然日）",
        "条件一<br>条件二",
        "电脑端：是",
        "论证报告",
        "可由中介服务成果充当",
        "批复",
        "有效期 2 年",
        "2 份",
    ):
        assert words in page, words
    assert 'href="https://example.gov.cn/a"' in page
    assert "还没有登记，登记前不自编" in page
    assert f'href="{service.get_absolute_url()}"' in page


def test_the_page_of_a_matter_says_what_nobody_has_entered(client):
    matter = make_service().matters.get()
    page = client.get(matter.get_absolute_url()).content.decode()
    assert "以审批部门的办事指南为准" in page
    missing = unknown(matter, [one for _heading, part in GROUPS for one in part])
    assert "业务办理项编码" in {str(one.name) for one in missing}
    assert f"36 项要素已登记 {35 - len(missing)} 项" in page
    assert client.get(reverse("catalog:matter", args=["nothing"])).status_code == 404


@pytest.mark.parametrize(
    ("state", "since", "until", "words"),
    [
        ("in_use", None, None, "在用"),
        ("paused", None, None, "现在不用"),
        ("in_use", date(2099, 1, 1), None, "现在不用"),
        ("in_use", None, date(2020, 1, 1), "现在不用"),
        ("cancelled", None, None, "取消"),
    ],
)
def test_a_matter_out_of_force_is_marked(client, state, since, until, words):
    matter = make_service().matters.get()
    ServiceMatter.objects.update(task_state=state, plan_effect_date=since, plan_cancel_date=until)
    head = client.get(matter.get_absolute_url()).content.decode().split("notice-number")[1][:400]
    assert words in head


def test_the_page_of_a_service_says_who_entrusts_and_what_decides(client):
    load_catalog(now=clock.now())
    page = client.get("/services/YT-ZJ-026/").content.decode()
    assert "测绘资质 乙级及以上（工程测量）；测绘资质 乙级及以上（界线与不动产测绘）" in page
    assert "申请人委托" in page
    assert "“规划核实”的申请材料：竣工测量成果报告" in page
    page = client.get("/services/YT-ZJ-028/").content.decode()
    assert "审批部门委托，费用不由申请人承担" in page
    assert "申请人可以自己做吗" not in page
    page = client.get("/services/YT-ZJ-001/").content.decode()
    assert "市场调节价" in page
    assert "发改价格〔2015〕299号" in page
    assert "不要求任何资质证书" in page
    assert "目录里还没有登记" in page


def test_the_list_narrows_by_who_entrusts_who_may_and_state(client):
    load_catalog(now=clock.now())
    ServiceCategory.objects.filter(code="YT-ZJ-001").update(status="cancelled")

    def codes(**asked):
        page = client.get(LIST, asked).content.decode()
        return {code for code in ServiceCategory.objects.values_list("code", flat=True) if f">{code}<" in page}

    assert len(codes()) == 69
    assert codes(entrusted="department") == {"YT-ZJ-006", "YT-ZJ-008", "YT-ZJ-028"}
    assert codes(state="cancelled") == {"YT-ZJ-001"}
    assert "YT-ZJ-002" in codes(itself="yes")
    assert "YT-ZJ-003" not in codes(itself="yes")
    assert codes(itself="yes") | codes(itself="no") | codes(entrusted="department") == codes()
    assert not codes(itself="yes") & codes(itself="no")
    assert codes(group="land", entrusted="department") == {"YT-ZJ-028"}
    assert len(codes(state="nonsense")) == 69


def test_filters_are_kept_when_one_searches(client):
    load_catalog(now=clock.now())
    page = client.get(LIST, {"entrusted": "department", "q": "评审"}).content.decode()
    assert '<input type="hidden" name="entrusted" value="department">' in page


def test_pages_cost_the_same_at_one_row_and_at_three(client):
    service = make_service()
    matter = service.matters.get()
    firms = [make_firm(services=[service])]

    def add(number):
        paper = ApplicationMaterial.objects.create(matter=matter, name=f"材料{number}", is_from_marketplace=True)
        ApprovalResult.objects.create(matter=matter, name=f"结果{number}")
        service.materials.add(paper)

    add(1)
    urls = [LIST, service.get_absolute_url(), matter.get_absolute_url()]
    one = [cost(client, url) for url in urls]
    for number in (2, 3):
        add(number)
        other = make_service()
        other.matters.add(matter)
        service.matters.add(other.matters.exclude(pk=matter.pk).get())
        firms.append(make_firm(services=[service, other]))
    assert [cost(client, url) for url in urls] == one


def test_where_there_are_many_firms_figures_are_at_most_half_a_minute_old(client, monkeypatch):
    service = make_service()
    make_firm(services=[service])
    assert "1 家机构" in client.get(LIST).content.decode()
    make_firm(services=[service])
    assert "2 家机构" in client.get(LIST).content.decode()  # counted anew where it costs nothing
    monkeypatch.setattr(queries, "MANY", 2)
    assert "2 家机构" in client.get(LIST).content.decode()
    make_firm(services=[service])
    assert "2 家机构" in client.get(LIST).content.decode()
    cache.clear()
    assert "3 家机构" in client.get(LIST).content.decode()
