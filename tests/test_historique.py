"""Le socle : une seule porte d’écriture, qui dit qui, ne perd rien et ne cache rien."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comptes.models import Role
from documents.models import Document
from journal.models import Acte, Ligne
from participants.models import TypePiece
from plie.exceptions import ConflitDeVersion
from plie.historique import EcritureSansHistorique, cle, lire_cle, lire_entier
from territoire.models import Antenne
from tests.factories import AUTEUR, AntenneFactory, DocumentFactory, TypePieceFactory, UtilisateurFactory
from tests.parallele import en_parallele


def ordres(capture):
    """Les ordres SQL, sans les points de reprise."""
    return [
        o["sql"].split()[0] for o in capture if "SAVEPOINT" not in o["sql"] and o["sql"] not in ("BEGIN", "COMMIT")
    ]


def test_une_cle_est_un_uuid_version_7_croissant_dans_le_temps():
    cles = [cle() for _ in range(100)]
    assert {c.version for c in cles} == {7}
    assert cles == sorted(cles)
    assert lire_cle(str(cles[0])) == cles[0]


@pytest.mark.parametrize(
    ("texte", "lu"),
    [("12", 12), ("0", 0), ("", None), (None, None), ("-1", None), ("9" * 5000, None), ("9" * 10, None)],
)
def test_un_entier_que_la_base_ne_tiendrait_pas_n_est_pas_lu(texte, lu):
    assert lire_entier(texte) == lu


@pytest.mark.parametrize("texte", ["", "-", "12", "x" * 36, None, "../etc"])
def test_une_cle_illisible_n_est_pas_une_cle(texte):
    assert lire_cle(texte) is None


@pytest.mark.django_db
class TestEnregistrer:
    def test_creer_coute_trois_insertions_la_ligne_son_historique_et_le_journal(self):
        with CaptureQueriesContext(connection) as capture:
            Antenne(nom="Petite-Synthe").enregistrer(par=AUTEUR)
        assert ordres(capture) == ["INSERT", "INSERT", "INSERT"]

    def test_modifier_coute_une_mise_a_jour_et_deux_insertions(self):
        antenne = Antenne.objects.get(pk=AntenneFactory().pk)
        antenne.nom = "Malo"
        with CaptureQueriesContext(connection) as capture:
            antenne.enregistrer(par=AUTEUR)
        assert ordres(capture) == ["UPDATE", "INSERT", "INSERT"]
        assert Ligne.objects.latest("id").champs == ["nom"]

    def test_rien_n_a_change_rien_n_est_ecrit(self):
        antenne = Antenne.objects.get(pk=AntenneFactory().pk)
        with CaptureQueriesContext(connection) as capture:
            antenne.enregistrer(par=AUTEUR)
        assert ordres(capture) == []
        assert antenne.version == 1

    def test_l_auteur_est_dans_l_historique_et_dans_le_journal(self):
        qui = UtilisateurFactory()
        antenne = Antenne(nom="Malo").enregistrer(par=qui, motif="ouverture")
        version = antenne.history.get()
        assert (version.history_user, version.history_change_reason) == (qui, "ouverture")
        ligne = Ligne.objects.get(objet_id=antenne.pk)
        assert (ligne.auteur, ligne.tache, ligne.acte, ligne.champs) == (qui, "", Acte.CREATION, ["*"])

    def test_une_tache_a_un_nom(self):
        antenne = Antenne(nom="Malo").enregistrer(par="reprise", motif="ancien logiciel")
        version = antenne.history.get()
        assert (version.history_user, version.history_change_reason) == (None, "reprise : ancien logiciel")
        assert Ligne.objects.get(objet_id=antenne.pk).tache == "reprise"

    def test_une_ecriture_sans_auteur_est_refusee(self):
        with pytest.raises(EcritureSansHistorique):
            Antenne(nom="Malo").enregistrer(par=None)
        assert not Antenne.objects.exists()

    def test_un_json_modifie_sur_place_est_vu(self):
        type_ = TypePiece.objects.get(pk=TypePieceFactory(points=["Lisible"]).pk)
        type_.points.append("Signée")
        assert type_.champs_modifies() == ["points"]
        type_.enregistrer(par=AUTEUR)
        assert type_.champs_modifies() == []
        type_.points.append("Datée")
        assert type_.champs_modifies() == ["points"]

    def test_un_fichier_remplace_est_vu(self):
        document = Document.objects.get(pk=DocumentFactory().pk)
        for contenu in (b"%PDF-1.7 un", b"%PDF-1.7 deux"):
            document.fichier.save("synthese.pdf", ContentFile(contenu), save=False)
            assert document.champs_modifies() == ["fichier"]
            document.enregistrer(par=AUTEUR)
            assert document.champs_modifies() == []
        assert Ligne.objects.latest("id").champs == ["fichier"]

    def test_l_ecriture_echoue_l_objet_garde_sa_version(self):
        AntenneFactory(nom="Malo")
        autre = AntenneFactory(nom="Rosendaël")
        autre.nom = "Malo"
        with pytest.raises(IntegrityError), transaction.atomic():
            autre.enregistrer(par=AUTEUR)
        assert autre.version == 1
        autre.nom = "Malo-les-Bains"
        assert autre.enregistrer(par=AUTEUR).version == 2

    def test_un_acte_annule_n_a_ni_historique_ni_journal(self):
        def acte():
            with transaction.atomic():
                Antenne(nom="Malo").enregistrer(par=AUTEUR)
                raise ZeroDivisionError

        pytest.raises(ZeroDivisionError, acte)
        assert not Antenne.history.exists()
        assert not Ligne.objects.exists()


@pytest.mark.django_db
class TestCeQueLaBaseADonne:
    def test_un_champ_differe_ne_fait_pas_lire_les_autres(self):
        AntenneFactory()
        antenne = Antenne.objects.only("id").get()
        with CaptureQueriesContext(connection) as capture:
            assert antenne.nom
        assert len(capture) == 1
        assert antenne.get_deferred_fields() == {"version", "adresse", "telephone", "ouverte"}
        assert antenne.champs_modifies() == []

    def test_relire_un_champ_n_oublie_pas_ce_qui_a_change_ailleurs(self):
        antenne = Antenne.objects.get(pk=AntenneFactory().pk)
        antenne.nom = "Malo"
        antenne.refresh_from_db(fields=["telephone"])
        assert antenne.champs_modifies() == ["nom"]

    def test_un_objet_lu_en_partie_s_enregistre_sans_effacer_le_reste(self):
        complete = AntenneFactory(adresse="1 rue de l’Exemple")
        antenne = Antenne.objects.only("id", "nom", "version").get()
        antenne.nom = "Malo"
        antenne.enregistrer(par=AUTEUR)
        complete.refresh_from_db()
        assert (complete.nom, complete.adresse, complete.version) == ("Malo", "1 rue de l’Exemple", 2)

    def test_verrouiller_relit_et_oublie_la_saisie(self):
        antenne = AntenneFactory(nom="Malo")
        antenne.nom = "Autre"
        with transaction.atomic():
            antenne.verrouiller()
        assert antenne.nom == "Malo"
        assert antenne.champs_modifies() == []


@pytest.mark.django_db
class TestRienNEstEcrase:
    def test_le_second_a_enregistrer_une_lecture_ancienne_est_arrete(self):
        """RE1 : même sans verrou ni version de formulaire, une écriture perdue est impossible."""
        premier = AntenneFactory(nom="Malo")
        second = Antenne.objects.get(pk=premier.pk)
        premier.telephone = "03 00 00 00 01"
        premier.enregistrer(par=AUTEUR)
        second.telephone = "03 00 00 00 02"
        with pytest.raises(ConflitDeVersion) as conflit:
            second.enregistrer(par=AUTEUR)
        assert conflit.value.objet.telephone == "03 00 00 00 01"
        assert (second.telephone, second.version) == ("03 00 00 00 02", 1)
        assert Antenne.objects.get().telephone == "03 00 00 00 01"
        assert Antenne.history.count() == 2

    def test_exiger_la_version_du_formulaire(self):
        antenne = AntenneFactory()
        antenne.exiger_version(1)
        with pytest.raises(ConflitDeVersion):
            antenne.exiger_version(2)


@pytest.mark.django_db(transaction=True)
def test_re1_vingt_ecritures_en_meme_temps_une_gagne_et_les_autres_gardent_leur_texte():
    antenne = AntenneFactory(adresse="")

    def ecrire(rang):
        mien = Antenne.objects.get(pk=antenne.pk)
        with transaction.atomic():
            mien.verrouiller()
            mien.exiger_version(1)
            mien.adresse = f"{rang} rue de l’Exemple"
            mien.enregistrer(par=AUTEUR)
        return rang

    resultats = en_parallele(20, ecrire)
    gagnants = [r for r in resultats if isinstance(r, int)]
    assert len(gagnants) == 1, resultats
    assert all(isinstance(r, ConflitDeVersion) for r in resultats if not isinstance(r, int))
    antenne.refresh_from_db()
    assert (antenne.adresse, antenne.version) == (f"{gagnants[0]} rue de l’Exemple", 2)
    assert antenne.history.count() == 2


@pytest.mark.django_db(transaction=True)
def test_re1_vingt_ecritures_sans_verrou_une_seule_passe():
    antenne = AntenneFactory(adresse="")

    def ecrire(rang):
        mien = Antenne.objects.get(pk=antenne.pk)
        if mien.version != 1:
            raise ConflitDeVersion(mien)
        mien.adresse = f"{rang} rue de l’Exemple"
        mien.enregistrer(par=AUTEUR)
        return rang

    resultats = en_parallele(20, ecrire)
    assert len([r for r in resultats if isinstance(r, int)]) == 1, resultats
    antenne.refresh_from_db()
    assert antenne.version == 2


@pytest.mark.django_db(transaction=True)
def test_verrouiller_hors_transaction_est_refuse_sur_les_deux_bases():
    with pytest.raises(transaction.TransactionManagementError):
        AntenneFactory().verrouiller()


@pytest.mark.django_db
class TestPortesFermees:
    @pytest.mark.parametrize(
        "ecrire",
        [
            lambda: Antenne.objects.update(nom="x"),
            lambda: Antenne.objects.all().update(nom="x"),
            lambda: Antenne.objects.bulk_create([Antenne(nom="x")]),
            lambda: Antenne.objects.bulk_update([], ["nom"]),
            lambda: Antenne.objects.filter(nom="x").delete(),
            lambda: AntenneFactory().delete(),
        ],
    )
    def test_une_ecriture_sans_historique_est_refusee(self, ecrire):
        with pytest.raises(EcritureSansHistorique):
            ecrire()

    def test_un_gabarit_ne_peut_ni_enregistrer_ni_supprimer(self):
        antenne = AntenneFactory()
        Template("{{ antenne.supprimer|default:'' }}{{ antenne.enregistrer|default:'' }}").render(
            Context({"antenne": antenne})
        )
        assert Antenne.objects.count() == 1


@pytest.mark.django_db
class TestSupprimer:
    def test_l_historique_et_le_journal_gardent_qui_et_quoi(self):
        qui, antenne = UtilisateurFactory(), AntenneFactory(nom="Malo")
        antenne.supprimer(par=qui, motif="ouverte par erreur")
        assert not Antenne.objects.exists()
        derniere = Antenne.history.filter(id=antenne.pk).latest()
        assert (derniere.history_type, derniere.history_user, derniere.nom) == ("-", qui, "Malo")
        ligne = Ligne.objects.latest("id")
        assert (ligne.acte, ligne.objet_id, ligne.auteur) == (Acte.SUPPRESSION, antenne.pk, qui)


@pytest.mark.django_db
class TestEnMasse:
    def test_chaque_objet_a_son_historique_et_sa_ligne_de_journal(self):
        qui = UtilisateurFactory()
        hier = timezone.now() - datetime.timedelta(1)
        antennes = Antenne.objects.creer_en_masse([Antenne(nom=f"A{n}") for n in range(7)], par=qui, le=hier, lot=3)
        assert Antenne.history.filter(history_user=qui, history_date=hier, history_type="+").count() == 7
        lignes = Ligne.objects.filter(objet_id__in=[a.pk for a in antennes])
        assert set(lignes.values_list("auteur_id", "le", "acte")) == {(qui.pk, hier, Acte.CREATION)}
        assert lignes.count() == 7

    def test_un_objet_cree_en_masse_se_modifie_ensuite_comme_un_autre(self):
        [antenne] = Antenne.objects.creer_en_masse([Antenne(nom="Malo")], par=AUTEUR)
        antenne.telephone = "03 00 00 00 00"
        antenne.enregistrer(par=AUTEUR)
        assert Ligne.objects.latest("id").champs == ["telephone"]
        assert antenne.history.count() == 2

    def test_l_historique_en_masse_dit_les_memes_valeurs(self):
        [antenne] = Antenne.objects.creer_en_masse([Antenne(nom="Malo", adresse="ici")], par="reprise", motif="lot 1")
        version = antenne.history.get()
        assert (version.nom, version.adresse, version.version) == ("Malo", "ici", 1)
        assert version.history_change_reason == "reprise : lot 1"


@pytest.mark.django_db
def test_un_droit_donne_ou_retire_est_au_journal():
    compte = UtilisateurFactory(role=Role.ANIMATION)
    attribution = compte.attributions.get()
    attribution.supprimer(par=AUTEUR)
    assert [ligne.acte for ligne in Ligne.objects.filter(objet_id=attribution.pk).order_by("id")] == [
        Acte.CREATION,
        Acte.SUPPRESSION,
    ]
