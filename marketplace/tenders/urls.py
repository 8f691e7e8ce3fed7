"""Addresses of the tenders chapter."""

from django.urls import path

from .feeds import TenderFeed
from .views import documents, drafts, endings, lists, notice

app_name = "tenders"
urlpatterns = [
    path("", lists.tenders, name="tenders"),
    path("export.csv", lists.export, name="export"),
    path("feed/", TenderFeed(), name="feed"),
    path("new/", drafts.new, name="new"),
    path("new/terms/", drafts.terms, name="terms"),
    path("mine/", drafts.mine, name="mine"),
    path("documents/<int:pk>/", documents.download, name="document"),
    path("documents/<int:pk>/remove/", documents.remove, name="remove_document"),
    path("questions/<int:pk>/answer/", notice.answer, name="answer"),
    path("<str:number>/", notice.tender, name="tender"),
    path("<str:number>/edit/", drafts.edit, name="edit"),
    path("<str:number>/documents/", documents.add, name="add_document"),
    path("<str:number>/preview/", drafts.preview, name="preview"),
    path("<str:number>/publish/", drafts.publish, name="publish"),
    path("<str:number>/cancel/", endings.cancel, name="cancel"),
    path("<str:number>/void/", endings.void, name="void"),
    path("<str:number>/scrap/", endings.scrap, name="scrap"),
    path("<str:number>/repost/", endings.repost, name="repost"),
    path("<str:number>/copy/", endings.copy, name="copy"),
    path("<str:number>/discard/", drafts.discard, name="discard"),
    path("<str:number>/ask/", notice.ask, name="ask"),
    path("<str:number>/calendar.ics", notice.calendar, name="calendar"),
]
