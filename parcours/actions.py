from django.db import transaction
from django.utils import timezone

from parcours.models import Affectation, EtatAffectation, Parcours, PassageDePhase, Phase, StatutParcours
from plie.exceptions import TransitionImpossible


@transaction.atomic
def affecter(participant, conseiller, *, par, confirmee=False, motif="", le=None):
    """Donne un référent à la personne : ferme l’affectation ouverte, en ouvre une autre. Rend l’affectation.

    Sans changement de conseiller, l’affectation pressentie devient confirmée sur place.
    Changer un référent confirmé demande un motif (B1). Lève TransitionImpossible sinon.
    """
    le, etat = le or timezone.localdate(), EtatAffectation.CONFIRMEE if confirmee else EtatAffectation.PRESSENTIE
    participant.verrouiller()
    ouverte = Affectation.objects.select_for_update().filter(participant=participant, au=None).first()
    if ouverte and ouverte.conseiller_id == conseiller.pk:
        if confirmee and ouverte.etat != etat:
            ouverte.etat = etat
            ouverte.enregistrer(par=par)
        return ouverte
    if ouverte:
        if ouverte.etat == EtatAffectation.CONFIRMEE and not motif:
            raise TransitionImpossible("Dites pourquoi la personne change de référent.")
        ouverte.au = max(le, ouverte.du)
        ouverte.enregistrer(par=par, motif=motif)
    nouvelle = Affectation(participant=participant, conseiller=conseiller, etat=etat, du=le, motif=motif)
    return nouvelle.enregistrer(par=par, motif=motif)


@transaction.atomic
def ouvrir_parcours(participant, *, entre_le, referent, par, motif=""):
    """Ouvre le parcours en phase 1 et confirme le référent (acte d’entrée). Rend le parcours.

    Lève TransitionImpossible quand la personne a déjà un parcours ouvert.
    """
    participant.verrouiller()
    if Parcours.objects.filter(participant=participant).exclude(statut=StatutParcours.SORTI).exists():
        raise TransitionImpossible("Cette personne a déjà un parcours ouvert.")
    parcours = Parcours(participant=participant, entre_le=entre_le).enregistrer(par=par)
    PassageDePhase(parcours=parcours, phase=Phase.MOBILISATION, du=entre_le).enregistrer(par=par)
    affecter(participant, referent, par=par, confirmee=True, motif=motif, le=entre_le)
    return parcours


@transaction.atomic
def changer_de_phase(parcours, phase, *, par, motif="", le=None):
    """Passe le parcours en `phase` à la date `le`. Revenir en arrière demande un motif (B8)."""
    le = le or timezone.localdate()
    parcours.verrouiller()
    en_cours = parcours.passages.get(au=None)
    if en_cours.phase == phase:
        return en_cours
    if phase < en_cours.phase and not motif:
        raise TransitionImpossible("Dites pourquoi la personne revient à une phase précédente.")
    en_cours.au = max(le, en_cours.du)
    en_cours.enregistrer(par=par)
    return PassageDePhase(parcours=parcours, phase=phase, du=en_cours.au, motif=motif).enregistrer(par=par)
