"""Addresses of the awards chapter."""

from django.urls import path

from . import views

app_name = "awards"
urlpatterns = [
    path("<int:pk>/", views.award, name="award"),
    path("<int:pk>/object/", views.object_to, name="object"),
    path("<int:pk>/accept/", views.accept, name="accept"),
    path("<int:pk>/decline/", views.decline, name="decline"),
    path("objections/<int:pk>/decide/", views.decide, name="decide"),
    path("verify_draw.py", views.verifier, name="verifier"),
    path("scorers/<int:pk>/dismiss/", views.dismiss, name="dismiss"),
    path("selection/<str:number>/", views.selection, name="selection"),
    path("selection/<str:number>/proof.json", views.proof, name="proof"),
    path("selection/<str:number>/replay/", views.replay, name="replay"),
    path("selection/<str:number>/judge/", views.judge, name="judge"),
    path("selection/<str:number>/pick/", views.pick, name="pick"),
    path("selection/<str:number>/scorers/", views.scorers, name="scorers"),
    path("selection/<str:number>/score/", views.score, name="score"),
    path("selection/<str:number>/score/declare/", views.declare, name="declare"),
]
