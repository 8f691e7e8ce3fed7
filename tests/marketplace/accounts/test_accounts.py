import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from marketplace.accounts.actions import clean_phone, create_account, notify, read_message
from marketplace.accounts.models import Message, User
from marketplace.core import clock
from marketplace.core.refusals import Refused
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


def sign_in(client, username, password, **more):
    return client.post(reverse("accounts:sign_in"), {"username": username, "password": password, **more})


def test_signing_in_leads_on(client):
    make_user(username="river")
    response = sign_in(client, " River ", PASSWORD, next="/firms/")
    assert (response.status_code, response["Location"]) == (302, "/firms/")
    assert client.get(reverse("accounts:sign_in"), {"next": "/firms/"})["Location"] == "/firms/"


def test_a_foreign_next_is_not_followed(client):
    make_user(username="river")
    assert sign_in(client, "river", PASSWORD, next="https://example.invalid/")["Location"] == reverse("process:desk")


def test_wrong_words_are_told_and_the_name_is_kept(client):
    response = sign_in(client, "somebody", "wrong")
    assert response.status_code == 422
    page = response.content.decode()
    assert "用户名或密码不对" in page
    assert 'value="somebody"' in page
    assert "请填写密码" in sign_in(client, "somebody", "").content.decode()


def test_ten_failures_make_it_wait(client):
    make_user(username="river")
    for _time in range(10):
        assert sign_in(client, "river", "wrong").status_code == 422
    response = sign_in(client, "river", PASSWORD)
    assert response.status_code == 429
    assert "登录失败次数太多" in response.content.decode()
    make_user(username="other")
    assert sign_in(client, "other", PASSWORD).status_code == 302


def test_signing_out_needs_a_post(client):
    client.force_login(make_user())
    assert client.get(reverse("accounts:sign_out")).status_code == 405
    client.post(reverse("accounts:sign_out"))
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"username": "a"}, "username_invalid"),
        ({"username": "TAKEN"}, "username_taken"),
        ({"password": "short"}, "password_weak"),
        ({"password": "12345678901"}, "password_weak"),
        ({"phone": "123"}, "phone_invalid"),
    ],
)
def test_accounts_are_refused_in_words(values, code):
    make_user(username="taken")
    with pytest.raises(Refused) as refused:
        create_account(**{"username": "fresh", "password": PASSWORD, **values})
    assert refused.value.code == code
    assert refused.value.field in ("username", "password", "phone")
    assert User.objects.count() == 1


def test_a_mobile_number_as_name_is_the_telephone_too():
    assert create_account(username="１３９００００１２３４", password=PASSWORD).phone == "13900001234"
    assert clean_phone("+86 139 0000 1234") == "13900001234"
    assert clean_phone("0701-6440000") == "0701-6440000"


def test_a_message_is_written_once_and_mailed_once():
    user = make_user()
    for _time in range(2):
        notify(user=user, title="有新需求", body="请报名", url="/tenders/", key="tender-1", now=clock.now())
    notify(user=user, title="没有键的", now=clock.now())
    assert Message.objects.count() == 2
    assert [one.subject.endswith("有新需求") for one in mail.outbox] == [True, False]
    assert "/tenders/" in mail.outbox[0].body


def test_the_inbox_is_one_persons(client):
    user, stranger = make_user(), make_user()
    message = notify(user=user, title="给您的消息", body="正文", url="/firms/", now=clock.now())
    assert client.get(reverse("accounts:inbox")).status_code == 302
    client.force_login(stranger)
    assert "给您的消息" not in client.get(reverse("accounts:inbox")).content.decode()
    assert client.get(reverse("accounts:message", args=[message.pk])).status_code == 404
    with pytest.raises(Refused):
        read_message(message=message, by=stranger, now=clock.now())
    client.force_login(user)
    assert "is-unread" in client.get(reverse("accounts:inbox")).content.decode()
    assert "正文" in client.get(reverse("accounts:message", args=[message.pk])).content.decode()
    assert "is-unread" not in client.get(reverse("accounts:inbox")).content.decode()
