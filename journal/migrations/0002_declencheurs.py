from django.db import migrations

from journal import declencheurs


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initiale")]
    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: declencheurs.poser(schema_editor),
            lambda apps, schema_editor: declencheurs.retirer(schema_editor),
        )
    ]
