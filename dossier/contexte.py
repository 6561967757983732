"""Ce que le cadre de chaque page attend : navigation, structure, alertes. Rien n’est lu tant que rien n’est affiché."""

import functools

from django.conf import settings
from django.urls import reverse

from comptes.models import Role
from dossier.cadre import compter
from reglages.lecture import structure


def cadre(request):
    utilisateur = getattr(request, "user", None)
    if utilisateur is None or not utilisateur.is_authenticated:
        return {"structure": identite}
    comptes = functools.cache(lambda: compter(utilisateur))
    contexte = {
        "structure": identite,
        "navigation": lambda: navigation(utilisateur, request.path, comptes()),
        "alertes_nombre": lambda: comptes()["alertes"],
    }
    if not utilisateur.a_role(*CHERCHENT):
        siennes = {"url": reverse("orientations:liste"), "invite": "Nom, n° de demande"}
        contexte["recherche"] = siennes if utilisateur.a_role(Role.PRESCRIPTEUR) else False
    return contexte


CHERCHENT = (Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION, Role.ENTREPRISES)
LISENT_LES_DOSSIERS = (Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION)
SUIVENT_LES_DELAIS = (Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES)


def identite():
    """« PLIE du Dunkerquois » s’écrit sur deux lignes : le premier mot, puis le reste."""
    nom, _, sous_titre = structure().nom.partition(" ")
    return {"nom": nom, "sous_titre": sous_titre}


def navigation(utilisateur, chemin, comptes):
    """Les groupes de liens du menu, selon les rôles tenus."""
    groupes = [("", [("Ma journée", reverse("dossier:journee"), "home", None)])]
    groupes.append(("", _orienter(utilisateur, comptes)))
    groupes.append((_titre(utilisateur), _accompagner(utilisateur, comptes)))
    if utilisateur.a_role(*SUIVENT_LES_DELAIS):
        groupes.append(("Suivre", [("Délais", reverse("delais:liste"), "clock-exclamation", comptes.get("delais"))]))
    if utilisateur.is_staff:
        groupes.append(("Régler", [("Administration", reverse("admin:index"), "settings", None)]))
    if settings.DEMONSTRATION:
        groupes.append(("Démonstration", [("Courriels partis", reverse("courriels"), "mail", None)]))
    actif = _le_plus_proche(chemin, [url for _, liens in groupes for _, url, *_ in liens])
    return [{"titre": titre, "liens": [_lien(*lien, actif) for lien in liens]} for titre, liens in groupes if liens]


def _le_plus_proche(chemin, adresses):
    """De plusieurs liens qui mènent à `chemin`, le plus précis : un seul est « courant »."""
    menent = [url for url in adresses if chemin == url or (url != "/" and chemin.startswith(url))]
    return max(menent, key=len, default=None)


def _orienter(utilisateur, comptes):
    if not utilisateur.a_role(Role.PRESCRIPTEUR):
        return []
    return [
        ("Orienter", reverse("orientations:nouvelle"), "send", None),
        ("Orientations", reverse("orientations:liste"), "list-check", comptes.get("orientations")),
    ]


def _titre(utilisateur):
    return "Accompagner" if utilisateur.a_role(Role.CONSEILLER) else "Dossiers"


def _accompagner(utilisateur, comptes):
    if not utilisateur.a_role(*LISENT_LES_DOSSIERS):
        return []
    return [
        ("Participants", reverse("dossier:participants"), "users", comptes.get("participants")),
        ("Prescriptions", reverse("prescriptions:liste"), "send", comptes.get("prescriptions")),
    ]


def _lien(nom, url, icone, compte, actif):
    return {"nom": nom, "url": url, "icone": icone, "compte": _court(compte), "actif": url == actif}


def _court(nombre):
    return "99+" if nombre and nombre > 99 else nombre
