"""Formulaires de la demande d’entrée : l’instruction, les décisions, le contrôle."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Subquery
from django.utils import timezone
from django.utils.text import capfirst

from comptes.jetons import AvecJeton
from comptes.models import Role, RoleAttribue, Utilisateur
from parcours.models import Affectation
from participants.champs import ChampDate, champ_jour
from participants.validateurs import FormulaireSansNir
from plie.templatetags.interface import compte
from prescriptions.listes import MotifPiece, MotifRefus, MotifRetour, MotifSansSuite, SensAvis, Verdict
from prescriptions.models import Critere, Prescription
from territoire.models import Antenne

MOTIFS_DE_PIECE = [(motif.value, capfirst(motif.label)) for motif in MotifPiece]


def texte(lignes, **attributs):
    return forms.Textarea(attrs={"rows": lignes, **attributs})


class AvecVersion(forms.Form):
    """Ce que l’on a lu avant d’écrire : un entier, comparé à celui de la base (RE1)."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AvisForm(FormulaireSansNir, AvecVersion):
    """`version` : celle du dernier avis lu ; `dernier` : sa clé, vide s’il n’y en avait pas."""

    dernier = forms.UUIDField(widget=forms.HiddenInput, required=False)
    sens = forms.ChoiceField(
        label="Votre avis",
        choices=[(sens.value, sens.label.removeprefix("Avis ").capitalize()) for sens in SensAvis],
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez favorable, réservé ou défavorable."},
    )
    motivation = forms.CharField(
        label="Parce que",
        max_length=4000,
        widget=texte(3),
        help_text="Des faits utiles à la décision : la personne peut tout relire.",
        error_messages={"required": "Motivez l’avis."},
    )


class ChampReferent(forms.ModelChoiceField):
    """Un conseiller, avec les deux raisons de le choisir : son antenne et sa file active (C3)."""

    def label_from_instance(self, utilisateur):
        return f"{utilisateur}, {utilisateur.nom_antenne} : {compte(utilisateur.suivies or 0, 'personne')}"


def referents(sauf):
    """Les conseillers qui peuvent devenir référents, moins celui qui l’est déjà d’office (clé)."""
    attributions = RoleAttribue.objects.filter(utilisateur=OuterRef("pk"), role=Role.CONSEILLER).order_by(
        "antenne__nom"
    )
    suivies = Affectation.objects.filter(conseiller=OuterRef("pk"), au=None).order_by().values("conseiller")
    return (
        Utilisateur.objects.ayant_role(Role.CONSEILLER)
        .exclude(pk=sauf)
        .annotate(
            nom_antenne=Subquery(attributions.values("antenne__nom")[:1]),
            suivies=Subquery(suivies.annotate(n=Count("pk")).values("n")),
        )
    )


class EntreeForm(FormulaireSansNir, AvecVersion):
    """L’entrée visée : quel jour, avec quel référent."""

    entree_prevue_le = champ_jour(label="Entrée prévue le", required=False)
    referent_propose = ChampReferent(label="Référent proposé", queryset=Utilisateur.objects.none(), required=False)
    referent_motif = forms.CharField(
        label="Pourquoi ce référent", max_length=200, required=False, help_text="S’il ne suit pas la demande."
    )

    def __init__(self, *args, prescription, **kwargs):
        super().__init__(*args, **kwargs)
        self.prescription = prescription
        champ = self.fields["referent_propose"]
        champ.queryset = referents(prescription.conseiller_id)
        champ.empty_label = f"{prescription.conseiller}, qui suit la demande" if prescription.conseiller_id else None

    def clean_entree_prevue_le(self):
        jour = self.cleaned_data["entree_prevue_le"]
        if jour and jour != self.prescription.entree_prevue_le and jour < timezone.localdate():
            raise ValidationError("Cette date est déjà passée.")
        return jour

    def clean(self):
        donnees = super().clean()
        referent = donnees.get("referent_propose")
        if referent and referent.pk != self.prescription.conseiller_id and not donnees.get("referent_motif"):
            self.add_error("referent_motif", "Dites pourquoi le référent ne suit pas la demande.")
        return donnees


