"""La file exportée comme on la voit."""

from django.http import FileResponse
from django.utils import timezone

from journal.actions import consigner
from journal.models import Acte
from partenaires.models import GENRES_DISCRETS
from prescriptions import suivi
from prescriptions.exports import LOT, classeur

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLONNES = [
    ("N° de demande", 16),
    ("N° de dossier", 14),
    ("Prénom", 18),
    ("Nom", 22),
    ("Commune", 20),
    ("Antenne", 18),
    ("État", 16),
    ("Depuis le", 12),
    ("À qui le tour", 22),
    ("Premier contact", 14),
    ("Premier entretien", 14),
    ("Orientée par", 28),
    ("Conseiller", 22),
    ("Entrée prévue", 14),
]


def exporter(filtre, *, par):
    """La réponse qui porte le classeur ; l’export est consigné."""
    fichier, nombre = classeur("Prescriptions", COLONNES, _lignes(filtre))
    consigner(Acte.EXPORT, par=par, motif=f"Prescriptions, {filtre.vue.nom} : {nombre} lignes")
    nom = f"prescriptions-{filtre.vue.code}-{timezone.localdate():%Y-%m-%d}.xlsx"
    return FileResponse(fichier, as_attachment=True, filename=nom, content_type=XLSX)


def _lignes(filtre):
    """Une requête pour les demandes, une par lot pour leurs horloges."""
    lot = []
    for demande in filtre.demandes().avec_dossier().iterator(chunk_size=LOT):
        lot.append(demande)
        if len(lot) == LOT:
            yield from _cellules(lot)
            lot = []
    yield from _cellules(lot)


def _cellules(lot):
    mesures = suivi.horloges_de(lot)
    for p in lot:
        mesure, personne = mesures.get(p.pk), p.participant
        yield [
            p.numero,
            personne.numero,
            personne.prenom,
            personne.nom,
            personne.lieu,
            p.antenne or "",
            p.get_statut_display(),
            p.statut_depuis,
            suivi.tour_court(p),
            p.premier_contact_le,
            (mesure and mesure.fin) or "",
            _organisation(p.organisation),
            p.conseiller or "",
            p.entree_prevue_le or "",
        ]


def _organisation(organisation):
    """Un prescripteur dont le genre révèle une situation ne sort pas de l’application [F]."""
    if organisation is None:
        return ""
    return organisation.genre_public if organisation.genre in GENRES_DISCRETS else organisation.nom
