"""Ce que dit une ligne : qui, quoi, sur qui, d’où ; jamais une valeur."""

import datetime
import json

import pytest
from django.apps import apps
from django.test import RequestFactory, override_settings
from django.utils import timezone

from comptes.models import Role
from entretiens.models import RendezVous
from journal.actions import TOUS, consigner, consigner_lecture, empreinte
from journal.contexte import adresse
from journal.models import Acte, Ligne
from participants.models import Participant
from tests.factories import (
    AUTEUR,
    CritereFactory,
    DocumentFactory,
    ParticipantFactory,
    RendezVousFactory,
    TypePieceFactory,
    UtilisateurFactory,
)

pytestmark = pytest.mark.django_db


def test_une_lecture_dit_qui_a_lu_quoi_sur_qui():
    qui, document = UtilisateurFactory(), DocumentFactory()
    ligne = consigner_lecture(document, par=qui)
    assert (ligne.acte, ligne.auteur, ligne.objet_type) == (Acte.LECTURE, qui, "documents.document")
    assert (ligne.objet_id, ligne.participant_id) == (document.pk, document.participant_id)


def test_aucune_valeur_n_entre_au_journal():
    participant = ParticipantFactory(nom="Canari-Unique", telephone="06 00 00 00 42")
    participant.telephone = "06 11 11 11 11"
    participant.enregistrer(par=AUTEUR, motif="Canari-Unique a rappelé")
    tout = json.dumps([list(ligne) for ligne in Ligne.objects.values_list()], default=str)
    assert "Canari" not in tout
    assert "06 11" not in tout


@pytest.mark.parametrize("fabrique", [ParticipantFactory, RendezVousFactory, DocumentFactory])
def test_l_empreinte_se_recalcule_sur_l_objet_relu(fabrique):
    """La preuve n’en est une que si l’on sait la refaire, des années après, depuis la base."""
    objet = fabrique()
    ecrite = Ligne.objects.filter(objet_id=objet.pk).latest("id").empreinte
    assert empreinte(type(objet).objects.get(pk=objet.pk), [TOUS]) == ecrite
    [meme] = type(objet).objects.filter(pk=objet.pk)
    assert empreinte(meme, [TOUS]) == ecrite


def test_l_empreinte_ne_depend_pas_du_fuseau():
    instant = timezone.now()
    paris, utc = (RendezVous(debut=instant.astimezone(z)) for z in (None, datetime.UTC))
    assert empreinte(paris, ["debut"]) == empreinte(utc, ["debut"])


def test_une_autre_valeur_ou_un_autre_sel_donnent_une_autre_empreinte():
    participant = ParticipantFactory()
    avant = empreinte(participant, ["nom"])
    with override_settings(SEL_JOURNAL="autre"):
        assert empreinte(participant, ["nom"]) != avant
    participant.nom += "x"
    assert empreinte(participant, ["nom"]) != avant


def test_l_empreinte_d_une_relation_multiple_est_celle_de_ce_qui_est_relie():
    critere, un, deux = CritereFactory(), TypePieceFactory(), TypePieceFactory()
    vues = []
    for types in ([un], [un, deux], []):
        critere.relier("types", types, par=AUTEUR)
        ecrite = Ligne.objects.filter(objet_id=critere.pk, champs=["types"]).latest("id").empreinte
        assert empreinte(type(critere).objects.get(pk=critere.pk), ["types"]) == ecrite
        vues.append(ecrite)
    assert len(set(vues)) == 3


def test_le_type_de_chaque_modele_tient_dans_sa_colonne():
    longueur = Ligne._meta.get_field("objet_type").max_length
    assert all(len(modele._meta.label_lower) <= longueur for modele in apps.get_models())


@pytest.mark.parametrize(
    ("role", "lit"), [(Role.RESPONSABLE, True), (Role.ADMINISTRATEUR, True), (Role.STATISTIQUES, False)]
)
def test_le_journal_se_lit_par_qui_en_repond(role, lit):
    consigner(Acte.LECTURE, par="essai")
    assert Ligne.objects.visibles_par(UtilisateurFactory(role=role)).exists() is lit


def test_les_lignes_d_une_personne_de_la_plus_recente_a_la_plus_ancienne():
    participant = ParticipantFactory()
    consigner_lecture(participant, par=UtilisateurFactory())
    ParticipantFactory()
    assert [ligne.acte for ligne in Ligne.objects.sur(participant.pk)] == [Acte.LECTURE, Acte.CREATION]


class TestAdresse:
    @pytest.mark.parametrize(
        ("mandataires", "suivie", "attendue"),
        [
            (0, "198.51.100.9", "203.0.113.5"),
            (1, "198.51.100.9", "198.51.100.9"),
            (1, "1.1.1.1, 198.51.100.9", "198.51.100.9"),
            (2, "1.1.1.1, 198.51.100.9, 10.0.0.1", "198.51.100.9"),
            (2, "198.51.100.9", "203.0.113.5"),
            (1, "<script>", None),
            (1, "", "203.0.113.5"),
        ],
    )
    def test_seuls_nos_mandataires_sont_crus(self, mandataires, suivie, attendue):
        requete = RequestFactory().get("/", REMOTE_ADDR="203.0.113.5", HTTP_X_FORWARDED_FOR=suivie)
        with override_settings(MANDATAIRES=mandataires):
            assert adresse(requete) == attendue

    def test_une_prise_locale_n_a_pas_d_adresse(self):
        assert adresse(RequestFactory().get("/", REMOTE_ADDR="")) is None

    def test_l_adresse_de_la_requete_est_sur_ses_lignes(self, connexion):
        compte = UtilisateurFactory(role=Role.RESPONSABLE)
        connexion(compte).post("/compte/deconnexion/", REMOTE_ADDR="203.0.113.5")
        assert Ligne.objects.get(acte=Acte.DECONNEXION).adresse == "203.0.113.5"
        consigner(Acte.LECTURE, par="essai")
        assert Ligne.objects.latest("id").adresse is None


def test_la_participante_est_retrouvee_sous_son_propre_numero():
    participant = ParticipantFactory()
    assert Ligne.objects.get(objet_id=participant.pk).participant_id == participant.pk
    assert Participant.objects.get().participant_id == participant.pk
