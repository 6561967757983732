"""Figer, mettre en page, retrouver par plage : un PDF finit toujours par exister, et dit toujours vrai."""

import base64
import datetime

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from comptes.models import Role
from documents import actions, production
from documents.models import Document, GenreDocument, RoleSignataire, Signature
from documents.rendu import RenduImpossible
from documents.templatetags.documents import trait
from notifications.models import Canal, Envoi
from participants.fichiers import FichierRefuse
from plie.exceptions import TransitionImpossible
from reglages.lecture import oublier
from reglages.models import Structure
from tests.documents.exemples import STRUCTURE, synthese
from tests.documents.lecture import texte
from tests.factories import DocumentFactory, ParticipantFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TRACE = "M60 190Q80 80 120.5 30L400 200"


def contenu(**changements):
    document = synthese(**changements)
    for cle in ("code", "version", "fait_le", "signataires"):
        del document[cle]
    roles = {"personne": "Participante", "conseiller": "Conseillère"}
    return {"structure": STRUCTURE, "document": document, "signataires": roles}


def figer(**options):
    conseiller = options.pop("conseiller", None) or UtilisateurFactory()
    champs = {
        "genre": GenreDocument.SYNTHESE,
        "contenu": contenu(),
        "par": conseiller,
        "signataires": [
            (RoleSignataire.PERSONNE, "Mme Anissa Belkhiri", None),
            (RoleSignataire.CONSEILLER, "Mme Claire Vandaele", conseiller),
        ],
    }
    return actions.figer(ParticipantFactory(), **(champs | options))


@pytest.fixture
def confies(monkeypatch):
    liste = []
    monkeypatch.setattr("documents.tasks.produire.apply_async", lambda args, **options: liste.append(args[0]))
    return liste


class TestFiger:
    def test_le_document_et_ses_signatures_naissent_ensemble(self, confies):
        document = figer()
        assert document.numero_version == 1
        assert set(document.signatures.values_list("role", "statut")) == {
            ("personne", "a_signer"),
            ("conseiller", "a_signer"),
        }
        assert confies == [str(document.pk)]

    def test_rien_ne_part_au_worker_si_la_transaction_est_annulee(self, confies):
        with transaction.atomic():
            figer()
            transaction.set_rollback(True)
        assert confies == []

    def test_une_version_remplace_la_derniere_et_une_seule_fois(self, confies):
        premier = figer()
        second = figer(remplace=premier)
        assert (second.numero_version, second.remplace) == (2, premier)
        with pytest.raises(TransitionImpossible, match="plus récente"):
            figer(remplace=premier)

    def test_un_nom_trop_long_ne_casse_pas(self, confies):
        document = figer(signataires=[(RoleSignataire.PERSONNE, "N" * 400, None)])
        assert len(document.signatures.get().nom) == 245


