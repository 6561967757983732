"""Les actes qui touchent plusieurs objets : poser un rendez-vous, ouvrir, enregistrer, clore, corriger un entretien."""

from django.db import transaction
from django.utils import timezone

from comptes import brouillons
from documents.actions import figer
from documents.models import GenreDocument, RoleSignataire
from entretiens import contenu, creneaux
from entretiens.models import (
    Demarche,
    Entretien,
    EtatDemarche,
    GenreEntretien,
    MoyenRendezVous,
    RendezVous,
    ReponseRevue,
    RevueDemarche,
    StatutRendezVous,
    Synthese,
    premier_contact,
)
from parcours.actions import changer_de_phase
from parcours.models import PassageDePhase, StatutParcours
from participants.models import Caracteristique
from plie.exceptions import TransitionImpossible
from reglages.lecture import valeur

ECRAN = "entretien"  # nom de l’écran dans les brouillons
OUVRABLES = {StatutRendezVous.PREVU, StatutRendezVous.HONORE}


def genre_probable(participant):
    """Le genre d’entretien que les faits laissent attendre : le premier tant que C1 court, puis le diagnostic, puis le suivi."""
    contact = premier_contact(participant)
    depuis = participant.entretiens.filter(jour__gte=contact) if contact else participant.entretiens
    if not phase_en_cours(participant) and not depuis.informes().exists():
        return GenreEntretien.PREMIER
    suite = depuis.filter(genre__in=[GenreEntretien.DIAGNOSTIC, GenreEntretien.SUIVI])
    return GenreEntretien.SUIVI if suite.exists() else GenreEntretien.DIAGNOSTIC


def phase_en_cours(participant):
    """Le passage de phase ouvert de la personne, ou None avant l’entrée."""
    passages = PassageDePhase.objects.filter(parcours__participant=participant, au=None)
    return passages.exclude(parcours__statut=StatutParcours.SORTI).select_related("parcours").first()


def creneaux_libres(participant, conseiller):
    """Quatre créneaux libres pour le prochain rendez-vous, avec le jour du délai que chacun serait.

    Le délai court du dernier entretien clos (rythme) ; avant le premier, du premier contact (C1) ; sinon, de ce jour.
    """
    dernier = participant.entretiens.clos().order_by("-jour", "-id").first()
    depuis, reglage = dernier.jour if dernier else premier_contact(participant), "rythme_entretiens"
    if dernier is None:
        reglage = "delai_premier_entretien"
    aujourd_hui = timezone.localdate()
    occupes = creneaux.prevus_autour(conseiller, participant, aujourd_hui, aujourd_hui + creneaux.HORIZON)
    return creneaux.proposer(
        list(occupes),
        depuis=depuis or aujourd_hui,
        duree=valeur("duree_entretien"),
        limite=valeur(reglage),
        cibles=creneaux.CIBLES if dernier else creneaux.VITE,
        vers=timezone.localtime(dernier.debut).time() if dernier else None,
    )


@transaction.atomic
def ouvrir(participant, *, par, genre, moyen, jour, rendez_vous=None):
    """Ouvre un entretien que `par` va conduire. Rend l’entretien ; celui du rendez-vous s’il en a déjà un.

    Lève TransitionImpossible pour un rendez-vous manqué, annulé ou pas encore venu.
    """
    if rendez_vous:
        rendez_vous.verrouiller()
        if deja := Entretien.objects.filter(rendez_vous=rendez_vous).first():
            return deja
        if rendez_vous.statut not in OUVRABLES:
            raise TransitionImpossible(
                f"Ce rendez-vous est noté « {rendez_vous.get_statut_display()} » : posez-en un autre."
            )
        if rendez_vous.jour > timezone.localdate():
            raise TransitionImpossible("Ce rendez-vous n’est pas encore venu : l’entretien s’ouvre le jour même.")
    entretien = Entretien(
        participant=participant, conseiller=par, rendez_vous=rendez_vous, genre=genre, moyen=moyen, jour=jour
    )
    if jour != timezone.localdate():
        entretien.debut = rendez_vous.debut if rendez_vous else timezone.now()
    return entretien.enregistrer(par=par)


