"""La validité des pièces dite à la base : la même règle que `models.ajouter_mois`, pour lister sans rien charger."""

from django.db.models import DateField, Func


class AjouterMois(Func):
    """La date, un nombre de mois plus tard (date, mois) ; le 31 janvier plus un mois est le dernier jour de février."""

    arity, output_field = 2, DateField()

    def as_sqlite(self, compiler, connection, **extra):
        (date, p), (mois, q) = (compiler.compile(source) for source in self.get_source_expressions())
        exact, fin_du_mois = f"date({date}, {mois} || ' months')", f"({mois} + 1) || ' months', '-1 day'"
        return f"MIN({exact}, date({date}, 'start of month', {fin_du_mois}))", [*p, *q, *p, *q]

    def as_postgresql(self, compiler, connection, **extra):
        joint = " + make_interval(months => "
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s) AS date)", arg_joiner=joint, **extra)
