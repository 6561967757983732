"""Ce que proposent les menus d’une liste, en une requête."""

from django.db.models import CharField, F, Value
from django.db.models.functions import Concat

from comptes.models import ROLES_DU_SIEGE, Role, Utilisateur
from territoire.models import Antenne


def antennes_et_conseillers(utilisateur, *autres):
    """{"antenne": [(clé, nom)], "conseiller": […]} dans le périmètre ; `autres` : QuerySets de (genre_, pk, nom_)."""
    antennes = Antenne.objects.filter(ouverte=True)
    conseillers = Utilisateur.objects.filter(is_active=True, attributions__role=Role.CONSEILLER)
    if not utilisateur.a_role(*ROLES_DU_SIEGE):
        siennes = utilisateur.antennes_de(Role.CONSEILLER)
        antennes, conseillers = antennes.filter(pk__in=siennes), conseillers.filter(attributions__antenne__in=siennes)
    nom = Concat("prenom", Value(" "), "nom", output_field=CharField())
    lignes = nommer(antennes, "antenne", F("nom")).union(nommer(conseillers.distinct(), "conseiller", nom), *autres)
    proposes = {"antenne": [], "conseiller": []}
    for genre, cle, libelle in lignes.order_by("genre_", "nom_"):
        proposes.setdefault(genre, []).append((cle, libelle))
    return proposes


def nommer(objets, genre, nom):
    annotes = objets.order_by().annotate(genre_=Value(genre, CharField()), nom_=nom)
    return annotes.values_list("genre_", "pk", "nom_")
