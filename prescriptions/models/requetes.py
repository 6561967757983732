from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from comptes.models import ROLES_DU_SIEGE, Role, RoleAttribue
from entretiens.models import Entretien, GenreEntretien, RendezVous, StatutEntretien
from parcours.models import Affectation, Parcours, StatutParcours
from partenaires.models import la_sienne
from plie.historique import HistoriseQuerySet
from prescriptions.listes import OUVERTES


class PrescriptionQuerySet(HistoriseQuerySet):
    def visibles_par(self, utilisateur):
        """Le siège voit tout ; un conseiller, ses antennes ; un prescripteur, les orientations de son organisation."""
        if utilisateur.a_role(*ROLES_DU_SIEGE):
            return self
        filtre = Q(pk=None)
        if utilisateur.a_role(Role.CONSEILLER):
            filtre |= self._instruites(utilisateur)
        if utilisateur.a_role(Role.PRESCRIPTEUR):
            filtre |= Q(organisation=la_sienne(utilisateur).values("pk"))
        return self.filter(filtre)

    def instruites_par(self, utilisateur):
        """Celles que l’on instruit (écran interne) : sans les orientations vues comme partenaire."""
        if utilisateur.a_role(*ROLES_DU_SIEGE):
            return self
        if not utilisateur.a_role(Role.CONSEILLER):
            return self.none()
        return self.filter(self._instruites(utilisateur))

    def orientees_par(self, utilisateur):
        """Les orientations de l’organisation de l’utilisateur, tant qu’elle est active ; un filtre simple (indexé)."""
        return self.filter(organisation=la_sienne(utilisateur).values("pk"))

    def ouvertes(self):
        return self.filter(statut__in=OUVERTES)

    def avec_dossier(self):
        return self.select_related(
            "participant__commune",
            "participant__antenne",
            "antenne",
            "organisation",
            "prescripteur",
            "conseiller",
            "referent_propose",
        )

    def avec_decisions(self):
        """Les auteurs des décisions, pour la fiche."""
        return self.select_related(
            "pertinence_validee_par", "accordee_par", "entree_actee_par", "refusee_par", "sans_suite_par"
        )

    def avec_rencontres(self):
        """Ajoute rendez_vous_le (le prochain), entretien_ouvert (clé du premier entretien commencé, pas encore clos),
        parcours_ouvert, file_active (personnes suivies par le référent proposé, ou à défaut par le conseiller), et
        referent_possible : celui-là est toujours conseiller."""
        rendez_vous = RendezVous.objects.a_venir().filter(participant=OuterRef("participant"))
        commences = Entretien.objects.filter(
            participant=OuterRef("participant"), genre=GenreEntretien.PREMIER, statut=StatutEntretien.BROUILLON
        ).order_by("-jour")
        referent = Coalesce(OuterRef("referent_propose"), OuterRef("conseiller"))
        suivies = Affectation.objects.filter(au=None, conseiller=referent).order_by()
        possible = RoleAttribue.objects.filter(utilisateur=referent, utilisateur__is_active=True, role=Role.CONSEILLER)
        return self.annotate(
            rendez_vous_le=Subquery(rendez_vous.values("debut")[:1]),
            entretien_ouvert=Subquery(commences.values("pk")[:1]),
            parcours_ouvert=Exists(
                Parcours.objects.filter(participant=OuterRef("participant")).exclude(statut=StatutParcours.SORTI)
            ),
            referent_possible=Exists(possible),
            file_active=Subquery(suivies.values("conseiller").annotate(n=Count("pk")).values("n")),
        )

    @staticmethod
    def _instruites(utilisateur):
        """Celles de ses antennes, et celles qu’il instruit encore : passé ailleurs, il ne garde pas les closes (AC4)."""
        antennes = utilisateur.antennes_de(Role.CONSEILLER)
        return Q(antenne__in=antennes) | Q(conseiller=utilisateur, statut__in=sorted(OUVERTES))
