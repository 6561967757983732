"""Les délais : ce qui se termine, ce qui est passé, ce qui a été tenu."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from comptes.choix import antennes_et_conseillers
from comptes.models import Role
from comptes.permissions import reserve_a
from delais import acces, exports
from delais.listes import VUES, Filtre, Page
from delais.registre import registre
from horloges.registre import DEFINITIONS
from plie.pages import PAGE, combien
from plie.templatetags.interface import compte

ACCUEIL = 8  # lignes montrées au-dessus du registre
VIDES = {
    "a_tenir": ("Rien à tenir dans les 14 jours", "Les délais qui se terminent arrivent ici, le plus proche d’abord."),
    "urgents": ("Rien d’urgent", "Ce qui est en retard, ou le sera dans la semaine, arrive ici."),
    "en_retard": ("Aucun délai dépassé", "Une personne passe ici le lendemain de son dernier jour."),
    "en_cours": ("Aucun délai en cours", "Un délai part du premier contact, puis de chaque entretien clos."),
    "arretees": ("Aucun délai arrêté", "Une absence excusée, une pièce attendue : un arrêt suspend le délai et l’explique."),
    "tenues": ("Aucun délai tenu sur cette période", ""),
    "rompues": ("Aucun délai rompu sur cette période", ""),
}  # fmt: skip


@require_safe
@reserve_a(*acces.SUIVENT)
def liste(request):
    filtre = Filtre(request.GET, request.user)
    accueil = "vue" not in request.GET
    page, comptes = Page(filtre, ACCUEIL if accueil else PAGE), filtre.compter()
    total = comptes[filtre.vue.code]
    contexte = {
        "filtre": filtre,
        "lignes": page.lignes,
        "suivante": page.suivante,
        "precedente": page.precedente,
        "vues": _vues(filtre, comptes),
        "menus": _menus(filtre),
        "actifs": _actifs(filtre),
        "etendue": _etendue(filtre, len(page.lignes), total),
        "abrege": _abrege(filtre, total) if accueil and page.encore else None,
        "avis": _avis(page.lignes, filtre, page.encore),
        "colonnes": _colonnes(filtre),
        "aujourd_hui": timezone.localdate(),
        "peut_agir": request.user.a_role(Role.CONSEILLER),
        "vide": VIDES[filtre.vue.code],
        "tous": acces.voit_tout(request.user),
        "avec_registre": accueil,
        "registre": registre(filtre) if accueil else None,
        "url_export": reverse("delais:export") + filtre.url(),
    }
    return render(request, "delais/liste.html", contexte)


@require_safe
@reserve_a(*acces.SUIVENT)
def export(request):
    return exports.exporter(Filtre(request.GET, request.user), par=request.user)


def _colonnes(filtre):
    noms = ["Personne", "Engagement", "Délai"] + (["Conseiller"] if acces.voit_tout(filtre.utilisateur) else [])
    noms += ["Terminé le", "Expliqué"] if filtre.vue.finie else ["Dernier jour", "À faire"]
    return [{"nom": nom} for nom in noms]


def _vues(filtre, comptes):
    return [
        {
            "nom": vue.nom,
            "url": filtre.url(vue=vue.code, mois=None),
            "icone": vue.icone,
            "etat": vue.etat if comptes.get(vue.code) else "",
            "actif": vue == filtre.vue,
            "detail": combien(comptes[vue.code]) if vue.code in comptes else "",
        }
        for vue in VUES.values()
    ]


def _menus(filtre):
    proposes = antennes_et_conseillers(filtre.utilisateur)
    menus = [("Engagement", "horloge", [(code, d.libelle) for code, d in DEFINITIONS.items()])]
    if acces.voit_tout(filtre.utilisateur):
        menus += [("Antenne", "antenne", proposes["antenne"]), ("Conseiller", "conseiller", proposes["conseiller"])]
    filtre.noms = {str(cle): nom for _, _, choix in menus for cle, nom in choix}
    return [
        {"nom": nom, "choix": [{"nom": libelle, "url": filtre.url(**{code: cle})} for cle, libelle in choix]}
        for nom, code, choix in menus
        if not filtre.valeurs.get(code)
    ]


def _actifs(filtre):
    actifs = [
        {"nom": filtre.noms.get(filtre.valeurs[code], "inconnu"), "url": filtre.url(**{code: None})}
        for code in ("horloge", "antenne", "conseiller")
        if filtre.valeurs.get(code)
    ]
    if filtre.mois:
        actifs.append({"nom": f"{filtre.mois:%m/%Y}", "url": filtre.url(mois=None)})
    return actifs


def _etendue(filtre, nombre, total):
    if not nombre:
        return ""
    return f"{filtre.rang} à {filtre.rang + nombre - 1} sur {combien(total)}"


def _abrege(filtre, total):
    return {"url": filtre.url(), "texte": f"Voir les {combien(total)}"}


def _avis(lignes, filtre, encore):
    """« 9 personnes seront hors délai sans rendez-vous avant le dernier jour » : quand la page les montre toutes."""
    if filtre.vue.code != "a_tenir" or encore:
        return ""
    sans = len({ligne.participant_id for ligne in lignes if not ligne.sera_tenue})
    if not sans:
        return ""
    seront = "seront" if sans > 1 else "sera"
    return f"{compte(sans, 'personne')} {seront} hors délai sans rendez-vous avant le dernier jour"
