"""What was owed to the handlers of messages when they moved is owed to them under their new name."""

from django.db import migrations

OLD, NEW = "marketplace.parties.handlers", "marketplace.parties.handlers.messages"
MOVED = ("welcome", "tell_outcome", "tell_suspension")


def rename(apps, old, new):
    Delivery = apps.get_model("core", "Delivery")
    for name in MOVED:
        Delivery.objects.filter(handler=f"{old}.{name}").update(handler=f"{new}.{name}")


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("parties", "0008_practitioner_scans"),
    ]

    operations = [
        migrations.RunPython(
            lambda apps, editor: rename(apps, OLD, NEW),
            lambda apps, editor: rename(apps, NEW, OLD),
        ),
    ]
