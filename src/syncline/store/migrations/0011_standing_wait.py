from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0010_link_ending"),
    ]

    operations = [
        migrations.CreateModel(
            name="StandingWait",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sync", models.CharField(max_length=100)),
                ("waits_for", models.CharField(max_length=255)),
                ("side", models.CharField(max_length=5)),
                ("object_type", models.CharField(max_length=100)),
                ("remote_id", models.CharField(max_length=255)),
                ("run_id", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("sync", "waits_for", "side", "object_type", "remote_id"),
                        name="standing_wait_of",
                    )
                ],
            },
        ),
    ]
