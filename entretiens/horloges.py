"""Le rythme des entretiens [F] : du dernier entretien clos au suivant, tant que le parcours est ouvert."""

from django.db.models import F, OuterRef, Q, Subquery, UUIDField
from django.db.models.functions import Coalesce, Greatest

from entretiens.models import Entretien
from horloges.registre import Definition, declarer
from horloges.sql import AUCUNE_DATE
from parcours.models import Affectation, Parcours, StatutParcours


def faits(participants):
    """L’horloge qui court pour ces personnes ; les intervalles passés sont dans `finies`."""
    return en_cours().filter(participant__in=participants)


def en_cours():
    """Une horloge par parcours en cours ; avant le premier entretien du parcours, elle part de l’entrée.

    `objet_id` est ce qui l’a fait partir : l’entretien, ou le parcours.
    """
    dernier = Entretien.objects.clos().filter(participant=OuterRef("participant")).order_by("-jour", "-id")
    referent = Affectation.objects.filter(participant=OuterRef("participant"), au=None)
    return (
        Parcours.objects.filter(statut=StatutParcours.EN_COURS)
        .order_by()
        .annotate(
            objet_id=Coalesce(Subquery(dernier.values("pk")[:1]), F("pk")),
            debut_le=Greatest(F("entre_le"), Coalesce(Subquery(dernier.values("jour")[:1]), F("entre_le"))),
            fin_le=AUCUNE_DATE,
            abandon_le=AUCUNE_DATE,
            conseiller_id=Subquery(referent.values("conseiller")[:1], output_field=UUIDField()),
            antenne_id=F("participant__antenne"),
        )
    )


def finies():
    """Les intervalles entre deux entretiens clos d’un même parcours (le premier compte depuis l’entrée)."""
    dans_un_parcours = Q(participant__parcours__entre_le__lte=F("jour")) & (
        Q(participant__parcours__sorti_le=None) | Q(participant__parcours__sorti_le__gte=F("jour"))
    )
    precedents = Entretien.objects.clos().filter(participant=OuterRef("participant"))
    precedents = precedents.filter(Q(jour__lt=OuterRef("jour")) | Q(jour=OuterRef("jour"), pk__lt=OuterRef("pk")))
    entree = F("participant__parcours__entre_le")
    return (
        Entretien.objects.clos()
        .filter(dans_un_parcours)
        .order_by()
        .annotate(
            objet_id=F("pk"),
            debut_le=Greatest(
                entree, Coalesce(Subquery(precedents.order_by("-jour", "-id").values("jour")[:1]), entree)
            ),
            fin_le=F("jour"),
            abandon_le=AUCUNE_DATE,
            antenne_id=F("participant__antenne"),
        )
    )


RYTHME = declarer(
    Definition(
        code="rythme_entretiens",
        libelle="Rythme des entretiens",
        court="Rythme",
        rang=6,
        reglage="rythme_entretiens",
        faits=faits,
        en_cours=en_cours,
        finies=finies,
        du_conseiller=lambda cle, antennes: Q(
            participant__affectations__conseiller=cle, participant__affectations__au=None
        ),
        de_l_antenne=lambda cle: Q(participant__antenne=cle),
    )
)
