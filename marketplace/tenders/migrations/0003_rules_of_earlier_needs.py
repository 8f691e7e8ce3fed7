"""Say in the frozen rules of earlier needs what has become a setting since, with the values by which they ran until now."""

from django.db import migrations

# As live bidding was before: no extension of the sign-up, nobody follows, a bid binds, ties of firms were not looked for.
AS_BEFORE = {
    "too_few": {"extensions": 0, "working_days": 2},
    "reserves": 0,
    "acceptance_working_days": 0,
    "amendment_working_days": 1,
    "conflicts": [],
    "shareholder_percent": 20,
    "credit_without_reviews": 8000,
    "low_offer_percent": 0,
    "ties": ["credit", "draw"],
}


def complete(apps, schema_editor):
    tender_model = apps.get_model("tenders", "Tender")
    for tender in tender_model.objects.exclude(published_at=None).exclude(rules={}).order_by("pk").iterator():
        rules = {**AS_BEFORE, **tender.rules}
        seconds = rules.pop("standstill_seconds", 0)
        rules.setdefault("working_day_seconds", seconds)
        if rules != tender.rules:
            tender_model.objects.filter(pk=tender.pk).update(rules=rules)
    tender_model.objects.filter(money_kind="fiscal", fiscal_percent=0).update(fiscal_percent=100)


class Migration(migrations.Migration):
    dependencies = [("tenders", "0002_every_way_to_select")]

    operations = [migrations.RunPython(complete, migrations.RunPython.noop)]
