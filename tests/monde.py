"""Un petit PLIE complet, pour promener chaque rôle dans chaque page : une antenne, sa voisine, un dossier de bout en bout."""

import datetime
from pathlib import Path

from django.core.files.base import ContentFile
from django.utils import timezone

from comptes.models import Role
from entretiens.models import Demarche, RendezVous, Synthese
from notifications.actions import prevenir
from notifications.models import ESSAIS, Envoi
from tests import factories as f

PDF = b"%PDF-1.7 essai"
PROFILS = {
    "anon": None,
    "pre": Role.PRESCRIPTEUR,
    "pre-": Role.PRESCRIPTEUR,  # d’une autre organisation
    "con": Role.CONSEILLER,
    "con-": Role.CONSEILLER,  # d’une autre antenne
    "res": Role.RESPONSABLE,
    "sta": Role.STATISTIQUES,
    "ani": Role.ANIMATION,
    "ent": Role.ENTREPRISES,
    "atl": Role.ANIMATEUR,
    "ope": Role.OPERATEUR,
    "aud": Role.AUDITEUR,
    "adm": Role.ADMINISTRATEUR,
}


class Monde:
    """Les comptes par profil, et l’objet que chaque sorte d’adresse attend."""

    def __init__(self):
        ici, ailleurs = f.AntenneFactory(), f.AntenneFactory()
        organisation, autre = f.OrganisationFactory(), f.OrganisationFactory()
        rattaches = {"con": {"antenne": ici}, "con-": {"antenne": ailleurs}}
        rattaches |= {"pre": {"organisation": organisation}, "pre-": {"organisation": autre}}
        self.comptes = {
            profil: f.UtilisateurFactory(role=role, **rattaches.get(profil, {}))
            for profil, role in PROFILS.items()
            if role
        }
        self.sans_role = f.UtilisateurFactory()
        conseiller, prescripteur = self.comptes["con"], self.comptes["pre"]
        self.participant = f.ParticipantFactory(antenne=ici)
        self.demande = f.PrescriptionFactory(
            participant=self.participant, antenne=ici, organisation=organisation, orientee_par=prescripteur,
            statut="transmise", conseiller=conseiller, prise_en_charge_le=timezone.now(), prise_en_charge_par=conseiller,
        )  # fmt: skip
        self.piece = f.PieceFactory(participant=self.participant, deposee_par=conseiller)
        self.ligne = f.LignePieceFactory(prescription=self.demande, piece=self.piece, type=self.piece.type)
        f.AffectationFactory(participant=self.participant, conseiller=conseiller, etat="pressentie")
        self.entretien = f.EntretienFactory(participant=self.participant, conseiller=conseiller, rempli=True)
        clos = f.EntretienFactory(participant=self.participant, conseiller=conseiller, clos=True)
        document = f.DocumentFactory(participant=self.participant, fige_par=conseiller)
        document.fichier.save("synthese.pdf", ContentFile(PDF), save=False)
        document.enregistrer(par=conseiller)
        Synthese(entretien=clos, document=document).enregistrer(par=conseiller)
        self.clos, self.document = clos, document
        demain = timezone.now() + datetime.timedelta(1)
        self.rendez_vous = RendezVous(
            participant=self.participant, conseiller=conseiller, debut=demain, antenne=ici
        ).enregistrer(par=conseiller)
        self.demarche = Demarche(
            participant=self.participant, conseiller=conseiller, quoi="Appeler la crèche", pour_le=demain.date()
        ).enregistrer(par=conseiller)
        prevenir([conseiller], genre="essai", objet=self.demande, occasion=1, titre="Avance", courriel=False)
        prevenir([conseiller], genre="perdu", objet=self.demande, occasion=1, titre="Avance")
        self.perdu = Envoi.objects.get(genre="perdu", canal="courriel")
        Envoi.objects.filter(genre="perdu", canal="application").delete()
        Envoi.objects.filter(pk=self.perdu.pk).update(essais=ESSAIS)
        self.alerte = Envoi.objects.alertes_de(conseiller).get()

    def remettre_les_fichiers(self):
        """Chaque test vide le dossier des fichiers ; ceux-ci servent à tous."""
        for fichier in (self.piece.fichier, self.document.fichier):
            Path(fichier.path).parent.mkdir(parents=True, exist_ok=True)
            Path(fichier.path).write_bytes(PDF)

    def objet_de(self, nom, parametre):
        """L’objet dont l’adresse `nom` porte la clé, sous le nom `parametre`."""
        if parametre == "participant" or nom.startswith("dossier:"):
            return self.participant
        if nom.startswith(("prescriptions:", "orientations:")):
            return self.demande
        return {
            "participants:piece": self.piece,
            "participants:apercu": self.piece,
            "notifications:lue": self.alerte,
            "notifications:renvoyer": self.perdu,
            "entretiens:synthese": self.clos,
            "entretiens:corriger": self.clos,
            "entretiens:demarche": self.demarche,
            "entretiens:rendez_vous_detail": self.rendez_vous,
            "entretiens:noter": self.rendez_vous,
            "entretiens:deplacer": self.rendez_vous,
            "entretiens:ouvrir": self.rendez_vous,
            "entretiens:convocation": self.rendez_vous,
        }.get(nom, self.entretien)
