"""Les fichiers d’une orientation en cours de saisie.

Un fichier accepté est gardé tout de suite, avec le brouillon (`Depot`) : une erreur ailleurs dans le formulaire, une
session fermée ou un onglet perdu ne le redemandent pas. Le formulaire porte la clé de chaque fichier (`depot`), son type
(`type-<clé>`) et sa date (`date-<clé>`) : deux onglets ouverts ne mêlent donc jamais leurs pièces. À l’envoi, chaque
dépôt devient une Piece de la personne, et le dépôt s’efface.
"""

import datetime
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from comptes.models import Brouillon
from participants import dates, fichiers
from participants.fichiers import FichierRefuse
from participants.models import TypePiece, ajouter_mois
from participants.rangement import fichiers_ou_rien, ranger, retirer
from plie.historique import lire_cle
from prescriptions.models import Depot
from reglages.lecture import valeur

MAXIMUM = 20
ECRANS = ("orientation", "ouverture", "ouverture-dossier")  # les brouillons qui portent des fichiers
# Ce que le nom d’un fichier laisse deviner ; l’agent garde la main.
INDICES = {
    "identite": r"\bcni|identite|passeport|sejour",
    "accord_signe": r"accord|consentement",
    "avis_situation": r"avis.?(de.?)?situation|france.?travail|pole.?emploi",
    "attestation_rsa": r"\brsa",
    "attestation_ass": r"\bass\b",
    "domicile": r"domicile|quittance|facture|\bedf|loyer|hebergement",
    "diplome": r"diplome|\bbac|\bcap\b|\bbep",
    "attestation_caf": r"\bcaf\b",
}


@dataclass
class LigneDeDepot:
    """Un fichier de la page : ce qui en est dit, et ce qu’il reste à dire."""

    depot: Depot
    type: str = ""
    date: str = ""
    erreur: str = ""
    erreur_de_date: str = ""
    note: str = ""

    @property
    def cle(self):
        return str(self.depot.pk)


