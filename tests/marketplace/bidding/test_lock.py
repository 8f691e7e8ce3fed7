"""Who waited for the auction's lock decides on what the other one left, not on what stood there before."""

import threading

import pytest
from django.db import connection, transaction

from marketplace.bidding.models import Bid
from marketplace.core import clock
from marketplace.core.refusals import Refused
from tests.factories.bidding import bid

from .conftest import Scene


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_waited_finds_the_leader_that_the_other_made():
    scene = Scene()
    bid(scene.auction, scene.bidders[1], 9_500_000, clock.now())
    decided, answers = threading.Event(), []

    def first():
        with transaction.atomic():
            bid(scene.auction, scene.bidders[0], 9_000_000, clock.now(), key="first")
            decided.set()
            waiter.join(0.5)  # the other one waits for the lock now
        connection.close()

    def second():
        decided.wait(5)
        try:
            bid(scene.auction, scene.bidders[0], 8_000_000, clock.now(), key="second")
        except Refused as refused:
            answers.append(refused.code)
        connection.close()

    waiter = threading.Thread(target=second)
    holder = threading.Thread(target=first)
    waiter.start()
    holder.start()
    holder.join()
    waiter.join()
    assert answers == ["already_leading"]
    assert Bid.objects.count() == 2
