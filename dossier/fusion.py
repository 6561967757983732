"""Deux personnes ont modifié les mêmes coordonnées : réunir ce qui ne se contredit pas, montrer le reste (RE1)."""

from dataclasses import dataclass

from django.utils.text import capfirst


@dataclass(frozen=True)
class Conflit:
    champ: str
    nom: str
    mien: object
    sien: object


def reunir(identite, participant, version):
    """(identité réunie, [Conflit]) : `identite` a été tapée sur la version `version` ; `participant` est à jour.

    Ce que je n’ai pas touché garde la valeur de l’autre ; ce qu’il n’a pas touché prend la mienne.
    """
    base = participant.history.filter(version=version).order_by("history_id").last()
    reunie, conflits = {}, []
    for champ, mien in identite.items():
        sien = getattr(participant, champ)
        depart = getattr(base, f"{champ}_id" if hasattr(mien or sien, "pk") else champ, None) if base else None
        if _cle(mien) == _cle(sien) or (base and _cle(mien) == depart):
            reunie[champ] = sien
        elif base and _cle(sien) == depart:
            reunie[champ] = mien
        else:
            reunie[champ] = mien
            nom = str(participant._meta.get_field(champ).verbose_name)
            conflits.append(Conflit(champ, capfirst(nom), mien or "vide", sien or "vide"))
    return reunie, conflits


def _cle(valeur):
    return getattr(valeur, "pk", valeur)
