"""Addresses of the bidding chapter."""

from django.urls import path

from . import views

app_name = "bidding"
urlpatterns = [
    path("", views.auctions, name="auctions"),
    path("live/", views.live, name="live"),
    path("practice/", views.practice, name="practice"),
    path("plans/<int:pk>/", views.plan, name="plan"),
    path("verify_auction.py", views.verifier, name="verifier"),
    path("<str:number>/", views.room, name="room"),
    path("<str:number>/replay/", views.replay, name="replay"),
    path("<str:number>/log.json", views.log, name="log"),
    path("<str:number>/bid/", views.bid, name="bid"),
    path("<str:number>/ready/", views.ready, name="ready"),
    path("<str:number>/proxy/", views.proxy, name="proxy"),
    path("<str:number>/events/", views.feed, name="feed"),
    path("<str:number>/outcome/", views.outcome, name="outcome"),
    path("<str:number>/sign-up/", views.enter, name="sign_up"),
    path("<str:number>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:number>/nonce/", views.nonce, name="nonce"),
    path("<str:number>/offer/", views.offer, name="offer"),
    path("<str:number>/offer/withdraw/", views.withdraw_offer, name="withdraw_offer"),
    path("<str:number>/offer/receipt/", views.receipt, name="receipt"),
]
