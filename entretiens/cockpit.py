"""Tout ce que montre l’écran de l’entretien, lu en peu de requêtes, toujours le même nombre."""

import datetime

from django.urls import reverse
from django.utils import timezone

from comptes.brouillons import PRESENCE
from comptes.models import Brouillon
from entretiens import creneaux, saisie
from entretiens.actions import ECRAN
from entretiens.forms import EntretienForm
from entretiens.models import (
    Entretien,
    GenreEntretien,
    QuiFait,
    StatutRendezVous,
)
from entretiens.preparation import Preparation, notes_permises
from parcours.models import Phase
from participants.dates import lire as lire_date
from plie.templatetags.interface import heure, jour_court
from reglages.lecture import valeur

VIERGES = 3  # lignes de démarche offertes à qui n’a pas de script
PROCHAIN = {GenreEntretien.PREMIER: "diagnostic", GenreEntretien.DIAGNOSTIC: "suivi"}


class Cockpit:
    """L’écran d’un entretien en cours, pour `utilisateur`.

    donnees : saisie à montrer (dict de textes) ; sans elle, le brouillon de l’utilisateur, sinon l’entretien enregistré.
    """

    def __init__(self, entretien, utilisateur, *, donnees=None, conflits=()):
        self.entretien, self.utilisateur, self.participant = entretien, utilisateur, entretien.participant
        self.conflits = list(conflits)
        self.a_confirmer = False  # le prochain rendez-vous fait hésiter : l’écran demande de le confirmer
        self._lire()
        self.donnees = donnees if donnees is not None else self._depart()
        self.form = self._formulaire(initial=self.donnees)

    def lier(self, donnees):
        """Le formulaire lié à un envoi."""
        self.donnees = donnees
        self.form = self._formulaire(donnees)
        return self.form

    def _formulaire(self, *args, **kwargs):
        if "initial" in kwargs:
            kwargs["initial"] = kwargs["initial"] | {"version": self.entretien.version}
        return EntretienForm(
            *args,
            entretien=self.entretien,
            a_revoir=self.dossier.a_revoir,
            questions=self.dossier.questions,
            notes_permises=self.notes_permises,
            **kwargs,
        )

    # Lire -----------------------------------------------------------------------

    def _lire(self):
        entretien = self.entretien
        brouillons = Brouillon.objects.filter(ecran=ECRAN, cle_objet=str(entretien.pk)).select_related("utilisateur")
        self.brouillons = list(brouillons.order_by("enregistre_le"))
        self.dossier = Preparation(entretien)
        self.notes_permises = notes_permises(entretien, self.utilisateur)

    def _depart(self):
        """Le brouillon, réuni à ce qu’un autre a enregistré depuis ; sinon l’entretien."""
        enregistre, brouillon = saisie.de_l_entretien(self.entretien), self.brouillon
        if brouillon is None:
            return saisie.lisible(enregistre, self.notes_permises)
        vue = enregistre if brouillon.version_lue is None else base(self.entretien, brouillon.version_lue)
        reunion = saisie.accorder(brouillon.contenu, enregistre, vue, notes_permises=self.notes_permises)
        self.conflits = reunion.conflits
        return reunion.donnees

    @property
    def brouillon(self):
        return next((b for b in self.brouillons if b.utilisateur_id == self.utilisateur.pk), None)

    # Montrer --------------------------------------------------------------------

    def contexte(self):
        entretien = self.entretien
        return {
            "entretien": entretien,
            "participant": self.participant,
            "form": self.form,
            "enregistre": self._enregistre(),
            "a_reprendre": self._a_reprendre(),
            "faits": self._faits(),
            "horloges": self.dossier.horloges(),
            "derniere": self.dossier.derniere,
            "derniere_signature": self.dossier.signature_de_la_derniere(),
            "nouveautes": self.dossier.nouveautes(),
            "lignes": self._lignes(),
            "vierges": [len(saisie.demarches(self.donnees)) + n for n in range(VIERGES)],
            "avis": self._avis(),
            "a_verifier": self.dossier.a_verifier(),
            "questions": [self.form[f"question-{genre}"] for genre in self.dossier.questions],
            "revues": [(d, self.form[f"revue-{d.pk}"]) for d in self.dossier.a_revoir],
            "prochain": PROCHAIN.get(entretien.genre, "suivi"),
            "limite": self.limite,
            "a_confirmer": self.a_confirmer or self.donnees.get("rdv_confirme"),
            "creneaux": self._creneaux(),
            "phases": self._phases(),
            "phase": self.dossier.phase,
            "points": self._points(),
            "conflits": dict.fromkeys(saisie.TEXTES) | {c.champ: c for c in self.conflits},
            "sien": self._auteur_du_sien() if self.conflits else None,
            "a_l_heure": heure(self.brouillon.enregistre_le if self.brouillon else timezone.now()),
            "noms_en_conflit": " ".join(c.champ for c in self.conflits),
            "url_brouillon": reverse("entretiens:brouillon", args=[entretien.pk]),
        }

    def _a_reprendre(self):
        """Un refus ou un conflit est à l’écran : ce qui s’y lit n’est pas enregistré."""
        return bool(self.conflits) or (self.form.is_bound and not self.form.is_valid())

    def _enregistre(self):
        if self._a_reprendre():
            return "Pas encore enregistré"
        if self.brouillon:
            return f"Enregistré à {heure(self.brouillon.enregistre_le)}"
        return "Tout est enregistré" if self.entretien.version > 1 else ""

    @property
    def limite(self):
        reglage = "delai_diagnostic" if self.entretien.genre == GenreEntretien.PREMIER else "rythme_entretiens"
        return valeur(reglage)

    def _faits(self):
        entretien, participant = self.entretien, self.participant
        age, lieu = participant.age(entretien.jour), participant.lieu
        faits = [{"texte": f"{age} ans, {lieu}" if lieu else f"{age} ans"}, {"texte": str(entretien).capitalize()}]
        if timezone.localdate(entretien.debut) == timezone.localdate() == entretien.jour:
            faits.append({"texte": f"commencé à {heure(entretien.debut)}", "icone": "clock"})
        else:
            faits.append({"texte": f"tenu le {jour_court(entretien.jour)}", "icone": "clock"})
        return faits

    def _lignes(self):
        """Les démarches saisies, avec leurs erreurs."""
        noms = {QuiFait.PERSONNE: self.participant.prenom, QuiFait.CONSEILLER: "Moi"}
        erreurs = [_plates(f.errors) for f in self.form.demarches] if self.form.is_bound else []
        return [
            ligne
            | {
                "rang": rang,
                "nom": noms.get(ligne["qui"], self.participant.prenom),
                "jour": lire_date(ligne["pour_le"]),
                "erreurs": erreurs[rang] if erreurs else [],
            }
            for rang, ligne in enumerate(saisie.demarches(self.donnees))
        ]

    def _avis(self):
        """Qui écrit en même temps, et ce qui diffère : liste de {titre, texte, acte}."""
        noms = [c.nom for c in self.conflits]
        suite = "Vos deux textes sont gardés."
        if noms:
            passages = "Un seul passage diffère" if len(noms) == 1 else f"{len(noms)} passages diffèrent"
            suite += f" {passages} : {', '.join(noms)}."
        avis = [
            {
                "titre": f"{p['nom']} modifie aussi cet entretien depuis {heure(p['depuis'])}.",
                "texte": suite,
                "acte": p["acte"],
            }
            for p in presences(self.brouillons, self.utilisateur)
        ]
        if noms and not avis:
            sien = self._auteur_du_sien()
            titre = f"{sien['auteur']} a enregistré cet entretien pendant que vous écriviez."
            if sien["est_moi"]:
                titre = "Vous avez enregistré cet entretien dans un autre onglet pendant que vous écriviez ici."
            avis.append({"titre": titre, "texte": suite, "acte": None})
        return avis

    def _auteur_du_sien(self):
        derniere = (
            self.entretien.history.select_related("history_user").order_by("-history_date", "-history_id").first()
        )
        auteur = derniere.history_user if derniere else None
        est_moi = auteur == self.utilisateur
        return {
            "est_moi": est_moi,
            "auteur": "Vous, dans un autre onglet" if est_moi else str(auteur or "Quelqu’un d’autre"),
            "quand": heure(derniere.history_date) if derniere else "",
        }

    def _creneaux(self):
        entretien, choisi = self.entretien, self.donnees.get("rdv", "")
        occupes = [r for r in self.dossier.agenda if r.statut == StatutRendezVous.PREVU]
        vers = timezone.localtime(entretien.rendez_vous.debut).time() if entretien.rendez_vous_id else None
        proposes = creneaux.proposer(
            occupes, depuis=entretien.jour, duree=valeur("duree_entretien"), limite=self.limite, vers=vers
        )
        if choisi not in ("", "autre", "aucun", *(c["valeur"] for c in proposes)) and (debut := _instant(choisi)):
            proposes.append(creneaux.decrire(debut, depuis=entretien.jour, limite=self.limite))
            proposes.sort(key=lambda c: c["debut"])
        return [c | {"choisi": c["valeur"] == choisi} for c in proposes]

    def _phases(self):
        """Les choix de phase : (code, texte)."""
        if self.dossier.phase is None:
            return []
        actuelle = self.dossier.phase.phase
        autres = [
            (code, f"Passe en {nom}" if code > actuelle else f"Revient en {nom}")
            for code, nom in Phase.choices
            if code != actuelle
        ]
        return [("", f"Reste en {self.dossier.phase.get_phase_display()}"), *autres]

    def _points(self):
        """« Pour clore », d’après ce qui est à l’écran plutôt que ce qui est enregistré."""
        d = self.donnees
        vu = Entretien(
            participant_id=self.participant.pk,
            genre=self.entretien.genre,
            objectif=d.get("objectif", ""),
            point=d.get("point", ""),
            synthese=d.get("synthese", ""),
            sans_suite_rdv=d.get("sans_suite_rdv", "") if d.get("rdv") == "aucun" else "",
            livret_remis_le=self.entretien.jour if d.get("livret_remis") else None,
            suites={
                "revues": {n.removeprefix("revue-"): v for n, v in d.items() if n.startswith("revue-") and v},
                "demarches": saisie.demarches(d),
                "rdv": _rdv_choisi(d),
            },
            **{case: bool(d.get(case)) for case in saisie.CASES},
        )
        return [
            {"code": code, "texte": texte, "fait": fait, "ancre": ANCRES[code]}
            for code, texte, fait in vu.points_pour_clore([demarche.pk for demarche in self.dossier.a_revoir])
        ]


