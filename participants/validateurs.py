"""Ce qu’aucun champ du logiciel n’accepte : le numéro de sécurité sociale (2-domaine, données personnelles)."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible

REFUS = (
    "Ce texte contient ce qui ressemble à un numéro de sécurité sociale. Le PLIE n’en a pas le droit : "
    "retirez-le, puis enregistrez de nouveau."
)
NIR_RETIRE = "[n° retiré]"
_S = r"[\s.\-/]*"
# Sexe, année, mois (dont les fictifs), département (2A, 2B), commune, ordre ; la clé est facultative.
NIR = rf"[1-478]{_S}\d\d{_S}(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d){_S}(?:\d\d|2[abAB]){_S}\d{{3}}{_S}\d{{3}}"
ECRIT = re.compile(rf"(?<![\w+]){NIR}(?:{_S}\d\d)?(?!\w)")
SUITE = re.compile(r"(?<![\w+])\d(?:[\s.\-/]*[\dabAB])*(?!\w)")


def contient_un_nir(texte):
    """Vrai si `texte` porte 13 ou 15 signes de la forme d’un NIR, groupés à l’usage ou espacés n’importe comment.

    Une liste de téléphones n’en est pas un : seule une suite isolée est jugée sans ses espaces.
    """
    if ECRIT.search(texte):
        return True
    return any(_est_un_nir(re.sub(r"[\s.\-/]", "", suite)) for suite in SUITE.findall(texte))


def _est_un_nir(suite):
    return len(suite) in (13, 15) and re.fullmatch(NIR + r"(?:\d\d)?", suite) is not None


def masquer_nir(texte):
    """Le texte sans ses numéros de sécurité sociale : un brouillon n’en garde pas plus qu’une fiche."""
    if not contient_un_nir(texte):
        return texte
    texte = ECRIT.sub(NIR_RETIRE, texte)
    return SUITE.sub(lambda suite: NIR_RETIRE if contient_un_nir(suite[0]) else suite[0], texte)


@deconstructible
class SansNir:
    """Le validateur de tout champ de texte libre."""

    message, code = REFUS, "nir"

    def __call__(self, valeur):
        if isinstance(valeur, str) and contient_un_nir(valeur):
            raise ValidationError(self.message, code=self.code)

    def __eq__(self, autre):
        return isinstance(autre, SansNir)

    def __hash__(self):
        return hash(type(self))


class FormulaireSansNir(forms.BaseForm):
    """À hériter par tout formulaire : chacun de ses champs de texte visible refuse un NIR."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for champ in self.fields.values():
            if isinstance(champ, forms.CharField) and not isinstance(champ.widget, forms.HiddenInput):
                champ.validators = [*champ.validators, SansNir()]
