"""/healthz tells of parts that the site can do without, and stays well while they are not."""

import pytest
from django.test import Client

from marketplace.core import health


@pytest.mark.django_db
def test_parts_say_how_they_stand(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_parts", {})

    @health.part("search")
    def standing() -> dict[str, object]:
        return {"answers": False, "owed": 3}

    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["search"] == {"answers": False, "owed": 3}
