from django.core.management import call_command
from django.db import migrations


def creer(apps, schema_editor):
    """Les compteurs d’essais sont en base, pour tous les processus (AU3)."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("comptes", "0002_initiale")]
    operations = [migrations.RunPython(creer, migrations.RunPython.noop)]
