"""Qui suit quels délais : chaque conseiller les siens, la responsable et les Statistiques tous."""

from comptes.models import Role

SUIVENT = (Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES)
SUIVENT_TOUT = (Role.RESPONSABLE, Role.STATISTIQUES)


def voit_tout(utilisateur):
    return utilisateur.a_role(*SUIVENT_TOUT)


def courantes_de(utilisateur, definition, le=None):
    """Les horloges qui courent et que `utilisateur` suit, chronométrées."""
    horloges = definition.courantes(le)
    if voit_tout(utilisateur):
        return horloges
    return horloges.filter(definition.du_conseiller(utilisateur.pk, utilisateur.antennes_de(Role.CONSEILLER)))


def finies_de(utilisateur, definition):
    horloges = definition.finies()
    return horloges if voit_tout(utilisateur) else horloges.filter(conseiller=utilisateur)
