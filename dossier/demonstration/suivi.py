"""L’accompagnement d’une personne de la démonstration : parcours, entretiens, rendez-vous, démarches."""

import datetime

from dossier.demonstration import textes
from dossier.demonstration.demande import DISTINCTES
from dossier.demonstration.hasard import a_heure, jour_ouvre
from dossier.demonstration.signatures import synthese
from entretiens.models import Demarche, EtatDemarche, GenreEntretien, RendezVous, StatutRendezVous
from entretiens.models import Entretien as ModeleEntretien
from parcours.models import Affectation, EtatAffectation, Parcours, PassageDePhase, Phase, StatutParcours

JOUR = datetime.timedelta(1)
HEURES = [(8, 45), (9, 45), (10, 45), (14, 0), (15, 15), (16, 15)]
DUREES_DE_PHASE = (120, 130, 180)  # jours, des trois premières phases


class Suivi:
    """`entree` est la date d’entrée (None avant), `sortie` celle de la sortie (None si le parcours est ouvert)."""

    def __init__(self, atelier, personne, contact, *, statut, entree=None, sortie=None):
        self.atelier, self.hasard, self.personne = atelier, atelier.hasard, personne
        self.contact, self.statut, self.entree, self.sortie = contact, statut, entree, sortie
        self.fin = sortie or atelier.aujourd_hui
        self.jours = list(self._jours_d_entretien())

    @property
    def premier(self):
        return self.jours[0] if self.jours else None

    def objets(self, close_le=None):
        """`close_le` : le jour où la demande s’est arrêtée sans entrée."""
        yield from self._affectation(close_le)
        if self.entree:
            yield from self._parcours()
        for rang, jour in enumerate(self.jours):
            dernier = rang == len(self.jours) - 1
            yield from self._entretien(jour, rang, dernier=dernier)
        if not (self.sortie or close_le):
            yield from self._rendez_vous(bool(self.jours))

    def _affectation(self, close_le):
        if self.statut == "orientee":
            return
        affectation = Affectation(
            participant=self.personne.participant,
            conseiller=self.personne.conseiller,
            etat=EtatAffectation.CONFIRMEE if self.entree else EtatAffectation.PRESSENTIE,
            du=min(self.contact + JOUR, self.atelier.aujourd_hui),
            au=self.sortie or close_le,
        )
        yield self._dater(affectation, affectation.du)

    def _parcours(self):
        statut = StatutParcours.SORTI if self.sortie else StatutParcours.EN_COURS
        parcours = Parcours(
            participant=self.personne.participant, entre_le=self.entree, sorti_le=self.sortie, statut=statut
        )
        yield self._dater(parcours, self.entree)
        debut = self.entree
        for rang, phase in enumerate(Phase):
            duree = int(DUREES_DE_PHASE[rang] * self.hasard.uniform(0.6, 1.4)) if rang < 3 else None
            fin = debut + duree * JOUR if duree else None
            reste_la = fin is None or fin >= self.fin
            au = self.sortie if reste_la else fin
            yield self._dater(PassageDePhase(parcours=parcours, phase=phase, du=debut, au=au), debut)
            self.phase = rang + 1
            if reste_la:
                break
            debut = fin

    def _jours_d_entretien(self):
        """Le premier entretien sous 30 jours (rarement après), puis un par mois environ."""
        attente = self.hasard.randint(3, 29) if self.hasard.random() < 0.93 else self.hasard.randint(31, 44)
        jour = jour_ouvre(self.contact + attente * JOUR)
        if self.statut in ("orientee", "sans_suite") or (
            self.statut == "en_instruction" and self.hasard.random() < 0.5
        ):
            return
        if self.statut != "entree_actee":
            jour = min(jour, self.atelier.aujourd_hui - self.hasard.randint(1, 3) * JOUR)
            yield max(jour, self.contact)
            return
        jour = max(min(jour, self.entree - 2 * JOUR), self.contact)
        oublie = self.hasard.random() < 0.2
        limite = self.fin - (self.hasard.randint(36, 50) if oublie else 0) * JOUR
        yield jour
        while (jour := jour_ouvre(jour + self.hasard.randint(20, 34) * JOUR)) <= limite:
            yield jour

    def _entretien(self, jour, rang, *, dernier):
        premier = rang == 0
        p, debut = self.personne, min(a_heure(jour, *self.hasard.choice(HEURES)), self.atelier.maintenant)
        en_cours = dernier and not premier and jour >= self.atelier.aujourd_hui - 3 * JOUR and p.rang % 7 == 0
        phase = min(1 + max((jour - (self.entree or jour)).days, 0) // 140, 4)
        entretien = ModeleEntretien(
            participant=p.participant,
            conseiller=p.conseiller,
            genre=GenreEntretien.PREMIER if premier else GenreEntretien.SUIVI,
            debut=debut,
            jour=jour,
            statut="brouillon" if en_cours else "clos",
            sans_suite_rdv="" if en_cours else "Rendez-vous à fixer par téléphone.",
            clos_le=None if en_cours else min(debut + datetime.timedelta(minutes=55), self.atelier.maintenant),
            clos_par=None if en_cours else p.conseiller,
            **textes.entretien(self.hasard, phase, p.participant.prenom, p.metier, p.participant.lieu),
        )
        if premier:
            entretien.objectif = "Présenter le PLIE, ses services et les étapes clés, et comprendre l’attente"
            entretien.presente_structure = entretien.presente_services = entretien.presente_etapes = True
            entretien.livret_remis_le = jour
        self._dater(entretien, jour)
        yield entretien
        demarches = list(self._demarches(entretien, jour, dernier))
        yield from demarches
        if dernier and not en_cours and p.rang < DISTINCTES:
            yield from synthese(self.atelier, p, entretien, demarches, rang + 1)

    def _demarches(self, entretien, jour, dernier):
        if entretien.statut == "brouillon":
            return
        for qui, quoi in self.hasard.sample(textes.DEMARCHES, k=2 if dernier else 1):
            pour_le = jour_ouvre(jour + self.hasard.randint(4, 18) * JOUR)
            ouverte = dernier and not self.sortie
            demarche = Demarche(
                participant=self.personne.participant,
                conseiller=self.personne.conseiller,
                entretien=entretien,
                quoi=quoi,
                qui=qui,
                pour_le=pour_le,
                etat=EtatDemarche.A_FAIRE if ouverte else EtatDemarche.FAITE,
                reglee_le=None if ouverte else min(pour_le, self.fin),
            )
            yield self._dater(demarche, jour)

    def _rendez_vous(self, deja_vu):
        """Six rendez-vous aujourd’hui par conseiller, puis des rendez-vous à venir pour les trois quarts."""
        creneau = self.atelier.creneau_du_jour(self.personne.conseiller) if self.statut != "orientee" else None
        if creneau:
            yield self._prevu(a_heure(self.atelier.aujourd_hui, *creneau), deja_vu)
        elif self.statut in ("entree_actee", "en_instruction") and self.hasard.random() < 0.75:
            jour = jour_ouvre(self.atelier.aujourd_hui + self.hasard.randint(1, 24) * JOUR)
            yield self._prevu(a_heure(jour, *self.hasard.choice(HEURES)), deja_vu)
        if self.statut == "entree_actee" and self.hasard.random() < 0.12:
            jour = jour_ouvre(self.atelier.aujourd_hui - self.hasard.randint(8, 40) * JOUR)
            if jour > self.contact:
                statut = self.hasard.choice([StatutRendezVous.ABSENT, StatutRendezVous.ABSENT_EXCUSE])
                passe = self._prevu(a_heure(jour, 11, 30), deja_vu)
                passe.statut, passe.statut_le = statut, passe.debut
                yield passe

    def _prevu(self, debut, deja_vu):
        rendez_vous = RendezVous(
            participant=self.personne.participant,
            conseiller=self.personne.conseiller,
            debut=debut,
            antenne=self.personne.conseiller.son_antenne,
            lieu=f"bureau {1 + self.personne.rang % 4}",
            objet="point d’étape" if deja_vu else "premier entretien",
        )
        return self._dater(rendez_vous, min(debut.date(), self.atelier.aujourd_hui) - 6 * JOUR)

    def _dater(self, objet, jour):
        return self.atelier.dater(objet, min(a_heure(jour, 17), self.atelier.maintenant))
