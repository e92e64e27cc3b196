from django.db import migrations

import syncline.store.fields


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0016_schedules"),
    ]

    operations = [
        migrations.AddField(
            model_name="sweep",
            name="cursor",
            field=syncline.store.fields.JsonText(null=True),
        ),
        migrations.AddField(
            model_name="sweep",
            name="missing",
            field=syncline.store.fields.JsonText(default=list),
        ),
    ]
