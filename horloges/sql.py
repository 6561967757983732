"""Les mêmes règles que `calcul.mesurer`, dites à la base : pour lister et rappeler sans rien charger."""

from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from horloges.models import Arret
from reglages.lecture import paliers

DATE = DateField()
AUCUNE_DATE = Cast(Value(None), DATE)


class JoursApres(Func):
    """La date, un nombre de jours plus tard (date, jours)."""

    arity, output_field = 2, DateField()

    def as_sqlite(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template="date(%(expressions)s || ' days')", **extra)

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(
            compiler, connection, template="(%(expressions)s AS integer))", arg_joiner=" + CAST(", **extra
        )


class Ecart(Func):
    """Nombre de jours de la seconde date à la première (fin, début)."""

    arity, output_field = 2, IntegerField()

    def as_sqlite(self, compiler, connection, **extra):
        return self.as_sql(
            compiler, connection, template="CAST(julianday(%(expressions)s) AS integer)", arg_joiner=") - julianday("
        )

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" - ", **extra)


def chronometrer(horloges, code, reglage, le):
    """Ajoute à un QuerySet d’horloges (debut_le, fin_le, abandon_le, participant_id) ce que la règle en dit le jour `le` :

    `limite` (jours, celle en vigueur au début), `arretes` (jours expliqués), `arretee` (un arrêt ouvert la suspend)
    et `echeance` (date ; à ne pas lire quand elle est arrêtée).
    """
    horloges = limiter(horloges, reglage).alias(fini_le=Coalesce(F("fin_le"), F("abandon_le")))
    horloges = horloges.alias(dernier_jour=JoursApres(F("debut_le"), F("limite")))
    arrets = Arret.objects.filter(participant=OuterRef("participant_id"), horloge=code).order_by()
    return horloges.annotate(
        arretes=Coalesce(Subquery(_jours(arrets)), 0),
        arretee=Exists(arrets.filter(au=None, du__lte=Least(Value(le), OuterRef("dernier_jour"), output_field=DATE)))
        & Q(fini_le=None),
        echeance=JoursApres(F("dernier_jour"), F("arretes")),
    )


def limiter(horloges, reglage):
    """Ajoute `limite` : la valeur du réglage en vigueur le jour où l’horloge part."""
    (_, valeur), *changements = paliers(reglage)
    cas = [When(debut_le__gte=du, then=Value(jours)) for du, jours in reversed(changements)]
    return horloges.annotate(limite=Case(*cas, default=Value(valeur), output_field=IntegerField()))


def _jours(arrets):
    """Somme des jours arrêtés entre le début et le plus petit de la fin et de la limite, recouvrements comptés une fois.

    Un arrêt ouvert va jusqu’à la fin d’une horloge finie ; tant qu’elle court, il ne compte pas : il la suspend.
    """
    meme_horloge = Arret.objects.filter(participant=OuterRef("participant"), horloge=OuterRef("horloge"))
    plus_tot = meme_horloge.filter(Q(du__lt=OuterRef("du")) | Q(du=OuterRef("du"), pk__lt=OuterRef("pk"))).order_by()
    jusque = plus_tot.values("participant").annotate(m=Max(_fin(OuterRef(OuterRef("fini_le"))))).values("m")
    arrets = arrets.annotate(
        commence=Greatest(
            F("du"), OuterRef("debut_le"), Coalesce(Subquery(jusque), F("du"), output_field=DATE), output_field=DATE
        ),
        finit=Least(
            _fin(OuterRef("fini_le")),
            Coalesce(OuterRef("fini_le"), OuterRef("dernier_jour"), output_field=DATE),
            OuterRef("dernier_jour"),
            output_field=DATE,
        ),
    )
    jours = Case(When(finit__gt=F("commence"), then=Ecart(F("finit"), F("commence"))), default=Value(0))
    return arrets.values("participant").annotate(total=Sum(jours)).values("total")


def _fin(fini_le):
    return Case(When(au=None, then=Coalesce(fini_le, F("du"), output_field=DATE)), default=F("au"), output_field=DATE)
