"""Les documents remis et le registre des signatures. Ce qui est signé ne change plus : une correction est une version."""

import datetime
import functools
import hashlib
import secrets

from django.db import models, transaction
from django.utils import timezone

from participants.models import Participant, Piece
from participants.rangement import fichiers_ou_rien, ranger
from plie.exceptions import TransitionImpossible
from plie.historique import HistoriseQuerySet, ModeleATransitions, ModeleHistorise, champ_compte
from plie.registre import classer

RECULS = (1, 5, 30, 240, 1440)  # minutes entre deux mises en page manquées
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # base 32 de Crockford : ni I, ni L, ni O, ni U


def nouveau_code():
    """50 bits au hasard en dix signes, à dicter : un identifiant, il n’ouvre rien."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


class GenreDocument(models.TextChoices):
    SYNTHESE = "synthese", "synthèse d’entretien"
    LIVRET = "livret", "livret d’information"
    CONVOCATION = "convocation", "convocation"
    ACCORD = "accord", "accord de la personne"


class DocumentQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        return self.filter(participant__in=Participant.objects.visibles_par(utilisateur))

    def avec_signatures(self):
        return self.prefetch_related("signatures__utilisateur")

    def a_produire(self):
        """Documents figés dont le PDF manque (worker mort, disque plein, signature reçue) : repris par plage.

        Un document qui a échoué attend son tour, et passe après les autres : il n’occupe pas le worker.
        """
        return self.filter(self._dus(), fichier="").order_by("essais", "fige_le")

    def a_verser(self):
        """Accords signés à l’écran qui ne sont pas encore une pièce du dossier : repris par plage."""
        return self.filter(self._dus(), genre=GenreDocument.ACCORD, piece=None).order_by("essais", "fige_le")

    @staticmethod
    def _dus():
        return models.Q(repris_le=None) | models.Q(repris_le__lte=timezone.now())


class Document(ModeleHistorise):
    """Un document figé : son contenu (`contenu`) est la donnée qui a servi au PDF, l’un se refait de l’autre."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="documents")
    genre = models.CharField(max_length=20, choices=GenreDocument)
    code = models.CharField(max_length=10, unique=True, default=nouveau_code, editable=False)
    numero_version = models.PositiveSmallIntegerField("version", default=1)
    remplace = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="remplace_par"
    )
    piece = models.OneToOneField(
        Piece,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="document",
        verbose_name="versé comme pièce",
    )
    contenu = models.JSONField()
    fichier = models.FileField(upload_to="documents/%Y/%m/", max_length=120, blank=True)
    sha256 = models.CharField("empreinte", max_length=64, blank=True)
    essais = models.PositiveSmallIntegerField("mises en page manquées", default=0, editable=False)
    repris_le = models.DateTimeField("repris à partir du", null=True, blank=True, editable=False)
    fige_le = models.DateTimeField("figé le", default=timezone.now)
    fige_par = champ_compte("figé par")

    objects = DocumentQuerySet.as_manager()

    DONNEES = classer(
        garder="participant genre code numero_version remplace piece sha256 essais repris_le fige_le fige_par",
        effacer="contenu fichier",
    )

    class Meta:
        verbose_name = "document"
        ordering = ["-fige_le"]
        indexes = [
            models.Index(fields=["participant", "-fige_le"], name="document_du_dossier"),
            models.Index(fields=["fige_le"], name="document_a_produire", condition=models.Q(fichier="")),
            models.Index(
                fields=["fige_le"],
                name="document_a_verser",
                condition=models.Q(genre=GenreDocument.ACCORD, piece__isnull=True),
            ),
        ]

    def __str__(self):
        return self.get_genre_display()

    @property
    def est_signe(self):
        """Tous ont signé, à l’écran ou sur papier, ou un refus est noté avec sa raison (C9)."""
        signatures = list(self.signatures.all())
        return bool(signatures) and all(s.est_reglee for s in signatures)

    @property
    def est_scelle(self):
        """Tous ont signé, sans refus : plus rien ne change."""
        signatures = list(self.signatures.all())
        return bool(signatures) and all(s.est_signee for s in signatures)

    @property
    def a_une_signature(self):
        return any(s.est_signee for s in self.signatures.all())

    def enregistrer(self, *, par, motif=""):
        """Un contenu figé ne se réécrit jamais : on fait une version qui le remplace."""
        if not self._state.adding and "contenu" in self.champs_modifies():
            raise TransitionImpossible("Ce document est figé : une correction en fait une nouvelle version.")
        return super().enregistrer(par=par, motif=motif)

    def etat_des_signatures(self):
        """Ce que le PDF montre des signatures, relu en base : deux états égaux donnent les mêmes octets."""
        return list(self.signatures.order_by("role").values_list("role", "statut", "signee_le"))

    def poser_fichier(self, pdf, *, etat, par):
        """Garde le PDF produit (octets) et son empreinte. Lève FichierRefuse quand le disque est plein.

        `etat` : etat_des_signatures() lu avant la mise en page. S’il a changé depuis, rend faux : le PDF est à refaire.
        """
        with fichiers_ou_rien(), transaction.atomic():
            return self._poser_fichier(pdf, etat, par)

    def _poser_fichier(self, pdf, etat, par):
        self.verrouiller()
        if self.etat_des_signatures() != etat:
            return False
        sha256 = hashlib.sha256(pdf).hexdigest()
        if self.fichier and self.sha256 == sha256:
            return True
        self._jeter_apres_validation()
        ranger(self.fichier, "pdf", pdf)
        self.sha256, self.essais, self.repris_le = sha256, 0, None
        self.enregistrer(par=par)
        return True

    @transaction.atomic
    def noter_echec(self, *, par):
        """La mise en page a échoué : elle sera reprise, de plus en plus tard. Rend le nombre d’échecs de suite."""
        self.verrouiller()
        attente = RECULS[min(self.essais, len(RECULS) - 1)]
        self.essais, self.repris_le = self.essais + 1, timezone.now() + datetime.timedelta(minutes=attente)
        self.enregistrer(par=par)
        return self.essais

    @transaction.atomic
    def oublier_fichier(self, *, par):
        """Une signature vient d’arriver : le PDF gardé ne dit plus tout, il sera refait (ou à la première lecture)."""
        self.verrouiller()
        if self.fichier:
            self._jeter_apres_validation()
            self.fichier, self.sha256 = "", ""
            self.enregistrer(par=par)

    def _jeter_apres_validation(self):
        if self.fichier:
            transaction.on_commit(functools.partial(self.fichier.storage.delete, self.fichier.name), robust=True)


