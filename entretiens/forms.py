"""Formulaires des rendez-vous, des entretiens, des démarches et des signatures."""

import datetime
import re

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.text import capfirst

from comptes.jetons import AvecJeton
from documents.models import MotifRefusSignature, RoleSignataire
from documents.traces import est_un_trace
from entretiens import creneaux, saisie
from entretiens.models import (
    GenreEntretien,
    MoyenRendezVous,
    QuiFait,
    RendezVous,
    ReponseRevue,
    premier_contact,
)
from parcours.models import Phase
from participants.champs import ANNEES, champ_jour
from participants.listes import REPONSES
from participants.models import GenreCaracteristique
from participants.validateurs import FormulaireSansNir
from plie.templatetags.interface import date_longue, heure
from reglages.lecture import valeur

LONG = 20_000  # caractères
SIGNATURES = [("", "sur l’écran"), ("papier", "sur papier"), ("refus", "refus de signer")]
TRAIT_MINIMAL = 12  # unités du cadre de signature (600 × 260) : en dessous, c’est un point, pas une signature


def majuscules(choix):
    return [(valeur, capfirst(libelle)) for valeur, libelle in choix.choices]


def champ_heure(**options):
    messages = {"invalid": "Cette heure n’existe pas : écrivez par exemple 14:30."}
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": 900})
    return forms.TimeField(widget=widget, error_messages=messages, **options)


def champ_long(label, lignes, aide=""):
    return forms.CharField(
        label=label, required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": lignes}), help_text=aide
    )


def instant(jour, heure):
    """L’instant d’un jour et d’une heure de Paris ; refuse l’heure qu’un changement d’heure saute ou répète."""
    if jour.year not in ANNEES:
        raise ValidationError("Vérifiez l’année.")
    return from_current_timezone(datetime.datetime.combine(jour, heure))


