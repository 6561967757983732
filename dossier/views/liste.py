"""La liste des participants, et son export."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from comptes.choix import antennes_et_conseillers
from comptes.models import Role
from comptes.permissions import reserve_a
from dossier import exports
from dossier.contexte import LISENT_LES_DOSSIERS
from dossier.lignes import ligne
from dossier.liste import DELAIS, SITUATIONS, Filtre, horloges_de
from parcours.models import Phase
from plie.pages import PAGE, combien
from reglages.lecture import valeur
from territoire.models import Commune

RDV = {"sans": "Sans RDV", "avec": "Avec RDV"}
NOMS = {"referent": "Référent", "antenne": "Antenne", "phase": "Phase", "commune": "Commune", "rdv": "RDV"}
NOMS |= {"delai": "Délai", "situation": "Parcours"}


@require_safe
@reserve_a(*LISENT_LES_DOSSIERS)
def participants(request):
    filtre = Filtre(request.GET, request.user)
    comptes = filtre.compter()
    personnes = filtre.lignes(filtre.cles(comptes))
    horloges, total = horloges_de(personnes), comptes["total"]
    menus, noms = _menus(filtre)
    contexte = {
        "filtre": filtre,
        "lignes": [ligne(p, horloges.get(p.pk, {})) for p in personnes],
        "vues": _vues(filtre, comptes),
        "menus": menus,
        "actifs": _actifs(filtre, noms),
        "colonnes": _colonnes(filtre),
        "total": combien(total),
        "pluriel": total > 1,
        "etendue": f"{filtre.rang} à {filtre.rang + len(personnes) - 1} sur {combien(total)}" if personnes else "",
        "suivante": _suivante(filtre, personnes),
        "precedente": _precedente(filtre, personnes),
        "url_export": reverse("dossier:export") + filtre.url(),
        "aujourd_hui": timezone.localdate(),
        "note": f"Rythme : {valeur('rythme_entretiens')} jours au plus entre deux entretiens.",
        "vide": _vide(request.user, filtre),
    }
    return render(request, "dossier/participants.html", contexte)


@require_safe
@reserve_a(*LISENT_LES_DOSSIERS)
def export(request):
    return exports.exporter(Filtre(request.GET, request.user), par=request.user)


def _vues(filtre, comptes):
    return [
        {
            "nom": vue.nom,
            "url": f"?vue={code}",
            "icone": vue.icone,
            "actif": code == filtre.vue_active,
            "detail": combien(comptes[f"vue_{code}"]) if f"vue_{code}" in comptes else "",
        }
        for code, vue in filtre.vues.items()
    ]


def _menus(filtre):
    """(menus des critères libres, noms à montrer pour chaque valeur). Une requête."""
    proposes = antennes_et_conseillers(filtre.utilisateur, commune=Commune.objects.all)
    referents = [("moi", "Moi")] if filtre.conseiller else []
    choix = {
        "referent": [*referents, ("sans", "Sans référent"), *proposes["conseiller"]],
        "antenne": proposes["antenne"],
        "phase": Phase.choices,
        "commune": proposes["commune"],
        "rdv": list(RDV.items()),
        "delai": list(DELAIS.items()),
        "situation": list(SITUATIONS.items()),
    }
    noms = {(critere, str(cle)): nom for critere, valeurs in choix.items() for cle, nom in valeurs}
    menus = [
        {"nom": NOMS[critere], "choix": [{"nom": nom, "url": filtre.url(**{critere: cle})} for cle, nom in valeurs]}
        for critere, valeurs in choix.items()
        if critere not in filtre.criteres and valeurs
    ]
    return menus, noms


def _actifs(filtre, noms):
    actifs = [
        {"nom": _nom(critere, noms.get((critere, valeur), "inconnu")), "url": filtre.url(**{critere: None})}
        for critere, valeur in filtre.criteres.items()
    ]
    if filtre.q:
        actifs.append({"nom": f"« {filtre.q} »", "url": filtre.url(q=None)})
    return actifs


def _nom(critere, valeur):
    """« Référent : moi », « Antenne : Grande-Synthe », « Sans RDV »."""
    if critere in ("rdv", "delai", "situation"):
        return valeur
    return f"{NOMS[critere]} : {'moi' if valeur == 'Moi' else valeur}"


def _colonnes(filtre):
    tris = {"Personne": "nom", "Prochain RDV": "rdv"}
    noms = ["Personne", "Commune", "Phase", "1er entretien", "Rythme", "Prochain RDV", "Référent"]
    colonnes = []
    for nom in noms:
        colonne, tri = {"nom": nom, "classe": "second" if nom in ("Commune", "Référent") else ""}, tris.get(nom)
        if tri:
            inverse = filtre.tri == tri
            sens = {tri: "ascending", f"-{tri}": "descending"}.get(filtre.tri, "")
            colonne |= {"url": filtre.url(tri=f"-{tri}" if inverse else tri), "sens": sens}
        colonnes.append(colonne)
    return colonnes


def _suivante(filtre, personnes):
    if not personnes or not (filtre.encore or filtre.avant):
        return None
    rang = filtre.rang + len(personnes)
    return {"url": filtre.url(apres=personnes[-1].pk, rang=rang), "texte": f"Page suivante, dès la {rang}e"}


def _precedente(filtre, personnes):
    if filtre.rang <= 1 or not personnes:
        return None
    if filtre.rang - PAGE <= 1:
        return {"url": filtre.url(), "texte": "Première page"}
    return {"url": filtre.url(avant=personnes[0].pk, rang=filtre.rang - PAGE), "texte": "Page précédente"}


def _vide(utilisateur, filtre):
    if filtre.criteres or filtre.q:
        acte = {"texte": "Voir tous les dossiers", "url": "?vue=tous", "icone": "folder-open"}
        return {"titre": "Personne ne correspond", "texte": "Retirez un filtre pour élargir la liste.", "acte": acte}
    if utilisateur.a_role(Role.CONSEILLER):
        acte = {"texte": "Nouvelle demande", "url": reverse("prescriptions:nouvelle"), "icone": "plus"}
        return {
            "titre": "Aucun dossier dans votre antenne",
            "texte": "Ils arrivent avec les orientations.",
            "acte": acte,
        }
    return {"titre": "Aucun dossier", "texte": "Ils arrivent avec les orientations.", "acte": None}
