"""Notices that an objection holds, draws with their hour, the library's feed; existing agents keep every power."""

from django.db import migrations, models


POWERS = ["bid", "need", "sign", "pay", "deliver", "profile"]


def give_agents_their_powers(apps, schema_editor):
    """Let those who were agents before there were powers go on as they did."""
    apps.get_model("parties", "Membership").objects.filter(role="agent", powers=[]).update(powers=POWERS)


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0005_flow'),
    ]

    operations = [
        migrations.CreateModel(
            name='LibraryFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cursor', models.BigIntegerField(default=0)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': '证照库变更',
                'verbose_name_plural': '证照库变更',
            },
        ),
        migrations.AddField(
            model_name='publicity',
            name='held_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='暂缓时间'),
        ),
        migrations.AddField(
            model_name='spotcheckround',
            name='draws_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='抽取定于'),
        ),
        migrations.AddField(
            model_name='spotcheckround',
            name='fixed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='范围确定时间'),
        ),
        migrations.AddConstraint(
            model_name='publicity',
            constraint=models.CheckConstraint(condition=models.Q(('held_at__isnull', True), ('status__in', ('held', 'failed')), _connector='OR'), name='publicity_held_at'),
        ),
        migrations.RunPython(give_agents_their_powers, migrations.RunPython.noop),
    ]
