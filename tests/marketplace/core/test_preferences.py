"""Readers choose theme and elder mode with a plain form."""

from django.http import HttpResponse
from django.test import RequestFactory

from marketplace.core.views_preferences import preferences


def post(**given: str) -> HttpResponse:
    return preferences(RequestFactory().post("/preferences/", given))


def test_a_choice_is_kept_in_a_cookie_and_leads_back():
    response = post(theme="dark", elder="1", next="/tenders/?page=2")
    assert response.status_code == 302
    assert response["Location"] == "/tenders/?page=2"
    assert response.cookies["theme"].value == "dark"
    assert response.cookies["elder"].value == "1"


def test_switching_off_removes_the_cookie():
    assert post(elder="0").cookies["elder"]["max-age"] == 0


def test_unknown_values_and_foreign_places_are_left_alone():
    response = post(theme='"><script>', next="https://example.org/")
    assert response["Location"] == "/"
    assert "theme" not in response.cookies


def test_a_look_does_not_change_by_get():
    assert preferences(RequestFactory().get("/preferences/?theme=dark")).status_code == 405
