from django.db import migrations, models

import syncline.store.fields


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0008_erasure"),
    ]

    operations = [
        migrations.AddField(
            model_name="syncerror",
            name="tries",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="syncerror",
            name="next_try",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="syncerror",
            name="pauses",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="syncerror",
            name="resolved_by",
            field=syncline.store.fields.PlainText(default=""),
        ),
    ]
