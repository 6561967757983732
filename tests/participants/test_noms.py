import datetime

import pytest
from django import forms

from participants import dates, telephones
from participants.champs import ChampDate, ChampNom, ChampTelephone
from participants.noms import nettoyer, normalise, son
from participants.validateurs import FormulaireSansNir, SansNir, contient_un_nir


@pytest.mark.parametrize(
    ("tape", "garde"),
    [
        ("D'Hœne", "D’Hœne"),
        ("D‘Hœne", "D’Hœne"),
        ("D’Hœne", "D’Hœne"),
        ("Dʼhœne", "D’hœne"),
        ("O`Brien", "O’Brien"),
        ("Jean–Marie", "Jean-Marie"),
        ("Jean‑Marie", "Jean-Marie"),
        ("  Van   den\u00a0Berghe ", "Van den Berghe"),
        ("Nguye\u0302\u0303n Thu\u0301y", "Nguyễn Thúy"),
        ("Geo\ufb00roy", "Geoffroy"),
        ("Éléonore\u202e\u200b", "Éléonore"),
        ("فاطمة", "فاطمة"),
        ("\ufe8e\ufedf\ufecc\ufea9", "العد"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Łęcki", "Łęcki"),
        ("Æbelø", "Æbelø"),
    ],
)
def test_un_nom_s_ecrit_toujours_de_la_meme_facon(tape, garde):
    assert nettoyer(tape) == garde
    assert nettoyer(garde) == garde


class NomForm(forms.Form):
    nom = ChampNom()


@pytest.mark.parametrize("nom", ["O", "É", "Đỗ", "ع", "À" * 120, "Nguye\u0302\u0303n" * 20])
def test_un_nom_a_de_une_a_cent_vingt_lettres_de_toute_ecriture(nom):
    form = NomForm({"nom": nom})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["nom"] == nettoyer(nom)


@pytest.mark.parametrize(
    ("nom", "phrase"),
    [("A" * 121, "dépasse 120 lettres"), ("-", "avec des lettres"), ("’", "avec des lettres"), ("   ", "obligatoire")],
)
def test_ce_qui_n_est_pas_un_nom_est_refuse_avec_sa_raison(nom, phrase):
    form = NomForm({"nom": nom})
    assert not form.is_valid()
    assert phrase in form.errors["nom"][0]


@pytest.mark.parametrize(
    ("un", "autre"),
    [
        ("Jean-Marie D'Hœne", "d hoene jean marie"),
        ("Van den Berghe", "BERGHE"),
        ("Nguyễn Thúy", "thuy nguyen"),
        ("Élodie Lœuilleux", "Loeuilleux Elodie"),
    ],
)
def test_deux_ecritures_du_meme_nom_se_rejoignent(un, autre):
    assert normalise(un) == normalise(autre)


@pytest.mark.parametrize(
    ("un", "autre"), [("vandamme", "wandame"), ("delplanque", "delplanck"), ("philippe", "filipe")]
)
def test_deux_noms_qui_sonnent_pareil_ont_la_meme_cle(un, autre):
    assert son(un) == son(autre)


NIR = ["185057800608436", "1 85 05 78 006 084 36", "1850578006084", "2 91 12 2A 004 123 08", "2-91-12-59-183-012"]


@pytest.mark.parametrize("nir", [*NIR, "18 505 7800 6084 36", "7 85 05 78 006 084", "185\u00a005 78 006\u00a0084 36"])
def test_un_numero_de_securite_sociale_est_reconnu_meme_espace(nir):
    assert contient_un_nir(nir)
    assert contient_un_nir(f"Son numéro est le {nir}, à garder.")


@pytest.mark.parametrize(
    "texte",
    [
        "06 39 98 41 27",
        "06 39 98 41 27 et 03 53 01 00 10",
        "+33 1 23 12 34 56 06 12 34 56 78",
        "SIRET 123 456 789 00012",
        "SIRET 18505780060843",
        "FR76 1850 5780 0608 4361 2345 678",
        "dossier 2026-00412, demande P-2026-0318",
        "du 12/03/2024 au 15/06/2025",
        "1 200 € par mois, 35 h, 2 enfants de 3 et 5 ans",
        "185057800608",
        "18505780060843612",
        "1851378006084",
        "",
    ],
)
def test_un_autre_nombre_n_est_pas_pris_pour_un_nir(texte):
    assert not contient_un_nir(texte)


class NoteForm(FormulaireSansNir, forms.Form):
    note = forms.CharField(required=False)
    ville = forms.ChoiceField(choices=[("1850578006084", "x")], required=False)
    trace = forms.CharField(required=False, widget=forms.HiddenInput)


def test_chaque_champ_de_texte_visible_refuse_un_nir_et_dit_pourquoi():
    form = NoteForm({"note": f"NIR {NIR[0]}", "trace": NIR[0], "ville": "1850578006084"})
    assert list(form.errors) == ["note"]
    assert "numéro de sécurité sociale" in form.errors["note"][0]
    assert NIR[0] not in form.errors["note"][0]
    assert NoteForm({"note": "Rappeler au 06 39 98 41 27"}).is_valid()


def test_le_validateur_se_compare_pour_les_migrations():
    assert SansNir() == SansNir()
    assert hash(SansNir()) == hash(SansNir())


@pytest.mark.parametrize(
    ("tape", "garde"),
    [
        ("0639984127", "06 39 98 41 27"),
        ("06.39.98.41.27", "06 39 98 41 27"),
        ("+33 6 39 98 41 27", "06 39 98 41 27"),
        ("0033639984127", "06 39 98 41 27"),
        ("03 53 01 00 10", "03 53 01 00 10"),
        ("+32 470 12 34 56", "+32 470 12 34 56"),
    ],
)
def test_un_telephone_se_garde_d_une_seule_facon_plages_fictives_comprises(tape, garde):
    assert telephones.normaliser(tape) == garde
    assert telephones.normaliser(garde) == garde


@pytest.mark.parametrize("tape", ["06 39 98", "abc", "12", "06 39 98 41 27 8"])
def test_un_telephone_incomplet_est_refuse(tape):
    assert telephones.normaliser(tape) is None
    champ = ChampTelephone(required=False)
    with pytest.raises(forms.ValidationError, match="dix chiffres"):
        champ.clean(tape)


def test_un_telephone_peut_manquer():
    assert ChampTelephone(required=False).clean("") == ""


LE_6_AVRIL = datetime.date(2001, 4, 6)


@pytest.mark.parametrize(
    "tape",
    ["06/04/2001", "6/4/2001", "6.4.2001", "06-04-2001", "06042001", "2001-04-06", "6 avril 2001", "6 avr. 2001"],
)
def test_une_date_se_lit_dans_ses_ecritures_habituelles(tape):
    assert dates.lire(tape) == LE_6_AVRIL
    assert ChampDate().clean(tape) == LE_6_AVRIL


def test_le_premier_du_mois_et_aout_se_lisent():
    assert dates.lire("1er août 1999") == datetime.date(1999, 8, 1)


@pytest.mark.parametrize(
    "tape", ["31/02/2001", "29/02/2001", "6 avril", "06/04/01", "32/01/2001", "06/13/2001", "hier"]
)
def test_une_date_qui_n_existe_pas_est_refusee_avec_un_exemple(tape):
    assert dates.lire(tape) is None
    with pytest.raises(forms.ValidationError, match="06/04/2001"):
        ChampDate().clean(tape)


def test_le_29_fevrier_existe_les_annees_bissextiles():
    assert dates.lire("29/02/2004") == datetime.date(2004, 2, 29)


def test_une_date_se_trouve_dans_une_phrase():
    assert dates.trouver("Éric Delplanque 06/04/2001") == (LE_6_AVRIL, "Éric Delplanque  ")
    assert dates.trouver("Delplanque") == (None, "Delplanque")
