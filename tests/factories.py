"""Fabriques : des objets valides, écrits par la même porte que l’application. Aucun hasard dans les statuts."""

import datetime

import factory
from django.core.files.base import ContentFile
from django.utils import timezone

from comptes.models import Role, RoleAttribue, Utilisateur
from documents.models import Document, GenreDocument, RoleSignataire, Signature
from entretiens.models import Demarche, Entretien, GenreEntretien, RendezVous
from parcours.models import Affectation, Parcours, PassageDePhase, Phase
from partenaires.models import GenreOrganisation, Interlocuteur, Organisation
from participants.models import Participant, Piece, TypePiece
from prescriptions.listes import MotifOrientation, MoyenAccord, SensAvis, Verdict
from prescriptions.models import Avis, Critere, CritereInvoque, LignePiece, Prescription
from territoire.models import Antenne, CodePostal, Commune, Secteur

AUTEUR = "fabrique de test"
IL_Y_A_UN_MOIS = datetime.timedelta(30)


def aujourd_hui():
    return timezone.localdate()


class Fabrique(factory.django.DjangoModelFactory):
    """Écrit par `enregistrer`, comme l’application."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, modele, *args, **champs):
        return modele(*args, **champs).enregistrer(par=AUTEUR)


class CommuneFactory(Fabrique):
    class Meta:
        model = Commune

    insee = factory.Sequence(lambda n: f"{90000 + n}")
    nom = factory.Sequence(lambda n: f"Commune {n}")
    population = 1000
    adherente_du = datetime.date(2020, 1, 1)

    class Params:
        a_confirmer = factory.Trait(adherente_du=None)
        hors_plie = factory.Trait(adherente_au=datetime.date(2020, 12, 31))


class CodePostalFactory(Fabrique):
    class Meta:
        model = CodePostal

    commune = factory.SubFactory(CommuneFactory)
    code = "59140"


class AntenneFactory(Fabrique):
    class Meta:
        model = Antenne

    nom = factory.Sequence(lambda n: f"Malo {n}")
    adresse = "1 rue de l’Exemple, 59140 Dunkerque"
    telephone = "03 53 01 00 00"


class SecteurFactory(Fabrique):
    class Meta:
        model = Secteur

    antenne = factory.SubFactory(AntenneFactory)
    commune = factory.SubFactory(CommuneFactory)
    du = datetime.date(2020, 1, 1)


class UtilisateurFactory(factory.django.DjangoModelFactory):
    """`UtilisateurFactory(role=Role.CONSEILLER, antenne=…)` ; `organisation=` rattache un prescripteur."""

    class Meta:
        model = Utilisateur
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"agent{n}@plie.example")
    prenom = factory.Sequence(lambda n: f"Prénom{n}")
    nom = factory.Sequence(lambda n: f"Agent{n}")
    civilite = "Mme"

    @classmethod
    def _create(cls, modele, *args, role=None, antenne=None, organisation=None, password="demonstration", **champs):
        utilisateur = modele.objects.create_user(password=password, **champs)
        if role:
            if role == Role.CONSEILLER and antenne is None:
                antenne = AntenneFactory()
            RoleAttribue(utilisateur=utilisateur, role=role, antenne=antenne).enregistrer(par=AUTEUR)
        if organisation:
            InterlocuteurFactory(organisation=organisation, utilisateur=utilisateur)
        return utilisateur


class OrganisationFactory(Fabrique):
    class Meta:
        model = Organisation

    nom = factory.Sequence(lambda n: f"Mission locale {n}")
    genre = GenreOrganisation.MISSION_LOCALE


class InterlocuteurFactory(Fabrique):
    class Meta:
        model = Interlocuteur

    organisation = factory.SubFactory(OrganisationFactory)
    prenom = "Maud"
    nom = factory.Sequence(lambda n: f"Ferrand{n}")


class ParticipantFactory(Fabrique):
    class Meta:
        model = Participant

    numero = factory.Sequence(lambda n: f"2026-{n:05d}")
    prenom = factory.Sequence(lambda n: f"Nadège{n}")
    nom = factory.Sequence(lambda n: f"Boutoille{n}")
    naissance = datetime.date(1988, 3, 14)
    telephone = "06 39 98 41 27"
    commune = factory.SubFactory(CommuneFactory)
    antenne = factory.SubFactory(AntenneFactory)
    code_postal = "59140"

    @classmethod
    def _create(cls, modele, *args, **champs):
        participant = super()._create(modele, *args, **champs)
        participant.mots.bulk_create(participant.mots_de_recherche())
        return participant


class TypePieceFactory(Fabrique):
    class Meta:
        model = TypePiece

    code = factory.Sequence(lambda n: f"piece-{n}")
    libelle = factory.Sequence(lambda n: f"Pièce {n}")
    points = factory.LazyFunction(lambda: ["Nom identique", "Lisible"])

    class Params:
        obligatoire_pour_tous = factory.Trait(obligatoire=True)


class PieceFactory(Fabrique):
    class Meta:
        model = Piece

    participant = factory.SubFactory(ParticipantFactory)
    type = factory.SubFactory(TypePieceFactory)
    fichier = factory.LazyFunction(lambda: ContentFile(b"%PDF-1.4 essai", name="piece.pdf"))
    nom = "piece.pdf"
    type_mime = "application/pdf"
    taille = 14
    sha256 = "0" * 64
    etablie_le = factory.LazyFunction(aujourd_hui)
    deposee_par = factory.SubFactory(UtilisateurFactory)


class PrescriptionFactory(Fabrique):
    """Une demande orientée ; les traits la mènent plus loin par ses faits, avec leurs auteurs."""

    class Meta:
        model = Prescription

    class Params:
        prise = factory.Trait(
            statut="en_instruction",
            conseiller=factory.SubFactory(
                UtilisateurFactory, role=Role.CONSEILLER, antenne=factory.SelfAttribute("..antenne")
            ),
            prise_en_charge_le=factory.LazyFunction(timezone.now),
            prise_en_charge_par=factory.SelfAttribute("conseiller"),
        )
        transmise = factory.Trait(prise=True, statut="transmise")
        validee = factory.Trait(
            prise=True,
            statut="a_controler",
            pertinence_validee_le=factory.LazyFunction(timezone.now),
            pertinence_validee_par=factory.SubFactory(UtilisateurFactory, role=Role.RESPONSABLE),
        )
        accordee = factory.Trait(
            validee=True,
            statut="accordee",
            accordee_le=factory.LazyFunction(timezone.now),
            accordee_par=factory.SubFactory(UtilisateurFactory, role=Role.STATISTIQUES),
        )
        refusee = factory.Trait(
            prise=True,
            statut="refusee",
            refusee_le=factory.LazyFunction(timezone.now),
            refusee_par=factory.SubFactory(UtilisateurFactory, role=Role.RESPONSABLE),
            motif_refus="criteres",
            dirigee_vers="France Travail",
        )

    numero = factory.Sequence(lambda n: f"P-2026-{n:05d}")
    participant = factory.SubFactory(ParticipantFactory)
    antenne = factory.SelfAttribute("participant.antenne")
    organisation = factory.SubFactory(OrganisationFactory)
    motif = MotifOrientation.CHOISIR
    accord_le = factory.LazyFunction(aujourd_hui)
    accord_moyen = MoyenAccord.VIVE_VOIX
    orientee_par = factory.SubFactory(UtilisateurFactory)


class AvisFactory(Fabrique):
    class Meta:
        model = Avis

    prescription = factory.SubFactory(PrescriptionFactory, prise=True)
    sens = SensAvis.FAVORABLE
    motivation = "Projet confirmé, disponible tout de suite."
    donne_par = factory.SelfAttribute("prescription.conseiller")


class CritereFactory(Fabrique):
    class Meta:
        model = Critere
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"CRIT{n}")
    libelle = factory.Sequence(lambda n: f"Critère {n}")
    du = datetime.date(2020, 1, 1)

    @factory.post_generation
    def types(self, create, types, **kwargs):
        self.types.set(types or [])


class CritereInvoqueFactory(Fabrique):
    class Meta:
        model = CritereInvoque

    prescription = factory.SubFactory(PrescriptionFactory)
    critere = factory.SubFactory(CritereFactory)


class LignePieceFactory(Fabrique):
    class Meta:
        model = LignePiece

    class Params:
        jointe = factory.Trait(
            piece=factory.SubFactory(
                PieceFactory,
                participant=factory.SelfAttribute("..prescription.participant"),
                type=factory.SelfAttribute("..type"),
            )
        )
        conforme = factory.Trait(jointe=True, verdict=Verdict.CONFORME)

    prescription = factory.SubFactory(PrescriptionFactory)
    type = factory.SubFactory(TypePieceFactory)


class AffectationFactory(Fabrique):
    class Meta:
        model = Affectation

    participant = factory.SubFactory(ParticipantFactory)
    conseiller = factory.SubFactory(
        UtilisateurFactory, role=Role.CONSEILLER, antenne=factory.SelfAttribute("..participant.antenne")
    )
    etat = "confirmee"
    du = factory.LazyFunction(lambda: aujourd_hui() - IL_Y_A_UN_MOIS)


class ParcoursFactory(Fabrique):
    """Un parcours en phase 1, avec son passage ; le référent se donne par AffectationFactory."""

    class Meta:
        model = Parcours

    participant = factory.SubFactory(ParticipantFactory)
    entre_le = factory.LazyFunction(lambda: aujourd_hui() - IL_Y_A_UN_MOIS)

    @classmethod
    def _create(cls, modele, *args, phase=Phase.MOBILISATION, **champs):
        parcours = super()._create(modele, *args, **champs)
        PassageDePhase(parcours=parcours, phase=phase, du=parcours.entre_le).enregistrer(par=AUTEUR)
        return parcours


class RendezVousFactory(Fabrique):
    class Meta:
        model = RendezVous

    participant = factory.SubFactory(ParticipantFactory)
    conseiller = factory.SubFactory(
        UtilisateurFactory, role=Role.CONSEILLER, antenne=factory.SelfAttribute("..participant.antenne")
    )
    debut = factory.LazyFunction(lambda: timezone.now() + datetime.timedelta(days=7))
    antenne = factory.SelfAttribute("participant.antenne")


class EntretienFactory(Fabrique):
    class Meta:
        model = Entretien

    class Params:
        premier_complet = factory.Trait(
            clos=True,
            genre=GenreEntretien.PREMIER,
            presente_structure=True,
            presente_services=True,
            presente_etapes=True,
            livret_remis_le=factory.LazyFunction(aujourd_hui),
        )
        rempli = factory.Trait(
            objectif="Choisir deux pistes de métier",
            point="Les certificats de travail sont retrouvés.",
            synthese="Nadège cherche un poste en journée, entre 9 h et 16 h.",
            sans_suite_rdv="La personne rappellera.",
        )
        clos = factory.Trait(
            rempli=True,
            statut="clos",
            clos_le=factory.LazyFunction(timezone.now),
            clos_par=factory.SelfAttribute("conseiller"),
        )

    participant = factory.SubFactory(ParticipantFactory)
    conseiller = factory.SubFactory(
        UtilisateurFactory, role=Role.CONSEILLER, antenne=factory.SelfAttribute("..participant.antenne")
    )


class DemarcheFactory(Fabrique):
    class Meta:
        model = Demarche

    participant = factory.SubFactory(ParticipantFactory)
    conseiller = factory.SubFactory(UtilisateurFactory)
    quoi = "Inscrire le plus jeune à la crèche"
    pour_le = factory.LazyFunction(lambda: aujourd_hui() + datetime.timedelta(7))


class DocumentFactory(Fabrique):
    class Meta:
        model = Document

    participant = factory.SubFactory(ParticipantFactory)
    genre = GenreDocument.SYNTHESE
    contenu = factory.LazyFunction(dict)
    fige_par = factory.SubFactory(UtilisateurFactory)


class SignatureFactory(Fabrique):
    class Meta:
        model = Signature

    document = factory.SubFactory(DocumentFactory)
    role = RoleSignataire.PERSONNE
    nom = "Nadège Boutoille"
