"""The desks and the command of webhooks: who looks, who decides, the secret shown once, what is undelivered."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from cms.seed import seed_groups
from marketplace.core import clock
from payments.actions import create_webhook_endpoint, update_webhook_endpoint
from payments.models import PaymentEvent, WebhookDelivery, WebhookEndpoint
from payments.webhooks.courier import deliver_due
from tests.factories.accounts import make_admin, make_user
from tests.factories.payments import make_payment_intent

from .conftest import reply

pytestmark = pytest.mark.django_db
URL = "https://93.184.216.34/hook"


@pytest.fixture
def admin(client):
    client.force_login(make_admin())
    return client


@pytest.fixture
def supervisor(client):
    user = make_user()
    user.groups.add(seed_groups()["supervisors"])
    client.force_login(user)
    return client


def index(name):
    return reverse(f"desk_{name}:index")


def inspect(name, row):
    return reverse(f"desk_{name}:inspect", args=[row.pk])


def text(answer):
    return answer.content.decode()


def press(client, name, row, verb):
    return client.post(inspect(name, row), {"verb": verb}, follow=True)


def test_an_address_is_registered_and_its_secret_shown_once(admin):
    new = reverse("desk_webhooks:new")
    assert f'href="{new}"' in text(admin.get(index("webhooks")))
    refused = admin.post(new, {"url": "https://10.0.0.1/", "enabled_events": ["*"], "description": ""})
    assert refused.status_code == 422
    assert "内部网络" in text(refused)
    assert admin.post(new, {"url": URL}).status_code == 422
    page = text(admin.post(new, {"url": URL, "enabled_events": ["*"], "description": "财政"}, follow=True))
    assert "whsec_" in page
    endpoint = WebhookEndpoint.objects.get()
    again = text(admin.get(inspect("webhooks", endpoint)))
    assert "全部事件" in again
    assert "whsec_" not in again
    listed = text(admin.get(index("webhooks")))
    assert inspect("webhooks", endpoint) in listed  # the name stands in the address as it is
    assert admin.get(inspect("webhooks", endpoint)).status_code == 200


def test_buttons_call_the_actions(admin):
    endpoint = create_webhook_endpoint(url=URL, enabled_events=["refund.created", "refund.failed"])
    page = text(admin.get(inspect("webhooks", endpoint)))
    assert "refund.created、refund.failed" in page
    for verb, shown, hidden in (("disable", "enable", "disable"), ("enable", "disable", "enable")):
        page = text(press(admin, "webhooks", endpoint, verb))
        assert f'value="{shown}"' in page
        assert f'value="{hidden}"' not in page
    old = WebhookEndpoint.objects.get().sealed_secret
    assert "whsec_" in text(press(admin, "webhooks", endpoint, "roll"))
    row = WebhookEndpoint.objects.get()
    assert row.sealed_previous_secret == old
    assert timedelta(hours=23) < row.previous_secret_until - clock.now() <= timedelta(hours=24)
    assert "whsec_" in text(press(admin, "webhooks", endpoint, "roll_now"))
    assert WebhookEndpoint.objects.get().sealed_previous_secret == ""
    assert "已删除" in text(press(admin, "webhooks", endpoint, "delete"))
    assert 'name="verb"' not in text(admin.get(inspect("webhooks", endpoint)))
    assert admin.post(inspect("webhooks", endpoint), {"verb": "delete"}).status_code == 404


def test_what_is_not_delivered_is_found_and_sent_once_more(admin, receiver, endpoint):
    make_payment_intent()
    deliver_due(clock.now())
    make_payment_intent()
    receiver.answers = [reply(500, "fell over")]
    WebhookDelivery.objects.filter(status="pending").update(failures=11)
    deliver_due(clock.now())
    good, bad = WebhookDelivery.objects.order_by("pk")
    page = text(admin.get(index("webhook_deliveries")))
    assert good.event_id in page
    assert "HTTP 500 fell over" in page
    found = text(admin.get(index("webhook_deliveries"), {"status": "undelivered", "endpoint": endpoint.id}))
    assert bad.event_id in found
    assert good.event_id not in found
    assert text(admin.get(index("webhook_deliveries"), {"status": "done"})).count(good.event_id)
    row = text(admin.get(inspect("webhook_deliveries", bad)))
    assert "payment_intent.created" in row
    assert "client_secret" not in row
    update_webhook_endpoint(endpoint=endpoint, is_disabled=False)  # the event given up had disabled it
    receiver.answers = [reply(200)]
    assert "已排入推送" in text(press(admin, "webhook_deliveries", bad, "resend"))
    deliver_due(clock.now())
    bad.refresh_from_db()
    assert bad.status == "done"
    update_webhook_endpoint(endpoint=endpoint, is_disabled=True)
    assert 'value="resend"' not in text(admin.get(inspect("webhook_deliveries", bad)))
    assert "已停用" in text(admin.post(inspect("webhook_deliveries", bad), {"verb": "resend"}))


def test_an_address_that_was_given_up_is_said_where_administrators_begin(admin, receiver, endpoint):
    home = reverse("wagtailadmin_home")
    assert "因连续失败停用" not in text(admin.get(home))
    make_payment_intent()
    WebhookDelivery.objects.update(failures=11)
    receiver.answers = [reply(500)]
    deliver_due(clock.now())
    assert "个事件推送地址因连续失败停用" in text(admin.get(home))
    assert "因连续三天失败停用" in text(admin.get(index("webhooks"), {"status": "disabled"}))
    press(admin, "webhooks", endpoint, "enable")
    assert "因连续失败停用" not in text(admin.get(home))


@pytest.mark.parametrize("name", ["webhooks", "webhook_deliveries"])
def test_supervisors_look_and_strangers_do_not(supervisor, name):
    endpoint = create_webhook_endpoint(url=URL, enabled_events=["*"])
    make_payment_intent()
    row = endpoint if name == "webhooks" else WebhookDelivery.objects.get()
    assert supervisor.get(index(name)).status_code == 200
    assert 'name="verb"' not in text(supervisor.get(inspect(name, row)))
    for verb in ("disable", "roll_now", "delete", "resend"):
        supervisor.post(inspect(name, row), {"verb": verb})
    assert supervisor.get(reverse("desk_webhooks:new")).status_code == 302
    now = WebhookEndpoint.objects.get()
    assert (now.status, now.deleted_at, now.sealed_secret) == ("enabled", None, endpoint.sealed_secret)
    supervisor.force_login(make_user())
    assert supervisor.get(index(name)).status_code in {302, 403}


@pytest.mark.parametrize("name", ["webhooks", "webhook_deliveries"])
def test_a_longer_list_asks_no_more(admin, django_assert_num_queries, name):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    create_webhook_endpoint(url=URL, enabled_events=["*"])
    make_payment_intent()
    admin.get(index(name))
    with CaptureQueriesContext(
        connection,
    ) as short:
        admin.get(index(name))
    for _number in range(2):
        create_webhook_endpoint(url=URL, enabled_events=["*"])
        make_payment_intent()
    with django_assert_num_queries(len(short)):
        admin.get(index(name))


def command(*words, **options):
    out = StringIO()
    call_command("webhooks", *words, stdout=out, **options)
    return out.getvalue()


def test_the_command_lists_resends_and_sends(receiver, endpoint):
    for _number in range(2):
        make_payment_intent()
    WebhookDelivery.objects.update(failures=11)
    receiver.answers = [reply(500)]
    assert "推送了 2 次" in command("send")
    assert "已停用" in _refusal("resend", endpoint=endpoint.id)
    update_webhook_endpoint(endpoint=endpoint, is_disabled=False)
    listed = command()
    assert listed.count("已放弃，试过 1 次 HTTP 500") == 2
    assert "共 2 条没有送达" in listed
    receiver.answers = [reply(200)]
    assert "已排入 2 次推送" in command("resend", endpoint=endpoint.id)
    assert "下次" in command("list", endpoint=endpoint.id)
    command("send")
    assert "共 0 条没有送达" in command()
    event = PaymentEvent.objects.first()
    assert "已排入 1 次推送" in command("resend", event.id)
    assert "推送了 1 次" in command("send")
    assert len(receiver.taken) == 5


def _refusal(*words, **options):
    with pytest.raises(CommandError) as refused:
        command(*words, **options)
    return str(refused.value)


def test_the_command_says_what_it_does_not_know():
    assert "没有推送地址 we_x" in _refusal(endpoint="we_x")
    assert "没有事件 evt_x" in _refusal("resend", "evt_x")
    assert "请写明事件编号" in _refusal("resend")
    assert "只用于 resend" in _refusal("list", "evt_x")