class RendezVousForm(FormulaireSansNir, AvecJeton):
    """Un rendez-vous à poser. Ce qui fait hésiter se confirme ; seul le passé est refusé."""

    jour = champ_jour(label="Jour")
    heure = champ_heure(label="Heure")
    duree = forms.IntegerField(label="Durée (minutes)", min_value=15, max_value=240)
    moyen = forms.ChoiceField(label="Comment", choices=majuscules(MoyenRendezVous), widget=forms.RadioSelect)
    antenne = forms.ModelChoiceField(label="Antenne", queryset=None, required=False, empty_label="Aucune")
    lieu = forms.CharField(
        label="Lieu précis", max_length=120, required=False, help_text="Bureau, adresse, lien de visio…"
    )
    objet = forms.CharField(label="Objet", max_length=120, required=False)
    confirmer = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)  # celle du rendez-vous que l’on déplace

    def __init__(self, *args, participant, conseiller, antennes, deplace=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.participant, self.conseiller, self.deplace, self.doutes = participant, conseiller, deplace, []
        self.fields["antenne"].queryset = antennes
        self.fields["duree"].initial = valeur("duree_entretien")

    def clean(self):
        donnees = super().clean()
        if not {"jour", "heure", "duree"} <= donnees.keys():
            return donnees
        try:
            debut = instant(donnees["jour"], donnees["heure"])
        except ValidationError:
            self.add_error("heure", "Cette heure n’existe pas ce jour-là : c’est la nuit du changement d’heure.")
            return donnees
        if debut <= timezone.now():
            self.add_error("jour", "Ce moment est passé : un rendez-vous se pose à l’avance.")
            return donnees
        donnees["debut"] = debut
        if donnees.get("moyen") == MoyenRendezVous.SUR_PLACE and not (donnees.get("antenne") or donnees.get("lieu")):
            self.add_error("antenne", "Dites où la personne est attendue.")
        self.doutes = creneaux.doutes(self.conseiller, self.participant, debut, donnees["duree"], sauf=self.deplace)
        return donnees

    @property
    def a_confirmer(self):
        """Des doutes que l’on n’a pas encore vus : une confirmation ne vaut que pour le moment affiché."""
        return bool(self.doutes) and self.cleaned_data.get("confirmer") != self.moment

    @property
    def moment(self):
        debut = self.cleaned_data.get("debut")
        return f"{debut.isoformat()} {self.cleaned_data['duree']}" if debut else ""

    @property
    def faits(self):
        noms = ("debut", "duree", "moyen", "antenne", "lieu", "objet")
        return {nom: self.cleaned_data[nom] for nom in noms}

    def rendez_vous(self):
        return RendezVous(participant=self.participant, conseiller=self.conseiller, **self.faits)


class OuvertureForm(AvecJeton):
    """Ouvrir un entretien : de quel genre, comment, quel jour, et sur quel rendez-vous."""

    genre = forms.ChoiceField(label="Genre", choices=majuscules(GenreEntretien), widget=forms.RadioSelect)
    moyen = forms.ChoiceField(label="Comment", choices=majuscules(MoyenRendezVous), widget=forms.RadioSelect)
    jour = champ_jour(label="Tenu le")
    rendez_vous = forms.ModelChoiceField(
        label="Rendez-vous", queryset=RendezVous.objects.none(), required=False, empty_label="Sans rendez-vous"
    )

    def __init__(self, *args, participant, rendez_vous, **kwargs):
        super().__init__(*args, **kwargs)
        self.participant = participant
        self.fields["rendez_vous"].queryset = rendez_vous
        self.fields["rendez_vous"].label_from_instance = lambda r: (
            f"{date_longue(r.debut)}, {heure(r.debut)}, {r.get_moyen_display()}"
        )

    def clean_jour(self):
        jour = self.cleaned_data["jour"]
        if jour > timezone.localdate():
            raise ValidationError("Un entretien ne se tient pas dans le futur.")
        return jour

    def clean(self):
        donnees = super().clean()
        contact = premier_contact(self.participant) if donnees.get("genre") == GenreEntretien.PREMIER else None
        if contact and donnees.get("jour") and donnees["jour"] < contact:
            self.add_error(
                "jour",
                f"Le premier contact date du {date_longue(contact)} : le premier entretien ne peut pas le précéder.",
            )
        return donnees


class DemarcheForm(FormulaireSansNir, forms.Form):
    """Une démarche : quoi, qui, pour quand."""

    quoi = forms.CharField(label="Démarche", max_length=200, required=False)
    qui = forms.ChoiceField(label="Qui", choices=QuiFait.choices, required=False)
    pour_le = champ_jour(label="Pour le", required=False)

    def __init__(self, *args, prenom="", depuis=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.depuis = depuis
        self.fields["qui"].choices = [(QuiFait.PERSONNE, prenom or "La personne"), (QuiFait.CONSEILLER, "Moi")]

    def clean_qui(self):
        return self.cleaned_data["qui"] or QuiFait.PERSONNE

    def clean_pour_le(self):
        jour = self.cleaned_data["pour_le"]
        if jour and self.depuis and jour < self.depuis:
            raise ValidationError("Cette date est déjà passée.")
        return jour


class DemarcheNouvelleForm(AvecJeton, DemarcheForm):
    """Une démarche ajoutée hors d’un entretien."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["quoi"].required = True


DemarcheFormSet = forms.formset_factory(DemarcheForm, extra=0, max_num=60, absolute_max=80)


class EntretienForm(FormulaireSansNir, AvecJeton):
    """L’écran de l’entretien, tel qu’il s’envoie : tout est permis tant que l’on n’a pas clos."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    objectif = forms.CharField(label="Objectif", max_length=300, required=False)
    point = champ_long("Le point", 2)
    synthese = champ_long("Synthèse", 5)
    notes = champ_long("Notes de travail", 2)
    presente_structure = forms.BooleanField(label="Le fonctionnement de la structure", required=False)
    presente_services = forms.BooleanField(label="Les services", required=False)
    presente_etapes = forms.BooleanField(label="Les étapes clés", required=False)
    livret_remis = forms.BooleanField(label="Livret d’information remis", required=False)
    rdv = forms.CharField(required=False)
    rdv_jour = champ_jour(label="Jour", required=False)
    rdv_heure = champ_heure(label="Heure", required=False)
    rdv_confirme = forms.BooleanField(label="Poser ce rendez-vous quand même", required=False)
    sans_suite_rdv = forms.CharField(label="Pourquoi", max_length=200, required=False)
    phase = forms.ChoiceField(label="Phase", choices=[("", ""), *Phase.choices], required=False)
    motif_phase = forms.CharField(label="Pourquoi revenir à cette phase", max_length=200, required=False)
    signature = forms.ChoiceField(label="Signature", choices=SIGNATURES, required=False)

    def __init__(self, *args, entretien, a_revoir, questions=(), notes_permises=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.entretien, self.a_revoir = entretien, a_revoir
        if not notes_permises:
            del self.fields["notes"]
        for demarche in a_revoir:
            self.fields[f"revue-{demarche.pk}"] = forms.ChoiceField(
                label=demarche.quoi, choices=ReponseRevue.choices, required=False, widget=forms.RadioSelect
            )
        for genre in questions:
            self.fields[f"question-{genre}"] = forms.ChoiceField(
                label=GenreCaracteristique(genre).label.capitalize(),
                choices=[("", "Choisir"), *REPONSES[genre].choices],
                required=False,
            )
        self.demarches = DemarcheFormSet(
            saisie.avec_demarches(self.data, saisie.demarches(self.data)),
            prefix="demarche",
            form_kwargs={"prenom": entretien.participant.prenom, "depuis": entretien.jour},
        )

    def is_valid(self):
        return super().is_valid() & self.demarches.is_valid()

    def clean(self):
        donnees = super().clean()
        donnees["debut_rdv"] = self._debut_rdv(donnees)
        return donnees

    def _debut_rdv(self, donnees):
        """L’instant du prochain rendez-vous choisi, ou None : rien de choisi, ou « autre » encore incomplet."""
        choix = donnees.get("rdv")
        try:
            if choix == "autre":
                if not (donnees.get("rdv_jour") and donnees.get("rdv_heure")):
                    return None
                debut = instant(donnees["rdv_jour"], donnees["rdv_heure"])
            elif choix and choix != "aucun":
                choisi = datetime.datetime.strptime(choix, "%Y-%m-%dT%H:%M")
                debut = instant(choisi.date(), choisi.time())
            else:
                return None
        except (ValueError, ValidationError):
            self.add_error("rdv", "Cette heure n’existe pas ce jour-là : choisissez un autre créneau.")
            return None
        if debut <= timezone.now():
            self.add_error("rdv", "Le prochain rendez-vous est dans le passé : choisissez un autre créneau.")
            return None
        return debut

    def champs(self):
        """Ce qui s’enregistre sur l’entretien, tel que `Entretien.ecrire` le reçoit."""
        saisi = self.cleaned_data
        noms = ("objectif", "point", "synthese", "notes", "presente_structure", "presente_services", "presente_etapes")
        champs = {nom: saisi[nom] for nom in noms if nom in saisi}
        champs = {nom: _lignes_unix(v) if isinstance(v, str) else v for nom, v in champs.items()}
        remis = self.entretien.livret_remis_le or self.entretien.jour
        champs["livret_remis_le"] = remis if saisi["livret_remis"] else None
        champs["sans_suite_rdv"] = saisi["sans_suite_rdv"] if saisi["rdv"] == "aucun" else ""
        champs["suites"] = self._suites(saisi)
        return champs

    def reponses(self):
        """Ce que la personne a répondu aujourd’hui : {genre de caractéristique: valeur}."""
        return {
            n.removeprefix("question-"): v for n, v in self.cleaned_data.items() if n.startswith("question-") and v
        }

    def _suites(self, saisi):
        suites = {
            "revues": {n.removeprefix("revue-"): v for n, v in saisi.items() if n.startswith("revue-") and v},
            "demarches": [
                {"quoi": d["quoi"], "qui": d["qui"], "pour_le": d["pour_le"].isoformat() if d["pour_le"] else ""}
                for d in (f.cleaned_data for f in self.demarches)
                if d.get("quoi", "").strip()
            ],
            "rdv": saisi["rdv"] if saisi["rdv"] != "autre" or saisi["debut_rdv"] else "",
            "phase": saisi["phase"],
            "motif_phase": saisi["motif_phase"],
        }
        if saisi["rdv"] == "autre":
            suites |= {
                "rdv_jour": saisi["rdv_jour"].isoformat() if saisi["rdv_jour"] else "",
                "rdv_heure": f"{saisi['rdv_heure']:%H:%M}" if saisi["rdv_heure"] else "",
            }
        return {nom: valeur for nom, valeur in suites.items() if valeur}


class CorrectionForm(FormulaireSansNir, AvecJeton):
    """Corriger une synthèse remise : les textes, et pourquoi. Une nouvelle version en sort, à signer."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    motif = forms.CharField(
        label="Ce que vous corrigez", max_length=200, help_text="Imprimé en tête de la nouvelle version."
    )
    objectif = forms.CharField(label="Objectif", max_length=300)
    point = champ_long("Le point", 3)
    synthese = champ_long("Synthèse", 6)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["synthese"].required = True

    def textes(self):
        return {nom: _lignes_unix(self.cleaned_data[nom]) for nom in ("objectif", "point", "synthese")}


class SignatureForm(FormulaireSansNir, forms.Form):
    """Une signature à l’écran : d’accord ou non, un mot, un tracé ou le nom tapé. Champs postés : <role>_…"""

    accord = forms.ChoiceField(
        label="Avis",
        choices=[("oui", "D’accord"), ("non", "Pas d’accord")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez « D’accord » ou « Pas d’accord »."},
    )
    mot = forms.CharField(label="Un mot", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    trace = forms.CharField(required=False, widget=forms.HiddenInput)
    nom = forms.CharField(label="Nom", max_length=120, required=False)

    def __init__(self, *args, role, nom, **kwargs):
        super().__init__(*args, prefix=role, **kwargs)
        self.role, self.qui = role, nom
        if role == RoleSignataire.CONSEILLER:
            self.fields["accord"].initial = "oui"

    def add_prefix(self, field_name):
        return f"{self.prefix}_{field_name}"

    @property
    def est_posee(self):
        """Vrai quand un tracé ou un nom est là : l’autre case peut attendre."""
        return any(self.data.get(self.add_prefix(nom), "").strip() for nom in ("trace", "nom"))

    def clean_trace(self):
        trace = self.cleaned_data["trace"]
        if not trace:
            return ""
        if not est_un_trace(trace):
            raise ValidationError("Ce tracé n’a pas pu être lu : effacez-le et signez de nouveau.")
        nombres = [float(n) for n in re.findall(r"\d+\.?\d*", trace)]
        if (
            len(nombres) < 6
            or max(nombres[::2]) - min(nombres[::2]) + max(nombres[1::2]) - min(nombres[1::2]) < TRAIT_MINIMAL
        ):
            raise ValidationError("Ce tracé est trop court : effacez-le et signez de nouveau, ou tapez le nom.")
        return trace

    def signature(self):
        saisi = self.cleaned_data
        return {
            "accord": saisi["accord"] == "oui",
            "trace": saisi["trace"],
            "nom_tape": "" if saisi["trace"] else saisi["nom"],
            "mot": " ".join(saisi["mot"].split()),
        }


class RefusForm(FormulaireSansNir, forms.Form):
    motif = forms.ChoiceField(
        label="Ce qu’elle en dit",
        choices=[("", "Choisir la raison donnée"), *MotifRefusSignature.choices],
        error_messages={"required": "Choisissez une raison."},
    )


class PapierForm(forms.Form):
    papier = forms.FileField(
        label="La page signée, numérisée ou photographiée",
        error_messages={"required": "Joignez la page signée.", "empty": "Ce fichier est vide."},
    )


def _lignes_unix(texte):
    return texte.replace("\r\n", "\n").strip()
