"""Les nombres du menu, tous en une requête."""

import time

from django.db.models import Q
from django.utils import timezone

from comptes.models import Role, Utilisateur
from dossier.liste import Filtre
from horloges.registre import DEFINITIONS, URGENT
from notifications.models import Envoi
from plie.instants import dans
from plie.pages import Compte
from plie.requetes import gardee
from prescriptions.listes import StatutPrescription
from prescriptions.models import Prescription
from prescriptions.orientations import a_moi

S = StatutPrescription
PLAFOND = 99
DUREE = 30  # secondes : les délais du menu changent une fois par jour, inutile de les recompter à chaque page
_delais_comptes = {}  # par compte : ce qu’il voyait et quel jour, jusqu’à quand, combien
A_QUI = {Role.RESPONSABLE: S.TRANSMISE, Role.STATISTIQUES: S.A_CONTROLER, Role.ANIMATION: S.ACCORDEE}


def compter(utilisateur):
    """{nom: nombre}, chacun compté jusqu’à 99 : ce qui attend l’utilisateur. Une requête."""
    situation = utilisateur.portee, timezone.localdate()
    comptee, expire, delais = _delais_comptes.get(utilisateur.pk, (None, 0, 0))
    a_compter = comptee != situation or expire < time.monotonic()
    (trouves,) = _comptes(utilisateur, a_compter)
    trouves = {nom.removeprefix("n_"): nombre for nom, nombre in trouves.items()}
    if a_compter:
        delais = sum(trouves.pop(nom) for nom in list(trouves) if nom.startswith("delais_"))
        _delais_comptes[utilisateur.pk] = (situation, time.monotonic() + DUREE, delais)
    return trouves | {"delais": delais}


@gardee()
def _comptes(utilisateur, avec_les_delais):
    comptes = {"alertes": Envoi.objects.alertes_de(utilisateur).non_lues()}
    if utilisateur.a_role(Role.CONSEILLER):
        comptes["participants"] = Filtre({}, utilisateur).personnes
        if avec_les_delais:
            comptes |= {f"delais_{code}": _delais(utilisateur, d) for code, d in DEFINITIONS.items()}
    if (attendues := _attendues(utilisateur)) is not None:
        comptes["prescriptions"] = attendues
    if utilisateur.a_role(Role.PRESCRIPTEUR):
        comptes["orientations"] = Prescription.objects.orientees_par(utilisateur).filter(a_moi())
    expressions = {f"n_{nom}": Compte(lignes, PLAFOND) for nom, lignes in comptes.items()}
    return Utilisateur.objects.filter(pk=utilisateur.pk).order_by().values(**expressions)


def _attendues(utilisateur):
    """Les demandes dont c’est le tour de l’utilisateur, ou None."""
    filtre = Q(pk=None)
    for role, statut in A_QUI.items():
        if utilisateur.a_role(role):
            filtre |= Q(statut=statut)
    if utilisateur.a_role(Role.CONSEILLER):
        antennes = utilisateur.antennes_de(Role.CONSEILLER)
        filtre |= Q(statut=S.ORIENTEE, antenne__in=antennes) | Q(statut=S.A_COMPLETER, conseiller=utilisateur)
    return Prescription.objects.filter(filtre) if filtre != Q(pk=None) else None


def _delais(utilisateur, definition):
    siennes = definition.du_conseiller(utilisateur.pk, utilisateur.antennes_de(Role.CONSEILLER))
    return definition.avant(dans(URGENT)).filter(siennes)
