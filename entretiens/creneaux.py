"""Créneaux : les horaires, les jours fériés, ce qui est libre, et ce qui fait hésiter sans empêcher."""

import datetime
import functools

import holidays
from django.db.models import Q
from django.utils import timezone

from entretiens.models import RendezVous, StatutRendezVous
from plie.instants import a
from plie.templatetags.interface import date_courte, date_longue, heure

OUVERTURE, FERMETURE = datetime.time(8, 30), datetime.time(18)
DEBUTS = [datetime.time(h) for h in (9, 10, 11, 14, 15, 16)]
CIBLES = (14, 21, 28, 34)  # jours après l’entretien où un prochain rendez-vous est proposé
VITE = (0, 0, 0, 0)  # au plus tôt : quand un premier entretien est attendu
HORIZON = datetime.timedelta(120)  # agenda lu pour proposer du libre
RECHERCHE = 45  # jours parcourus, au plus, pour trouver du libre
PRESQUE = 3  # jours avant la limite où un créneau est « juste »
JOUR = datetime.timedelta(1)
LOINTAIN = datetime.timedelta(366)


def ferie(jour):
    """Le nom du jour férié, ou rien."""
    return _feries(jour.year).get(jour, "")


def est_ouvre(jour):
    return jour.weekday() < 5 and not ferie(jour)


def prevus_autour(conseiller, participant, du, au):
    """Rendez-vous prévus de l’un ou de l’autre entre deux jours compris : une requête, par l’agenda et par le dossier."""
    return RendezVous.objects.filter(
        Q(conseiller=conseiller) | Q(participant=participant),
        statut=StatutRendezVous.PREVU,
        debut__gte=a(du),
        debut__lt=a(au + JOUR),
    ).order_by("debut")


def doutes(conseiller, participant, debut, duree, *, sauf=None):
    """Ce qui fait hésiter sur un rendez-vous, en phrases. Rien de tout cela n’empêche : on confirme.

    debut : instant ; duree : minutes ; sauf : rendez-vous que l’on déplace.
    """
    jour, fin = timezone.localdate(debut), debut + datetime.timedelta(minutes=duree)
    debut_local, fin_local = timezone.localtime(debut), timezone.localtime(fin)
    phrases = []
    if jour > timezone.localdate() + LOINTAIN:
        phrases.append(f"Le {date_longue(jour)} est dans plus d’un an : vérifiez l’année.")
    if nom := ferie(jour):
        phrases.append(f"Le {date_longue(jour)} est férié ({nom}).")
    elif jour.weekday() >= 5:
        phrases.append(f"Le {date_longue(jour)}, l’antenne est fermée.")
    if debut_local.time() < OUVERTURE or fin_local.time() > FERMETURE or fin_local.date() != jour:
        phrases.append(
            f"De {heure(debut)} à {heure(fin)} : hors des horaires, {heure(OUVERTURE)} à {heure(FERMETURE)}."
        )
    for autre in prevus_autour(conseiller, participant, jour, jour):
        if autre.pk == getattr(sauf, "pk", None) or autre.fin <= debut or autre.debut >= fin:
            continue
        quand = f"de {heure(autre.debut)} à {heure(autre.fin)}"
        if autre.participant_id == participant.pk:
            phrases.append(f"Cette personne a déjà un rendez-vous {quand}.")
        else:
            phrases.append(f"{conseiller} a déjà un rendez-vous {quand}.")
    return phrases


def proposer(occupes, *, depuis, duree, limite, vers=None, cibles=CIBLES):
    """Quatre créneaux libres, du plus proche au plus lointain, avec le jour du délai qu’ils seraient.

    occupes : rendez-vous déjà prévus ; depuis : jour d’où court le délai ; duree : minutes ; limite : jours ;
    vers : heure que la personne a d’habitude. Rend des dict pour components/creneaux.html, et `debut` (instant).
    """
    trouves, demain = [], timezone.localdate() + JOUR
    for cible in cibles:
        jour = max(depuis + cible * JOUR, demain)
        if trouves:
            jour = max(jour, timezone.localdate(trouves[-1]) + JOUR)
        if libre := _premier_libre(occupes, jour, duree, vers or DEBUTS[0]):
            trouves.append(libre)
    return [decrire(debut, depuis=depuis, limite=limite) for debut in trouves]


def decrire(debut, *, depuis, limite):
    """Un créneau tel qu’il s’affiche : son jour du délai, et s’il le tient."""
    jours = (timezone.localdate(debut) - depuis).days
    if jours > limite:
        etat, precision = "retard", "hors délai"
    elif limite - jours <= PRESQUE:
        etat, precision = "attention", "à la limite du délai"
    else:
        etat, precision = "ok", "dans le délai"
    return {
        "debut": debut,
        "valeur": f"{timezone.localtime(debut):%Y-%m-%dT%H:%M}",
        "texte": f"{date_courte(debut)}, {heure(debut)}",
        "jour": f"J+{jours}",
        "etat": etat,
        "precision": precision,
    }


def _premier_libre(occupes, jour, duree, vers):
    proches = sorted(DEBUTS, key=lambda h: abs((h.hour - vers.hour) * 60 + h.minute - vers.minute))
    for ecart in range(RECHERCHE):
        essai = jour + ecart * JOUR
        if not est_ouvre(essai):
            continue
        for moment in proches:
            debut = a(essai, moment)
            fin = debut + datetime.timedelta(minutes=duree)
            if not any(o.debut < fin and o.fin > debut for o in occupes):
                return debut
    return None


@functools.lru_cache(maxsize=16)
def _feries(annee):
    return holidays.country_holidays("FR", years=annee, language="fr")
