"""Ce que les tests des écrans de la demande disent tous : une adresse, une relecture, un conseiller signé."""

from django.urls import reverse

from prescriptions.models import Prescription
from tests.prescriptions.dossiers import demande, renvoyee

LISTE = "/prescriptions/"


def url(nom, prescription):
    return reverse(f"prescriptions:{nom}", args=[prescription.pk])


def du_conseiller(client, etat="prise", **champs):
    """La demande ; `client` est signé par son conseiller."""
    prescription = renvoyee(**champs) if etat == "a_completer" else demande(etat, **champs)
    client.force_login(prescription.conseiller)
    return prescription


def relue(prescription):
    return Prescription.objects.get(pk=prescription.pk)


def noms(reponse):
    return [x["nom"] for x in reponse.context["lignes"]]
