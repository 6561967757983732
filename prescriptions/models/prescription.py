"""La demande d’entrée en PLIE, de l’orientation à l’acte d’entrée (2-domaine, « States and transitions »)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from comptes.models import ROLES_DU_SIEGE, Role
from parcours.actions import affecter, ouvrir_parcours
from partenaires.models import Organisation
from participants.models import Participant
from plie.exceptions import TransitionImpossible
from plie.historique import HistoriseQuerySet, ModeleATransitions
from plie.registre import classer
from prescriptions.eligibilite import evaluer
from prescriptions.listes import (
    FINIES,
    OUVERTES,
    TRANSITIONS,
    MotifOrientation,
    MotifRefus,
    MotifSansSuite,
    MoyenAccord,
    StatutPrescription,
)
from territoire.models import Antenne

S = StatutPrescription


class PrescriptionQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        """Le siège voit tout ; un conseiller, ses antennes ; un prescripteur, les orientations de son organisation."""
        if utilisateur.a_role(*ROLES_DU_SIEGE):
            return self
        filtre = Q(pk=None)
        if utilisateur.a_role(Role.CONSEILLER):
            filtre |= Q(antenne__in=utilisateur.antennes_de(Role.CONSEILLER)) | Q(conseiller=utilisateur)
        if utilisateur.a_role(Role.PRESCRIPTEUR):
            filtre |= Q(organisation__interlocuteurs__utilisateur=utilisateur)
        return self.filter(filtre)

    def instruites_par(self, utilisateur):
        """Celles que l’on instruit (écran interne) : sans les orientations vues comme partenaire."""
        if utilisateur.a_role(*ROLES_DU_SIEGE):
            return self
        if not utilisateur.a_role(Role.CONSEILLER):
            return self.none()
        return self.filter(Q(antenne__in=utilisateur.antennes_de(Role.CONSEILLER)) | Q(conseiller=utilisateur))

    def orientees_par(self, utilisateur):
        """Les orientations de l’organisation de l’utilisateur, avec un filtre simple (indexé)."""
        return self.filter(organisation__interlocuteurs__utilisateur=utilisateur)

    def ouvertes(self):
        return self.filter(statut__in=OUVERTES)

    def avec_dossier(self):
        return self.select_related(
            "participant__commune", "antenne", "organisation", "prescripteur", "conseiller", "referent_propose"
        )


class Prescription(ModeleATransitions):
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
    accord_moyen = models.CharField(max_length=12, choices=MoyenAccord)
    accord_trace = models.TextField(blank=True)
    orientee_le = models.DateTimeField("orientée le", default=timezone.now)
    orientee_par = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    conseiller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="instructions"
    )
    referent_propose = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    entree_prevue_le = models.DateField("entrée prévue le", null=True, blank=True)
    prise_en_charge_le = models.DateTimeField(null=True, blank=True)
    prise_en_charge_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    transmise_le = models.DateTimeField(null=True, blank=True)
    transmise_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    pertinence_validee_le = models.DateTimeField(null=True, blank=True)
    pertinence_validee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accordee_le = models.DateTimeField(null=True, blank=True)
    accordee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    adhesion_motif = models.CharField("commune à confirmer : pourquoi accorder", max_length=200, blank=True)
    entree_actee_le = models.DateTimeField(null=True, blank=True)
    entree_actee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    refusee_le = models.DateTimeField(null=True, blank=True)
    refusee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    motif_refus = models.CharField(max_length=24, choices=MotifRefus, blank=True)
    dirigee_vers = models.CharField("où la personne est dirigée", max_length=200, blank=True)
    sans_suite_le = models.DateTimeField(null=True, blank=True)
    sans_suite_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    motif_sans_suite = models.CharField(max_length=16, choices=MotifSansSuite, blank=True)

    objects = PrescriptionQuerySet.as_manager()

    DONNEES = classer(
        garder="numero participant antenne organisation prescripteur statut statut_depuis motif premier_contact_le "
        "accord_le accord_moyen orientee_le orientee_par conseiller referent_propose entree_prevue_le "
        "prise_en_charge_le prise_en_charge_par transmise_le transmise_par pertinence_validee_le "
        "pertinence_validee_par accordee_le accordee_par entree_actee_le entree_actee_par refusee_le refusee_par "
        "motif_refus sans_suite_le sans_suite_par motif_sans_suite",
        effacer="attente accord_trace adhesion_motif dirigee_vers",
    )

    class Meta:
        ordering = ["statut_depuis", "id"]
        indexes = [
            models.Index(fields=["statut", "statut_depuis", "id"], name="prescription_par_file"),
            models.Index(fields=["antenne", "statut", "statut_depuis", "id"], name="prescription_par_antenne"),
            models.Index(fields=["organisation", "-orientee_le"], name="prescription_par_organisation"),
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
        """Jour où l’éligibilité se juge : l’entrée prévue, aujourd’hui par défaut."""
        return self.entree_prevue_le or timezone.localdate()

    # Les verbes : un par flèche du tableau. Chacun verrouille, relit, vérifie, écrit le fait et son auteur.

    @transaction.atomic
    def prendre_en_charge(self, *, par):
        self._avancer(S.EN_INSTRUCTION)
        self.conseiller = par
        self._ecrire(S.EN_INSTRUCTION, "prise_en_charge", par)
        affecter(self.participant, par, par=par)

    @transaction.atomic
    def transmettre(self, *, par):
        """Vers la responsable, ou droit au contrôle si la pertinence était déjà validée."""
        suite = S.A_CONTROLER if self._pertinence_deja_validee() else S.TRANSMISE
        self._avancer(suite)
        if manque := self.manque_pour_transmettre():
            raise TransitionImpossible("Il manque pour transmettre : " + " ; ".join(manque) + ".")
        self._ecrire(suite, "transmise", par)

    @transaction.atomic
    def completer(self, *, par):
        """La dernière réponse attendue est là : la demande repart d’où elle venait."""
        suite = S.A_CONTROLER if self._pertinence_deja_validee() else S.TRANSMISE
        self.verrouiller()
        if self.statut != S.A_COMPLETER:
            raise TransitionImpossible("Cette demande n’attend plus de complément.")
        if attendues := self.pieces_attendues():
            noms = ", ".join(ligne.type.libelle.lower() for ligne in attendues)
            raise TransitionImpossible(f"Il reste à répondre pour : {noms}.")
        self._ecrire(suite, "transmise", par)

    @transaction.atomic
    def valider_pertinence(self, *, par):
        self.verrouiller()
        if self.statut != S.TRANSMISE:
            raise TransitionImpossible(f"Cette demande n’attend plus la validation : {self.get_statut_display()}.")
        self._ecrire(S.A_CONTROLER, "pertinence_validee", par)

    @transaction.atomic
    def renvoyer(self, *, par, motifs, texte="", pieces=()):
        """Renvoie à compléter. `motifs` : codes de MotifRetour ; `pieces` : (ligne, motif, ce qui serait accepté)."""
        self._avancer(S.A_COMPLETER)
        if not motifs and not pieces:
            raise TransitionImpossible("Dites ce qui manque : un motif, ou une pièce.")
        for ligne, motif, accepte in pieces:
            ligne.demander(par=par, motif=motif, accepte_a_la_place=accepte)
        self.retours.model(prescription=self, auteur=par, motifs=list(motifs), texte=texte).enregistrer(par=par)
        self._ecrire(S.A_COMPLETER, None, par)

    @transaction.atomic
    def accorder(self, *, par, adhesion_motif=""):
        """L’accord des Statistiques : résidente, droit de travailler, un critère prouvé, pièces conformes à l’entrée."""
        self._avancer(S.ACCORDEE)
        self.adhesion_motif = adhesion_motif
        if manque := self.eligibilite().manque_pour_accorder(adhesion_motif):
            raise TransitionImpossible("L’accord est impossible : " + " ; ".join(manque) + ".")
        self._ecrire(S.ACCORDEE, "accordee", par)

    @transaction.atomic
    def refuser(self, *, par, motif, dirigee_vers):
        self._avancer(S.REFUSEE)
        self.motif_refus, self.dirigee_vers = motif, dirigee_vers
        self._ecrire(S.REFUSEE, "refusee", par, motif)

    @transaction.atomic
    def acter_entree(self, *, par, referent=None, motif="", le=None):
        """L’équipe d’animation fait de la personne une participante : ouvre le parcours. Rend le parcours.

        L’éligibilité est relue au jour `le` (aujourd’hui par défaut) : ce qui est tombé depuis l’accord l’empêche.
        """
        le = le or timezone.localdate()
        self._avancer(S.ENTREE_ACTEE)
        if le < self.premier_contact_le:
            raise TransitionImpossible("L’entrée ne peut pas précéder le premier contact.")
        if manque := self.eligibilite(le).manque_pour_accorder(self.adhesion_motif):
            raise TransitionImpossible("La personne n’est plus éligible ce jour : " + " ; ".join(manque) + ".")
        referent = referent or self.referent_propose or self.conseiller
        if referent.pk != self.conseiller_id and not motif:
            raise TransitionImpossible("Dites pourquoi le référent n’est pas le conseiller qui a suivi la demande.")
        self._ecrire(S.ENTREE_ACTEE, "entree_actee", par)
        return ouvrir_parcours(self.participant, entre_le=le, referent=referent, par=par, motif=motif)

    @transaction.atomic
    def rouvrir_controle(self, *, par, raison):
        """Ce qui est tombé depuis l’accord est dit, et la demande revient au contrôle."""
        self.verrouiller()
        if self.statut != S.ACCORDEE:
            raise TransitionImpossible(f"Cette demande n’est plus accordée : {self.get_statut_display()}.")
        self.accordee_le = self.accordee_par = None
        self.retours.model(prescription=self, auteur=par, motifs=[], texte=raison).enregistrer(par=par)
        self._ecrire(S.A_CONTROLER, None, par)

    @transaction.atomic
    def classer_sans_suite(self, *, par, motif):
        self._avancer(S.SANS_SUITE)
        self.motif_sans_suite = motif
        self._ecrire(S.SANS_SUITE, "sans_suite", par, motif)

    # Ce qui manque, en phrases : la même source pour le refus du verbe et pour l’écran.

    def manque_pour_transmettre(self):
        manque = []
        if not self.avis.exists():
            manque.append("un avis motivé")
        if not self.premier_entretien_tenu():
            manque.append("le premier entretien, avec l’information complète")
        if not self.criteres_invoques.exists():
            manque.append("au moins un critère")
        manque += [
            f"{ligne.type.libelle} : à joindre, ou une date promise"
            for ligne in self.lignes.all().select_related("type")
            if not ligne.piece_id and not ligne.promise_pour
        ]
        return manque

    def premier_entretien_tenu(self):
        return (
            self.participant.entretiens.informes().filter(jour__gte=self.premier_contact_le).order_by("jour").first()
        )

    def pieces_attendues(self):
        """Lignes renvoyées qui attendent encore une pièce ou une réponse."""
        return [ligne for ligne in self.lignes.select_related("type") if ligne.est_attendue]

    def eligibilite(self, le=None):
        return evaluer(self, le or self.date_d_entree)

    def _pertinence_deja_validee(self):
        return bool(type(self).objects.filter(pk=self.pk).values_list("pertinence_validee_le", flat=True).first())

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
