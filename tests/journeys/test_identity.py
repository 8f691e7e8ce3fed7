"""The unified identity, as people meet it: who is proven to act for a firm enters it, a colleague joins, one switches.

The identity provider is the local one, a process of its own that speaks OpenID Connect; the licence library is the local one too.
"""

import pytest
from django.urls import reverse

from marketplace.accounts.sandbox import roster
from marketplace.accounts.sandbox.roster import Holder
from marketplace.core.events import broken_links
from marketplace.core.models import Process
from marketplace.parties.models import Organization
from marketplace.parties.uscc import make_uscc
from marketplace.settings.identity import providers
from tests.factories.identities import come_by, identity_provider
from tests.factories.licences import make_holder
from tests.journeys.conftest import Person

pytestmark = pytest.mark.django_db(transaction=True)
CODE, BODY = make_uscc("91360602MTE000001"), make_uscc("11360600MTE000002")
AGENTS = [
    Holder("li", "legal", "虚构测绘有限公司", uscc=CODE, agent="李示例"),
    Holder("wang", "legal", "虚构测绘有限公司", uscc=CODE, agent="王示例"),
    Holder("zhao", "legal", "虚构测绘有限公司", uscc=CODE, agent="赵示例", level="L1"),
]
PLAIN = "YT-ZJ-014"


@pytest.fixture
def provider(tmp_path, settings):
    roster.write(tmp_path / "identity", AGENTS)
    with identity_provider(tmp_path / "identity") as running:
        settings.IDENTITY_CLIENTS = running.clients
        settings.SOCIALACCOUNT_PROVIDERS = providers(running.clients)
        yield running


def arrive(who: str) -> tuple[Person, str]:
    """Come by the unified identity for the first time, open an account, and read the desk."""
    person = Person()
    come_by(person.client, "legal", who, among=AGENTS)
    person.send("/account/identity/", open="1")
    return person, person.visit(reverse("process:desk"))


def test_a_firm_whose_people_come_by_the_unified_identity(time, library, provider):
    library.issue(make_holder(code=CODE))

    first, desk = arrive("li")
    assert "“虚构测绘有限公司”可以马上入驻" in desk
    assert f'value="{CODE}"' in first.visit("/entry/")
    assert "虚构测绘有限公司" in first.send("/entry/", uscc=CODE)
    first.send("/entry/services/", services=[PLAIN], contact_name="李示例", phone="13900002222")
    assert "虚构测绘有限公司已入驻" in first.send("/entry/check/", committed="on")
    firm = Organization.objects.get(uscc=CODE)

    second, desk = arrive("wang")
    assert "您已证明代表“虚构测绘有限公司”" in desk
    claim = f"{reverse('parties:claim_new')}?code={CODE}"
    assert "不用授权材料" in second.visit(claim)
    assert "您现在可以代表“虚构测绘有限公司”办理业务" in second.send(claim, statement="")
    assert sorted(str(row.user) for row in firm.memberships.select_related("user")) == ["李示例", "王示例"]
    time.go_on(minutes=1)
    assert "王示例" in first.visit(reverse("accounts:inbox"))  # who acted before is told

    third, desk = arrive("zhao")  # proven too weakly to act at once
    assert "您已证明代表" not in desk
    assert 'name="file"' in third.visit(claim)
    assert not firm.memberships.filter(user__display_name="赵示例").exists()

    body = {
        "kind": "public_body",
        "uscc": BODY,
        "name": "鹰潭市虚构局",
        "contact_name": "王示例",
        "phone": "13900003333",
    }
    second.send("/entry/owner/", **body, committed="on")
    owner = Organization.objects.get(uscc=BODY)
    assert "鹰潭市虚构局" in second.visit(reverse("process:desk"))
    second.send(reverse("parties:switch"), organization=firm.pk)
    assert "虚构测绘有限公司" in second.visit(reverse("process:desk"))
    for organization in (firm, owner):
        assert broken_links(Process.objects.get(pk=organization.process_id)) == []
