from django.db import migrations, models

import syncline.store.fields


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0011_standing_wait"),
    ]

    operations = [
        migrations.CreateModel(
            name="RunProgress",
            fields=[
                ("sync", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=255)),
                ("step", syncline.store.fields.PlainText()),
                ("done", models.BigIntegerField()),
                ("total", models.BigIntegerField(null=True)),
                ("began_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Wish",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sync", models.CharField(max_length=100)),
                ("work", models.CharField(max_length=100)),
                ("arguments", syncline.store.fields.JsonText(default=dict)),
                ("wanted_at", models.DateTimeField()),
                ("by", models.CharField(max_length=100)),
                ("state", models.CharField(max_length=20)),
                ("run_id", models.BigIntegerField(null=True)),
                ("result", syncline.store.fields.JsonText(null=True)),
                ("error", syncline.store.fields.JsonText(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state"], name="wish_state")],
            },
        ),
    ]
