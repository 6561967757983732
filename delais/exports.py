"""La liste des délais, exportée comme on la voit ; l’export est consigné."""

from horloges.calcul import Etat
from journal.actions import consigner
from journal.models import Acte
from plie import tableur

COLONNES = [("N° de dossier", 14), ("Personne", 28), ("Engagement", 24), ("Début", 12), ("Fin", 12)]
COLONNES += [("Jours écoulés", 12), ("Limite (jours)", 12), ("Jours expliqués", 14), ("Dernier jour", 12)]
COLONNES += [("État", 14), ("Conseiller", 24), ("Antenne", 20), ("Prochain rendez-vous", 18)]
ETATS = {
    Etat.COURT: "en cours",
    Etat.PRESSE: "se termine",
    Etat.EN_RETARD: "en retard",
    Etat.ARRETEE: "arrêté",
    Etat.TENUE: "tenu",
    Etat.ROMPUE: "rompu",
    Etat.SANS_OBJET: "sans objet",
    Etat.INCOHERENTE: "à corriger",
}


def exporter(filtre, *, par):
    consigner(Acte.EXPORT, par=par, motif=f"délais : {filtre.vue.nom.lower()}")
    return tableur.reponse(f"delais-{filtre.vue.code}", "Délais", COLONNES, _cellules(filtre))


def _cellules(filtre):
    for ligne in filtre.toutes():
        mesure = ligne.mesure
        yield [
            ligne.dossier_numero,
            ligne.personne,
            ligne.definition.libelle,
            mesure.debut,
            ligne.fin_le or ligne.abandon_le,
            mesure.ecoules,
            mesure.limite,
            mesure.arretes or None,
            mesure.echeance,
            ETATS[mesure.etat],
            ligne.conseiller_nom,
            ligne.antenne_nom,
            ligne.prochain_rdv,
        ]
