"""Deux personnes sur le même entretien : ce qui se réunit, ce qui se choisit, et rien qui se perde."""

import time

import pytest

from entretiens.models import Entretien
from entretiens.saisie import (
    avec_demarches,
    de_l_entretien,
    demarches,
    fusionner,
    marquer,
    resoudre,
    reunir,
)
from participants.validateurs import masquer_nir

BASE = {"objectif": "Faire le point", "point": "", "synthese": "Elle hésite.", "notes": ""}


class TestDemarches:
    def test_les_lignes_vides_sont_ignorees_et_l_ordre_garde(self):
        donnees = {
            "demarche-2-quoi": "B",
            "demarche-0-quoi": "A",
            "demarche-1-quoi": "  ",
            "demarche-2-qui": "conseiller",
        }
        assert demarches(donnees) == [
            {"quoi": "A", "qui": "", "pour_le": ""},
            {"quoi": "B", "qui": "conseiller", "pour_le": ""},
        ]

    def test_remplacer_les_lignes_renumerote_sans_trou(self):
        donnees = avec_demarches({"objectif": "x", "demarche-7-quoi": "vieux"}, [{"quoi": "A"}, {"quoi": "B"}])
        assert "demarche-7-quoi" not in donnees
        assert [d["quoi"] for d in demarches(donnees)] == ["A", "B"]
        assert donnees["demarche-TOTAL_FORMS"] == "2"

    def test_l_entretien_enregistre_se_relit_comme_il_s_envoie(self):
        entretien = Entretien(
            objectif="O", presente_services=True,
            suites={"revues": {"k": "faite"}, "demarches": [{"quoi": "A", "qui": "personne", "pour_le": ""}], "rdv": "x"},
        )  # fmt: skip
        donnees = de_l_entretien(entretien)
        assert (donnees["objectif"], donnees["revue-k"], donnees["rdv"]) == ("O", "faite", "x")
        assert donnees["presente_services"] == "on"
        assert "presente_structure" not in donnees
        assert demarches(donnees)[0]["quoi"] == "A"


class TestReunir:
    def test_chacun_a_touche_un_texte_different_les_deux_sont_pris(self):
        reunion = reunir(BASE | {"objectif": "Le mien"}, BASE | {"synthese": "Le sien"}, BASE)
        assert reunion.conflits == []
        assert (reunion.donnees["objectif"], reunion.donnees["synthese"]) == ("Le mien", "Le sien")

    def test_le_meme_texte_touche_des_deux_cotes_est_un_conflit_sans_choix_fait(self):
        reunion = reunir(BASE | {"synthese": "Le mien"}, BASE | {"synthese": "Le sien"}, BASE)
        (conflit,) = reunion.conflits
        assert (conflit.champ, conflit.mien, conflit.sien) == ("synthese", "Le mien", "Le sien")

    def test_ecrire_la_meme_chose_n_est_pas_un_conflit(self):
        assert reunir(BASE | {"synthese": "Pareil\r\n"}, BASE | {"synthese": "Pareil"}, BASE).conflits == []

    def test_sans_base_connue_toute_difference_est_un_conflit(self):
        assert len(reunir(BASE | {"synthese": "A"}, BASE | {"synthese": "B"}, None).conflits) == 1

    def test_effacer_ce_que_l_autre_n_a_pas_touche_n_est_pas_un_conflit(self):
        reunion = reunir(BASE | {"synthese": ""}, dict(BASE), BASE)
        assert reunion.conflits == []
        assert reunion.donnees["synthese"] == ""

    def test_effacer_ce_que_l_autre_reecrit_garde_le_texte_de_l_autre(self):
        reunion = reunir(BASE | {"synthese": ""}, BASE | {"synthese": "Réécrit"}, BASE)
        assert reunion.donnees["synthese"] == "Réécrit"

    def test_les_demarches_des_deux_s_ajoutent_sans_double(self):
        commune = {"quoi": "Commune", "qui": "personne", "pour_le": ""}
        base = avec_demarches(BASE, [commune])
        mien = avec_demarches(BASE, [commune, {"quoi": "La mienne"}])
        sien = avec_demarches(BASE, [commune, {"quoi": "La sienne"}, {"quoi": "la  MIENNE"}])
        assert [d["quoi"] for d in demarches(reunir(mien, sien, base).donnees)] == [
            "Commune",
            "La mienne",
            "La sienne",
        ]

    def test_une_demarche_que_j_ai_retiree_ne_revient_pas(self):
        base = avec_demarches(BASE, [{"quoi": "Retirée"}])
        assert demarches(reunir(avec_demarches(BASE, []), base, base).donnees) == []

    def test_les_choix_de_l_un_completent_ceux_de_l_autre(self):
        reunion = reunir(
            BASE | {"revue-a": "faite", "rdv": ""},
            BASE | {"revue-b": "abandonnee", "rdv": "2026-12-09T14:00"},
            BASE | {"rdv": ""},
        )
        donnees = reunion.donnees
        assert (donnees["revue-a"], donnees["revue-b"], donnees["rdv"]) == ("faite", "abandonnee", "2026-12-09T14:00")

    def test_des_notes_que_je_ne_vois_pas_restent_les_siennes(self):
        sans_notes = {nom: v for nom, v in BASE.items() if nom != "notes"}
        reunion = reunir(sans_notes, BASE | {"notes": "Privé"}, BASE)
        assert "notes" not in reunion.donnees
        assert reunion.conflits == []


