"""/admin/ : référentiels et comptes, pour l’administrateur seul, écrits par la même porte que le reste."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains

from comptes.models import Role, RoleAttribue, Utilisateur
from journal.actions import consigner
from journal.models import Acte, Ligne
from plie.administration import ModeleAdmin
from prescriptions.models import Critere
from reglages.lecture import valeur
from reglages.models import Reglage
from territoire.models import Antenne, CodePostal, Commune
from tests.factories import AntenneFactory, CommuneFactory, CritereFactory, TypePieceFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrateur(db):
    return UtilisateurFactory(role=Role.ADMINISTRATEUR)


@pytest.fixture
def chez_lui(connexion, administrateur):
    return connexion(administrateur)


def ecran(modele, quoi="changelist", *args):
    return reverse(f"admin:{modele._meta.app_label}_{modele._meta.model_name}_{quoi}", args=args)


def envoi(page, **champs):
    """Ce que la page affichée enverrait, avec les champs que l’on change."""
    formulaire = page.context["adminform"].form
    valeurs = {nom: formulaire[nom].value() for nom in formulaire.fields}
    for lignes in page.context["inline_admin_formsets"]:
        for forme in [lignes.formset.management_form, *lignes.formset.forms]:
            valeurs |= {forme.add_prefix(nom): forme[nom].value() for nom in forme.fields}
    propres = {nom: v for nom, v in (valeurs | champs).items() if v is not None and v is not False}
    return {nom: v for nom, v in propres.items() if v != ""} | {nom: v for nom, v in champs.items() if v == ""}


class TestPorte:
    @pytest.mark.une_fois
    def test_on_entre_par_notre_page_de_connexion(self, client):
        assert client.get("/admin/").status_code == 302
        assert reverse("account_login") in client.get("/admin/", follow=True).redirect_chain[-1][0]

    @pytest.mark.parametrize("role", [r for r in Role if r != Role.ADMINISTRATEUR])
    @pytest.mark.une_fois
    def test_un_autre_role_est_refuse_et_apprend_pourquoi(self, connexion, role):
        client = connexion(UtilisateurFactory(role=role))
        for adresse in ("/admin/", ecran(Utilisateur), ecran(Commune, "add")):
            reponse = client.get(adresse)
            assert reponse.status_code == 403
            assert "réservée au rôle administrateur" in reponse.content.decode()

    def test_le_drapeau_de_django_ne_suffit_pas(self, connexion):
        assert connexion(UtilisateurFactory(is_staff=True, is_superuser=True)).get("/admin/").status_code == 403

    def test_seuls_nos_ecrans_y_sont(self):
        assert all(isinstance(ecran_, ModeleAdmin) for ecran_ in admin.site._registry.values())
        assert Authenticator not in admin.site._registry

    @pytest.mark.une_fois
    def test_toutes_ses_pages_s_ouvrent_sans_script_ni_style_en_ligne(self, chez_lui):
        for modele in admin.site._registry:
            for quoi in ("changelist", "add"):
                page = chez_lui.get(ecran(modele, quoi))
                assert page.status_code in (200, 403), (modele, quoi)
                corps = page.content.decode()
                assert not re.search(
                    r"<style|\son\w+=|\sstyle=|<script(?![^>]*src=)(?![^>]*type=\"text/plain)", corps
                ), modele

    def test_in1_un_envoi_vide_ou_inconnu_est_refuse_sans_erreur(self, chez_lui):
        for modele in admin.site._registry:
            for envoi_ in ({}, {"code": "inconnu", "valeur": "3"}):
                assert chez_lui.post(ecran(modele, "add"), envoi_).status_code in (200, 403), modele

    @pytest.mark.parametrize("adresse", ["login", "logout", "password_change"])
    def test_ses_portes_de_compte_menent_aux_notres(self, chez_lui, adresse):
        assert chez_lui.get(reverse(f"admin:{adresse}")).url.startswith("/compte/")


class TestEcrire:
    def test_l_auteur_est_l_administrateur_dans_l_historique_et_au_journal(self, chez_lui, administrateur):
        chez_lui.post(ecran(Antenne, "add"), {"nom": "Malo", "ouverte": "on"})
        antenne = Antenne.objects.get()
        assert antenne.history.get().history_user == administrateur
        assert Ligne.objects.get(objet_id=antenne.pk).auteur == administrateur

    def test_rien_n_est_trace_hors_du_journal(self, chez_lui):
        chez_lui.post(ecran(Antenne, "add"), {"nom": "Malo"})
        assert not LogEntry.objects.exists()

    def test_rien_ne_se_supprime(self, chez_lui):
        antenne = AntenneFactory()
        assert chez_lui.post(ecran(Antenne, "delete", antenne.pk), {"post": "yes"}).status_code == 403
        assert "delete_selected" not in chez_lui.get(ecran(Antenne)).content.decode()

    def test_re1_le_second_a_enregistrer_en_est_averti_et_garde_sa_saisie(self, chez_lui, administrateur):
        antenne = AntenneFactory(nom="Malo")
        adresse = ecran(Antenne, "change", antenne.pk)
        mien = envoi(chez_lui.get(adresse), telephone="03 00 00 00 02")
        antenne.telephone = "03 00 00 00 01"
        antenne.enregistrer(par=administrateur)
        page = chez_lui.post(adresse, mien)
        assert "a été modifiée pendant" in page.content.decode()
        assert "03 00 00 00 02" in page.content.decode()
        antenne.refresh_from_db()
        assert antenne.telephone == "03 00 00 00 01"
        assert chez_lui.post(adresse, envoi(page)).status_code == 302
        antenne.refresh_from_db()
        assert (antenne.telephone, antenne.version) == ("03 00 00 00 02", 3)

    def test_les_lignes_d_une_fiche_s_ecrivent_et_se_retirent_avec_leur_auteur(self, chez_lui, administrateur):
        commune = CommuneFactory()
        adresse = ecran(Commune, "change", commune.pk)
        vide = {
            "codes_postaux-TOTAL_FORMS": "1",
            "codes_postaux-0-code": "59140",
            "codes_postaux-0-commune": commune.pk,
        }
        assert chez_lui.post(adresse, envoi(chez_lui.get(adresse)) | vide).status_code == 302
        code = CodePostal.objects.get()
        assert code.history.get().history_user == administrateur
        chez_lui.post(adresse, envoi(chez_lui.get(adresse)) | {"codes_postaux-0-DELETE": "on"})
        assert not CodePostal.objects.exists()
        assert Ligne.objects.get(acte=Acte.SUPPRESSION).auteur == administrateur

    def test_une_relation_multiple_changee_est_au_journal(self, chez_lui, administrateur):
        critere, type_ = CritereFactory(), TypePieceFactory()
        adresse = ecran(Critere, "change", critere.pk)
        assert chez_lui.post(adresse, envoi(chez_lui.get(adresse), types=[str(type_.pk)])).status_code == 302
        assert list(critere.types.all()) == [type_]
        assert Ligne.objects.filter(objet_id=critere.pk, champs=["types"], auteur=administrateur).exists()

    def test_l_historique_d_une_fiche_dit_qui(self, chez_lui, administrateur):
        chez_lui.post(ecran(Antenne, "add"), {"nom": "Malo"})
        page = chez_lui.get(ecran(Antenne, "history", Antenne.objects.get().pk)).content.decode()
        assert str(administrateur) in page
        assert "création" in page

    def test_un_reglage_change_vaut_aussitot(self, chez_lui):
        avant = valeur("delai_diagnostic")
        chez_lui.post(ecran(Reglage, "add"), {"code": "delai_diagnostic", "valeur": "45", "du": "2026-01-01"})
        assert (avant, valeur("delai_diagnostic")) == (30, 45)

    def test_un_reglage_insense_est_refuse(self, chez_lui):
        chez_lui.post(ecran(Reglage, "add"), {"code": "delai_diagnostic", "valeur": "trente", "du": "2026-01-01"})
        assert not Reglage.objects.exists()

    def test_re1_deux_administrateurs_qui_ne_changent_que_les_pieces_d_un_critere_se_voient(
        self, chez_lui, administrateur
    ):
        critere = CritereFactory()
        adresse = ecran(Critere, "change", critere.pk)
        mien = envoi(chez_lui.get(adresse), types=[str(TypePieceFactory().pk)])
        critere.relier("types", [TypePieceFactory()], par=administrateur)
        assert "a été modifiée pendant" in chez_lui.post(adresse, mien).content.decode()


class TestComptes:
    def ouvrir(self, client, **champs):
        lignes = {"attributions-TOTAL_FORMS": "1", "attributions-INITIAL_FORMS": "0"}
        compte = {"email": "Nadia@PLIE.example", "prenom": "Nadia", "nom": "Carpentier", "is_active": "on"}
        return client.post(ecran(Utilisateur, "add"), lignes | compte | champs)

    def test_ouvrir_un_compte_lui_donne_un_role_et_aucun_mot_de_passe(self, chez_lui, administrateur):
        antenne = AntenneFactory()
        self.ouvrir(chez_lui, **{"attributions-0-role": "conseiller", "attributions-0-antenne": antenne.pk})
        compte = Utilisateur.objects.get(email="nadia@plie.example")
        assert not compte.has_usable_password()
        assert compte.roles == {Role.CONSEILLER}
        assert compte.history.get().history_user == administrateur
        assert compte.attributions.get().history.get().history_user == administrateur

    def test_un_conseiller_sans_antenne_est_refuse_avec_la_raison(self, chez_lui):
        page = self.ouvrir(chez_lui, **{"attributions-0-role": "conseiller"})
        assert "Un conseiller est attaché à une antenne." in page.content.decode()
        assert not RoleAttribue.objects.filter(role="conseiller").exists()

    def test_deux_comptes_n_ont_pas_la_meme_adresse_a_la_casse_pres(self, chez_lui):
        UtilisateurFactory(email="nadia@plie.example")
        assert "existe déjà" in self.ouvrir(chez_lui).content.decode()

    def test_personne_n_y_voit_ni_n_y_choisit_un_mot_de_passe(self, chez_lui):
        compte = UtilisateurFactory()
        page = chez_lui.get(ecran(Utilisateur, "change", compte.pk)).content.decode()
        assert 'name="password"' not in page
        assert compte.password not in page
        assert "is_superuser" not in page

    def test_fermer_un_compte_et_l_historique_le_dit(self, chez_lui, administrateur):
        compte = UtilisateurFactory()
        adresse = ecran(Utilisateur, "change", compte.pk)
        donnees = envoi(chez_lui.get(adresse))
        donnees.pop("is_active")
        assert chez_lui.post(adresse, donnees).status_code == 302
        compte.refresh_from_db()
        assert compte.is_active is False
        assert Ligne.objects.filter(objet_id=compte.pk, champs=["is_active"], auteur=administrateur).exists()

    def test_un_telephone_perdu_son_second_facteur_se_retire(self, chez_lui, administrateur):
        compte = UtilisateurFactory()
        Authenticator.objects.create(user=compte, type="totp", data={"secret": "x"})
        chez_lui.post(ecran(Utilisateur), {"action": "retirer_le_second_facteur", "_selected_action": [compte.pk]})
        assert not Authenticator.objects.exists()
        assert Ligne.objects.filter(objet_id=compte.pk, champs=["second_facteur"], auteur=administrateur).exists()

    def test_le_tout_premier_administrateur_entre_dans_l_administration(self, connexion):
        premier = Utilisateur.objects.create_superuser("premiere@plie.example", "x", prenom="A", nom="B")
        assert connexion(premier).get("/admin/").status_code == 200

    @pytest.mark.parametrize("change", [{"is_active": ""}, {"attributions-0-DELETE": "on"}])
    def test_le_dernier_administrateur_le_reste(self, chez_lui, administrateur, change):
        UtilisateurFactory(role=Role.ADMINISTRATEUR, is_active=False)
        adresse = ecran(Utilisateur, "change", administrateur.pk)
        valeurs = envoi(chez_lui.get(adresse), **change)
        page = chez_lui.post(adresse, valeurs)
        assert "Il faut au moins un administrateur au compte ouvert." in page.content.decode()
        administrateur = Utilisateur.objects.get(pk=administrateur.pk)
        assert (administrateur.is_active, administrateur.roles) == (True, {Role.ADMINISTRATEUR})

    def test_a_deux_l_un_peut_partir(self, chez_lui, administrateur):
        autre = UtilisateurFactory(role=Role.ADMINISTRATEUR)
        adresse = ecran(Utilisateur, "change", autre.pk)
        assert chez_lui.post(adresse, envoi(chez_lui.get(adresse), is_active="")).status_code == 302
        assert not Utilisateur.objects.get(pk=autre.pk).is_active

    def test_la_fiche_coute_autant_de_requetes_quel_que_soit_le_nombre_de_roles(self, chez_lui):
        compte = UtilisateurFactory(role=Role.CONSEILLER, antenne=AntenneFactory())
        adresse, nombres = ecran(Utilisateur, "change", compte.pk), []
        chez_lui.get(adresse)
        for ajouts in (0, 8):
            for _ in range(ajouts):
                attribution = RoleAttribue(utilisateur=compte, role=Role.CONSEILLER, antenne=AntenneFactory())
                attribution.enregistrer(par=compte)
            with CaptureQueriesContext(connection) as requetes:
                assert chez_lui.get(adresse).status_code == 200
            nombres.append(len(requetes))
        assert nombres[0] == nombres[1]


class TestJournal:
    def test_il_se_lit_et_ne_se_change_pas(self, chez_lui):
        ligne = consigner(Acte.CONNEXION, par="essai")
        assert chez_lui.get(ecran(Ligne)).status_code == 200
        assert chez_lui.get(ecran(Ligne, "change", ligne.pk)).status_code == 200
        assert chez_lui.post(ecran(Ligne, "change", ligne.pk), {"tache": "x"}).status_code == 403
        assert chez_lui.get(ecran(Ligne, "add")).status_code == 403


def test_un_critere_discret_n_a_que_des_pieces_discretes(chez_lui):
    """Sa pièce le trahirait : l’animation lirait « Certificat de domiciliation » à côté de « Confidentiel »."""
    nue, discrete = TypePieceFactory(libelle="Certificat"), TypePieceFactory(sensible=True)
    page = chez_lui.get(ecran(Critere, "add"))
    donnees = envoi(page, code="sans-hebergement", libelle="Sans hébergement", sensible="on", types=[nue.pk])
    assertContains(chez_lui.post(ecran(Critere, "add"), donnees), "d’abord : Certificat")
    assert chez_lui.post(ecran(Critere, "add"), donnees | {"types": [discrete.pk]}).status_code == 302