def ouvrir_du_rendez_vous(rendez_vous, *, par):
    """D’un geste, depuis une ligne de l’agenda : le genre se devine, le moyen et le jour sont ceux du rendez-vous."""
    participant = rendez_vous.participant
    return ouvrir(
        participant,
        par=par,
        genre=genre_probable(participant),
        moyen=rendez_vous.moyen,
        jour=min(rendez_vous.jour, timezone.localdate()),
        rendez_vous=rendez_vous,
    )


@transaction.atomic
def noter(rendez_vous, statut, *, par):
    """Dit ce qu’un rendez-vous est devenu. S’il n’a pas eu lieu, l’entretien commencé s’en détache.

    Lève TransitionImpossible : déjà noté, ou un entretien clos dit qu’il a été honoré.
    """
    entretien = Entretien.objects.filter(rendez_vous=rendez_vous).first()
    if entretien and statut != StatutRendezVous.HONORE:
        entretien.detacher(par=par)
    rendez_vous.noter(statut, par=par)


@transaction.atomic
def enregistrer(entretien, saisi, *, par, version):
    """Enregistre la saisie (un EntretienForm valide) et jette le brouillon de `par`.

    Lève ConflitDeVersion ou TransitionImpossible ; alors rien n’est écrit et le brouillon reste.
    """
    entretien.ecrire(par=par, version=version, **saisi.champs())
    for genre, reponse in saisi.reponses().items():
        Caracteristique(participant=entretien.participant, genre=genre, valeur=reponse, du=entretien.jour).enregistrer(
            par=par
        )
    brouillons.jeter(par, ECRAN, entretien.pk)


@transaction.atomic
def clore(entretien, saisi, *, par, version):
    """Enregistre, clôt et fige d’un geste : présence, démarches, prochain rendez-vous, phase, synthèse. Rend la synthèse.

    Lève TransitionImpossible avec ce qui manque, ou ConflitDeVersion ; alors rien n’est écrit.
    """
    enregistrer(entretien, saisi, par=par, version=version)
    prochain = _poser_le_prochain(entretien, saisi.cleaned_data["debut_rdv"], par)
    entretien.clore(par=par, prochain_rendez_vous=prochain)
    if entretien.rendez_vous_id and entretien.rendez_vous.est_prevu:
        entretien.rendez_vous.noter(StatutRendezVous.HONORE, par=par)
    revues = _ecrire_les_revues(entretien, prochain, par)
    nouvelles = _ecrire_les_demarches(entretien, par)
    phase = _changer_de_phase(entretien, par)
    a_faire = [d for d, reponse in revues if reponse == ReponseRevue.RECONDUITE] + nouvelles
    fige = contenu.synthese(
        entretien,
        revues=revues,
        demarches=a_faire,
        rang=Entretien.objects.filter(participant=entretien.participant_id).clos().count(),
        phase=phase,
    )
    return _figer_la_synthese(entretien, fige, par=par)


@transaction.atomic
def corriger(entretien, textes, *, par, version, motif):
    """Corrige les textes remis : nouvelle version figée, signatures fraîches, l’ancienne reste lisible. Rend la synthèse."""
    entretien.corriger(par=par, version=version, motif=motif, **textes)
    precedente = entretien.syntheses.select_related("document").first()
    fige = contenu.correction(precedente.document.contenu, remplace=precedente.document, motif=motif, textes=textes)
    return _figer_la_synthese(entretien, fige, par=par, precedente=precedente, motif=motif)


