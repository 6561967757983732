"""Le décor : structure, communes, antennes, comptes, organisations."""

import datetime
import unicodedata

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from comptes.models import Role, RoleAttribue, Utilisateur
from dossier.demonstration import listes
from partenaires.models import Interlocuteur, Organisation
from prescriptions import referentiels as prescriptions
from reglages.models import Structure
from territoire import referentiels as territoire
from territoire.models import Antenne, Commune, Secteur

AUTEUR = "démonstration"
INVENTE = "inventé pour la démonstration"


class Decor:
    """Ce que les personnes de la démonstration rencontrent. Chargé une fois, puis lu."""

    def __init__(self, aujourd_hui):
        self.ouverture = aujourd_hui.replace(day=1) - datetime.timedelta(6 * 365)
        self.mot_de_passe = make_password(settings.MOT_DE_PASSE_CONNU)

    @transaction.atomic
    def planter(self):
        territoire.charger()
        prescriptions.charger()
        Structure(adresse="1 rue de l’Exemple, 59140 Dunkerque", telephone="03 53 01 00 00").enregistrer(par=AUTEUR)
        self._communes()
        self._antennes()
        self._comptes()
        self._organisations()
        return self

    def _communes(self):
        self.communes = {c.insee: c for c in Commune.objects.prefetch_related("codes_postaux")}
        for insee, commune in self.communes.items():
            if insee in listes.COMMUNES_NON_ADHERENTES:
                commune.adherente_au = self.ouverture
            else:
                commune.adherente_du = self.ouverture
            commune.enregistrer(par=AUTEUR, motif=INVENTE)

    def _antennes(self):
        self.antennes = []
        for nom, adresse, telephone, inseees, places in listes.ANTENNES:
            antenne = Antenne(nom=nom, adresse=adresse, telephone=telephone).enregistrer(par=AUTEUR)
            antenne.communes = [self.communes[insee] for insee in inseees]
            antenne.places = places
            self.antennes.append(antenne)
            for commune in antenne.communes:
                Secteur(antenne=antenne, commune=commune, du=self.ouverture).enregistrer(par=AUTEUR)

    def _comptes(self):
        self.conseillers, equipe = [], iter(listes.EQUIPE)
        for antenne in self.antennes:
            for rang in range(antenne.places):
                role_principal = antenne.nom == "Grande-Synthe" and rang == 0
                ligne = f"{antenne.telephone[:-1]}{rang + 1}"
                compte = self._compte(*next(equipe), ligne, email="conseiller" if role_principal else None)
                RoleAttribue(utilisateur=compte, role=Role.CONSEILLER, antenne=antenne).enregistrer(par=AUTEUR)
                compte.son_antenne = antenne
                self.conseillers.append(compte)
        self.siege = {}
        for rang, (role, civilite, prenom, nom) in enumerate(listes.COMPTES, start=1):
            ligne, administre = f"03 53 01 00 0{rang}", role == Role.ADMINISTRATEUR
            compte = self._compte(civilite, prenom, nom, ligne, email=role, administre=administre)
            RoleAttribue(utilisateur=compte, role=role).enregistrer(par=AUTEUR)
            self.siege[role] = compte

    def _organisations(self):
        self.organisations, self.prescripteurs = [], []
        for rang, (genre, nom) in enumerate(listes.ORGANISATIONS):
            organisation = Organisation(nom=nom, genre=genre, telephone=f"03 53 01 6{rang % 10} 08").enregistrer(
                par=AUTEUR
            )
            self.organisations.append(organisation)
            if rang < len(listes.AGENTS):
                civilite, prenom, nom_agent = listes.AGENTS[rang]
                email = None if rang else "prescripteur"
                agent = self._compte(civilite, prenom, nom_agent, organisation.telephone, email=email)
                RoleAttribue(utilisateur=agent, role=Role.PRESCRIPTEUR).enregistrer(par=AUTEUR)
                Interlocuteur(
                    organisation=organisation, utilisateur=agent, prenom=prenom, nom=nom_agent, email=agent.email
                ).enregistrer(par=AUTEUR)
                agent.son_organisation = organisation
                self.prescripteurs.append(agent)

    def _compte(self, civilite, prenom, nom, telephone, *, email=None, administre=False):
        compte = Utilisateur(
            email=f"{email or _ascii(f'{prenom}.{nom}')}@plie.example",
            civilite=civilite,
            prenom=prenom,
            nom=nom,
            telephone=telephone,
            is_staff=administre,
            password=self.mot_de_passe,
        )
        return compte.enregistrer(par=AUTEUR)


def _ascii(texte):
    plat = unicodedata.normalize("NFKD", texte.casefold())
    return "".join(c for c in plat if c.isascii() and (c.isalnum() or c == "."))
