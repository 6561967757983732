from django import forms
from django.core.validators import RegexValidator

from participants.champs import ChampNaissance, ChampNom, ChampTelephone, champ_sexe
from participants.validateurs import FormulaireSansNir
from territoire.models import Commune


class CoordonneesForm(FormulaireSansNir, forms.Form):
    """L’identité et les coordonnées d’une personne ; `version` dit ce que l’on avait sous les yeux."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    prenom = ChampNom(label="Prénom")
    nom = ChampNom(label="Nom d’usage")
    nom_naissance = ChampNom(label="Nom de naissance", required=False)
    naissance = ChampNaissance()
    sexe = champ_sexe()
    telephone = ChampTelephone(label="Téléphone", required=False)
    email = forms.EmailField(label="Adresse e-mail", required=False)
    joindre = forms.CharField(
        label="La joindre plutôt", max_length=80, required=False, help_text="Par exemple : le matin, par message."
    )
    adresse = forms.CharField(label="Adresse", max_length=200, required=False)
    code_postal = forms.CharField(
        label="Code postal",
        required=False,
        validators=[RegexValidator(r"^\d{5}$", "Un code postal a cinq chiffres.")],
    )
    commune = forms.ModelChoiceField(
        Commune.objects.order_by("nom"), label="Commune", required=False, empty_label="Hors de la Communauté urbaine"
    )
    commune_hors_cud = forms.CharField(label="Si elle est hors de la CUD, laquelle", max_length=60, required=False)

    CHAMPS = (
        "prenom",
        "nom",
        "nom_naissance",
        "naissance",
        "sexe",
        "telephone",
        "email",
        "joindre",
        "adresse",
        "code_postal",
        "commune",
        "commune_hors_cud",
    )

    def clean(self):
        saisi = super().clean()
        if not saisi.get("commune") and not saisi.get("commune_hors_cud"):
            self.add_error("commune", "Indiquez la commune.")
        if saisi.get("commune"):
            saisi["commune_hors_cud"] = ""
        return saisi

    def identite(self):
        return {champ: self.cleaned_data[champ] for champ in self.CHAMPS}