@transaction.atomic
def inviter(rendez_vous, *, par):
    """Fige l’invitation à un rendez-vous, une seule fois. Rend le document."""
    rendez_vous.verrouiller()
    if rendez_vous.convocation_id:
        return rendez_vous.convocation
    if not rendez_vous.est_prevu or rendez_vous.debut < timezone.now():
        raise TransitionImpossible("Ce rendez-vous est passé ou annulé : il n’y a plus d’invitation à remettre.")
    rendez_vous.convocation = figer(
        rendez_vous.participant, genre=GenreDocument.CONVOCATION, contenu=contenu.convocation(rendez_vous), par=par
    )
    rendez_vous.enregistrer(par=par)
    return rendez_vous.convocation


def _poser_le_prochain(entretien, debut, par):
    if debut is None:
        return None
    modele, ici = entretien.rendez_vous, entretien.moyen == MoyenRendezVous.SUR_PLACE
    return RendezVous(
        participant=entretien.participant,
        conseiller=entretien.conseiller,
        debut=debut,
        duree=modele.duree if modele else valeur("duree_entretien"),
        moyen=modele.moyen if modele else entretien.moyen,
        antenne=modele.antenne if modele else entretien.participant.antenne if ici else None,
        lieu=modele.lieu if modele else "",
        objet="diagnostic" if entretien.genre == GenreEntretien.PREMIER else "point d’étape",
    ).enregistrer(par=par)


def _ecrire_les_revues(entretien, prochain, par):
    """Applique ce que l’entretien a dit des démarches en cours. Rend les couples (démarche, réponse).

    Reconduite, une démarche dont la date est passée est pour le prochain rendez-vous, comme une neuve.
    """
    reponses = entretien.suites.get("revues", {})
    ouvertes = {str(d.pk): d for d in entretien.demarches_a_revoir()}
    revues = [(ouvertes[pk], reponse) for pk, reponse in reponses.items() if pk in ouvertes]
    RevueDemarche.objects.creer_en_masse(
        [RevueDemarche(entretien=entretien, demarche=d, reponse=reponse) for d, reponse in revues], par=par
    )
    for demarche, reponse in revues:
        if reponse != ReponseRevue.RECONDUITE:
            demarche.regler(EtatDemarche(reponse), par=par, le=entretien.jour)
        elif demarche.pour_le and demarche.pour_le <= entretien.jour:
            demarche.reporter(prochain and timezone.localdate(prochain.debut), par=par)
    return revues


def _ecrire_les_demarches(entretien, par):
    return Demarche.objects.creer_en_masse(
        [
            Demarche(
                participant=entretien.participant,
                conseiller=entretien.conseiller,
                entretien=entretien,
                quoi=ligne["quoi"],
                qui=ligne["qui"],
                pour_le=contenu.jour(ligne["pour_le"]),
            )
            for ligne in entretien.suites.get("demarches", [])
        ],
        par=par,
    )


def _changer_de_phase(entretien, par):
    """Passe à la phase choisie. Rend le code de la phase où la personne se trouve, None avant l’entrée."""
    passage, voulue = phase_en_cours(entretien.participant), entretien.suites.get("phase")
    if passage and voulue and voulue != passage.phase:
        motif = entretien.suites.get("motif_phase", "")
        passage = changer_de_phase(passage.parcours, voulue, par=par, motif=motif, le=entretien.jour)
    return passage.phase if passage else None


def _figer_la_synthese(entretien, fige, *, par, precedente=None, motif=""):
    participant, conseiller = entretien.participant, entretien.conseiller
    document = figer(
        participant,
        genre=GenreDocument.SYNTHESE,
        contenu=fige,
        par=par,
        signataires=[
            (RoleSignataire.PERSONNE, contenu.nom_poli(participant), None),
            (RoleSignataire.CONSEILLER, contenu.nom_poli(conseiller), conseiller),
        ],
        remplace=precedente.document if precedente else None,
    )
    return Synthese(
        entretien=entretien, document=document, numero=document.numero_version, motif_correction=motif
    ).enregistrer(par=par)
