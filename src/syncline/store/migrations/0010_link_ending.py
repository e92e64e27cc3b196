from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_next_try"),
    ]

    operations = [
        migrations.AddField(
            model_name="link",
            name="ended_as",
            field=models.CharField(default="", max_length=20),
        ),
        migrations.AddField(
            model_name="link",
            name="ended_side",
            field=models.CharField(default="", max_length=5),
        ),
        migrations.AddIndex(
            model_name="mirrorrecord",
            index=models.Index(
                condition=Q(("fate__isnull", False)),
                fields=["connection", "object_type"],
                name="mirror_fated",
            ),
        ),
    ]
