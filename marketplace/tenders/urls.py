"""Addresses of the tenders chapter."""

from django.urls import path

from .feeds import TenderFeed
from .views import amendments, documents, drafts, endings, firms, lists, methods, notice, preview

app_name = "tenders"
urlpatterns = [
    path("", lists.tenders, name="tenders"),
    path("export.csv", lists.export, name="export"),
    path("feed/", TenderFeed(), name="feed"),
    path("new/", drafts.new, name="new"),
    path("new/method/", methods.method, name="method"),
    path("new/terms/", drafts.terms, name="terms"),
    path("new/autosave/", drafts.autosave, name="autosave"),
    path("new/drop/", drafts.drop_input, name="drop_input"),
    path("mine/", drafts.mine, name="mine"),
    path("documents/<int:pk>/", documents.download, name="document"),
    path("documents/<int:pk>/remove/", documents.remove, name="remove_document"),
    path("avoidances/<int:pk>/remove/", firms.allow, name="allow"),
    path("invitations/<int:pk>/remove/", firms.uninvite, name="uninvite"),
    path("questions/<int:pk>/answer/", notice.answer, name="answer"),
    path("<str:number>/", notice.tender, name="tender"),
    path("<str:number>/edit/", drafts.edit, name="edit"),
    path("<str:number>/documents/", documents.add, name="add_document"),
    path("<str:number>/preview/", preview.preview, name="preview"),
    path("<str:number>/publish/", preview.publish, name="publish"),
    path("<str:number>/avoid/", firms.avoid, name="avoid"),
    path("<str:number>/invite/", firms.invite, name="invite"),
    path("<str:number>/amend/", amendments.amend, name="amend"),
    path("<str:number>/amend/file/", amendments.amend_file, name="amend_file"),
    path("<str:number>/cancel/", endings.cancel, name="cancel"),
    path("<str:number>/void/", endings.void, name="void"),
    path("<str:number>/scrap/", endings.scrap, name="scrap"),
    path("<str:number>/repost/", endings.repost, name="repost"),
    path("<str:number>/copy/", endings.copy, name="copy"),
    path("<str:number>/discard/", drafts.discard, name="discard"),
    path("<str:number>/ask/", notice.ask, name="ask"),
    path("<str:number>/calendar.ics", notice.calendar, name="calendar"),
]
