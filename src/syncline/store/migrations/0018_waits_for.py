from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0017_sweep_resumes"),
    ]

    operations = [
        migrations.AddField(
            model_name="schedulestate",
            name="connection",
            field=models.CharField(default="", max_length=100),
        ),
    ]