class CriteresForm(forms.Form):
    """Les critères que l’on pense remplis, parmi ceux en vigueur."""

    criteres = forms.ModelMultipleChoiceField(
        label="Critères", queryset=Critere.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    lus = forms.ModelMultipleChoiceField(
        queryset=Critere.objects.all(), required=False, widget=forms.MultipleHiddenInput
    )

    def __init__(self, *args, le, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["criteres"].queryset = Critere.objects.en_vigueur(le).prefetch_related("types")


class JoindreForm(AvecJeton):
    """Des fichiers, chacun pour une case de la demande : `fichiers`, et `fichiers_type` (clé de la case) dans le même ordre.

    Une seule clé vaut pour tous ; les fichiers d’une même case sont une seule pièce : recto, verso.
    """

    def __init__(self, data, files, *, prescription):
        super().__init__(data, files)
        self.prescription, self.par_case = prescription, {}

    def clean(self):
        donnees = super().clean()
        fichiers, cles = self.files.getlist("fichiers"), self.data.getlist("fichiers_type")
        cases = {str(ligne.pk): ligne for ligne in self.prescription.lignes.select_related("type")}
        if not fichiers:
            raise ValidationError("Choisissez un fichier.")
        if len(cles) == 1:
            cles *= len(fichiers)
        if len(cles) != len(fichiers) or not set(cles) <= set(cases):
            raise ValidationError("Dites quelle pièce est chaque fichier.")
        for cle, fichier in zip(cles, fichiers, strict=True):
            cases[cle].prescription = self.prescription
            self.par_case.setdefault(cases[cle], []).append(fichier)
        return donnees

    @property
    def premiere_erreur(self):
        return next(erreur for erreurs in self.errors.values() for erreur in erreurs)


class PromesseForm(forms.Form):
    pour_le = champ_jour(label="Elle viendra le")

    def clean_pour_le(self):
        if self.cleaned_data["pour_le"] < timezone.localdate():
            raise ValidationError("Cette date est déjà passée.")
        return self.cleaned_data["pour_le"]


class ReponseForm(FormulaireSansNir, forms.Form):
    reponse = forms.CharField(
        label="Elle ne peut pas être fournie parce que",
        max_length=300,
        error_messages={"required": "Dites pourquoi la pièce ne peut pas être fournie."},
    )


class MessageForm(FormulaireSansNir, AvecJeton):
    message = forms.CharField(
        label="Répondre", max_length=4000, widget=texte(2), error_messages={"required": "Écrivez votre réponse."}
    )


class RenvoiForm(FormulaireSansNir, forms.Form):
    """Ce qui manque : des motifs, et des pièces case par case (pourquoi, et ce qui serait accepté)."""

    motifs = forms.MultipleChoiceField(
        label="Autre chose",
        choices=[choix for choix in MotifRetour.choices if choix[0] != MotifRetour.PIECES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    texte = forms.CharField(label="Un mot au conseiller", max_length=4000, required=False, widget=texte(2))

    def __init__(self, *args, lignes, **kwargs):
        super().__init__(*args, **kwargs)
        self.lignes = lignes
        for ligne in lignes:
            refusee = ligne.verdict in (Verdict.NON_CONFORME, Verdict.MANQUANTE)
            self.fields[f"demander-{ligne.pk}"] = forms.BooleanField(
                label=ligne.type.libelle, required=False, initial=refusee
            )
            self.fields[f"motif-{ligne.pk}"] = forms.ChoiceField(
                label="Ce qui ne va pas",
                choices=[("", "Choisir"), *MOTIFS_DE_PIECE],
                required=False,
                initial=ligne.motif
                or ("" if ligne.piece_id and ligne.verdict != Verdict.MANQUANTE else MotifPiece.ABSENTE),
            )
            self.fields[f"accepte-{ligne.pk}"] = forms.CharField(
                label="Ce qui serait accepté", max_length=200, required=False, initial=ligne.accepte_a_la_place
            )

    @property
    def cases(self):
        """(case à cocher, motif, ce qui serait accepté) : les trois champs de chaque pièce."""
        return [tuple(self[f"{nom}-{x.pk}"] for nom in ("demander", "motif", "accepte")) for x in self.lignes]

    def clean(self):
        donnees = super().clean()
        for ligne in self.lignes:
            if donnees.get(f"demander-{ligne.pk}") and ligne.piece_id and not donnees.get(f"motif-{ligne.pk}"):
                self.add_error(f"motif-{ligne.pk}", "Dites ce qui ne va pas.")
        if not donnees.get("motifs") and not any(donnees.get(f"demander-{x.pk}") for x in self.lignes):
            raise ValidationError("Dites ce qui manque : un motif, ou une pièce.")
        return donnees

    def arguments(self):
        """Ce que `Prescription.renvoyer` attend."""
        donnees = self.cleaned_data
        pieces = [
            (x, donnees[f"motif-{x.pk}"], donnees[f"accepte-{x.pk}"])
            for x in self.lignes
            if donnees[f"demander-{x.pk}"]
        ]
        return {"motifs": donnees["motifs"], "texte": donnees["texte"], "pieces": pieces}


class RefusForm(FormulaireSansNir, forms.Form):
    motif = forms.ChoiceField(label="Pourquoi", choices=[("", "Choisir"), *MotifRefus.choices])
    dirigee_vers = forms.CharField(
        label="Vers qui la personne est dirigée",
        max_length=200,
        help_text="Un service, un interlocuteur : elle ne repart pas sans rien.",
    )


class ConfierForm(forms.Form):
    antenne = forms.ModelChoiceField(
        label="Antenne", queryset=Antenne.objects.filter(ouverte=True), empty_label="Choisir"
    )


class SansSuiteForm(forms.Form):
    motif = forms.ChoiceField(label="Pourquoi", choices=[("", "Choisir"), *MotifSansSuite.choices])


class PremierContactForm(FormulaireSansNir, forms.Form):
    """`lu` : la date que l’auteur avait sous les yeux (RE1)."""

    lu = forms.DateField(widget=forms.HiddenInput)
    le = ChampDate(label="Premier contact")
    raison = forms.CharField(label="Pourquoi la corriger", max_length=100)


class AccordForm(FormulaireSansNir, forms.Form):
    """Le motif n’est demandé que si l’adhésion de la commune est à confirmer."""

    adhesion_motif = forms.CharField(label="Adhésion à confirmer : pourquoi accorder", max_length=200, required=False)


class RouvrirForm(FormulaireSansNir, forms.Form):
    raison = forms.CharField(label="Ce qui est tombé depuis l’accord", max_length=1000, widget=texte(2))


class ActeForm(FormulaireSansNir, AvecJeton):
    """L’acte d’entrée d’une personne : avec le référent proposé, ou `autre`, que l’on désigne."""

    autre = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)
    referent = ChampReferent(label="Référent", queryset=Utilisateur.objects.none(), required=False)
    motif = forms.CharField(
        label="Pourquoi un autre référent", max_length=200, required=False, help_text="S’il n’a pas suivi la demande."
    )

    def __init__(self, *args, prescription, **kwargs):
        super().__init__(*args, **kwargs)
        self.prescription = prescription
        attendu = prescription.referent_propose or prescription.conseiller
        champ = self.fields["referent"]
        champ.queryset = referents(attendu.pk)
        champ.empty_label = "Choisissez"

    def clean(self):
        donnees = super().clean()
        referent = donnees.get("referent")
        if donnees.get("autre") and not referent and "referent" not in self.errors:
            self.add_error("referent", "Choisissez le référent.")
        if referent and referent.pk != self.prescription.conseiller_id and not donnees.get("motif"):
            self.add_error("motif", "Dites pourquoi le référent n’est pas le conseiller qui a suivi la demande.")
        return donnees


class LotForm(AvecJeton):
    """Les demandes cochées dans la liste, à acter ensemble."""

    demandes = forms.ModelMultipleChoiceField(
        queryset=Prescription.objects.none(),
        error_messages={"required": "Cochez au moins une demande."},
    )

    def __init__(self, *args, visibles, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["demandes"].queryset = visibles


class VerdictForm(FormulaireSansNir, forms.Form):
    """Le verdict sur une pièce : sa liste de points, sa date, et ce qu’elle prouve."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=[choix for choix in Verdict.choices if choix[0] != Verdict.A_CONTROLER])
    motif = forms.ChoiceField(label="Pourquoi", choices=MOTIFS_DE_PIECE, required=False, widget=forms.RadioSelect)
    accepte = forms.CharField(label="Ce qui serait accepté", max_length=200, required=False)
    points = forms.MultipleChoiceField(required=False)
    prouve = forms.MultipleChoiceField(required=False)
    etablie_le = ChampDate(label="Établie le", required=False)
    expire_le = ChampDate(label="Valable jusqu’au", required=False)

    def __init__(self, *args, ligne, criteres=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.ligne, self.criteres = ligne, criteres
        self.fields["points"].choices = [(point, point) for point in ligne.type.points]
        self.fields["prouve"].choices = [(critere.code, critere.libelle) for critere in criteres]

    def clean_etablie_le(self):
        jour = self.cleaned_data["etablie_le"]
        if jour and jour > timezone.localdate():
            raise ValidationError("Cette date est dans le futur.")
        return jour

    def clean(self):
        donnees = super().clean()
        verdict, points = donnees.get("verdict"), donnees.get("points", [])
        if verdict == Verdict.CONFORME and (restent := [p for p in self.ligne.type.points if p not in points]):
            raise ValidationError("Il reste à vérifier : " + ", ".join(restent).lower() + ".")
        if verdict == Verdict.CONFORME and (fin := donnees.get("expire_le")) and fin < timezone.localdate():
            self.add_error("expire_le", "Cette date est passée : corrigez-la, ou dites la pièce non conforme.")
        if verdict == Verdict.NON_CONFORME and not donnees.get("motif"):
            self.add_error("motif", "Dites pourquoi la pièce n’est pas conforme.")
        return donnees

    def arguments(self):
        """Ce que `LignePiece.controler` attend."""
        donnees = self.cleaned_data
        return {
            "verdict": donnees["verdict"],
            "motif": donnees["motif"],
            "points": donnees["points"],
            "dates": {nom: donnees[nom] for nom in ("etablie_le", "expire_le") if nom in self.data},
            "accepte_a_la_place": donnees["accepte"],
            "ne_prouve_pas": [c.code for c in self.criteres if c.code not in donnees["prouve"]],
        }