class TestProduire:
    def test_les_octets_gardes_sont_ceux_que_le_contenu_redonne(self, confies):
        document = figer()
        production.produire_par_cle(document.pk)
        document = Document.objects.get()
        assert production.lire(document) == production.mettre_en_page(document)

    def test_lire_ce_qui_manque_le_met_en_page_sans_l_ecrire(self, confies):
        document = figer()
        assert "Choisir le métier" in texte(production.lire(document))
        assert Document.objects.get().fichier == ""

    def test_un_fichier_disparu_du_disque_se_refait(self, confies, fichiers):
        document = figer()
        production.produire(document)
        (fichiers / document.fichier.name).unlink()
        assert production.lire(Document.objects.get()).startswith(b"%PDF")

    def test_ce_que_le_worker_n_a_pas_fait_est_repris_par_plage(self, confies):
        vieux = figer()
        vieux.fige_le = timezone.now() - datetime.timedelta(3)
        vieux.enregistrer(par="test")
        production.produire(figer())
        production.produire_en_attente()
        assert not Document.objects.a_produire().exists()

    def test_refaire_le_tour_ne_refait_rien(self, confies):
        figer()
        production.produire_en_attente()
        avant = Document.history.count()
        production.produire_en_attente()
        production.produire_par_cle(Document.objects.get().pk)
        assert Document.history.count() == avant

    def test_un_document_inconnu_ne_casse_pas_la_tache(self):
        production.produire_par_cle("01a20c11-e266-75e5-ac6f-819f1fb20fed")

    @pytest.mark.parametrize("panne", [RenduImpossible("trop long"), OSError(28, "No space left on device")])
    def test_un_document_impossible_n_arrete_pas_les_suivants(self, confies, monkeypatch, panne):
        mauvais, bon = figer(), figer()
        rendre = production.mettre_en_page

        def essayer(document):
            if document.pk == mauvais.pk:
                raise panne
            return rendre(document)

        monkeypatch.setattr(production, "mettre_en_page", essayer)
        production.produire_en_attente()
        assert list(Document.objects.filter(fichier="")) == [mauvais]
        assert Document.objects.get(pk=bon.pk).fichier

    @pytest.fixture
    def impossible(self, monkeypatch):
        def echouer(document):
            raise RenduImpossible("trop long")

        monkeypatch.setattr(production, "mettre_en_page", echouer)

    def test_un_document_impossible_attend_de_plus_en_plus_et_passe_apres_les_autres(self, confies, impossible):
        attentes = []
        with time_machine.travel(timezone.now(), tick=False) as horloge:
            document = figer()
            for _ in range(7):
                production.produire_en_attente()
                document.refresh_from_db()
                assert not Document.objects.a_produire().exists()
                attentes.append((document.repris_le - timezone.now()).total_seconds() // 60)
                horloge.move_to(document.repris_le)
            assert attentes == [1, 5, 30, 240, 1440, 1440, 1440]
            nouveau = figer()
            assert list(Document.objects.a_produire()) == [nouveau, document]

    def test_au_troisieme_echec_cela_se_dit_une_fois(self, confies, impossible):
        document, administrateur = figer(), UtilisateurFactory(role=Role.ADMINISTRATEUR)
        for echec in range(1, 6):
            production.produire_par_cle(document.pk)
            dits = Envoi.objects.filter(genre="document_impossible", canal=Canal.APPLICATION)
            assert {e.destinataire for e in dits} == ({document.fige_par, administrateur} if echec >= 3 else set())
        assert dits.count() == 2
        assert document.code in dits[0].texte

    def test_reussi_il_n_a_plus_d_echec(self, confies, monkeypatch):
        document = figer()
        document.noter_echec(par="test")
        production.produire_par_cle(document.pk)
        document = Document.objects.get()
        assert (bool(document.fichier), document.essais, document.repris_le) == (True, 0, None)

    def test_un_accord_impossible_n_est_pas_verse_a_chaque_tour(self, confies):
        accord = DocumentFactory(genre=GenreDocument.ACCORD)
        assert accord in Document.objects.a_verser()
        accord.noter_echec(par="test")
        assert accord not in Document.objects.a_verser()

    def test_un_disque_plein_se_compte_aussi(self, confies, monkeypatch):
        def plein(*args):
            raise FichierRefuse("plus de place")

        monkeypatch.setattr("documents.models.ranger", plein)
        document = figer()
        production.produire_par_cle(document.pk)
        assert Document.objects.get().essais == 1

    def test_le_logo_est_celui_du_jour_ou_l_on_a_fige(self, confies, fichiers, caplog):
        logo = Structure._meta.get_field("logo").storage.save("structure/avant.png", ContentFile(PIXEL))
        document = figer(contenu=contenu() | {"structure": STRUCTURE | {"logo_fige": logo}})
        avant = production.mettre_en_page(document)
        Structure(logo=ContentFile(b"autre", name="apres.png")).enregistrer(par="test")
        oublier()
        assert actions.structure_figee()["logo_fige"].startswith("structure/apres")
        assert production.mettre_en_page(document) == avant
        (fichiers / logo).unlink()
        assert production.mettre_en_page(document) not in (avant, b"")
        assert "Le logo structure/avant.png manque" in caplog.text

    def test_refait_autrement_cela_se_voit_au_journal_du_serveur(self, confies, fichiers, caplog):
        document = figer()
        production.produire(document)
        (fichiers / document.fichier.name).unlink()
        production.lire(Document.objects.get())
        assert "ses octets ne sont plus" not in caplog.text
        document.sha256 = "0" * 64
        document.enregistrer(par="test")
        production.lire(Document.objects.get())
        assert "ses octets ne sont plus" in caplog.text

    def test_une_signature_recue_pendant_la_mise_en_page_y_figure(self, confies, monkeypatch):
        document = figer()
        rendre, tours = production.mettre_en_page, []

        def pendant(d):
            pdf = rendre(d)
            if not tours:
                signer(document)
            tours.append(pdf)
            return pdf

        monkeypatch.setattr(production, "mettre_en_page", pendant)
        production.produire(Document.objects.get())
        assert len(tours) == 2
        assert "Signé à l'écran" in texte(production.lire(Document.objects.get()))


def signer(document, roles=("personne", "conseiller"), **champs):
    pose = {"accord": True, "trace": TRACE, "nom_tape": "", "mot": ""} | champs
    actions.signer(document, par=document.fige_par, signatures=dict.fromkeys(roles, pose))


class TestSigner:
    def test_signer_redemande_le_pdf(self, confies):
        document = figer()
        production.produire(document)
        signer(document)
        assert confies == [str(document.pk)] * 2
        assert Document.objects.a_produire().exists()

    def test_tout_ou_rien(self, confies):
        document = figer()
        signer(document, ["conseiller"])
        with pytest.raises(TransitionImpossible):
            signer(document)
        assert Signature.objects.get(role="personne").statut == "a_signer"

    def test_l_embleme_passe_en_couleur_quand_tout_est_signe(self, confies, monkeypatch):
        emblemes = []
        monkeypatch.setattr(
            production, "rendre_pdf", lambda html, *, embleme, **o: emblemes.append(embleme) or b"%PDF"
        )
        document = figer()
        for roles in (["personne"], ["conseiller"]):
            production.mettre_en_page(Document.objects.get())
            signer(document, roles)
        production.mettre_en_page(Document.objects.get())
        assert emblemes == ["noir", "noir", "couleur"]

    def test_un_trace_se_ramene_au_cadre_du_gabarit(self):
        assert production.a_l_echelle("M0 0L600 260h.1") == "M19.2 5.0L180.8 75.0h.1"
        assert production.a_l_echelle("M300 120Q320 120 320 140") == "M94.5 34.5Q105.5 34.5 105.5 45.5"
        assert production.a_l_echelle("") == ""

    def test_un_trace_ramene_reste_un_trace_que_le_gabarit_accepte(self):
        assert trait(production.a_l_echelle(TRACE)) == production.a_l_echelle(TRACE)

    def test_le_papier_d_un_document_deja_signe_est_refuse(self, confies):
        document = figer()
        signer(document)
        with pytest.raises(TransitionImpossible, match="déjà signé par tous"):
            actions.recevoir_papier(document, par=document.fige_par, piece=None)


class TestContexte:
    def test_les_dates_relues_sont_des_dates(self, confies):
        fiche = production.contexte(figer())["document"]
        assert fiche["date"] == datetime.date(2026, 11, 12)
        assert fiche["demarches"][0]["pour_le"] == datetime.date(2026, 11, 17)
        assert fiche["rdv"]["heure"] == "09:30"

    def test_une_demarche_sans_date_reste_sans_date(self, confies):
        document = figer(contenu=contenu(demarches=[{"qui": "A", "quoi": "B", "pour_le": ""}]))
        assert "sans date" in texte(production.lire(document))

    def test_la_structure_est_celle_du_jour_ou_il_a_ete_fige(self, confies):
        document = DocumentFactory(contenu=contenu() | {"structure": STRUCTURE | {"association": "Ancien nom"}})
        assert "Ancien nom" in texte(production.lire(document))
