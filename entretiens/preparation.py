"""Préparer un entretien : ce que l’on sait du dossier, ce qui a changé depuis le dernier, ce qu’il faut demander."""

from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localdate

from documents.models import Signature, StatutSignature
from entretiens import creneaux
from entretiens.models import (
    Demarche,
    Entretien,
    EtatDemarche,
    GenreEntretien,
    RendezVous,
    StatutRendezVous,
    Synthese,
)
from entretiens.permissions import peut_lire_les_notes
from horloges.registre import COLONNES, DEFINITIONS, mesure_de
from parcours.models import Affectation, PassageDePhase, StatutParcours
from participants.models import Caracteristique, GenreCaracteristique, Piece
from plie.instants import dans
from plie.templatetags.interface import jour_court
from reglages.lecture import valeur

# Ce que l’entrée demande et que l’on pose quand la personne est là, une ou deux à la fois.
QUESTIONS = (GenreCaracteristique.SITUATION, GenreCaracteristique.SANS_EMPLOI_DEPUIS, GenreCaracteristique.NIVEAU)
QUESTIONS_A_LA_FOIS = 2
MANQUES = {StatutRendezVous.ABSENT: "Absence au rendez-vous", StatutRendezVous.ABSENT_EXCUSE: "Absence excusée"}


