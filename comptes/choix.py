"""Ce que proposent les menus d’une liste, en une requête."""

from django.db.models import CharField, F, Value
from django.db.models.functions import Concat

from comptes.models import ROLES_DU_SIEGE, Role, Utilisateur
from plie.requetes import gardee
from territoire.models import Antenne


def antennes_et_conseillers(utilisateur, **autres):
    """{"antenne": [(clé, nom)], "conseiller": […]} dans le périmètre ; `autres` : {genre: fonction} rendant des objets à
    proposer à tous, qui ont un `nom`.
    """
    proposes = {genre: [] for genre in ("antenne", "conseiller", *autres)}
    for genre, cle, libelle in _choix(utilisateur, *autres.items()):
        proposes[genre].append((cle, libelle))
    return proposes


@gardee()
def _choix(utilisateur, *autres):
    antennes = Antenne.objects.filter(ouverte=True)
    conseillers = Utilisateur.objects.filter(is_active=True, attributions__role=Role.CONSEILLER)
    if not utilisateur.a_role(*ROLES_DU_SIEGE):
        siennes = utilisateur.antennes_de(Role.CONSEILLER)
        antennes, conseillers = antennes.filter(pk__in=siennes), conseillers.filter(attributions__antenne__in=siennes)
    nom = Concat("prenom", Value(" "), "nom", output_field=CharField())
    lignes = _nommer(antennes, "antenne", F("nom")).union(
        _nommer(conseillers.distinct(), "conseiller", nom),
        *(_nommer(objets(), genre, F("nom")) for genre, objets in autres),
    )
    return lignes.order_by("genre_", "nom_")


def _nommer(objets, genre, nom):
    annotes = objets.order_by().annotate(genre_=Value(genre, CharField()), nom_=nom)
    return annotes.values_list("genre_", "pk", "nom_")
