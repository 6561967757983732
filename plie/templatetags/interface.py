"""Balises et filtres de l’interface : icônes, états, horloges, dates en toutes lettres, typographie.

Le module est déclaré parmi les `builtins` des gabarits : aucune page n’a besoin de le charger.
"""

import difflib
import functools
import re
from datetime import UTC, date, datetime

from django import forms, template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe

register = template.Library()

JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
MOIS_COURTS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
INSECABLE = "\u00a0"
ICONE_PAR_ETAT = {
    "ok": "circle-check",
    "attention": "alert-triangle",
    "retard": "circle-x",
    "info": "info-circle",
    "neutre": "circle-dashed",
    "prive": "lock",
}
ETAT_PAR_NIVEAU = {"success": "ok", "info": "info", "debug": "neutre", "warning": "attention", "error": "retard"}
TOUCHES = {
    "enter": "⏎", "ctrl+enter": "Ctrl ⏎", "arrowright": "→", "arrowleft": "←", "arrowdown": "↓", "arrowup": "↑",
    "escape": "Échap",
}  # fmt: skip

TOUCHES_ARIA = {
    "ctrl": "Control", "enter": "Enter", "escape": "Escape", "arrowright": "ArrowRight", "arrowleft": "ArrowLeft",
    "arrowdown": "ArrowDown", "arrowup": "ArrowUp",
}  # fmt: skip


# Icônes et états ---------------------------------------------------------------


