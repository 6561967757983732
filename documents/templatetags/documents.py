"""Filtres des documents : dates et heures en toutes lettres, espaces insécables, code lisible, trait de signature."""

import datetime
import re

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import mark_safe

register = template.Library()

MOIS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
ECRITURE_DE_DROITE = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
INSECABLE, FINE, COLLE, GAUCHE, COUPE = "\u00a0", "\u202f", "\u2060", "\u200e", "\u200b"

REGLES = [
    (re.compile(r"\s+([:;?!»%€])"), rf"{INSECABLE}\1"),
    (re.compile(r"«\s+"), f"«{INSECABLE}"),
    (re.compile(r"(\d) (\d{3})(?!\d)"), rf"\1{FINE}\2"),
    (re.compile(rf"\b(\d{{1,2}}|1er) ({MOIS})"), rf"\1{INSECABLE}\2"),
    (re.compile(r"\b(\d{1,2}) h\b(?: (\d\d)\b)?"), lambda m: INSECABLE.join(filter(None, (m[1], "h", m[2])))),
    (re.compile(r"\b(M\.|Mme|n°|N°|page|version) (?=\S)"), rf"\1{INSECABLE}"),
    (re.compile(r"\b(0\d) (\d\d) (\d\d) (\d\d) (\d\d)\b"), INSECABLE.join((r"\1", r"\2", r"\3", r"\4", r"\5"))),
    (re.compile(r"\b(\d+) (mois|jours|semaines|heures|minutes|ans|offres)\b"), rf"\1{INSECABLE}\2"),
    (re.compile(r"\b(\d+) sur (\d+)"), rf"\1{INSECABLE}sur{INSECABLE}\2"),
    (re.compile(r"\b(le|au|du) (?=\d)"), rf"\1{INSECABLE}"),
    (re.compile(r"\b(\d{5}) (?=[A-ZÀ-Ý])"), rf"\1{INSECABLE}"),  # le code postal et sa ville
    (re.compile(r"\b(\d+er?) (étage)"), rf"\1{INSECABLE}\2"),
    (re.compile(r"(?<=\w)-(?=[A-ZÀ-Ý]|sur-|vous\b)"), f"-{COLLE}"),  # Grande-Synthe ne se coupe pas
    (re.compile(r"'"), "’"),
    # Après un nom arabe ou hébreu, la date qui suit se lirait à l’envers sans cette marque.
    (re.compile(rf"([{ECRITURE_DE_DROITE}])(?![{ECRITURE_DE_DROITE}\s]*[{ECRITURE_DE_DROITE}])"), rf"\1{GAUCHE}"),
]


@register.filter
def coupable(nom):
    """Un nom composé, dans une colonne étroite : s’il doit se couper, c’est après le trait d’union."""
    return nom.replace("-", f"-{COUPE}")


@register.filter
def typographie(html):
    """Pose les espaces insécables et les apostrophes courbes dans le texte, jamais dans les balises."""
    morceaux = re.split(r"(<[^>]+>)", html.replace("&#x27;", "'"))
    for i in range(0, len(morceaux), 2):
        for motif, rendu in REGLES:
            morceaux[i] = motif.sub(rendu, morceaux[i])
    return mark_safe("".join(morceaux))  # noqa: S308 — le texte reçu est déjà échappé par le gabarit


def _date(moment):
    """Le jour d’une date, d’un instant (à l’heure de Paris) ou d’un texte « 2026-11-12 » relu d’un JSON."""
    if isinstance(moment, str):
        moment = datetime.datetime.fromisoformat(moment)
    if isinstance(moment, datetime.datetime):
        return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).date()
    return moment


def _jour(moment, semaine):
    jour = _date(moment)
    texte = f"{'1er' if jour.day == 1 else jour.day} {date_format(jour, 'F Y')}"
    return f"{date_format(jour, 'l')} {texte}" if semaine else texte


@register.filter
def jour(moment):
    """« jeudi 12 novembre 2026 », « mardi 1er décembre 2026 » ; reçoit une date, un instant ou « 2026-11-12 »."""
    return _jour(moment, True) if moment else ""


@register.filter
def jour_simple(moment):
    """« 12 novembre 2026 »."""
    return _jour(moment, False) if moment else ""


@register.filter
def jour_court(moment):
    """« 12 novembre », dans un tableau où l’année est connue."""
    return _jour(moment, False).rsplit(" ", 1)[0] if moment else ""


@register.filter
def jour_sans_annee(moment):
    """« jeudi 26 novembre », pour une date proche."""
    return _jour(moment, True).rsplit(" ", 1)[0] if moment else ""


@register.filter
def heure(moment):
    """« 9 h 30 », « 14 h » ; reçoit « 09:30 », une heure ou un instant."""
    if isinstance(moment, datetime.datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    texte = moment if isinstance(moment, str) else moment.strftime("%H:%M")
    heures, minutes = texte.split(":")[:2]
    return f"{int(heures)} h" + (f" {minutes}" if minutes != "00" else "")


@register.filter
def lisible(code):
    """Le code en deux groupes de cinq, pour le dicter."""
    return f"{code[:5]}-{code[5:]}"


@register.filter
def trait(chemin):
    """Le chemin SVG d’une signature s’il n’est fait que de traits et de nombres ; rien sinon."""
    return chemin if re.fullmatch(r"[MmLlHhVvCcSsQqTtAaZz0-9eE ,.+\n-]{1,60000}", chemin or "") else ""
