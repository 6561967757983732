"""Lister sans OFFSET ni grand COUNT : pages par clé, totaux exacts jusqu’à un plafond, comptes en une requête."""

from django.db.models import IntegerField, Q, Subquery

PAGE = 50
PLAFOND = 10_000


class Compte(Subquery):
    """Le nombre de lignes d’un QuerySet, dans une sous-requête : {nom: Compte(…)} en une seule requête.

    `plafond` arrête de compter : au-delà, le résultat vaut `plafond` + 1.
    """

    template, output_field = "(SELECT COUNT(*) FROM (%(subquery)s) compte_)", IntegerField()
    empty_result_set_value = 0  # un filtre que rien ne peut satisfaire compte zéro, et non rien

    def __init__(self, queryset, plafond=PLAFOND):
        super().__init__(queryset.order_by().values("pk")[: plafond + 1])


def combien(nombre, plafond=PLAFOND):
    """« 68 », ou « plus de 10 000 » quand le compte s’est arrêté."""
    return f"plus de {_espace(plafond)}" if nombre > plafond else _espace(nombre)


def apres(champs, valeurs):
    """Le filtre des lignes qui suivent celle de valeurs `valeurs`, dans l’ordre de `champs` (« -nom » décroît).

    Le dernier champ est unique. La première comparaison, large, laisse l’index servir.
    """
    noms = [(champ.lstrip("-"), "lt" if champ.startswith("-") else "gt") for champ in champs]
    suite, egaux = Q(pk=None), {}
    for (nom, sens), valeur in zip(noms, valeurs, strict=True):
        suite |= Q(**egaux, **{f"{nom}__{sens}": valeur})
        egaux[nom] = valeur
    premier, sens = noms[0]
    return suite & Q(**{f"{premier}__{sens}e": valeurs[0]})


def inverser(champs):
    return [champ[1:] if champ.startswith("-") else f"-{champ}" for champ in champs]


def _espace(nombre):
    return f"{nombre:,}".replace(",", "\u00a0")
