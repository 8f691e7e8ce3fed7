"""Give the awards of live auctions that stand already their choice: its inputs are their bids, its result is computed from them."""

from django.db import migrations


def make_choices(apps, schema_editor):
    from marketplace.awards.methods import rank

    award_model, selection_model = apps.get_model("awards", "Award"), apps.get_model("awards", "Selection")
    bid_model = apps.get_model("bidding", "Bid")
    for award in award_model.objects.filter(selection=None).select_related("tender").order_by("pk"):
        tender = award.tender
        selection = selection_model.objects.filter(tender=tender).first()
        if selection is None:
            bids = list(bid_model.objects.filter(auction__tender=tender).order_by("sequence"))
            firms = [
                {
                    "firm": bidder.label,
                    "code": bidder.organization.uscc or f"party-{bidder.organization_id}",
                    "credit": 8000,
                    "offers": [
                        {"amount_fen": bid.amount_fen, "sequence": bid.sequence}
                        for bid in bids
                        if bid.bidder_id == bidder.pk
                    ],
                    "points": {},
                }
                for bidder in tender.bidders.filter(status="active").select_related("organization")
            ]
            inputs = {
                "tender": tender.number,
                "ceiling_fen": tender.ceiling_fen,
                "floor_fen": None,
                "pick": None,
                "firms": sorted(firms, key=lambda firm: firm["code"]),
            }
            selection = selection_model.objects.create(
                tender=tender,
                status="decided",
                inputs=inputs,
                result=rank("live_auction", inputs, tender.rules, None).as_data(),
                committed_at=award.proposed_at,
                decided_at=award.proposed_at,
            )
        award.selection = selection
        award.save(update_fields=["selection"])
        tender.disclosed_at = award.proposed_at
        tender.save(update_fields=["disclosed_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("awards", "0002_every_way_to_select"),
        ("bidding", "0002_every_way_to_select"),
        ("tenders", "0003_rules_of_earlier_needs"),
    ]

    operations = [migrations.RunPython(make_choices, migrations.RunPython.noop)]
