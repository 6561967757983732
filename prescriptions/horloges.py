"""L’horloge C1 [S] : du premier contact au premier entretien tenu (clos) avec l’information complète."""

import datetime

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import TruncDate

from entretiens.models import Entretien
from horloges.registre import Definition, declarer
from horloges.sql import AUCUNE_DATE
from parcours.models import Parcours
from prescriptions.listes import FINIES, StatutPrescription
from prescriptions.models import Prescription

CLOSES_SANS_ENTREE = [StatutPrescription.REFUSEE, StatutPrescription.SANS_SUITE]
SANS_FIN = Value(datetime.date.max)


def faits(participants):
    """Une horloge par demande de ces personnes."""
    demandes = _comptees(Prescription.objects.filter(participant__in=participants))
    return _mesurables(demandes).order_by("premier_contact_le", "pk")


def en_cours():
    """Demandes ouvertes dont aucun premier entretien complet n’a suivi le premier contact."""
    demandes = _comptees(Prescription.objects.ouvertes()).filter(~Exists(_entretiens_informes())).order_by()
    return demandes.annotate(
        objet_id=F("pk"), debut_le=F("premier_contact_le"), fin_le=AUCUNE_DATE, abandon_le=AUCUNE_DATE
    )


def finies():
    return _mesurables(_comptees(Prescription.objects.order_by())).filter(
        Q(fin_le__isnull=False) | Q(abandon_le__isnull=False)
    )


def _comptees(demandes):
    """Une personne déjà en parcours au premier contact a eu son premier entretien : une orientation de plus n’y change rien."""
    ce_jour = OuterRef("premier_contact_le")
    parcours = Parcours.objects.filter(Q(sorti_le=None) | Q(sorti_le__gte=ce_jour), entre_le__lt=ce_jour)
    return demandes.exclude(Exists(parcours.filter(participant=OuterRef("participant"))))


def _mesurables(demandes):
    """Finie sans premier entretien, une demande n’attend plus rien depuis ce jour-là : l’horloge est abandonnée.

    Après un refus ou un classement, un entretien est celui de la demande suivante.
    """
    close_le = TruncDate("statut_depuis")
    jusqu_au = Case(When(statut__in=CLOSES_SANS_ENTREE, then=close_le), default=SANS_FIN)
    demandes = demandes.alias(jusqu_au=jusqu_au).annotate(objet_id=F("pk"), debut_le=F("premier_contact_le"))
    entretiens = _entretiens_informes().filter(jour__lte=OuterRef("jusqu_au"))
    return demandes.annotate(fin_le=Subquery(entretiens.values("jour")[:1])).annotate(
        abandon_le=Case(When(statut__in=sorted(FINIES), fin_le=None, then=close_le), default=AUCUNE_DATE)
    )


def _entretiens_informes():
    return Entretien.objects.informes_depuis(OuterRef("participant"), OuterRef("premier_contact_le"))


PREMIER_ENTRETIEN = declarer(
    Definition(
        code="premier_entretien",
        libelle="Premier entretien",
        court="1er entretien",
        rang=1,
        reglage="delai_premier_entretien",
        faits=faits,
        en_cours=en_cours,
        finies=finies,
        du_conseiller=lambda cle, antennes: Q(conseiller=cle) | Q(conseiller=None, antenne__in=antennes),
        de_l_antenne=lambda cle: Q(antenne=cle),
    )
)
