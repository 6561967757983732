"""Sceller : enchaîner par blocs les lignes qu’aucun bloc ne tient, et vérifier la chaîne."""

import hashlib
import json
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from journal.models import Bloc, Ligne, LigneScellee

ORIGINE = "0" * 64
TAILLE_D_UN_BLOC = 5000


@dataclass(frozen=True)
class Defaut:
    ligne_id: int
    raison: str


def sceller():
    """Scelle tout ce qu’aucun bloc ne tient, par blocs de 5 000. Rend le nombre de lignes scellées.

    Jamais « id > dernier » : une transaction lente peut écrire un identifiant plus petit après coup. Deux scellements
    en même temps se disputent le même numéro de bloc ; le perdant s’arrête, le prochain passage reprend.
    """
    total = 0
    while nombre := _sceller_un_bloc():
        total += nombre
    return total


def _sceller_un_bloc():
    libres = Ligne.objects.filter(~Exists(LigneScellee.objects.filter(ligne_id=OuterRef("pk"))))
    try:
        with transaction.atomic():
            dernier = Bloc.objects.order_by("-numero").first()
            lignes = list(libres.order_by("id")[:TAILLE_D_UN_BLOC])
            if not lignes:
                return 0
            precedente = origine = dernier.empreinte if dernier else ORIGINE
            scellees = []
            for rang, ligne in enumerate(lignes):
                empreinte = _enchainer(precedente, ligne)
                scellees.append(LigneScellee(rang=rang, ligne_id=ligne.pk, empreinte=empreinte, precedente=precedente))
                precedente = empreinte
            bloc = Bloc.objects.create(
                numero=dernier.numero + 1 if dernier else 1,
                nombre=len(lignes),
                precedente=origine,
                empreinte=precedente,
            )
            for scellee in scellees:
                scellee.bloc = bloc
            LigneScellee.objects.bulk_create(scellees, batch_size=1000)
            return len(lignes)
    except IntegrityError:
        return 0


def verifier():
    """Relit toute la chaîne et rend la liste des défauts (ligne modifiée, manquante, bloc rompu) ; vide si tout est sain."""
    defauts, attendue = [], ORIGINE
    for bloc in Bloc.objects.order_by("numero"):
        if bloc.precedente != attendue:
            defauts.append(Defaut(0, f"le bloc {bloc.numero} ne suit pas le précédent"))
        scellees = list(bloc.lignes.order_by("rang"))
        lignes = Ligne.objects.in_bulk([s.ligne_id for s in scellees])
        precedente = bloc.precedente
        for scellee in scellees:
            ligne = lignes.get(scellee.ligne_id)
            if ligne is None:
                defauts.append(Defaut(scellee.ligne_id, "ligne manquante"))
            elif _enchainer(scellee.precedente, ligne) != scellee.empreinte:
                defauts.append(Defaut(scellee.ligne_id, "ligne modifiée"))
            if scellee.precedente != precedente:
                defauts.append(Defaut(scellee.ligne_id, "chaîne rompue"))
            precedente = scellee.empreinte
        if precedente != bloc.empreinte or len(scellees) != bloc.nombre:
            defauts.append(Defaut(0, f"le bloc {bloc.numero} est incomplet"))
        attendue = bloc.empreinte
    return defauts


def _enchainer(precedente, ligne):
    contenu = [
        ligne.pk,
        ligne.le.isoformat(),
        str(ligne.auteur_id),
        ligne.tache,
        ligne.acte,
        ligne.objet_type,
        str(ligne.objet_id),
        str(ligne.participant_id),
        ligne.champs,
        ligne.empreinte,
        ligne.motif,
    ]
    return hashlib.sha256((precedente + json.dumps(contenu, sort_keys=True)).encode()).hexdigest()
