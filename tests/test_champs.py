"""Nos contrôles écrits sans gabarit donnent ce que donnent ceux de Django, à un blanc près."""

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from plie.champs import DOSSIER, ECRIRE, Rendu

PIEGE = "<script>alert('x')</script> & \"guillemets\""
CHOIX = [("", "–"), ("a", "L’un"), ("b", PIEGE), ("Groupe <1>", [("c", "Sous & choix"), (4, "quatre")])]
ATTRIBUTS = {"id": "id_x", "class": "form-control", "required": True, "disabled": False, "data-x": PIEGE, "rows": 3}
CONTROLES = [
    forms.TextInput, forms.DateInput, forms.NumberInput, forms.EmailInput, forms.HiddenInput, forms.CheckboxInput,
    forms.PasswordInput, forms.TimeInput, forms.Textarea, lambda: forms.Select(choices=CHOIX),
    lambda: forms.RadioSelect(choices=CHOIX[:3]), lambda: forms.CheckboxSelectMultiple(choices=CHOIX[:3]),
    lambda: forms.SelectMultiple(choices=CHOIX),
]  # fmt: skip


def _serre(html):
    return re.sub(r"\s+", " ", re.sub(r">\s+<", "><", html)).strip()


@pytest.mark.parametrize("valeur", ["", None, "a", PIEGE, "ligne\nligne", True, 4])
@pytest.mark.parametrize("rang", range(len(CONTROLES)))
def test_un_controle_s_ecrit_comme_celui_de_django(rang, valeur):
    widget = CONTROLES[rang]()
    if widget.allow_multiple_selected if hasattr(widget, "allow_multiple_selected") else False:
        valeur = [valeur]
    ecrits = [widget.render("nom", valeur, dict(ATTRIBUTS), renderer) for renderer in (Rendu(), DjangoTemplates())]
    assert _serre(ecrits[0]) == _serre(ecrits[1])


@pytest.mark.parametrize(
    "widget", [forms.RadioSelect(choices=CHOIX[:3]), forms.CheckboxSelectMultiple(choices=CHOIX[:3])]
)
def test_une_case_seule_aussi(widget):
    for option in widget.subwidgets("nom", ["a"], {"id": "id_x"}):
        nom = option["template_name"]
        assert nom in ECRIRE
        ecrits = [r.render(nom, {"widget": option}) for r in (Rendu(), DjangoTemplates())]
        assert _serre(ecrits[0]) == _serre(ecrits[1])


def test_ce_que_nous_n_ecrivons_pas_reste_a_django():
    assert f"{DOSSIER}clearable_file_input.html" not in ECRIRE
    assert 'type="file"' in forms.ClearableFileInput().render("nom", None, {}, Rendu())


def test_le_rendu_est_celui_des_formulaires():
    class Formulaire(forms.Form):
        nom = forms.CharField()

    assert isinstance(Formulaire().renderer, Rendu)
