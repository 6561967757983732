"""Les champs de formulaire que plusieurs écrans partagent : un nom, un téléphone, une date tapée."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import timezone

from participants import dates, telephones
from participants.models import Sexe
from participants.noms import nettoyer

AGE_MINIMUM, AGE_MAXIMUM = 16, 110  # ans
ANNEES = range(1850, 2200)  # au-delà, une faute de frappe ; une naissance impossible a sa propre phrase


class ChampNom(forms.CharField):
    """Un nom de 1 à 120 lettres, de toute écriture ; rendu tel que `noms.nettoyer` l’écrit."""

    def __init__(self, *, longueur=120, **options):
        super().__init__(**options)
        trop_long = f"Ce nom dépasse {longueur} lettres."
        self.validators = [*self.validators, MaxLengthValidator(longueur, trop_long)]
        self.widget.attrs.setdefault("autocomplete", "off")

    def to_python(self, valeur):
        return nettoyer(super().to_python(valeur))

    def validate(self, valeur):
        super().validate(valeur)
        if valeur and not any(c.isalpha() for c in valeur):
            raise ValidationError("Écrivez ce nom avec des lettres.", code="sans_lettre")


class ChampTelephone(forms.CharField):
    """Un téléphone, rendu dans la forme que la base garde."""

    def __init__(self, **options):
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "tel", "autocomplete": "off"}

    def to_python(self, valeur):
        valeur = super().to_python(valeur)
        if not valeur:
            return ""
        numero = telephones.normaliser(valeur)
        if numero is None:
            raise ValidationError(
                "Ce numéro n’est pas complet : dix chiffres, ou l’indicatif du pays (+32…).", code="invalid"
            )
        return numero


class ChampDate(forms.DateField):
    """Une date tapée dans l’une de ses écritures habituelles, réaffichée en jj/mm/aaaa."""

    widget = forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off"})

    def __init__(self, **options):
        messages = {"invalid": "Cette date n’existe pas : écrivez jour/mois/année, par exemple 06/04/2001."}
        options["error_messages"] = messages | options.get("error_messages", {})
        super().__init__(**options)

    def to_python(self, valeur):
        if not isinstance(valeur, str) or not valeur.strip():
            return super().to_python(valeur)
        lue = dates.lire(valeur)
        if lue is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        if lue.year not in ANNEES:
            raise ValidationError(f"Vérifiez l’année : {lue.year}.", code="annee")
        return lue


def champ_jour(**options):
    """Une date choisie au calendrier du navigateur, ou tapée."""
    return ChampDate(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)


class ChampNaissance(ChampDate):
    """Une date de naissance possible pour qui entre au PLIE."""

    def __init__(self, **options):
        widget = forms.DateInput(attrs={"inputmode": "numeric", "autocomplete": "off"}, format="%d/%m/%Y")
        super().__init__(**{"label": "Date de naissance", "widget": widget} | options)

    def validate(self, naissance):
        super().validate(naissance)
        if naissance is None:
            return
        if naissance > timezone.localdate():
            raise ValidationError("Cette date est à venir : vérifiez l’année.")
        age = dates.annees_revolues(naissance, timezone.localdate())
        if age > AGE_MAXIMUM:
            raise ValidationError(f"Cela lui ferait {age} ans : vérifiez l’année.")
        if age < AGE_MINIMUM:
            raise ValidationError(f"Cela lui ferait {age} ans : le PLIE accueille à partir de {AGE_MINIMUM} ans.")


def champ_sexe():
    return forms.ChoiceField(choices=[("", "Non précisé"), *Sexe.choices], required=False)
