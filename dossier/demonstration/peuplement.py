"""Les personnes de la démonstration, par lots : rien n’est gardé en mémoire d’un lot à l’autre."""

import datetime
import gc
from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from comptes.models import Utilisateur
from dossier.demonstration import fichiers, listes
from dossier.demonstration.decor import AUTEUR, Decor
from dossier.demonstration.demande import Demande
from dossier.demonstration.hasard import Hasard, a_heure, jour_ouvre
from dossier.demonstration.suivi import HEURES, Suivi
from participants.models import Participant, TypePiece
from plie.lots import inserer
from prescriptions.listes import FINIES, StatutPrescription
from prescriptions.models import Critere

CLOSES = FINIES - {StatutPrescription.ENTREE_ACTEE}
LOT = 500
ACTIFS = 800  # au-delà, ce sont les dossiers des années passées : 12 conseillers en suivent 60 à 80 chacun
JOUR = datetime.timedelta(1)
# Sur cent personnes actives : où en est leur demande.
ETATS = {"orientee": 5, "en_instruction": 5, "a_completer": 4, "transmise": 3, "a_controler": 4, "accordee": 2,
         "refusee": 2, "sans_suite": 3, "entree_actee": 72}  # fmt: skip
TOUS = list(ETATS)
# Ancienneté du premier contact, en jours : assez pour avoir des délais tenus, justes et dépassés.
ANCIENNETE = {"orientee": (0, 33), "en_instruction": (5, 36), "a_completer": (18, 50), "transmise": (12, 40),
              "a_controler": (15, 45), "accordee": (20, 50), "refusee": (20, 90), "sans_suite": (15, 90)}  # fmt: skip


@dataclass
class Personne:
    rang: int
    participant: Participant
    conseiller: Utilisateur
    metier: str


class Peuplement:
    def __init__(self, participants, graine):
        self.nombre, self.hasard = participants, Hasard(graine)
        self.maintenant = timezone.now().replace(microsecond=0)
        self.aujourd_hui = timezone.localdate(self.maintenant)
        self.creneaux = defaultdict(lambda: list(HEURES))
        self.partages = {}

    def executer(self, avancement=lambda faits: None):
        """Plante le décor puis crée les personnes ; `avancement` est appelé avec leur nombre après chaque lot."""
        self.decor = Decor(self.aujourd_hui).planter()
        self.types = {t.code: t for t in TypePiece.objects.all()}
        self.criteres = {c.code: c for c in Critere.objects.prefetch_related("types")}
        self.preuve = {code: critere.types.all()[0].code for code, critere in self.criteres.items()}
        gc.disable()  # le ramasse-miettes relirait sans cesse des objets tous vivants ; il passe entre deux lots
        try:
            for debut in range(0, self.nombre, LOT):
                self._lot(range(debut, min(debut + LOT, self.nombre)))
                gc.collect()
                avancement(min(debut + LOT, self.nombre))
        finally:
            gc.enable()

    @transaction.atomic
    def _lot(self, rangs):
        lots = defaultdict(list)
        for rang in rangs:
            for objet in self._personne(rang):
                lots[type(objet)].append(objet)
        for modele, objets in lots.items():
            modele.objects.creer_en_masse(objets, par=AUTEUR)
        inserer([mot for participant in lots[Participant] for mot in participant.mots_de_recherche()])

    def _personne(self, rang):
        statut = TOUS[rang] if rang < len(TOUS) else self.hasard.pese(ETATS)
        contact, entree, sortie = self._dates(rang, statut)
        if rang >= ACTIFS:
            statut = "entree_actee"
        conseiller = self.decor.conseillers[(rang * 5 + 5) % len(self.decor.conseillers)]
        participant = self._participant(rang, conseiller, contact)
        personne = Personne(rang, participant, conseiller, self.hasard.choice(listes.METIERS))
        yield participant
        suivi = Suivi(self, personne, contact, statut=statut, entree=entree, sortie=sortie)
        demande = Demande(self, personne, statut, contact, entree, suivi.premier)
        yield from demande.objets()
        yield from suivi.objets(close_le=demande.fin if statut in CLOSES else None)

    def _dates(self, rang, statut):
        """(premier contact, entrée ou None, sortie ou None)."""
        if rang >= ACTIFS:
            sortie = self.aujourd_hui - self.hasard.randint(40, 5 * 365) * JOUR
            entree = sortie - self.hasard.randint(250, 330) * JOUR
        elif statut == "entree_actee":
            entree, sortie = self.aujourd_hui - self.hasard.randint(2, 540) * JOUR, None
        else:
            return self.aujourd_hui - self.hasard.randint(*ANCIENNETE[statut]) * JOUR, None, None
        return entree - self.hasard.randint(31, 60) * JOUR, jour_ouvre(entree), sortie

    def _participant(self, rang, conseiller, contact):
        sexe = self.hasard.choice(["femme", "homme"])
        prenom = self.hasard.choice(listes.FEMMES if sexe == "femme" else listes.HOMMES)
        nom = self.hasard.choice(listes.NOMS).replace("Da-Silva", "Da Silva").replace("Van-den-", "Van den ")
        if self.hasard.random() < 0.08:
            nom = f"{nom}-{self.hasard.choice(listes.NOMS)}"
        commune = self._commune(conseiller.son_antenne)
        codes = [c.code for c in commune.codes_postaux.all()]
        participant = Participant(
            numero=f"{contact.year}-{rang + 1:05d}",
            sexe=sexe,
            prenom=prenom,
            nom=nom,
            nom_naissance=self.hasard.choice(listes.NOMS) if sexe == "femme" and self.hasard.random() < 0.3 else "",
            naissance=datetime.date(self.aujourd_hui.year - self.hasard.randint(19, 61), 1, 1)
            + self.hasard.randrange(365) * JOUR,
            telephone=f"06 39 98 {self.hasard.randrange(100):02d} {self.hasard.randrange(100):02d}",
            joindre=self.hasard.choice(["", "", "Le matin", "Par SMS d’abord"]),
            adresse=f"{self.hasard.randint(1, 180)} {self.hasard.choice(listes.RUES)}",
            code_postal=self.hasard.choice(sorted(codes)),
            commune=commune,
            antenne=conseiller.son_antenne,
        )
        moment = a_heure(contact, 9)
        participant.cree_le = min(moment, self.maintenant)
        return self.dater(participant, participant.cree_le)

    def _commune(self, antenne):
        adherentes = {c: c.population for c in antenne.communes if c.adherente_au is None}
        return self.hasard.pese(adherentes)

    # Ce que demandes et suivis empruntent à l’atelier.

    def dater(self, objet, moment):
        """Donne à `objet` une clé et une date d’historique prises à `moment` (datetime)."""
        objet.pk, objet._history_date = self.hasard.cle(moment), moment
        return objet

    def creneau_du_jour(self, conseiller):
        libres = self.creneaux[conseiller.pk]
        return libres.pop(0) if libres else None

    def fichier_partage(self, code, type_piece, extension):
        if (code, extension) not in self.partages:
            dessiner = fichiers.photo if extension == "jpg" else fichiers.pdf
            contenu = dessiner(type_piece.libelle, ["Exemplaire commun aux dossiers anciens"])
            self.partages[code, extension] = fichiers.ranger(f"pieces/demo/commun-{code}.{extension}", contenu)
        return self.partages[code, extension]