class TestResoudre:
    ENTRETIEN = {"synthese": "Elle hésite, à vérifier.", "objectif": "Le sien"}

    @pytest.mark.parametrize(
        ("choix", "attendu"),
        [
            ("mien", "Elle hésite beaucoup."),
            ("sien", "Elle hésite, à vérifier."),
            ("deux", "Elle hésite, beaucoup à vérifier."),
        ],
    )
    def test_le_choix_fait_s_applique(self, choix, attendu):
        donnees = {"conflit": "synthese", "synthese": "Elle hésite beaucoup.", "garder_synthese": choix}
        reunion = resoudre(donnees, self.ENTRETIEN)
        assert reunion.conflits == []
        assert reunion.donnees["synthese"] == attendu

    def test_un_conflit_sans_choix_reste_un_conflit(self):
        donnees = {
            "conflit": "synthese objectif",
            "synthese": "A",
            "objectif": "B",
            "garder_synthese": "mien",
        }
        assert [c.champ for c in resoudre(donnees, self.ENTRETIEN).conflits] == ["objectif"]

    def test_un_nom_de_champ_invente_est_ignore(self):
        assert resoudre({"conflit": "statut clos_par", "statut": "clos"}, self.ENTRETIEN).conflits == []


class TestFusionner:
    def test_les_deux_ajouts_sont_gardes(self):
        mien = "Elle hésite entre la cuisine, qu’elle connaît, et l’aide à la personne. Nous retenons deux pistes."
        sien = "Elle hésite entre la cuisine, et l’aide à la personne. Nous retenons deux pistes, à vérifier."
        fusion = fusionner(mien, sien)
        assert "qu’elle connaît" in fusion
        assert "à vérifier" in fusion
        assert fusion.count("Elle hésite entre") == 1

    def test_deux_textes_etrangers_se_suivent(self):
        assert fusionner("Un texte.", "Autre chose entièrement.") == "Un texte.\n\nAutre chose entièrement."

    @pytest.mark.parametrize(
        ("mien", "sien"),
        [
            ("a b c", "a c"), ("a c", "a b c"), ("a x c d e f", "a y c d e f"), ("", "seul"), ("fin a b c", "a b c suite"),
            ("mot " * 5000, "autre " * 5000),
        ],
    )  # fmt: skip
    def test_aucun_mot_de_l_un_ni_de_l_autre_ne_se_perd(self, mien, sien):
        mots = fusionner(mien, sien).split()
        for texte in (mien, sien):
            assert set(texte.split()) <= set(mots)


class TestMarquer:
    def test_seul_ce_que_l_autre_n_a_pas_est_marque(self):
        assert marquer("Elle hésite beaucoup. Deux pistes.", "Elle hésite. Deux pistes.") == [
            ("Elle hésite", False),
            (" beaucoup", True),
            (". Deux pistes.", False),
        ]

    def test_deux_longs_textes_etrangers_se_comparent_vite(self):
        debut = time.monotonic()
        marquer("un mot ou deux " * 1500, "deux ou trois mots " * 1500)
        assert time.monotonic() - debut < 3


class TestNir:
    def test_un_brouillon_ne_garde_pas_de_nir_mais_garde_le_reste(self):
        assert masquer_nir("Son n° 288035912345678 et 2 88 03 59 123 456 78, voir le 03 53 01 00 12") == (
            "Son n° [n° retiré] et [n° retiré], voir le 03 53 01 00 12"
        )

    def test_un_texte_sans_nir_ne_change_pas(self):
        assert masquer_nir("Dossier 2026-00012, RDV 12/12/2026 14:00") == "Dossier 2026-00012, RDV 12/12/2026 14:00"
