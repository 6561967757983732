"""Le formulaire d’orientation : une page, deux minutes. Les erreurs arrêtent ; les doutes se montrent une fois, puis passent."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.utils import timezone

from comptes.jetons import AvecJeton
from documents.traces import est_un_trace
from participants.champs import ChampDate, ChampNaissance, ChampNom, ChampTelephone, champ_sexe
from participants.dates import annees_revolues
from participants.listes import MomentPourJoindre, Niveau, Ressources, SansEmploiDepuis, Situation
from participants.validateurs import FormulaireSansNir
from prescriptions.listes import MotifOrientation, MoyenAccord
from prescriptions.models import Critere
from territoire.models import Commune

AUTRE_COMMUNE = "autre"
# Les critères se rangent à l’écran par ce qu’ils disent ; un critère ajouté par le PLIE va avec les autres.
GROUPES = {
    "Emploi, niveau, âge": {"DETLD", "DELD", "NIVEAU3", "SENIOR", "JEUNE"},
    "Ressources": {"RSA", "ASS"},
    "Vie quotidienne": {"PARENT_ISOLE", "QPV", "FLE", "MOBILITE"},
}
AUTRES = "Autres critères"
PASSE_OU_AUJOURD_HUI = "Cette date est à venir : au plus tard aujourd’hui."


def facultatif(choix):
    return [("", "Ne sait pas"), *choix]


class OrientationForm(FormulaireSansNir, AvecJeton):
    prenom = ChampNom(label="Prénom")
    nom = ChampNom(label="Nom")
    naissance = ChampNaissance()
    telephone = ChampTelephone(label="Téléphone", required=False)
    code_postal = forms.RegexField(
        r"^[0-9]{5}$",
        label="Code postal",
        error_messages={"required": "Écrivez le code postal.", "invalid": "Un code postal a cinq chiffres."},
    )
    commune = forms.ChoiceField(label="Commune", error_messages={"required": "Choisissez la commune."})
    commune_hors_cud = ChampNom(label="Nom de cette commune", required=False, longueur=60)
    joindre = forms.ChoiceField(
        label="La joindre plutôt", choices=[("", "Quand vous voulez"), *MomentPourJoindre.choices], required=False
    )
    nom_naissance = ChampNom(label="Nom de naissance", required=False)
    sexe = champ_sexe()
    email = forms.EmailField(label="Adresse e-mail", required=False)
    adresse = forms.CharField(label="Adresse", max_length=200, required=False)
    identifiant_ft = forms.CharField(label="Identifiant France Travail", max_length=20, required=False)

    motif = forms.ChoiceField(
        choices=MotifOrientation.choices, widget=forms.RadioSelect, error_messages={"required": "Choisissez un motif."}
    )
    attente = forms.CharField(
        label="En une phrase, ce qu’elle attend",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    situation = forms.ChoiceField(choices=facultatif(Situation.choices), required=False)
    sans_emploi_depuis = forms.ChoiceField(choices=facultatif(SansEmploiDepuis.choices), required=False)
    niveau = forms.ChoiceField(label="Niveau d’études", choices=facultatif(Niveau.choices), required=False)
    ressources = forms.ChoiceField(choices=facultatif(Ressources.choices), required=False)
    criteres = forms.MultipleChoiceField(
        label="Critères que vous pensez remplis", required=False, widget=forms.CheckboxSelectMultiple
    )
    discrets = forms.MultipleChoiceField(
        label="Situations discrètes", required=False, widget=forms.CheckboxSelectMultiple
    )
    premier_contact_le = ChampDate(label="Premier contact", initial=timezone.localdate)

    accord_moyen = forms.ChoiceField(
        label="Comment l’accord a été donné",
        choices=MoyenAccord.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites comment elle a donné son accord."},
    )
    accord_le = ChampDate(label="Accord donné le", initial=timezone.localdate)
    signature_trace = forms.CharField(widget=forms.HiddenInput, required=False)
    signature_nom = ChampNom(label="Nom de la personne qui signe", required=False)

    CIVIL = ("prenom", "nom", "naissance", "nom_naissance", "sexe")
    CONTACT = ("telephone", "email", "adresse", "joindre", "code_postal", "identifiant_ft")
    SITUATION = ("situation", "sans_emploi_depuis", "niveau", "ressources")

    def __init__(self, *args, participant=None, **kwargs):
        """`participant` : la personne dont on ouvre la demande depuis son dossier ; son état civil est acquis."""
        super().__init__(*args, **kwargs)
        self.participant = participant
        self.communes = list(Commune.objects.avec_antenne().prefetch_related("codes_postaux").order_by("nom"))
        self.par_insee = {c.insee: c for c in self.communes}
        self.fields["commune"].choices = [
            ("", "Choisir"),
            *((c.insee, c.nom) for c in self.communes),
            (AUTRE_COMMUNE, "Autre commune, hors de la CUD"),
        ]
        self.referentiel = {c.code: c for c in Critere.objects.en_vigueur().order_by("ordre")}
        for champ, sensible in (("criteres", False), ("discrets", True)):
            choix = [(c.code, c.libelle) for c in self.referentiel.values() if c.sensible is sensible]
            self.fields[champ].choices = choix
        if participant is not None:
            for champ in ("prenom", "nom", "naissance"):
                del self.fields[champ]

    def clean_premier_contact_le(self):
        return self._deja_passee("premier_contact_le")

    def clean_accord_le(self):
        return self._deja_passee("accord_le")

    def clean_signature_trace(self):
        trace = self.cleaned_data["signature_trace"]
        if trace and not est_un_trace(trace):
            raise ValidationError("Cette signature n’a pas été lue : demandez-la de nouveau.")
        return trace

    def clean(self):
        donnees = super().clean()
        if donnees.get("commune") == AUTRE_COMMUNE and not donnees.get("commune_hors_cud"):
            self.add_error("commune_hors_cud", "Écrivez le nom de la commune.")
        naissance = self.nee_le
        for champ in ("premier_contact_le", "accord_le"):
            if naissance and donnees.get(champ) and donnees[champ] < naissance:
                self.add_error(champ, "Cette date précède la naissance.")
        signee = donnees.get("signature_trace") or donnees.get("signature_nom")
        if donnees.get("accord_moyen") == MoyenAccord.SIGNE and not signee:
            self.add_error(
                "accord_moyen", "Elle n’a pas signé : faites signer dans le cadre, ou choisissez « De vive voix »."
            )
        return donnees

    @property
    def groupes_de_criteres(self):
        """[(titre, cases)] des critères qui ne sont pas discrets."""
        groupes = {titre: [] for titre in (*GROUPES, AUTRES)}
        for case in self["criteres"]:
            titre = next((t for t, codes in GROUPES.items() if case.data["value"] in codes), AUTRES)
            groupes[titre].append(case)
        return [(titre, cases) for titre, cases in groupes.items() if cases]

    # Ce que le formulaire dit, pour `orienter`.

    @property
    def nee_le(self):
        return self.participant.naissance if self.participant else self.cleaned_data.get("naissance")

    @property
    def commune_choisie(self):
        """La Commune, ou None hors de la CUD."""
        return self.par_insee.get(self.cleaned_data.get("commune"))

    def codes_postaux(self, commune):
        return {code.code for code in commune.codes_postaux.all()}

    def age(self, le):
        return annees_revolues(self.nee_le, le)

    def identite(self):
        donnees = self.cleaned_data
        identite = {champ: donnees[champ] for champ in (*self.CIVIL, *self.CONTACT) if champ in donnees}
        identite["commune"] = self.commune_choisie
        identite["commune_hors_cud"] = "" if self.commune_choisie else donnees["commune_hors_cud"]
        return identite

    def reponses(self):
        return {genre: self.cleaned_data[genre] for genre in self.SITUATION if self.cleaned_data[genre]}

    def criteres_crus(self):
        crus = [self.referentiel[code] for code in self.cleaned_data["criteres"] + self.cleaned_data["discrets"]]
        prefetch_related_objects(crus, "types")
        return crus

    def accord(self, auteur):
        """Ce qui montre l’accord : le tracé, le nom tapé, ou qui l’a recueilli et quand."""
        donnees, moyen = self.cleaned_data, self.cleaned_data["accord_moyen"]
        trace = donnees["signature_trace"] or donnees["signature_nom"]
        if moyen != MoyenAccord.SIGNE:
            trace = f"{auteur}, {timezone.localtime():%d/%m/%Y %H:%M}"
        return {"le": donnees["accord_le"], "moyen": moyen, "trace": trace}

    def _deja_passee(self, champ):
        date = self.cleaned_data[champ]
        if date > timezone.localdate():
            raise ValidationError(PASSE_OU_AUJOURD_HUI)
        return date
