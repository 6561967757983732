"""Le style de la maison, vérifié : ce qu’une relecture oublierait (CONTRIBUTING.md)."""

import ast
import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from plie.celery import app
from plie.historique import HistoriseQuerySet, ModeleATransitions, ModeleEcrit

RACINE = settings.BASE_DIR
NOS_APPS = [nom for nom in settings.INSTALLED_APPS if (RACINE / nom).is_dir()]
CODE = sorted(f for app in NOS_APPS for f in (RACINE / app).rglob("*.py") if "migrations" not in f.parts)
GABARITS = sorted((RACINE / "templates").rglob("*.html"))
TESTS = sorted((RACINE / "tests").rglob("test_*.py"))
MODELES = [m for m in apps.get_models() if m._meta.app_label in NOS_APPS and not hasattr(m, "history_type")]


def court(fichier):
    return str(fichier.relative_to(RACINE))


def par_fichier(fichiers):
    return pytest.mark.parametrize("fichier", fichiers, ids=court)


# Écrire ----------------------------------------------------------------------------------------------------------

# Tables techniques, sans historique : chacune a son module d’écriture.
ECRIVENT = {
    "plie/historique.py": "la porte elle-même",
    "journal/actions.py": "lignes du journal",
    "journal/scellement.py": "blocs du journal",
    "comptes/brouillons.py": "brouillons",
    "comptes/jetons.py": "jetons de formulaire",
    "comptes/menage.py": "jetons et codes passés",
    "comptes/second_facteur.py": "codes à usage unique",
    "notifications/actions.py": "boîte d’envoi",
    "notifications/envoi.py": "boîte d’envoi",
    "participants/actions.py": "index des noms, refait à partir du participant",
    "participants/numeros.py": "compteurs",
    "prescriptions/depots.py": "fichiers posés avant que la demande existe",
    "delais/bilans.py": "bilans, recalculés",
}
EN_MASSE = {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}
SUR_UNE_REQUETE = {"create", "update", "delete"}
REQUETE = {"objects", "_base_manager", "_default_manager", "filter", "exclude", "all", "order_by"}


def chaine(noeud):
    """Les noms d’une suite d’appels : X.objects.filter(…).update → [update, filter, objects]."""
    while isinstance(noeud, (ast.Call, ast.Attribute)):
        if isinstance(noeud, ast.Attribute):
            yield noeud.attr
        noeud = noeud.func if isinstance(noeud, ast.Call) else noeud.value


def ecritures(arbre):
    for appel in ast.walk(arbre):
        if not isinstance(appel, ast.Call) or not isinstance(appel.func, ast.Attribute):
            continue
        verbe, *suite = chaine(appel.func)
        options = {o.arg for o in appel.keywords}
        enregistre = verbe == "save" and not appel.args and not options & {"commit", "save", "format"}
        if verbe in EN_MASSE or enregistre or verbe in SUR_UNE_REQUETE and set(suite) & REQUETE:
            yield f"ligne {appel.lineno} : .{verbe}(…)"


@par_fichier([f for f in CODE if court(f) not in ECRIVENT])
def test_on_n_ecrit_que_par_enregistrer(fichier):
    # create_user passe par enregistrer ; form.save(request) d’allauth n’est pas un modèle.
    assert list(ecritures(ast.parse(fichier.read_text()))) == []


def test_les_modules_qui_ecrivent_existent_encore():
    assert {court(f) for f in CODE} >= set(ECRIVENT)


@pytest.mark.parametrize(
    "faute",
    [
        "X.objects.create(a=1)",
        "X.objects.filter(a=1).update(a=2)",
        "x.save()",
        "x.save(update_fields=['a'])",
        "X.objects.bulk_create(l)",
        "x.lignes.all().delete()",
        "X._base_manager.filter(a=1).exclude(b=2).update(a=1)",
    ],
)
def test_la_verification_voit_les_fautes(faute):
    assert list(ecritures(ast.parse(faute)))


@pytest.mark.parametrize(
    "permis", ["d.update(a=1)", "image.save(f, 'JPEG')", "form.save(commit=False)", "s.update(b'x')"]
)
def test_la_verification_ne_se_trompe_pas(permis):
    assert not list(ecritures(ast.parse(permis)))


# Ranger ----------------------------------------------------------------------------------------------------------