class Preparation:
    """Le dossier vu de `entretien`, en un nombre de requêtes qui ne dépend pas de son âge."""

    def __init__(self, entretien):
        self.entretien, self.participant = entretien, entretien.participant
        participant = self.participant
        self.derniere = (
            Entretien.objects.clos()
            .filter(participant=participant)
            .exclude(pk=entretien.pk)
            .order_by("-jour", "-id")
            .first()
        )
        self.depuis = self.derniere.clos_le if self.derniere else None
        demarches = Demarche.objects.filter(participant=participant).order_by("pour_le", "id")
        demarches = list(demarches.filter(Q(etat=EtatDemarche.A_FAIRE) | self._faites_depuis()))
        self.a_revoir = [d for d in demarches if d.etat == EtatDemarche.A_FAIRE and d.entretien_id != entretien.pk]
        self.faites = [d for d in demarches if d.etat == EtatDemarche.FAITE]
        self.passages = list(
            PassageDePhase.objects.filter(parcours__participant=participant)
            .exclude(parcours__statut=StatutParcours.SORTI)
            .select_related("parcours")
        )
        self.phase = next((p for p in self.passages if p.au is None), None)
        connues = Caracteristique.objects.filter(participant=participant).order_by().values_list("genre", flat=True)
        manquantes = [genre for genre in QUESTIONS if genre not in set(connues)]
        self.questions = manquantes[:QUESTIONS_A_LA_FOIS]

    def _faites_depuis(self):
        """Ce qui a été fait depuis le dernier entretien, sans ce qu’il a lui-même réglé."""
        if self.derniere is None:
            return Q(pk=None)
        regle_alors = self.derniere.revues.values("demarche")
        return Q(etat=EtatDemarche.FAITE, reglee_le__gte=localdate(self.depuis)) & ~Q(pk__in=regle_alors)

    def horloges(self):
        """Le délai que cet entretien tient : C1 pour un premier entretien, le rythme ensuite."""
        if self.entretien.genre == GenreEntretien.PREMIER:
            definition = DEFINITIONS.get("premier_entretien")
            lignes = definition.du_dossier([self.participant.pk]).values(*COLONNES) if definition else []
            mesure = max(map(mesure_de, lignes), key=lambda m: m.debut, default=None)
            if mesure is None:
                return []
            detail = f"premier contact le {jour_court(mesure.debut)}"
            return [_horloge("Premier entretien", mesure.ecoules, mesure.limite, detail)]
        if self.derniere is None:
            return []
        jours, detail = (self.entretien.jour - self.derniere.jour).days, f"dernier le {jour_court(self.derniere.jour)}"
        return [_horloge("Rythme", jours, valeur("rythme_entretiens"), detail)]

    def signature_de_la_derniere(self):
        """Où en est la dernière synthèse : (texte, état)."""
        if self.derniere is None:
            return None
        version = Synthese.objects.filter(entretien=self.derniere).order_by("-numero").values("document")[:1]
        statuts = list(Signature.objects.filter(document=version).order_by().values_list("statut", flat=True))
        return etat_de_signature(statuts)

    def nouveautes(self):
        """Ce qui a changé depuis le dernier entretien : liste de {texte, icone, etat}."""
        if self.depuis is None:
            return []
        jour, lignes = localdate(self.depuis), []
        for passage in self.passages:
            if passage.du >= jour and passage.du == passage.parcours.entre_le:
                lignes.append(_fait(f"Entrée actée le {jour_court(passage.du)}", "circle-check", "ok"))
            elif passage.du > jour:
                lignes.append(_fait(f"{passage} depuis le {jour_court(passage.du)}", "route"))
        lignes += [_fait(f"{p} : pièce reçue", "paperclip") for p in self.pieces if p.deposee_le > self.depuis]
        lignes += [_fait(f"Fait : {d.quoi}", "circle-check", "ok") for d in self.faites]
        lignes += [
            _fait(f"{MANQUES[r.statut]} du {jour_court(r.debut)}", "user-x", "attention")
            for r in self.agenda
            if r.participant_id == self.participant.pk and r.statut in MANQUES and r.debut > self.depuis
        ]
        return lignes

    def a_verifier(self):
        """Ce qu’il faut demander à la personne, hors des questions posées dans la page."""
        lignes = [] if self.participant.telephone else [_fait("Un téléphone : aucun n’est noté", "phone")]
        for piece in self.pieces:
            limite = getattr(piece, self._limite)
            if limite and limite <= dans(valeur("alerte_piece")):
                passe = limite < localdate()
                texte = f"{piece} : {'expirée depuis' if passe else 'expire'} le {jour_court(limite)}"
                lignes.append(_fait(texte, "file-alert", "retard" if passe else "attention"))
        return lignes

    @property
    def pieces(self):
        """Pièces reçues depuis le dernier entretien, ou qui vont expirer : une requête."""
        if not hasattr(self, "_pieces"):
            utiles = Q(**{f"{self._limite}__lte": dans(valeur("alerte_piece"))})
            if self.depuis:
                utiles |= Q(deposee_le__gt=self.depuis)
            pieces = Piece.objects.avec_limite().en_vigueur().filter(utiles, participant=self.participant)
            self._pieces = list(pieces.select_related("type").order_by("type__ordre", "-deposee_le")[:20])
        return self._pieces

    @property
    def _limite(self):
        """Une durée de validité se compte à la date d’entrée : l’entrée passée, seule vaut la date portée par la pièce."""
        return "expire_le" if self.phase else "limite"

    @property
    def agenda(self):
        """Ce qui occupe le conseiller dans les mois qui viennent, et les rendez-vous de la personne : une requête."""
        if not hasattr(self, "_agenda"):
            maintenant = timezone.now()
            a_venir = Q(
                conseiller=self.entretien.conseiller_id,
                statut=StatutRendezVous.PREVU,
                debut__gte=maintenant,
                debut__lt=maintenant + creneaux.HORIZON,
            )
            de_la_personne = Q(participant=self.participant, debut__gte=self.depuis or maintenant)
            self._agenda = list(RendezVous.objects.filter(a_venir | de_la_personne).order_by("debut"))
        return self._agenda


def notes_permises(entretien, utilisateur):
    """Vrai pour qui lit les notes de travail ; le référent n’est cherché que s’il peut en décider."""
    if peut_lire_les_notes(utilisateur, entretien):
        return True
    ouverte = Affectation.objects.filter(participant=entretien.participant_id, au=None)
    return peut_lire_les_notes(utilisateur, entretien, ouverte.values_list("conseiller", flat=True).first())


def etat_de_signature(statuts):
    """(texte, état) d’une synthèse d’après les statuts de ses signatures."""
    if not statuts:
        return "sans document", "neutre"
    if StatutSignature.A_SIGNER in statuts:
        return "à signer", "attention"
    if StatutSignature.REFUS in statuts:
        return "non signée, raison notée", "neutre"
    return "signée", "ok"


def _fait(texte, icone, etat=""):
    return {"texte": texte, "icone": icone, "etat": etat}


def _horloge(nom, jours, limite, detail):
    etat = "retard" if jours > limite else "attention" if limite - jours <= creneaux.PRESQUE else "info"
    return {"nom": nom, "jours": jours, "limite": limite, "etat": etat, "detail": detail}
