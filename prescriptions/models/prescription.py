"""La demande d’entrée en PLIE, de l’orientation à l’acte d’entrée (2-domaine, « States and transitions »)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from documents.models import Document
from parcours.actions import affecter, ouvrir_parcours
from parcours.models import EtatAffectation
from partenaires.models import Organisation
from participants.models import Participant
from plie.exceptions import TransitionImpossible
from plie.historique import champ_compte
from plie.registre import classer
from plie.templatetags.interface import date_longue
from prescriptions.annonces import annoncer, annoncer_la_correction
from prescriptions.listes import (
    FINIES,
    INSTRUCTION,
    OUVERTES,
    TRANSITIONS,
    MotifOrientation,
    MotifRefus,
    MotifRetour,
    MotifSansSuite,
    MoyenAccord,
    StatutPrescription,
)
from prescriptions.models.instruction import Instruction
from prescriptions.models.requetes import PrescriptionQuerySet
from prescriptions.permissions import peut_etre_referent
from prescriptions.reprise import accueillir
from territoire.models import Antenne

S = StatutPrescription


class Prescription(Instruction):
    TRANSITIONS = TRANSITIONS

    numero = models.CharField("n° de demande", max_length=14, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="prescriptions")
    antenne = models.ForeignKey(Antenne, on_delete=models.PROTECT, null=True, blank=True, related_name="prescriptions")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="prescriptions"
    )
    prescripteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="orientations"
    )
    statut = models.CharField(max_length=16, choices=StatutPrescription, default=S.ORIENTEE)
    statut_depuis = models.DateTimeField(default=timezone.now)
    motif = models.CharField(max_length=20, choices=MotifOrientation)
    attente = models.CharField("ce qu’elle attend", max_length=500, blank=True)
    premier_contact_le = models.DateField("premier contact le", default=timezone.localdate)
    accord_le = models.DateField("accord donné le")
    accord_moyen = models.CharField("moyen de l’accord", max_length=12, choices=MoyenAccord)
    accord_trace = models.TextField("trace de l’accord", blank=True)
    accord_document = models.OneToOneField(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="demande", verbose_name="accord signé"
    )
    orientee_le = models.DateTimeField("orientée le", default=timezone.now)
    orientee_par = champ_compte("orientée par")
    a_reporter = models.JSONField("à reporter au dossier à la prise en charge", default=dict, blank=True)
    conseiller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="instructions"
    )
    referent_propose = champ_compte("référent proposé", null=True, blank=True)
    referent_motif = models.CharField("pourquoi ce référent", max_length=200, blank=True)
    entree_prevue_le = models.DateField("entrée prévue le", null=True, blank=True)
    prise_en_charge_le = models.DateTimeField(null=True, blank=True)
    prise_en_charge_par = champ_compte(null=True, blank=True)
    transmise_le = models.DateTimeField(null=True, blank=True)
    transmise_par = champ_compte(null=True, blank=True)
    pertinence_validee_le = models.DateTimeField("pertinence validée le", null=True, blank=True)
    pertinence_validee_par = champ_compte("pertinence validée par", null=True, blank=True)
    accordee_le = models.DateTimeField("accordée le", null=True, blank=True)
    accordee_par = champ_compte("accordée par", null=True, blank=True)
    adhesion_motif = models.CharField("commune à confirmer : pourquoi accorder", max_length=200, blank=True)
    entree_actee_le = models.DateTimeField("entrée actée le", null=True, blank=True)
    entree_actee_par = champ_compte("entrée actée par", null=True, blank=True)
    refusee_le = models.DateTimeField("refusée le", null=True, blank=True)
    refusee_par = champ_compte("refusée par", null=True, blank=True)
    motif_refus = models.CharField("motif du refus", max_length=24, choices=MotifRefus, blank=True)
    dirigee_vers = models.CharField("où la personne est dirigée", max_length=200, blank=True)
    sans_suite_le = models.DateTimeField(null=True, blank=True)
    sans_suite_par = champ_compte(null=True, blank=True)
    motif_sans_suite = models.CharField("motif sans suite", max_length=16, choices=MotifSansSuite, blank=True)

    objects = PrescriptionQuerySet.as_manager()

    DONNEES = classer(
        garder="numero participant antenne organisation prescripteur statut statut_depuis motif premier_contact_le "
        "accord_le accord_moyen accord_document orientee_le orientee_par conseiller referent_propose entree_prevue_le "
        "prise_en_charge_le prise_en_charge_par transmise_le transmise_par pertinence_validee_le "
        "pertinence_validee_par accordee_le accordee_par entree_actee_le entree_actee_par refusee_le refusee_par "
        "motif_refus sans_suite_le sans_suite_par motif_sans_suite",
        effacer="attente accord_trace a_reporter adhesion_motif dirigee_vers referent_motif",
    )

    class Meta:
        ordering = ["statut_depuis", "id"]
        indexes = [
            models.Index(fields=["statut", "statut_depuis", "id"], name="prescription_par_file"),
            models.Index(fields=["antenne", "statut", "statut_depuis", "id"], name="prescription_par_antenne"),
            models.Index(fields=["organisation", "-orientee_le", "-id"], name="prescription_par_organisation"),
            models.Index(fields=["organisation", "statut", "id"], name="prescription_par_partenaire"),
            models.Index(fields=["participant", "-orientee_le"], name="prescription_du_dossier"),
            models.Index(
                fields=["premier_contact_le"], name="prescription_horloge_c1", condition=Q(statut__in=sorted(OUVERTES))
            ),
            models.Index(fields=["conseiller", "statut", "statut_depuis"], name="prescription_par_conseiller"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["participant"],
                condition=Q(statut__in=sorted(OUVERTES)),
                name="prescription_une_ouverte_par_personne",
                violation_error_message="Cette personne a déjà une demande en cours.",
            ),
            models.CheckConstraint(
                name="prescription_refus_complet",
                violation_error_message="Un refus porte sa date, son auteur, son motif et où la personne est dirigée.",
                condition=~Q(statut="refusee")
                | (Q(refusee_le__isnull=False, refusee_par__isnull=False) & ~Q(motif_refus="") & ~Q(dirigee_vers="")),
            ),
            models.CheckConstraint(
                name="prescription_sans_suite_motivee",
                violation_error_message="Un classement sans suite porte sa date, son auteur et son motif.",
                condition=~Q(statut="sans_suite")
                | (Q(sans_suite_le__isnull=False, sans_suite_par__isnull=False) & ~Q(motif_sans_suite="")),
            ),
            models.CheckConstraint(
                name="prescription_accord_signe",
                violation_error_message="Un accord porte sa date et son auteur.",
                condition=~Q(statut__in=["accordee", "entree_actee"])
                | Q(accordee_le__isnull=False, accordee_par__isnull=False),
            ),
            models.CheckConstraint(
                name="prescription_entree_signee",
                violation_error_message="Une entrée actée porte sa date et son auteur.",
                condition=~Q(statut="entree_actee") | Q(entree_actee_le__isnull=False, entree_actee_par__isnull=False),
            ),
        ]

    def __str__(self):
        return f"Demande {self.numero}"

    def get_absolute_url(self):
        return reverse("prescriptions:detail", args=[self.pk])

    @property
    def est_finie(self):
        return self.statut in FINIES

    @property
    def date_d_entree(self):
        """Jour où l’éligibilité se juge : l’entrée prévue, jamais avant aujourd’hui ; close, le jour de sa fin."""
        if self.est_finie:
            return timezone.localdate(self.statut_depuis)
        return max(self.entree_prevue_le or timezone.localdate(), timezone.localdate())

    # Les verbes : un par flèche du tableau. Chacun verrouille, relit, vérifie, écrit le fait et son auteur.

    @transaction.atomic
    def prendre_en_charge(self, *, par):
        self._avancer(S.EN_INSTRUCTION)
        accueillir(self, par=par)
        self.conseiller = par
        self._ecrire(S.EN_INSTRUCTION, "prise_en_charge", par)
        self.ouvrir_les_cases(par=par)
        if not self.participant.affectations.filter(au=None, etat=EtatAffectation.CONFIRMEE).exists():
            affecter(self.participant, par, par=par)

    @transaction.atomic
    def transmettre(self, *, par):
        """Vers la responsable, ou droit au contrôle si la pertinence était déjà validée."""
        self.verrouiller()
        self._exiger(INSTRUCTION, "Cette demande n’est plus à transmettre")
        if manque := self.manque_pour_transmettre():
            raise TransitionImpossible("Il manque pour transmettre : " + " ; ".join(manque) + ".")
        self._ecrire(self.suite_de_l_instruction, "transmise", par)

    @transaction.atomic
    def completer(self, *, par):
        """La dernière réponse attendue est là : la demande repart d’où elle venait."""
        self.verrouiller()
        self._exiger({S.A_COMPLETER}, "Cette demande n’attend plus de complément")
        if manque := self.manque_pour_completer():
            raise TransitionImpossible("Il reste à répondre : " + " ; ".join(manque) + ".")
        self._ecrire(self.suite_de_l_instruction, "transmise", par)

    @transaction.atomic
    def completer_si_tout_est_la(self, *, par):
        """Après la réponse à une case : repart si c’était la dernière attendue. Rend vrai si la demande est repartie."""
        self.verrouiller()
        if self.statut != S.A_COMPLETER or self.manque_pour_completer():
            return False
        self.completer(par=par)
        return True

    @transaction.atomic
    def valider_pertinence(self, *, par):
        self.verrouiller()
        self._exiger({S.TRANSMISE}, "Cette demande n’attend plus la validation")
        self._ecrire(S.A_CONTROLER, "pertinence_validee", par)

    @transaction.atomic
    def renvoyer(self, *, par, motifs, texte="", pieces=()):
        """Renvoie à compléter. `motifs` : codes de MotifRetour ; `pieces` : (ligne, motif, ce qui serait accepté)."""
        self.verrouiller()
        self._exiger({S.TRANSMISE, S.A_CONTROLER}, "Cette demande ne se renvoie plus")
        if not motifs and not pieces:
            raise TransitionImpossible("Dites ce qui manque : un motif, ou une pièce.")
        if pieces and MotifRetour.PIECES not in motifs:
            motifs = [*motifs, MotifRetour.PIECES]
        for ligne, motif, accepte in pieces:
            if ligne.prescription_id != self.pk:
                raise TransitionImpossible("Cette pièce est celle d’une autre demande.")
            if ligne.piece_id and not motif:
                raise TransitionImpossible(f"Dites ce qui ne va pas : {ligne.type.libelle}.")
            ligne.demander(par=par, motif=motif, accepte_a_la_place=accepte)
        demandees = [{"type": x.type.code, "motif": x.motif, "accepte": x.accepte_a_la_place} for x, *_ in pieces]
        self._noter(par, texte, motifs, demandees)
        self._ecrire(S.A_COMPLETER, None, par)

    @transaction.atomic
    def accorder(self, *, par, adhesion_motif=""):
        """L’accord des Statistiques : résidente, droit de travailler, un critère prouvé, pièces conformes à l’entrée."""
        self._avancer(S.ACCORDEE)
        eligibilite, adhesion_motif = self.eligibilite(), adhesion_motif.strip()
        if manque := eligibilite.manque_pour_accorder(adhesion_motif):
            raise TransitionImpossible("L’accord est impossible : " + " ; ".join(manque) + ".")
        self.adhesion_motif = adhesion_motif if eligibilite.adhesion_a_confirmer else ""
        self._ecrire(S.ACCORDEE, "accordee", par)

    @transaction.atomic
    def refuser(self, *, par, motif, dirigee_vers):
        self._avancer(S.REFUSEE)
        if not motif or not dirigee_vers.strip():
            raise TransitionImpossible("Dites pourquoi, et vers qui la personne est dirigée.")
        self.motif_refus, self.dirigee_vers = motif, dirigee_vers.strip()
        self._ecrire(S.REFUSEE, "refusee", par, motif)
        self._liberer_le_referent(par)

    @transaction.atomic
    def acter_entree(self, *, par, referent=None, motif="", le=None):
        """L’équipe d’animation fait de la personne une participante : ouvre le parcours. Rend le parcours.

        L’éligibilité est relue au jour `le` (aujourd’hui par défaut) : ce qui est tombé depuis l’accord l’empêche.
        """
        self._avancer(S.ENTREE_ACTEE)
        le = le or timezone.localdate()
        if manque := self.manque_pour_acter(le):
            raise TransitionImpossible("L’entrée ne peut pas être actée : " + " ; ".join(manque) + ".")
        referent = referent or self.referent_propose or self.conseiller
        if referent is None:
            raise TransitionImpossible("Désignez le référent de la personne.")
        if not peut_etre_referent(referent):
            raise TransitionImpossible(f"{referent} n’est plus conseiller : choisissez un autre référent.")
        if referent.pk == self.referent_propose_id:
            motif = motif or self.referent_motif
        if referent.pk != self.conseiller_id and not motif:
            raise TransitionImpossible("Dites pourquoi le référent n’est pas le conseiller qui a suivi la demande.")
        self._ecrire(S.ENTREE_ACTEE, "entree_actee", par)
        return ouvrir_parcours(self.participant, entre_le=le, referent=referent, par=par, motif=motif)

    @transaction.atomic
    def rouvrir_controle(self, *, par, raison):
        """Ce qui est tombé depuis l’accord est dit, et la demande revient au contrôle."""
        self.verrouiller()
        self._exiger({S.ACCORDEE}, "Cette demande n’est plus accordée")
        if not raison.strip():
            raise TransitionImpossible("Dites ce qui est tombé depuis l’accord.")
        self.accordee_le = self.accordee_par = None
        self._noter(par, raison)
        self._ecrire(S.A_CONTROLER, None, par)

    @transaction.atomic
    def classer_sans_suite(self, *, par, motif):
        self._avancer(S.SANS_SUITE)
        if not motif:
            raise TransitionImpossible("Dites pourquoi la demande est classée sans suite.")
        self.motif_sans_suite = motif
        self._ecrire(S.SANS_SUITE, "sans_suite", par, motif)
        self._liberer_le_referent(par)

    @transaction.atomic
    def corriger_le_premier_contact(self, *, par, le, raison, lu=None):
        """L’horloge C1 [S] part de ce jour : une date mal tapée se corrige, avec sa raison, et la responsable l’apprend.

        lu: la date affichée à l’auteur. Lève TransitionImpossible si elle a changé depuis, ou si `le` ne se peut pas.
        """
        self.verrouiller()
        avant = self.premier_contact_le
        if le == avant:  # second clic
            return
        if lu and lu != avant:
            raise TransitionImpossible(f"Cette date vient d’être corrigée : {date_longue(avant)}.")
        if not raison.strip():
            raise TransitionImpossible("Dites pourquoi cette date est corrigée.")
        if le > timezone.localdate():
            raise TransitionImpossible("Le premier contact ne peut pas être à venir.")
        if le < self.participant.naissance:
            raise TransitionImpossible("Le premier contact ne peut pas précéder la naissance.")
        tenu = self.premier_entretien_tenu()
        if tenu and le > tenu.jour:
            raise TransitionImpossible(
                f"Le premier entretien a eu lieu le {date_longue(tenu.jour)} : le contact le précède."
            )
        self.premier_contact_le = le
        self.enregistrer(par=par, motif=raison.strip())
        annoncer_la_correction(self, avant, raison.strip(), par)

    def _liberer_le_referent(self, par):
        """La personne n’entre pas : le référent pressenti n’en est plus chargé."""
        for affectation in self.participant.affectations.filter(au=None, etat=EtatAffectation.PRESSENTIE):
            affectation.au = max(affectation.du, timezone.localdate())
            affectation.enregistrer(par=par, motif="Demande close")

    def _avancer(self, statut):
        self.verrouiller()
        self.exiger_transition(statut)

    def _ecrire(self, statut, participe, par, motif=""):
        maintenant = timezone.now()
        self.statut, self.statut_depuis = statut, maintenant
        if participe:
            setattr(self, f"{participe}_le", maintenant)
            setattr(self, f"{participe}_par", par)
        self.enregistrer(par=par, motif=motif)
        annoncer(self, statut, par)