@functools.lru_cache(maxsize=1024)
def _icone(nom, classe):
    adresse = static("genere/icones.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classe, adresse, nom)


MUETTE = re.compile(r"[aàâäeéèêëiîïoôöœæuùûüy]|h[eéiy]|hôte", re.I)


@register.simple_tag
def icone(nom, etat="", titre=""):
    """{% icone "bell" %} : décorative ; avec `titre`, le mot est donné aux lecteurs d’écran."""
    dessin = _icone(nom, f"icone e-{etat}" if etat else "icone")
    return format_html('{}<span class="visually-hidden">{}</span>', dessin, titre) if titre else dessin


@register.simple_tag(takes_context=True)
def script(context, fichier):
    """{% script "brouillon.js" %} : un de nos modules, sous static/js/."""
    jeton = getattr(context.get("request"), "csp_nonce", "")
    return format_html('<script type="module" src="{}" nonce="{}"></script>', static(f"js/{fichier}"), jeton)


@register.filter
def icone_d_etat(etat):
    return ICONE_PAR_ETAT.get(etat, "circle-dashed")


@register.simple_tag
def puce(texte, etat="neutre", icone=""):
    """{% puce "Clos et signé" "ok" %} : un état dans une liste, icône et mot."""
    return format_html(
        '<span class="puce e-{}">{}{}</span>', etat, _icone(icone or icone_d_etat(etat), "icone"), texte
    )


@register.simple_tag
def etat(texte, etat="neutre", icone=""):
    """{% etat "Conforme" "ok" %} : un état dans un texte ou une cellule."""
    return format_html(
        '<span class="etat e-{}">{}{}</span>', etat, _icone(icone or icone_d_etat(etat), "icone"), texte
    )


@register.filter
def classe_de_bouton(genre):
    """principal, second, refus ou nu"""
    return {"principal": "btn btn-primary", "refus": "btn btn-refus", "nu": "btn-nu"}.get(genre, "btn btn-second")


@register.filter
def part(valeur, total):
    """Part de `valeur` dans `total`, entière, de 0 à 100 : l’arc d’une horloge, la longueur d’une barre."""
    try:
        return max(0, min(100, round(100 * float(valeur) / float(total))))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0


ANNEAU = mark_safe(
    '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9" pathLength="100"/>'
    '<circle cx="12" cy="12" r="9" pathLength="100" stroke-dasharray="{} 100"/></svg>'
)


@register.simple_tag
def horloge(objet=None, **champs):
    """Un délai : « J+27 de 30 » et son anneau, ou une icône si l’horloge est arrivée à son terme.

    Lit sur `objet` (attributs ou clés), ou dans les arguments : `jours` et `limite` (jours), `etat`
    (ok, attention, retard, info, neutre), `nom`, `detail`, `texte` (au lieu de « J+… »), `terminee`.
    """

    def lire(nom, defaut=""):
        if nom in champs:
            return champs[nom]
        valeur = objet.get(nom, defaut) if isinstance(objet, dict) else getattr(objet, nom, defaut)
        return defaut if valeur is None else valeur

    couleur, jours, limite = lire("etat", "info"), lire("jours", None), lire("limite", None)
    if lire("terminee", False):
        dessin, texte = _icone(icone_d_etat(couleur), "icone"), lire("texte")
    else:
        dessin = format_html(ANNEAU, part(jours, limite))
        texte = lire("texte") or (f"J+{jours} de {limite}" if limite is not None else "")
    intitule = " ".join(str(morceau) for morceau in (lire("nom"), texte) if morceau)
    precision = lire("detail")
    detail = format_html("<span>{}</span>", precision) if precision else ""
    return format_html('<span class="horloge e-{}">{}<span>{}{}</span></span>', couleur, dessin, intitule, detail)


# Dates et heures -----------------------------------------------------------------


def _local(valeur):
    if isinstance(valeur, datetime) and timezone.is_aware(valeur):
        return timezone.localtime(valeur)
    return valeur


def _jour(valeur):
    valeur = _local(valeur)
    return valeur.date() if isinstance(valeur, datetime) else valeur


def _quantieme(jour):
    return "1er" if jour.day == 1 else str(jour.day)


def _avec_annee(texte, jour):
    return texte if jour.year == timezone.localdate().year else f"{texte} {jour.year}"


def _sur_une_date(fonction):
    """Une valeur absente donne un texte vide : le gabarit n’a pas à la tester."""

    @functools.wraps(fonction)
    def filtre(valeur):
        return fonction(valeur) if isinstance(valeur, date) else ""

    return filtre


@register.filter
@_sur_une_date
def date_longue(valeur):
    """lundi 23 novembre 2026"""
    jour = _jour(valeur)
    return f"{JOURS[jour.weekday()]} {_quantieme(jour)} {MOIS[jour.month - 1]} {jour.year}"


@register.filter
@_sur_une_date
def date_courte(valeur):
    """lun. 23 nov., avec l’année si ce n’est pas la nôtre"""
    jour = _jour(valeur)
    return _avec_annee(f"{JOURS[jour.weekday()][:3]}. {_quantieme(jour)} {MOIS_COURTS[jour.month - 1]}", jour)


@register.filter
@_sur_une_date
def jour_mois(valeur):
    """23 novembre, avec l’année si ce n’est pas la nôtre"""
    jour = _jour(valeur)
    return _avec_annee(f"{_quantieme(jour)} {MOIS[jour.month - 1]}", jour)


@register.filter
@_sur_une_date
def jour_court(valeur):
    """23 nov., avec l’année si ce n’est pas la nôtre"""
    jour = _jour(valeur)
    return _avec_annee(f"{_quantieme(jour)} {MOIS_COURTS[jour.month - 1]}", jour)


@register.filter
@_sur_une_date
def mois_annee(valeur):
    """Novembre 2026"""
    jour = _jour(valeur)
    return f"{MOIS[jour.month - 1].capitalize()} {jour.year}"


@register.filter
def heure(valeur):
    """14:32 ; pour une date et heure (ou des secondes depuis 1970), celle de Paris"""
    if isinstance(valeur, (int, float)):
        valeur = datetime.fromtimestamp(valeur, tz=UTC)
    valeur = _local(valeur)
    return f"{valeur.hour}:{valeur.minute:02}" if hasattr(valeur, "hour") else ""


def _duree(secondes):
    minutes, jours = round(secondes / 60), round(secondes / 86400)
    if minutes < 60:
        return compte(max(minutes, 1), "minute")
    if secondes < 86400:
        return compte(round(secondes / 3600), "heure")
    if jours <= 60:
        return compte(jours, "jour")
    if jours < 730:
        return f"{round(jours / 30.44)}{INSECABLE}mois"
    return compte(round(jours / 365.25), "an")


@register.filter
@_sur_une_date
def depuis(valeur):
    """il y a 12 jours, dans 3 jours, hier, demain, aujourd’hui ; dans la journée, en minutes et en heures"""
    ecart = (_jour(valeur) - timezone.localdate()).days
    if isinstance(valeur, datetime) and timezone.is_aware(valeur):
        secondes = (valeur - timezone.now()).total_seconds()
        if abs(secondes) < 45:
            return "à l’instant"
        if ecart == 0:
            return f"dans {_duree(secondes)}" if secondes > 0 else f"il y a {_duree(-secondes)}"
    proches = {0: "aujourd’hui", 1: "demain", -1: "hier"}
    if ecart in proches:
        return proches[ecart]
    return f"dans {_duree(ecart * 86400)}" if ecart > 0 else f"il y a {_duree(-ecart * 86400)}"


FORMES = {"longue": date_longue, "courte": date_courte, "jour": jour_mois, "mini": jour_court}


@register.simple_tag
def quand(valeur, forme="courte", relatif=True, avec_heure=False):
    """{% quand entretien.tenu_le "longue" %} → <time>lundi 23 novembre 2026</time>, il y a 12 jours"""
    if not isinstance(valeur, date):
        return ""
    texte = FORMES[forme](valeur) + (f", {heure(valeur)}" if avec_heure else "")
    suite = f", {depuis(valeur)}" if relatif else ""
    return format_html('<time datetime="{}">{}</time>{}', _local(valeur).isoformat(), texte, suite)


# Mots et nombres --------------------------------------------------------------------


@register.filter
def nombre(valeur):
    """2 140, avec des espaces insécables"""
    try:
        return f"{int(valeur):,}".replace(",", INSECABLE)
    except (TypeError, ValueError):
        return ""


@register.filter
def compte(valeur, mot):
    """{{ 3|compte:"jour" }} → 3 jours ; {{ 2|compte:"cheval/chevaux" }} ; 0 et 1 restent au singulier"""
    singulier, _, pluriel = mot.partition("/")
    choisi = singulier if abs(valeur) < 2 else (pluriel or " ".join(f"{m}s" for m in singulier.split()))
    return f"{nombre(valeur)}{INSECABLE}{choisi}"


@register.filter
def de(nom):
    """« d’Élodie », « de Kamel », « d’Armbouts-Cappel » : « de » s’élide devant une voyelle, ou un h que l’on n’entend pas."""
    return f"d’{nom}" if MUETTE.match(str(nom)) else f"de {nom}"


@register.filter
def telephone(valeur):
    """06 39 98 41 27, insécable ; un numéro d’un autre pays reste tel quel"""
    chiffres = re.sub(r"[^\d+]", "", str(valeur or ""))
    national = re.sub(r"^(\+33|0033)", "0", chiffres)
    if not re.fullmatch(r"0\d{9}", national):
        return str(valeur or "")
    return INSECABLE.join(national[i : i + 2] for i in range(0, 10, 2))


@register.filter
def typographie(texte):
    """Apostrophes courbes, guillemets français, espaces insécables : pour un texte saisi ou traduit."""
    texte = re.sub(r"(?<=\w)'(?=\w)", "’", str(texte))
    texte = re.sub(r'"([^"]*)"', r"« \1 »", texte)
    texte = re.sub(r" (?=[:;!?»%€])", INSECABLE, texte)
    texte = re.sub(r"(?<=«) ", INSECABLE, texte)
    return re.sub(r"(?<=\d) (?=(?:h|min|jours?|mois|ans?|Mo|km|heures?|minutes?)\b)", INSECABLE, texte)


@register.filter
def touche(valeur):
    """Le nom affiché d’un raccourci : « ctrl+enter » → « Ctrl ⏎ »"""
    return TOUCHES.get(valeur.lower(), valeur)


@register.filter
def touche_aria(valeur):
    """Le même raccourci dans les mots de l’attribut aria-keyshortcuts."""
    return "+".join(TOUCHES_ARIA.get(morceau.lower(), morceau) for morceau in valeur.split("+") if morceau) or valeur


@register.filter
def differences(texte, autre):
    """Le texte, avec ce que l’autre version n’a pas marqué par <ins>."""
    ici, la = (re.findall(r"\w+|\s+|[^\w\s]", str(t or "")) for t in (texte, autre))
    morceaux = []
    for genre, debut, fin, _, _ in difflib.SequenceMatcher(None, ici, la, autojunk=False).get_opcodes():
        extrait = escape("".join(ici[debut:fin]))
        if extrait:
            morceaux.append(extrait if genre == "equal" or not extrait.strip() else f"<ins>{extrait}</ins>")
    return mark_safe("".join(morceaux))


# Messages ----------------------------------------------------------------------------


@register.filter
def etat_du_message(message):
    return ETAT_PAR_NIVEAU.get(message.level_tag, "info")


@register.filter
def annulation(message):
    """L’adresse qui défait l’acte, donnée par extra_tags="annuler=/adresse/"."""
    return next(
        (m.removeprefix("annuler=") for m in (message.extra_tags or "").split() if m.startswith("annuler=")), ""
    )


# Champs -------------------------------------------------------------------------------

GENRES = (
    (forms.CheckboxSelectMultiple, "cases"),  # avant RadioSelect, dont elle hérite
    (forms.RadioSelect, "choix"),
    (forms.CheckboxInput, "case"),
    (forms.Select, "liste"),
    (forms.FileInput, "fichier"),
    (forms.Textarea, "texte_long"),
)
CLASSES = {"liste": "form-select", "case": "form-check-input", "choix": "", "cases": "form-check-input"}


@register.filter
def genre_de_champ(champ):
    """choix (boutons radio), cases, case, liste, fichier, texte_long, ou texte"""
    return next((genre for classe, genre in GENRES if isinstance(champ.field.widget, classe)), "texte")


@register.simple_tag
def saisie(champ, classe="", **attributs):
    """Le contrôle d’un champ lié, avec nos classes ; le soulignement devient un tiret : inputmode, data_touche…"""
    attributs = {nom.replace("_", "-"): valeur for nom, valeur in attributs.items()}
    voulues = [champ.field.widget.attrs.get("class", ""), CLASSES.get(genre_de_champ(champ), "form-control"), classe]
    if champ.errors:
        voulues.append("is-invalid")
    return champ.as_widget(attrs={**attributs, "class": " ".join(dict.fromkeys(" ".join(voulues).split()))})


@register.simple_tag
def case_a_cocher(option):
    """Une case d’une liste à cocher, avec notre classe."""
    option.data["attrs"] = {**option.data["attrs"], "class": "form-check-input"}
    return option.tag()


@register.simple_tag
def cellule_de(colonnes, rang):
    """Le nom de la colonne, lu sur un téléphone, et sa classe, pour une cellule de components/table.html."""
    colonne = colonnes[rang]
    classe = format_html(' class="{}"', colonne["classe"]) if colonne.get("classe") else ""
    return format_html('data-t="{}"{}', colonne["nom"], classe)
