from django.db import migrations


def vider(apps, schema_editor):
    """Un bilan se refait de la base au passage suivant ; ceux qui avaient doublé empêcheraient la contrainte."""
    apps.get_model("delais", "Bilan").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("delais", "0001_registre_des_delais")]

    operations = [migrations.RunPython(vider, migrations.RunPython.noop)]