def test_aucun_fourre_tout():
    interdits = {"utils", "helpers", "services", "common", "core", "misc", "tools"}
    assert [court(f) for f in CODE if interdits & {f.stem, *(p.name for p in f.relative_to(RACINE).parents)}] == []


@par_fichier(CODE)
def test_un_fichier_tient_en_400_lignes(fichier):
    assert len(fichier.read_text().splitlines()) <= 400


@par_fichier(GABARITS)
def test_un_gabarit_tient_en_120_lignes_sans_rien_en_ligne(fichier):
    texte = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", fichier.read_text(), flags=re.S)
    assert len(texte.splitlines()) <= 120
    fautes = re.findall(
        r"<script(?![^>]*\ssrc=)[^>]*>|<style\b(?![^>]*nonce)[^>]*>|\son[a-z]+=|\sstyle=|javascript:", texte
    )
    if "documents" not in fichier.parts:  # un PDF n’a pas de politique de contenu
        assert fautes == []


@par_fichier(GABARITS)
def test_un_gabarit_s_ecrit_avec_l_apostrophe_courbe(fichier):
    texte = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>|<svg.*?</svg>", " ", fichier.read_text(), flags=re.S)
    assert re.findall(r"\b\w+'\w+", texte) == []


FRONTIERES = {
    "plie/confinement.py": "un processus à part : toute panne y devient une réponse",
    "notifications/envoi.py": "une lettre qui ne se compose pas n’arrête pas celles des autres",
}


@par_fichier(CODE)
def test_aucun_filet_n_attrape_tout(fichier):
    """Sauf à ranger derrière soi et laisser l’erreur repartir."""
    if court(fichier) in FRONTIERES:
        return
    for noeud in ast.walk(ast.parse(fichier.read_text())):
        repart = isinstance(noeud, ast.ExceptHandler) and isinstance(noeud.body[-1], ast.Raise)
        if isinstance(noeud, ast.ExceptHandler) and not repart:
            noms = {n.id for n in ast.walk(noeud.type) if isinstance(n, ast.Name)} if noeud.type else {"Exception"}
            assert not noms & {"Exception", "BaseException"}, noeud.lineno


@par_fichier([f for f in CODE if f.stem == "models" or "models" in f.parts])
def test_un_modele_ne_connait_ni_requete_http_ni_html(fichier):
    arbre = ast.parse(fichier.read_text())
    arguments = {a.arg for f in ast.walk(arbre) if isinstance(f, ast.FunctionDef) for a in f.args.args}
    assert "request" not in arguments
    assert not re.search(r"django\.(shortcuts|http|utils\.html|utils\.safestring)", fichier.read_text())


@par_fichier(CODE)
def test_aucun_signal_de_modele_ni_import_cache_d_une_app_du_dessus(fichier):
    """Un import dans une fonction échappe à la relecture ; `ready` seul en a besoin."""
    texte, app = fichier.read_text(), fichier.relative_to(RACINE).parts[0]
    assert not re.search(r"signals import .*\b(pre|post)_(save|delete|init)\b", texte)
    for fonction in ast.walk(ast.parse(texte)):
        if isinstance(fonction, ast.FunctionDef) and fonction.name != "ready":
            caches = [
                n.lineno
                for n in ast.walk(fonction)
                if isinstance(n, ast.ImportFrom) and n.module.split(".")[0] in set(NOS_APPS) - {app}
            ]
            assert caches == [], fonction.name


