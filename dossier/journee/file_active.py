"""La file active en une bande : combien de personnes par phase, pour combien de places."""

from django.urls import reverse

from parcours.models import Phase
from plie.templatetags.interface import compte

LARGEUR = 700  # unités du dessin
COURTS = {Phase.COMPETENCE: "Compétences"}


def bande(horloges, cible):
    """`horloges` : celles du rythme portent la phase de chaque personne suivie. `cible` : places d’un référent."""
    phases = [h.phase for h in horloges if h.code == "rythme_entretiens"]
    total, x, parts = len(phases), 0, []
    places = max(total, cible)
    for rang, phase in enumerate(Phase, 1):
        nombre = phases.count(phase)
        largeur = round(LARGEUR * nombre / places) if places else 0
        parts.append(
            {
                "rang": rang,
                "nombre": nombre,
                "nom": COURTS.get(phase, phase.label),
                "x": x,
                "largeur": max(largeur - 3, 0),
                "url": reverse("dossier:participants") + f"?phase={phase.value}",
            }
        )
        x += largeur
    return {"total": total, "cible": cible, "parts": parts, "phrase": _phrase(cible - total)}


def _phrase(libres):
    if libres > 0:
        return f"{compte(libres, 'place libre')}."
    return "Aucune place libre." if libres == 0 else f"{compte(-libres, 'personne')} de plus que la cible."
