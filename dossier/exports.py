"""La liste des participants, exportée comme on la voit ; l’export est consigné, sans ce qui y était cherché."""

from itertools import islice

from django.utils import timezone

from dossier.liste import horloges_de
from journal.actions import consigner
from journal.models import Acte
from parcours.models import Phase
from plie import tableur

LOT = 1000
COLONNES = [("N° de dossier", 14), ("Prénom", 18), ("Nom", 22), ("Âge", 6), ("Commune", 22), ("Antenne", 20)]
COLONNES += [("Référent", 24), ("Phase", 22), ("Depuis le", 12), ("Premier entretien", 16), ("Jours", 8)]
COLONNES += [("Vu le", 12), ("Jours depuis", 12), ("Prochain rendez-vous", 18)]


def exporter(filtre, *, par):
    criteres = ", ".join(sorted(filtre.criteres)) or "tous"
    consigner(Acte.EXPORT, par=par, motif=f"participants : {criteres}{', texte' if filtre.q else ''}")
    return tableur.reponse("participants", "Participants", COLONNES, _cellules(filtre))


def _cellules(filtre):
    """Une requête pour les personnes, lue par lots, et une par lot pour leurs délais."""
    personnes = filtre.toutes().iterator(chunk_size=LOT)
    while lot := list(islice(personnes, LOT)):
        horloges = horloges_de(lot)
        for personne in lot:
            yield _ligne(personne, horloges.get(personne.pk, {}))


def _ligne(personne, horloges):
    premier, rythme = horloges.get("premier_entretien"), horloges.get("rythme_entretiens")
    rdv = personne.prochain_rdv
    return [
        personne.numero,
        personne.prenom,
        personne.nom,
        personne.age(),
        personne.lieu,
        personne.antenne.nom if personne.antenne_id else "",
        personne.referent_nom,
        Phase(personne.phase).label if personne.phase else "",
        personne.phase_du,
        _premier(premier.mesure) if premier else "",
        premier.mesure.ecoules if premier else None,
        rythme.debut_le if rythme else None,
        rythme.mesure.ecoules if rythme else None,
        timezone.localtime(rdv).replace(tzinfo=None).date() if rdv else None,
    ]


def _premier(mesure):
    if mesure.est_finie:
        return {True: "tenu", False: "rompu", None: "sans objet"}[mesure.tenue]
    return "en cours"
