"""Qui suit quels délais : chaque conseiller les siens, la responsable et les Statistiques tous."""

from comptes.models import Role

SUIVENT = (Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES)
SUIVENT_TOUT = (Role.RESPONSABLE, Role.STATISTIQUES)


def voit_tout(utilisateur):
    return utilisateur.a_role(*SUIVENT_TOUT)


def siennes(utilisateur, definition, horloges):
    """Parmi des horloges qui courent, celles que `utilisateur` suit."""
    if voit_tout(utilisateur):
        return horloges
    return horloges.filter(definition.du_conseiller(utilisateur.pk, utilisateur.antennes_de(Role.CONSEILLER)))


def finies_de(utilisateur, definition):
    horloges = definition.finies()
    return horloges if voit_tout(utilisateur) else horloges.filter(conseiller=utilisateur)