class Pieces:
    """Les fichiers d’un formulaire. `donnees` : le QueryDict posté, ou le brouillon retrouvé."""

    def __init__(self, utilisateur, donnees):
        self.utilisateur, self.refus, cles = utilisateur, [], _cles(donnees)
        depots = Depot.objects.visibles_par(utilisateur).filter(pk__in=cles).order_by("depose_le", "id")
        self.lignes = [
            LigneDeDepot(d, donnees.get(f"type-{d.pk}") or "", donnees.get(f"date-{d.pk}") or "") for d in depots
        ]
        self.perdus = len(set(cles)) - len(self.lignes)
        for ligne in self.lignes:
            self._noter(ligne)

    @property
    def perte(self):
        """Des fichiers du brouillon que l’on ne garde plus : on le dit, rien ne part sans eux par mégarde."""
        if not self.perdus:
            return ""
        jours = valeur("garde_des_depots")
        if self.perdus == 1:
            return f"Un fichier de ce brouillon n’est plus gardé ({jours} jours au plus) : joignez-le de nouveau."
        return f"{self.perdus} fichiers de ce brouillon ne sont plus gardés ({jours} jours au plus) : joignez-les de nouveau."

    @cached_property
    def types(self):
        """{code: TypePiece} de ce qui se demande ou prouve un critère ; lus s’il y a un fichier à nommer."""
        utiles = TypePiece.objects.filter(Q(obligatoire=True) | Q(criteres__isnull=False)).distinct()
        return {t.code: t for t in utiles.order_by("ordre", "libelle")}

    @property
    def choix(self):
        return [(code, t.libelle) for code, t in self.types.items()]

    @property
    def a_corriger(self):
        """Ce qui ne va pas dans les fichiers, en une phrase pour le haut du formulaire ; vide si tout va."""
        if self.refus:
            return f"{self.refus[0][0]} n’a pas pu être gardé."
        if self.perte:
            return self.perte
        fautive = next((ligne for ligne in self.lignes if ligne.erreur or ligne.erreur_de_date), None)
        return f"{fautive.depot.nom} : {fautive.erreur or fautive.erreur_de_date}" if fautive else ""

    def recevoir(self, televerses):
        """Vérifie et garde chaque fichier ; ce qui est refusé va dans `refus` avec sa raison, le reste est gardé."""
        for televerse in televerses:
            try:
                if len(self.lignes) >= MAXIMUM:
                    raise FichierRefuse(f"{MAXIMUM} fichiers au plus : réunissez plusieurs pages en un seul PDF.")
                self.lignes.append(self._garder(fichiers.valider(televerse.name, televerse)))
            except FichierRefuse as refus:
                self.refus.append((fichiers.nom_sur(televerse.name), str(refus)))

    def oublier(self, cle):
        """L’agent retire un fichier de la page."""
        for ligne in [x for x in self.lignes if x.cle == cle]:
            self.lignes.remove(ligne)
            _effacer(ligne.depot)

    def en_brouillon(self):
        """Les champs qui disent ces fichiers, tels que la page les enverrait."""
        champs = {"depot": [ligne.cle for ligne in self.lignes]}
        for ligne in self.lignes:
            champs |= {f"type-{ligne.cle}": ligne.type, f"date-{ligne.cle}": ligne.date}
        return champs

    def est_valide(self):
        """Chaque fichier a un type et une date lisible, ou dit ce qui ne va pas."""
        for ligne in self.lignes:
            if ligne.type not in self.types:
                ligne.erreur = "Dites ce que c’est."
        return not self.perdus and not any(ligne.erreur or ligne.erreur_de_date for ligne in self.lignes)

    def a_joindre(self):
        """[(TypePiece, FichierValide, date ou None)], pour `orienter`."""
        return [
            (self.types[ligne.type], ligne.depot.fichier_valide(), dates.lire(ligne.date) if ligne.date else None)
            for ligne in self.lignes
        ]

    def effacer(self):
        """Après l’envoi, dans la même transaction : les pièces ont pris le relais."""
        for ligne in self.lignes:
            _effacer(ligne.depot)

    def _garder(self, fichier):
        with fichiers_ou_rien(), transaction.atomic():
            depot = Depot(utilisateur=self.utilisateur, extension=fichier.extension, **fichier.champs())
            ranger(depot.fichier, fichier.extension, fichier.contenu)
            depot.save(force_insert=True)
        return LigneDeDepot(depot, type=type_probable(fichier.nom))

    def _noter(self, ligne):
        """Ce que la date dit de la pièce : à venir, impossible, ou trop ancienne pour servir encore."""
        if not ligne.date.strip():
            return
        date, type_piece = dates.lire(ligne.date), self.types.get(ligne.type)
        if date is None:
            ligne.erreur_de_date = "Cette date n’existe pas : jour/mois/année."
        elif date > timezone.localdate():
            ligne.erreur_de_date = "Cette date est à venir."
        elif type_piece and _perimee(type_piece, date):
            ligne.note = "un plus récent sera demandé"


def type_probable(nom):
    """Code du type de pièce que le nom du fichier annonce, ou rien."""
    plat = "".join(c for c in unicodedata.normalize("NFKD", nom.lower()) if not unicodedata.combining(c))
    plat = re.sub(r"[_\-.]+", " ", plat)
    return next((code for code, motif in INDICES.items() if re.search(motif, plat)), "")


def _perimee(type_piece, date):
    return bool(type_piece.validite_mois) and ajouter_mois(date, type_piece.validite_mois) < timezone.localdate()


def _cles(donnees):
    """Les clés de fichiers que la page porte ; ce qui n’en est pas une est ignoré."""
    valeurs = donnees.getlist("depot") if hasattr(donnees, "getlist") else donnees.get("depot") or []
    lues = (lire_cle(postee) for postee in ([valeurs] if isinstance(valeurs, str) else valeurs))
    return [cle for cle in lues if cle][:MAXIMUM]


def jeter_les_abandonnes():
    """Efface les fichiers déposés dont l’orientation n’est jamais partie, passé le délai du réglage. Rend leur nombre.

    Un brouillon repris depuis garde les siens. Le fichier part avant sa ligne : une panne entre les deux se rattrape.
    """
    limite = timezone.now() - datetime.timedelta(days=valeur("garde_des_depots"))
    en_cours = Brouillon.objects.filter(ecran__in=ECRANS, enregistre_le__gte=limite)
    attendus = {cle for brouillon in en_cours for cle in _cles(brouillon.contenu)}
    abandonnes = [depot for depot in Depot.objects.filter(depose_le__lt=limite) if depot.pk not in attendus]
    for depot in abandonnes:
        retirer(depot.fichier)
        Depot.objects.filter(pk=depot.pk).delete()
    return len(abandonnes)


def _effacer(depot):
    fichier = depot.fichier
    Depot.objects.filter(pk=depot.pk).delete()
    transaction.on_commit(lambda: retirer(fichier), robust=True)
