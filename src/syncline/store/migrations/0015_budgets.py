from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0014_alerts"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallWindow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("connection", models.CharField(max_length=100)),
                ("endpoint", models.CharField(max_length=255)),
                ("window", models.CharField(max_length=100)),
                ("seconds", models.BigIntegerField()),
                ("rolling", models.BooleanField(default=False)),
                ("limit", models.BigIntegerField(null=True)),
                ("used", models.BigIntegerField(default=0)),
                ("resets_at", models.DateTimeField()),
                ("opening", models.BigIntegerField(default=0)),
                ("taken", models.BigIntegerField(default=0)),
                ("flying", models.BigIntegerField(default=0)),
                ("told", models.BigIntegerField(default=0)),
                ("told_by", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "endpoint", "window"), name="call_window_of"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CallCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("connection", models.CharField(max_length=100)),
                ("endpoint", models.CharField(max_length=255)),
                ("hour", models.DateTimeField()),
                ("calls", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("connection", "endpoint", "hour"), name="call_count_of")
                ],
            },
        ),
    ]
