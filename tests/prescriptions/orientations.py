"""De quoi orienter : un prescripteur, une commune et son antenne, le référentiel, et le formulaire rempli."""

import datetime
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from comptes.models import Role
from prescriptions.listes import MotifOrientation, MoyenAccord
from prescriptions.orientations import suivies_par
from tests import factories as f
from tests import faux_fichiers

LE_6_AVRIL = datetime.date(2001, 4, 6)


class Decor:
    """Ce qu’un prescripteur trouve en arrivant ; `formulaire()` donne ce qu’il posterait."""

    def __init__(self):
        self.organisation = f.OrganisationFactory(nom="Mission locale de Dunkerque")
        self.agent = f.UtilisateurFactory(
            role=Role.PRESCRIPTEUR, organisation=self.organisation, prenom="Maud", nom="Ferrand"
        )
        self.antenne = f.AntenneFactory(nom="Dunkerque")
        self.commune = f.CommuneFactory(nom="Saint-Pol-sur-Mer", insee="59540")
        f.CodePostalFactory(commune=self.commune, code="59430")
        f.SecteurFactory(antenne=self.antenne, commune=self.commune)
        self.conseiller = f.UtilisateurFactory(role=Role.CONSEILLER, antenne=self.antenne)
        self.identite_ = f.TypePieceFactory(code="identite", libelle="Pièce d’identité", obligatoire=True, ordre=1)
        self.accord_signe = f.TypePieceFactory(code="accord_signe", libelle="Accord signé", obligatoire=True, ordre=2)
        self.attestation = f.TypePieceFactory(
            code="attestation_rsa", libelle="Attestation RSA", validite_mois=3, ordre=3
        )
        self.rqth = f.TypePieceFactory(code="rqth", libelle="RQTH", sensible=True, ordre=4)
        self.rsa = f.CritereFactory(code="RSA", libelle="Bénéficiaire du RSA", types=[self.attestation])
        self.boeth = f.CritereFactory(code="BOETH", libelle="Travailleur handicapé", types=[self.rqth], sensible=True)

    def identite(self, **champs):
        return {
            "prenom": "Coralie",
            "nom": "Delplanque",
            "naissance": LE_6_AVRIL,
            "telephone": "06 39 98 52 10",
            "code_postal": "59430",
            "commune": self.commune,
        } | champs

    def demande(self, **champs):
        """Les arguments d’`orienter`."""
        return {
            "par": self.agent,
            "organisation": self.organisation,
            "identite": self.identite(),
            "motif": MotifOrientation.CHOISIR,
            "accord": {"le": datetime.date.today(), "moyen": MoyenAccord.VIVE_VOIX, "trace": "Maud Ferrand"},
        } | champs

    def formulaire(self, **champs):
        aujourd_hui = f"{datetime.date.today():%d/%m/%Y}"
        return {
            "jeton": str(uuid.uuid4()),
            "prenom": "Coralie",
            "nom": "Delplanque",
            "naissance": "06/04/2001",
            "telephone": "06 39 98 52 10",
            "code_postal": "59430",
            "commune": self.commune.insee,
            "motif": "choisir",
            "attente": "Veut un métier manuel.",
            "accord_moyen": "vive_voix",
            "accord_le": aujourd_hui,
            "premier_contact_le": aujourd_hui,
        } | champs


PAGE = "/orientations/nouvelle/"


def fichier(nom="cni.pdf", contenu=None):
    return SimpleUploadedFile(nom, faux_fichiers.pdf() if contenu is None else contenu)


def poster(navigateur, donnees, fragment="", **options):
    entetes = {"HX-Request": "true"} if fragment else {}
    adresse = f"{PAGE}?fragment={fragment}" if fragment else PAGE
    return navigateur.post(adresse, donnees, headers=entetes, **options)


def jour(decalage=0):
    return f"{datetime.date.today() + datetime.timedelta(decalage):%d/%m/%Y}"


def page(demande, nom="detail"):
    return reverse(f"orientations:{nom}", args=[demande.pk])


def vue(agent, demande):
    """La demande telle que son prescripteur la voit."""
    return suivies_par(agent).get(pk=demande.pk)
