"""Les jours d’une horloge et ses arrêts (2-domaine, « Clocks »), comptés par la base : lister et rappeler sans rien charger.

Une limite de 30 jours à partir de J est J + 30, ce jour compris. Un arrêt fermé repousse l’échéance de sa durée (les
recouvrements comptent une fois) ; un arrêt ouvert la suspend. Un arrêt ne compte qu’entre le début et le plus petit de
la fin et de la limite. tests/horloges/oracle.py redit la règle sans base, pour comparer.

Les arrêts sont lus par deux expressions écrites en SQL : imbriquées en sous-requêtes de l’ORM, elles coûtaient plus à
composer qu’à exécuter, à chaque page.
"""

from django.db.models import BooleanField, Case, DateField, F, Func, IntegerField, Value, When
from django.db.models.functions import Cast, Coalesce

from horloges.models import Arret
from reglages.lecture import paliers

DATE = DateField()
AUCUNE_DATE = Cast(Value(None), DATE)


class JoursApres(Func):
    """La date, un nombre de jours plus tard (date, jours)."""

    arity, output_field = 2, DATE

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


class DesArrets(Func):
    """Base des expressions qui lisent les arrêts d’une horloge (participant_id, debut_le, dernier_jour, fini_le)."""

    arity = 4
    MOTS = {"sqlite": ("MAX", "MIN", "julianday({}) - julianday({})"), "postgresql": ("GREATEST", "LEAST", "{} - {}")}

    def __init__(self, code, *sources, le=None, **extra):
        self.code, self.le = code, le
        super().__init__(*sources, **extra)

    def as_sql(self, compiler, connection, **extra):
        """Le texte du modèle, où chaque {morceau} devient le SQL d’une source ; les paramètres suivent l’ordre du texte."""
        sources = dict(zip(("personne", "debut", "dernier", "fini"), self.get_source_expressions(), strict=True))
        compiles = {nom: compiler.compile(source) for nom, source in sources.items()}
        plus_grand, plus_petit, ecart = self.MOTS[connection.vendor]
        fixes = {
            "arret": connection.ops.quote_name(Arret._meta.db_table),
            "plus_grand": plus_grand,
            "plus_petit": plus_petit,
            "ecart": ecart.format("s.finit", "s.commence"),
        }
        compiles |= {
            "code": ("%s", [self.code]),
            "le": ("CAST(%s AS date)" if connection.vendor == "postgresql" else "%s", [self.le]),
        }
        morceaux, params = [], []
        for morceau in self.modele.split("|"):
            if morceau in compiles:
                sql, siens = compiles[morceau]
                morceaux.append(sql)
                params += siens
            else:
                morceaux.append(fixes.get(morceau, morceau))
        return "".join(morceaux), params


class JoursArretes(DesArrets):
    """Jours arrêtés entre le début et le plus petit de la fin et de la limite, recouvrements comptés une fois.

    Un arrêt ouvert va jusqu’à la fin d’une horloge finie ; tant qu’elle court, il ne compte pas : il la suspend.
    """

    output_field = IntegerField()
    modele = (
        "(SELECT CAST(COALESCE(SUM(CASE WHEN s.finit > s.commence THEN |ecart| ELSE 0 END), 0) AS integer) FROM "
        "(SELECT |plus_grand|(a.du, |debut|, COALESCE(MAX(COALESCE(a.au, |fini|, a.du)) OVER "
        "(ORDER BY a.du, a.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), a.du)) AS commence, "
        "|plus_petit|(COALESCE(a.au, |fini|, a.du), COALESCE(|fini|, |dernier|), |dernier|) AS finit "
        "FROM |arret| a WHERE a.participant_id = |personne| AND a.horloge = |code|) s)"
    )


class EstArretee(DesArrets):
    """Vrai si un arrêt ouvert suspend une horloge qui court le jour `le`."""

    output_field, conditional = BooleanField(), True
    modele = (
        "(|fini| IS NULL AND EXISTS (SELECT 1 FROM |arret| a WHERE a.participant_id = |personne| "
        "AND a.horloge = |code| AND a.au IS NULL AND a.du <= |plus_petit|(|le|, |dernier|)))"
    )


def chronometrer(horloges, code, reglage, le):
    """Ajoute à un QuerySet d’horloges (debut_le, fin_le, abandon_le, participant_id) ce que la règle en dit le jour `le` :

    `limite` (jours, celle en vigueur au début), `arretes` (jours expliqués), `arretee` (un arrêt ouvert la suspend)
    et `echeance` (date ; à ne pas lire quand elle est arrêtée).
    """
    horloges = limiter(horloges, reglage).alias(
        fini_le=Coalesce(F("fin_le"), F("abandon_le")), dernier_jour=JoursApres(F("debut_le"), F("limite"))
    )
    sources = (F("participant_id"), F("debut_le"), F("dernier_jour"), F("fini_le"))
    return horloges.annotate(
        arretes=JoursArretes(code, *sources),
        arretee=EstArretee(code, *sources, le=le.isoformat()),
        echeance=JoursApres(F("dernier_jour"), F("arretes")),
    )


def limiter(horloges, reglage):
    """Ajoute `limite` : la valeur du réglage en vigueur le jour où l’horloge part."""
    (_, valeur), *changements = paliers(reglage)
    cas = [When(debut_le__gte=du, then=Value(jours)) for du, jours in reversed(changements)]
    if not cas:
        return horloges.annotate(limite=Value(valeur, IntegerField()))
    return horloges.annotate(limite=Case(*cas, default=Value(valeur), output_field=IntegerField()))
