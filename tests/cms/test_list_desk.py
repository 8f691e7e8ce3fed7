"""The desk of the catalogue's lists: out as a file, in with a preview, all or nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.catalog.actions import load_catalog
from marketplace.catalog.models import CatalogImport, ServiceCategory
from marketplace.core import clock
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db
NEW = "desk_lists:new"


@pytest.fixture(autouse=True)
def catalogue(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    load_catalog(now=clock.now())


def send(client, text, name="services", file="清单.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(reverse(NEW), {"name": name, "file": SimpleUploadedFile(file, content)})


def previewed(client, text, **more):
    answer = send(client, text, **more)
    assert answer.status_code == 302, answer.content.decode()
    upload = CatalogImport.objects.latest("pk")
    assert answer.url == reverse("desk_lists:inspect", args=[upload.pk])
    return upload


def test_a_list_goes_out_and_comes_back_changed(admin_client):
    out = admin_client.get(reverse("desk_lists:export", args=["services", "csv"]))
    assert 'filename="services-' in out["Content-Disposition"]
    upload = previewed(admin_client, out.content.replace("发改价格〔2015〕299号".encode(), "新的依据".encode()))
    page = admin_client.get(reverse("desk_lists:inspect", args=[upload.pk])).content.decode()
    assert "<del>发改价格〔2015〕299号</del>" in page
    assert "<ins>新的依据</ins>" in page
    assert "全部导入" in page
    admin_client.post(reverse("desk_lists:inspect", args=[upload.pk]), {"verb": "apply"})
    assert ServiceCategory.objects.filter(price_basis="新的依据").count() == 8
    page = admin_client.get(reverse("desk_lists:inspect", args=[upload.pk])).content.decode()
    assert 'value="apply"' not in page
    assert 'value="discard"' not in page


def test_errors_come_first_with_their_cell_and_as_a_file(admin_client):
    upload = previewed(admin_client, "服务编码,类别,收费依据\nYT-ZJ-001,没有,x\nYT-ZJ-002,立项与规划,y\n")
    page = admin_client.get(reverse("desk_lists:inspect", args=[upload.pk])).content.decode()
    assert "<strong>B2</strong> 类别：请填写其中之一" in page
    assert 'value="apply"' not in page
    assert "YT-ZJ-002" not in page.split("lists-rows")[-1]
    assert (
        "YT-ZJ-002"
        in admin_client.get(reverse("desk_lists:inspect", args=[upload.pk]), {"outcome": "changed"}).content.decode()
    )
    answer = admin_client.post(reverse("desk_lists:inspect", args=[upload.pk]), {"verb": "apply"})
    assert answer.status_code == 409
    lines = admin_client.get(reverse("desk_lists:errors", args=[upload.pk])).content.decode("utf-8-sig").splitlines()
    assert lines[0] == "行,列,列名,编码,问题"
    assert lines[1].startswith("2,B,类别,YT-ZJ-001,请填写其中之一")


def test_ten_thousand_wrong_rows_are_a_short_page(admin_client):
    rows = "".join(f"X-{number},没有\n" for number in range(10_000))
    upload = previewed(admin_client, "服务编码,类别\n" + rows)
    url = reverse("desk_lists:inspect", args=[upload.pk])
    with CaptureQueriesContext(connection) as queries:
        page = admin_client.get(url).content.decode()
    assert len(page) < 200_000
    assert len(queries) < 25
    assert "page=200" in page
    assert "X-9999" in admin_client.get(url, {"outcome": "wrong", "page": 200}).content.decode()
    assert admin_client.get(url, {"page": "nonsense"}).status_code == 200
    assert admin_client.get(reverse("desk_lists:errors", args=[upload.pk])).content.count(b"\n") > 10_000


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("旧.xls", b"\xd0\xcf\x11\xe0" + b"x" * 20, "另存为 .xlsx"),
        ("a.exe", b"MZ\x90", "请上传 .xlsx 或 .csv"),
        ("a.csv", b"MZ\x90", "文件内容不是 CSV"),
        ("大.csv", b"a," * 6 * 1024 * 1024, "最多 10 MB"),
        ("a.csv", "编号\n1".encode(), "没有找到表头"),
    ],
)
def test_a_wrong_file_is_refused_at_its_field(admin_client, file, content, words):
    answer = send(admin_client, content, file=file)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert not CatalogImport.objects.exists()


def test_a_file_may_be_left(admin_client):
    upload = previewed(admin_client, "服务编码,收费依据\nYT-ZJ-001,x\n")
    admin_client.post(reverse("desk_lists:inspect", args=[upload.pk]), {"verb": "discard"})
    upload.refresh_from_db()
    assert upload.status == "discarded"
    assert upload.decided_by is not None


def test_a_supervisor_looks_and_takes_out_but_brings_nothing_in(supervisor_client):
    assert supervisor_client.get(reverse("desk_lists:index")).status_code == 200
    assert supervisor_client.get(reverse("desk_lists:export", args=["matters", "xlsx"])).status_code == 200
    assert send(supervisor_client, "服务编码\nYT-ZJ-001").status_code == 302
    assert not CatalogImport.objects.exists()


def test_a_stranger_gets_no_list(client):
    client.force_login(make_user())
    assert client.get(reverse("desk_lists:export", args=["services", "csv"])).status_code == 302


def test_other_lists_and_kinds_are_not_there(admin_client):
    assert admin_client.get(reverse("desk_lists:export", args=["users", "csv"])).status_code == 404
    assert admin_client.get(reverse("desk_lists:export", args=["services", "pdf"])).status_code == 404


def test_three_files_cost_as_many_queries_as_one(admin_client):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(reverse("desk_lists:index")).status_code == 200
        assert not any('"plan"' in query["sql"] for query in queries)
        return len(queries)

    previewed(admin_client, "服务编码,收费依据\nYT-ZJ-001,x\n")
    admin_client.get(reverse("desk_lists:index"))
    one = cost()
    previewed(admin_client, "服务编码,收费依据\nYT-ZJ-001,y\n")
    previewed(admin_client, "代码,名称\ncma,新名称\n", name="kinds")
    assert cost() == one


def test_each_file_leads_to_its_preview(admin_client):
    upload = previewed(admin_client, "服务编码,收费依据\nYT-ZJ-001,x\n")
    page = admin_client.get(reverse("desk_lists:index")).content.decode()
    assert reverse("desk_lists:inspect", args=[upload.pk]) in page


@pytest.mark.parametrize("name", ["materials", "results", "aliases", "matters", "kinds"])
def test_desks_of_the_catalogue_cost_the_same_at_one_row_and_at_three(admin_client, name):
    from tests.factories.catalog import make_kind, make_region, make_service

    def add():
        matter = make_service().matters.get()
        matter.materials.create(name="论证报告", is_from_marketplace=True)
        matter.results.create(name="批复", validity_count=2)
        make_region().aliases.create(code=f"3606{matter.pk}", name="旧名")
        make_kind()

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(reverse(f"desk_{name}:index")).status_code == 200
        return len(queries)

    add()
    admin_client.get(reverse(f"desk_{name}:index"))
    one = cost()
    add()
    add()
    assert cost() == one


def test_a_matters_codes_are_checked_at_its_form(admin_client):
    from marketplace.catalog.models import ServiceMatter

    matter = ServiceMatter.objects.get(code="YT-SX-020")
    url = reverse("desk_matters:edit", args=[matter.pk])
    form = admin_client.get(url).context["form"]
    typed = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    page = admin_client.post(
        url, {**typed, "catalog_code": "123", "department_code": "11100000000013338X"}
    ).content.decode()
    assert "基本编码是 12 位数字" in page
    assert "校验码对不上" in page
    answer = admin_client.post(url, {**typed, "task_code": "11370800mb28559184 3370117002011"})
    assert answer.status_code == 302
    matter.refresh_from_db()
    assert matter.task_code == "11370800MB285591843370117002011"
    assert matter.is_fee is None  # what nobody has said stays unsaid
