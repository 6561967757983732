"""Ce que dit une demande, écrit dans un dossier déjà connu.

Tout de suite quand le dossier n’est à aucune antenne, ou déjà à celle de la demande. Sinon la demande le garde
(`a_reporter`) : le dossier ne change d’antenne qu’à la prise en charge, et celle qui le tenait l’apprend.
"""

from django.db import transaction

from comptes.models import Role, Utilisateur
from notifications.actions import prevenir
from parcours.models import StatutParcours
from participants.actions import corriger
from participants.listes import REPONSES
from participants.models import Caracteristique
from plie.templatetags.interface import de
from territoire.models import Commune

ETAT_CIVIL = frozenset({"prenom", "nom", "naissance"})
LIEU = frozenset({"commune", "commune_hors_cud", "code_postal"})


def est_ailleurs(participant, antenne):
    """Vrai si une autre antenne tient le dossier."""
    return participant.antenne_id is not None and participant.antenne_id != getattr(antenne, "pk", None)


def est_en_parcours(participant):
    return participant.parcours.exclude(statut=StatutParcours.SORTI).exists()


def deja_connue(participant, *, ailleurs, en_parcours):
    """Ce que l’antenne doit savoir avant d’instruire, en une phrase ; vide si rien ne l’arrête."""
    if en_parcours:
        referent = referent_de(participant)
        suivie = f"Déjà participante, suivie par {referent}" if referent else "Déjà participante"
        return f"{suivie} : la demande ne pourra pas être transmise tant que ce parcours est ouvert."
    if ailleurs:
        return f"Son dossier est à l’antenne {de(participant.antenne)} : il passera à la vôtre à la prise en charge."
    return ""


def referent_de(participant):
    """Le conseiller chargé d’elle, ou None."""
    ouverte = participant.affectations.filter(au=None).select_related("conseiller").first()
    return ouverte.conseiller if ouverte else None


def a_garder(identite, situation):
    """Ce que la demande garde jusqu’à la prise en charge (valeurs JSON) ; l’état civil d’une personne connue est acquis."""
    dit = {champ: valeur for champ, valeur in identite.items() if valeur not in ("", None) and champ not in ETAT_CIVIL}
    if commune := dit.get("commune"):
        dit["commune"] = str(commune.pk)
    return {"identite": dit, "situation": {genre: valeur for genre, valeur in situation.items() if valeur}}


def reporter(participant, identite, situation, *, antenne, par, du, motif):
    """Ce qui est dit vaut pour qui n’est pas suivi ; pendant un parcours, cela ne remplit que les vides.

    du: le premier contact, dont date la situation. Rend le participant.
    """
    en_parcours = est_en_parcours(participant)
    nouveau = {c: v for c, v in identite.items() if v not in ("", None) and c not in ETAT_CIVIL}
    if en_parcours:
        nouveau = {c: v for c, v in nouveau.items() if c not in LIEU and not getattr(participant, c)}
    else:
        nouveau |= {"commune": identite.get("commune"), "commune_hors_cud": identite.get("commune_hors_cud", "")}
        nouveau["antenne"] = antenne
    corriger(participant, nouveau, par=par, motif=motif)
    ecrire_la_situation(participant, situation, par=par, du=du, seulement_les_vides=en_parcours)
    return participant


def ecrire_la_situation(participant, situation, *, par, du, seulement_les_vides=False):
    """Une ligne par réponse qui change ; une réponse vide ou déjà connue n’écrit rien."""
    connues = {}
    for fait in participant.caracteristiques.order_by("du", "id"):
        connues[fait.genre] = fait.valeur
    for genre, valeur in situation.items():
        if genre not in REPONSES:
            raise ValueError(f"Genre de caractéristique inconnu : {genre}")
        if not valeur or connues.get(genre) == valeur or (seulement_les_vides and genre in connues):
            continue
        Caracteristique(participant=participant, genre=genre, valeur=valeur, du=du).enregistrer(par=par)


@transaction.atomic
def accueillir(prescription, *, par):
    """À la prise en charge : le dossier reçoit ce que la demande gardait, et passe à son antenne, hors d’un parcours."""
    garde, participant = prescription.a_reporter, prescription.participant
    if not garde:
        return
    participant.verrouiller()
    tenaient, ancienne = _qui_le_tenait(participant), participant.antenne_id
    identite = dict(garde["identite"])
    if cle := identite.get("commune"):
        identite["commune"] = Commune.objects.get(pk=cle)
    reporter(
        participant,
        identite,
        garde["situation"],
        antenne=prescription.antenne,
        par=par,
        du=prescription.premier_contact_le,
        motif=f"Demande {prescription.numero} prise en charge",
    )
    prescription.a_reporter = {}
    if participant.antenne_id != ancienne:
        prevenir(
            [u for u in tenaient if u.pk != par.pk],
            genre="dossier_repris",
            objet=participant,
            occasion=participant.version,
            titre=f"Le dossier {participant.numero} passe à l’antenne {de(prescription.antenne)}",
            texte=f"{par} a pris en charge la demande {prescription.numero}.",
        )


def _qui_le_tenait(participant):
    """Le référent ; à défaut, les conseillers de l’antenne ; et si elle n’en a plus, la responsable."""
    referent = referent_de(participant)
    if referent and referent.is_active:
        return [referent]
    actifs = Utilisateur.objects.ayant_role(Role.CONSEILLER, participant.antenne_id)
    return list(actifs or Utilisateur.objects.ayant_role(Role.RESPONSABLE))