ANCRES = {
    "objectif": "id_objectif",
    "information": "information",
    "point": "point",
    "synthese": "id_synthese",
    "suites": "id_demarche-0-quoi",
    "rdv": "rdv",
}


def base(entretien, version):
    """La saisie telle qu’elle était à la `version` lue (l’historique la garde), ou None."""
    if version == entretien.version:
        return saisie.de_l_entretien(entretien)
    ancienne = entretien.history.filter(version=version).order_by("-history_date").first() if version else None
    return saisie.de_l_entretien(ancienne.instance) if ancienne else None


def presences(brouillons, utilisateur):
    """Qui d’autre écrit sur le même entretien : liste de {nom, depuis (instant)}."""
    recents = timezone.now() - PRESENCE
    return [
        {"nom": str(b.utilisateur), "depuis": commence_le(b), "acte": _lui_ecrire(b.utilisateur)}
        for b in brouillons
        if b.utilisateur_id != utilisateur.pk and b.enregistre_le >= recents
    ]


def _lui_ecrire(collegue):
    return {"texte": "Lui écrire", "url": f"mailto:{collegue.email}", "icone": "message-circle"}


def commence_le(brouillon):
    """Quand un brouillon a été commencé : sa clé UUIDv7 porte l’instant de sa création, à la milliseconde."""
    return datetime.datetime.fromtimestamp((brouillon.pk.int >> 80) / 1000, tz=datetime.UTC)


def _plates(erreurs):
    return [erreur for liste in erreurs.values() for erreur in liste]


def _instant(texte):
    try:
        naif = datetime.datetime.strptime(texte, "%Y-%m-%dT%H:%M")
    except ValueError:
        return None
    return timezone.make_aware(naif)


def _rdv_choisi(donnees):
    choix = donnees.get("rdv", "")
    if choix == "autre":
        return donnees.get("rdv_jour", "") and donnees.get("rdv_heure", "")
    return "" if choix == "aucun" else choix