class StatutSignature(models.TextChoices):
    A_SIGNER = "a_signer", "à signer"
    SIGNE = "signe", "signé"
    REFUS = "refus_de_signer", "refus de signer"
    PAPIER_RECU = "papier_recu", "papier signé reçu"


class RoleSignataire(models.TextChoices):
    PERSONNE = "personne", "la personne"
    CONSEILLER = "conseiller", "le conseiller"


class MotifRefusSignature(models.TextChoices):
    PAS_D_ACCORD = "pas_d_accord", "n’est pas d’accord avec le texte"
    NE_SOUHAITE_PAS = "ne_souhaite_pas", "ne souhaite pas signer"
    A_DISTANCE = "a_distance", "entretien à distance"
    EMPECHEMENT = "empechement", "empêchement physique"
    PARTI = "parti", "parti avant de signer"


class SignatureQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        return self.filter(document__participant__in=Participant.objects.visibles_par(utilisateur))

    def a_signer(self):
        return self.filter(statut=StatutSignature.A_SIGNER, document__remplace_par=None)


class Signature(ModeleATransitions):
    """Une ligne du registre : ce qu’une personne a fait du document. On la lit, on ne la copie jamais."""

    TRANSITIONS = {
        StatutSignature.A_SIGNER: {StatutSignature.SIGNE, StatutSignature.REFUS, StatutSignature.PAPIER_RECU},
        StatutSignature.REFUS: {StatutSignature.SIGNE, StatutSignature.PAPIER_RECU},
        StatutSignature.SIGNE: set(),
        StatutSignature.PAPIER_RECU: set(),
    }

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="signatures")
    role = models.CharField("rôle", max_length=12, choices=RoleSignataire)
    nom = models.CharField(max_length=245)
    utilisateur = champ_compte(null=True, blank=True)
    statut = models.CharField(max_length=16, choices=StatutSignature, default=StatutSignature.A_SIGNER)
    accord = models.BooleanField(null=True, blank=True)
    mot = models.CharField("un mot", max_length=300, blank=True)
    trace = models.TextField("tracé (SVG)", blank=True)
    nom_tape = models.CharField("nom tapé", max_length=245, blank=True)
    motif_refus = models.CharField("motif du refus", max_length=20, choices=MotifRefusSignature, blank=True)
    papier = models.ForeignKey(Piece, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signee_le = models.DateTimeField("signée le", null=True, blank=True)
    signee_par = champ_compte("signée par", null=True, blank=True)

    objects = SignatureQuerySet.as_manager()

    DONNEES = classer(
        garder="document role utilisateur statut accord motif_refus papier signee_le signee_par",
        pseudonymiser="nom",
        effacer="mot trace nom_tape",
    )

    class Meta:
        verbose_name = "signature"
        ordering = ["document", "-role"]
        indexes = [
            models.Index(fields=["document"], name="signature_a_signer", condition=models.Q(statut="a_signer")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["document", "role"], name="signature_une_par_role"),
            models.CheckConstraint(
                name="signature_ecran_complete",
                violation_error_message="Une signature à l’écran a une date, un tracé ou un nom tapé, et un avis.",
                condition=~models.Q(statut="signe")
                | (
                    models.Q(signee_le__isnull=False, accord__isnull=False)
                    & (~models.Q(trace="") | ~models.Q(nom_tape=""))
                ),
            ),
            models.CheckConstraint(
                name="signature_refus_motive",
                violation_error_message="Un refus de signer a une raison.",
                condition=~models.Q(statut="refus_de_signer") | ~models.Q(motif_refus=""),
            ),
            models.CheckConstraint(
                name="signature_papier_joint",
                violation_error_message="Le papier signé est joint.",
                condition=~models.Q(statut="papier_recu") | models.Q(papier__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()} : {self.get_statut_display()}"

    @property
    def participant_id(self):
        return self.document.participant_id

    @property
    def est_reglee(self):
        return self.statut != StatutSignature.A_SIGNER

    @property
    def est_signee(self):
        return self.statut in (StatutSignature.SIGNE, StatutSignature.PAPIER_RECU)

    @transaction.atomic
    def signer(self, *, par, accord, trace="", nom_tape="", mot=""):
        """Signature à l’écran : un tracé (chemin SVG) ou, à défaut, le nom tapé. Lève TransitionImpossible sans eux."""
        self.verrouiller()
        self._exiger_modifiable(StatutSignature.SIGNE)
        if not (trace or nom_tape):
            raise TransitionImpossible("Il manque la signature : signez dans le cadre, ou tapez votre nom.")
        self.accord, self.trace, self.nom_tape, self.mot, self.motif_refus = accord, trace, nom_tape, mot, ""
        self._regler(StatutSignature.SIGNE, par)

    @transaction.atomic
    def refuser(self, *, par, motif, mot=""):
        """La personne ne signe pas : l’entretien reste clos, la raison est gardée et rien ne lui est retiré."""
        self.verrouiller()
        self._exiger_modifiable(StatutSignature.REFUS)
        self.motif_refus, self.mot = motif, mot
        self._regler(StatutSignature.REFUS, par)

    @transaction.atomic
    def recevoir_papier(self, *, par, piece):
        """Le document signé à la main est revenu, numérisé : `piece` le tient."""
        self.verrouiller()
        self._exiger_modifiable(StatutSignature.PAPIER_RECU)
        self.papier, self.motif_refus = piece, ""
        self._regler(StatutSignature.PAPIER_RECU, par)

    def _exiger_modifiable(self, statut):
        self.document.verrouiller()  # une correction au même instant attend, ou nous attend
        if Document.objects.filter(remplace=self.document_id).exists():
            raise TransitionImpossible("Ce document a été remplacé par une version plus récente.")
        self.exiger_transition(statut)

    def _regler(self, statut, par):
        self.statut, self.signee_le, self.signee_par = statut, timezone.now(), par
        self.enregistrer(par=par)
        self.document.oublier_fichier(par=par)
