from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django import forms
from django.utils import timezone

from plie.templatetags import interface

NUIT = "\u00a0"
LUNDI = datetime(2026, 11, 23, 12, 52, tzinfo=UTC)  # 13:52 à Paris


@pytest.fixture(autouse=True)
def lundi_23_novembre():
    with time_machine.travel(LUNDI, tick=False):
        yield


def test_une_date_se_lit_en_toutes_lettres():
    assert interface.date_longue(date(2026, 11, 23)) == "lundi 23 novembre 2026"
    assert interface.date_longue(date(2026, 12, 1)) == "mardi 1er décembre 2026"


def test_une_date_courte_ne_dit_l_annee_que_si_ce_n_est_pas_la_notre():
    assert interface.date_courte(date(2026, 12, 9)) == "mer. 9 déc."
    assert interface.date_courte(date(2027, 1, 31)) == "dim. 31 janv. 2027"


def test_une_date_absente_ne_montre_rien():
    assert [f(None) for f in (interface.date_longue, interface.depuis, interface.heure, interface.quand)] == [""] * 4


def test_l_heure_est_celle_de_paris():
    assert interface.heure(LUNDI) == "13:52"
    assert interface.heure(LUNDI.timestamp()) == "13:52"
    assert interface.date_longue(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == "lundi 23 novembre 2026"


@pytest.mark.parametrize(
    ("jours", "attendu"),
    [
        (0, "aujourd’hui"),
        (1, "demain"),
        (-1, "hier"),
        (3, f"dans 3{NUIT}jours"),
        (-12, f"il y a 12{NUIT}jours"),
        (-60, f"il y a 60{NUIT}jours"),
        (-90, f"il y a 3{NUIT}mois"),
        (-800, f"il y a 2{NUIT}ans"),
    ],
)
def test_une_date_dit_depuis_quand(jours, attendu):
    assert interface.depuis(timezone.localdate() + timedelta(days=jours)) == attendu


@pytest.mark.parametrize(
    ("minutes", "attendu"),
    [(8, f"dans 8{NUIT}minutes"), (-120, f"il y a 2{NUIT}heures"), (0, "à l’instant"), (-24 * 60, "hier")],
)
def test_dans_la_journee_on_compte_en_minutes_et_en_heures(minutes, attendu):
    assert interface.depuis(timezone.now() + timedelta(minutes=minutes)) == attendu


def test_quand_donne_la_date_aux_machines_et_aux_gens():
    html = interface.quand(date(2026, 11, 11), "longue")
    assert html == f'<time datetime="2026-11-11">mercredi 11 novembre 2026</time>, il y a 12{NUIT}jours'


def test_une_horloge_montre_le_jour_et_l_arc():
    html = interface.horloge({"nom": "Diagnostic", "jours": 27, "limite": 30, "etat": "attention", "detail": "vite"})
    assert "Diagnostic J+27 de 30<span>vite</span>" in html
    assert 'stroke-dasharray="90 100"' in html
    assert "e-attention" in html
    assert "style=" not in html


def test_une_horloge_depassee_est_pleine_jamais_plus():
    assert 'stroke-dasharray="100 100"' in interface.horloge(jours=48, limite=35, etat="retard")


def test_une_horloge_arrivee_a_son_terme_montre_une_icone():
    html = interface.horloge(nom="Contrat", terminee=True, etat="retard", detail="signé à J+34")
    assert "#i-circle-x" in html
    assert "dasharray" not in html


def test_une_horloge_se_lit_aussi_sur_un_objet():
    class Delai:
        jours, limite, etat, nom, detail = 3, 30, "ok", "Contrat", None

    assert "Contrat J+3 de 30" in interface.horloge(Delai())


def test_un_etat_porte_toujours_une_icone_et_un_mot():
    for etat in interface.ICONE_PAR_ETAT:
        html = interface.puce("Clos", etat)
        assert "<svg" in html
        assert "Clos" in html


def test_ce_qui_vient_des_gens_est_echappe():
    assert "<b>" not in interface.puce("<b>", "ok") + interface.etat("<b>", "ok") + interface.horloge(
        nom="<b>", jours=1, limite=2
    )
    assert "<script>" not in interface.differences("<script>", "autre")


@pytest.mark.parametrize(
    ("nombre", "mot", "attendu"),
    [
        (0, "jour", f"0{NUIT}jour"),
        (1, "jour", f"1{NUIT}jour"),
        (3, "jour", f"3{NUIT}jours"),
        (2, "cheval/chevaux", f"2{NUIT}chevaux"),
        (3, "non lue/non lues", f"3{NUIT}non lues"),
        (2, "demande reçue", f"2{NUIT}demandes reçues"),
        (2140, "dossier", f"2{NUIT}140{NUIT}dossiers"),
    ],
)
def test_un_nombre_accorde_son_mot(nombre, mot, attendu):
    assert interface.compte(nombre, mot) == attendu


def test_un_telephone_se_lit_deux_chiffres_a_la_fois():
    assert interface.telephone("+33639984127").replace(NUIT, " ") == "06 39 98 41 27"
    assert interface.telephone("+32 2 555 12 12") == "+32 2 555 12 12"
    assert interface.telephone(None) == ""


def test_la_typographie_est_francaise():
    assert (
        interface.typographie('L\'avis : "oui" dans 3 jours') == f"L’avis{NUIT}: «{NUIT}oui{NUIT}» dans 3{NUIT}jours"
    )


def test_les_differences_marquent_ce_que_l_autre_n_a_pas():
    mien, sien = "Deux pistes, à vérifier.", "Deux pistes."
    assert interface.differences(mien, sien) == "Deux pistes<ins>, à vérifier</ins>."
    assert interface.differences(sien, mien) == "Deux pistes."


def test_un_raccourci_a_un_nom_pour_les_yeux_et_un_pour_les_lecteurs_d_ecran():
    assert interface.touche("ctrl+enter") == "Ctrl ⏎"
    assert interface.touche_aria("ctrl+enter") == "Control+Enter"
    assert interface.touche_aria("arrowright") == "ArrowRight"


class FormulaireForm(forms.Form):
    nom = forms.CharField(help_text="Tel qu’à l’état civil.")
    motif = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    langues = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(widget=forms.Textarea)
    piece = forms.FileField()
    accord = forms.BooleanField()


def test_chaque_champ_a_son_genre():
    genres = {champ.name: interface.genre_de_champ(champ) for champ in FormulaireForm()}
    assert genres == {
        "nom": "texte", "motif": "choix", "langues": "cases", "note": "texte_long", "piece": "fichier", "accord": "case",
    }  # fmt: skip


def test_une_erreur_est_rattachee_a_son_champ():
    html = interface.saisie(FormulaireForm({})["nom"])
    assert 'aria-describedby="id_nom_helptext id_nom_error"' in html
    assert 'class="form-control is-invalid"' in html


def test_les_attributs_d_une_saisie_prennent_un_tiret():
    html = interface.saisie(FormulaireForm()["nom"], "petit", inputmode="numeric", data_touche="n")
    assert 'data-touche="n"' in html
    assert 'class="form-control petit"' in html