def test_chaque_rendez_vous_de_beat_a_sa_tache():
    app.loader.import_default_modules()
    assert {r["task"] for r in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


# Modèles ---------------------------------------------------------------------------------------------------------

# Ce que tout le monde peut lire : relu, une raison chacun.
REFERENTIELS = {
    "reglages.Structure": "l’identité de la structure",
    "reglages.Reglage": "les règles, datées",
    "territoire.Commune": "liste publique",
    "territoire.CodePostal": "liste publique",
    "territoire.Antenne": "nos adresses",
    "territoire.Secteur": "quelle antenne sert quelle commune",
    "partenaires.Organisation": "liste des partenaires",
    "participants.TypePiece": "référentiel des pièces",
    "prescriptions.Critere": "référentiel des critères",
}
# Ce qu’on n’atteint que par un objet du périmètre, jamais par une adresse à soi : relu, l’objet dit lequel.
PAR_UN_AUTRE = {
    "comptes.RoleAttribue": "le compte",
    "partenaires.Interlocuteur": "l’organisation",
    "participants.MotDeRecherche": "le participant",
    "participants.Compteur": "aucune personne : un nombre par série",
    "participants.Caracteristique": "le participant",
    "participants.ReponseSensible": "le participant, sous sa propre permission",
    "parcours.PassageDePhase": "le parcours",
    "entretiens.RevueDemarche": "l’entretien",
    "prescriptions.Avis": "la demande",
    "prescriptions.Retour": "la demande",
    "prescriptions.CritereInvoque": "la demande",
    "prescriptions.LignePiece": "la demande",
    "comptes.Brouillon": "son auteur (comptes/brouillons.py)",
    "comptes.JetonFormulaire": "son auteur (comptes/jetons.py)",
    "comptes.CodeDeSecours": "son compte (comptes/second_facteur.py)",
    "comptes.CodeServi": "son compte (comptes/second_facteur.py)",
    "journal.Bloc": "le scellement",
    "journal.LigneScellee": "le scellement",
}


@pytest.mark.parametrize("modele", MODELES, ids=lambda m: m._meta.label)
def test_chaque_modele_a_un_perimetre_ou_une_raison_de_n_en_pas_avoir(modele):
    a_un_perimetre = hasattr(modele._default_manager.all(), "visibles_par")
    assert a_un_perimetre or modele._meta.label in REFERENTIELS | PAR_UN_AUTRE


def test_les_exceptions_relues_existent_encore():
    existants = {m._meta.label for m in MODELES}
    assert set(REFERENTIELS | PAR_UN_AUTRE) - existants == set()


@pytest.mark.parametrize("modele", [m for m in MODELES if issubclass(m, ModeleEcrit)], ids=lambda m: m._meta.label)
def test_un_modele_metier_ferme_les_ecritures_de_masse(modele):
    assert isinstance(modele._default_manager.all(), HistoriseQuerySet)


@pytest.mark.parametrize("modele", MODELES, ids=lambda m: m._meta.label)
def test_qui_et_quand_vont_ensemble(modele):
    """Un auteur `_par` sans sa date `_le` ne prouve rien."""
    champs = {c.name: c for c in modele._meta.concrete_fields}
    for nom, champ in champs.items():
        if nom.endswith("_par") and champ.is_relation:
            date = champs.get(nom.removesuffix("_par") + "_le")
            assert date is not None, nom
            assert isinstance(date, (models.DateTimeField, models.DateField))
            assert date.null == champ.null, nom


@pytest.mark.parametrize(
    "modele", [m for m in MODELES if issubclass(m, ModeleATransitions)], ids=lambda m: m._meta.label
)
def test_chaque_statut_est_dans_la_table_des_transitions(modele):
    champ = next(c for c in modele._meta.concrete_fields if c.name in ("statut", "etat"))
    statuts = {valeur for valeur, _ in champ.choices}
    assert set(modele.TRANSITIONS) == statuts
    assert all(set(suites) <= statuts for suites in modele.TRANSITIONS.values())


@pytest.mark.parametrize("modele", MODELES, ids=lambda m: m._meta.label)
def test_une_contrainte_a_un_nom_et_une_phrase_si_quelqu_un_peut_la_rencontrer(modele):
    for contrainte in modele._meta.constraints:
        assert contrainte.name
        assert re.fullmatch(r"[a-z0-9_]+", contrainte.name)


# Promesses -------------------------------------------------------------------------------------------------------

PROMESSES = [
    "AC1",
    "AC2",
    "AC5",
    "AU2",
    "BR1",
    "BR2",
    "FI1",
    "PD1",
    "RE1",
    "RE2",
    "RE3",
    "RE5",
    "RE6",
    "RE12",
    "DP1",
    "DP2",
]


@pytest.mark.parametrize("promesse", PROMESSES)
def test_chaque_promesse_a_un_test_qui_porte_son_nom(promesse):
    noms = [
        noeud.name
        for fichier in TESTS
        for noeud in ast.walk(ast.parse(fichier.read_text()))
        if isinstance(noeud, ast.FunctionDef)
    ]
    assert any(promesse.lower() in nom.split("_") for nom in noms)
