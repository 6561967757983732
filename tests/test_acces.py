"""La table des droits : une ligne par adresse et par méthode, une colonne par profil, relue avec le PLIE.

  ok   servi, ou refusé pour une raison métier (saisie incomplète, état de la demande) : la porte est ouverte
  cx   envoyé à la page de connexion
  403  dans le périmètre, sans le droit ; 404  hors du périmètre, comme si rien n’existait

Les profils sont ceux de tests/monde.py : « pre- » est d’une autre organisation, « con- » d’une autre antenne.
La demande du monde est transmise : les verbes du contrôle n’y sont pas encore permis aux statistiques.
"""

import hashlib
import re
from collections import namedtuple

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from comptes import brouillons
from comptes.models import Role
from journal.models import Acte, Ligne
from participants.models import Participant
from plie.historique import cle
from tests import factories as f
from tests.monde import PROFILS, Monde

TABLE = """
                                          ano pre pre- con con- res sta ani ent atl ope aud adm
dossier:journee                      GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
dossier:sante                        GET  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
dossier:recherche                    GET  cx  403 403 ok  ok  ok  ok  ok  ok  403 403 403 403
dossier:participants                 GET  cx  403 403 ok  ok  ok  ok  ok  403 403 403 403 403
dossier:export                       GET  cx  403 403 ok  ok  ok  ok  ok  403 403 403 403 403
dossier:participant                  GET  cx  404 404 ok  404 ok  ok  ok  404 404 404 404 404
dossier:modifier                     GET  cx  404 404 ok  404 403 403 403 404 404 404 404 404
dossier:modifier                     POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
dossier:historique                   GET  cx  404 404 403 404 ok  403 403 404 404 404 404 ok
entretiens:nouveau                   GET  cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:nouveau                   POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:rendez_vous               GET  cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:rendez_vous               POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:demarche_nouvelle         GET  cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:demarche_nouvelle         POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:livret                    GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
entretiens:detail                    GET  cx  404 404 ok  404 ok  404 404 404 404 404 404 404
entretiens:detail                    POST cx  404 404 ok  404 403 404 404 404 404 404 404 404
entretiens:brouillon                 POST cx  404 404 ok  404 403 404 404 404 404 404 404 404
entretiens:clore                     POST cx  404 404 ok  404 403 404 404 404 404 404 404 404
entretiens:signer                    GET  cx  404 404 ok  404 403 404 404 404 404 404 404 404
entretiens:signer                    POST cx  404 404 ok  404 403 404 404 404 404 404 404 404
entretiens:synthese                  GET  cx  404 404 ok  404 ok  404 404 404 404 404 404 404
entretiens:corriger                  GET  cx  404 404 ok  404 403 404 404 404 404 404 404 404
entretiens:corriger                  POST cx  404 404 ok  404 403 404 404 404 404 404 404 404
entretiens:rendez_vous_detail        GET  cx  404 404 ok  404 ok  ok  ok  404 404 404 404 404
entretiens:deplacer                  GET  cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:deplacer                  POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:noter                     POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:ouvrir                    POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:convocation               GET  cx  404 404 ok  404 ok  ok  ok  404 404 404 404 404
entretiens:convocation               POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
entretiens:demarche                  POST cx  404 404 ok  404 403 404 404 404 404 404 404 404
participants:piece                   GET  cx  404 404 ok  404 ok  ok  ok  404 404 404 404 404
participants:apercu                  GET  cx  404 404 ok  404 ok  ok  ok  404 404 404 404 404
documents:verification               GET  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
documents:verifier                   GET  404 404 404 404 404 404 404 404 404 404 404 404 404
prescriptions:liste                  GET  cx  403 403 ok  ok  ok  ok  ok  403 403 403 403 403
prescriptions:nouvelle               GET  cx  403 403 ok  ok  403 403 403 403 403 403 403 403
prescriptions:nouvelle               POST cx  403 403 ok  ok  403 403 403 403 403 403 403 403
prescriptions:export                 GET  cx  403 403 ok  ok  ok  ok  ok  403 403 403 403 403
prescriptions:acter_en_lot           POST cx  403 403 403 403 403 403 ok  403 403 403 403 403
prescriptions:detail                 GET  cx  404 404 ok  404 ok  ok  ok  404 404 404 404 404
prescriptions:controle               GET  cx  404 404 403 404 403 ok  403 404 404 404 404 404
prescriptions:controle               POST cx  404 404 403 404 403 ok  403 404 404 404 404 404
prescriptions:annuler                POST cx  404 404 403 404 403 ok  403 404 404 404 404 404
prescriptions:avis                   POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:criteres               GET  cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:criteres               POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:entree                 GET  cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:entree                 POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:joindre                POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:promettre              POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:repondre               POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:message                POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:premier_contact        POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:acter_entree           POST cx  404 404 403 404 403 403 ok  404 404 404 404 404
prescriptions:confier                POST cx  404 404 403 404 ok  403 403 404 404 404 404 404
prescriptions:prendre_en_charge      POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:transmettre            POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
prescriptions:completer              POST cx  ok  404 ok  404 403 403 403 404 404 404 404 404
prescriptions:valider_pertinence     POST cx  404 404 403 404 ok  403 403 404 404 404 404 404
prescriptions:renvoyer               POST cx  404 404 403 404 ok  403 403 404 404 404 404 404
prescriptions:accorder               POST cx  404 404 403 404 403 ok  403 404 404 404 404 404
prescriptions:rouvrir_controle       POST cx  404 404 403 404 403 ok  ok  404 404 404 404 404
prescriptions:refuser                POST cx  404 404 403 404 ok  403 403 404 404 404 404 404
prescriptions:classer_sans_suite     POST cx  404 404 ok  404 403 403 403 404 404 404 404 404
orientations:liste                   GET  cx  ok  ok  403 403 403 403 403 403 403 403 403 403
orientations:nouvelle                GET  cx  ok  ok  403 403 403 403 403 403 403 403 403 403
orientations:nouvelle                POST cx  ok  ok  403 403 403 403 403 403 403 403 403 403
orientations:export                  GET  cx  ok  ok  403 403 403 403 403 403 403 403 403 403
orientations:detail                  GET  cx  ok  404 403 403 403 403 403 403 403 403 403 403
orientations:joindre                 POST cx  ok  404 403 403 403 403 403 403 403 403 403 403
territoire:communes                  GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
delais:liste                         GET  cx  403 403 ok  ok  ok  ok  403 403 403 403 403 403
delais:export                        GET  cx  403 403 ok  ok  ok  ok  403 403 403 403 403 403
notifications:alertes                GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
notifications:lues                   POST cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
notifications:lue                    POST cx  404 404 ok  404 404 404 404 404 404 404 404 404
notifications:non_partis             GET  cx  403 403 403 403 ok  403 403 403 403 403 403 ok
notifications:renvoyer               POST cx  403 403 403 403 ok  403 403 403 403 403 403 ok
account_login                        GET  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_login                        POST ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_logout                       GET  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_logout                       POST ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_inactive                     GET  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_reauthenticate               GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_reauthenticate               POST cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_change_password              GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_change_password              POST cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_reset_password               GET  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_reset_password               POST ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_reset_password_done          GET  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_reset_password_from_key      GET  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_reset_password_from_key      POST ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
account_reset_password_from_key_done GET  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
mfa_index                            GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
mfa_authenticate                     GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
mfa_authenticate                     POST cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
mfa_reauthenticate                   GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
mfa_reauthenticate                   POST cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
mfa_activate_totp                    GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
mfa_activate_totp                    POST cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
mfa_deactivate_totp                  GET  cx  404 404 404 404 404 404 404 404 404 404 404 404
mfa_deactivate_totp                  POST cx  404 404 404 404 404 404 404 404 404 404 404 404
mfa_generate_recovery_codes          GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
mfa_generate_recovery_codes          POST cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
brouillon                            POST cx  404 404 ok  404 ok  ok  ok  404 404 404 404 404
style                                GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
style                                POST cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
courriels                            GET  cx  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok  ok
courriel                             GET  cx  404 404 404 404 404 404 404 404 404 404 404 404
"""
ENTETE, *LIGNES = [ligne.split() for ligne in TABLE.strip().splitlines()]
ACCES = {(nom, methode): dict(zip(PROFILS, attendus, strict=True)) for nom, methode, *attendus in LIGNES}
OK = {200, 302, 400, 409, 413, 422, 503}
ENVOIS = {
    nom: lambda monde: {"ligne": str(monde.ligne.pk)}
    for nom in ("prescriptions:controle", "prescriptions:promettre", "prescriptions:repondre")
}
TEXTES = {"code": "ABCD-EFGH-JKLM", "ecran": "acces", "identifiant": str(cle()), "uidb36": "x", "key": "y"}
# Ce qui se lit d’une personne laisse une ligne à son nom (DP1).
LECTURES = {
    "dossier:participant": Acte.LECTURE,
    "dossier:modifier": Acte.LECTURE,
    "dossier:historique": Acte.LECTURE,
    "dossier:export": Acte.EXPORT,
    "entretiens:detail": Acte.LECTURE,
    "entretiens:synthese": Acte.LECTURE,
    "entretiens:corriger": Acte.LECTURE,
    "entretiens:rendez_vous_detail": Acte.LECTURE,
    "entretiens:deplacer": Acte.LECTURE,
    "participants:piece": Acte.TELECHARGEMENT,
    "participants:apercu": Acte.LECTURE,
    "prescriptions:detail": Acte.LECTURE,
    "prescriptions:export": Acte.EXPORT,
    "orientations:detail": Acte.LECTURE,
    "orientations:export": Acte.EXPORT,
    "delais:export": Acte.EXPORT,
}
# Une page qui porte sur une personne sans en dire plus que son nom, ou qui renvoie ailleurs dans l’état du monde
# (la synthèse à signer, l’invitation et la demande au contrôle ont leurs propres tests).
RIEN_A_LIRE = {
    "entretiens:nouveau", "entretiens:rendez_vous", "entretiens:demarche_nouvelle", "entretiens:signer",
    "entretiens:convocation", "prescriptions:controle", "prescriptions:criteres", "prescriptions:entree",
    "documents:verification", "documents:verifier",
}  # fmt: skip
# Ce qu’une lecture peut écrire (AC5) : la session, le journal, et les compteurs d’essais des pages publiques.
TECHNIQUES = {"django_session", "journal_ligne", "cache_partage"}
METIER = {
    m._meta.db_table
    for m in apps.get_models()
    if (settings.BASE_DIR / m._meta.app_label).is_dir() and m._meta.app_label not in ("journal", "notifications")
} - {"comptes_brouillon", "comptes_jetonformulaire", "comptes_codeservi", "comptes_codedesecours"}
Passage = namedtuple("Passage", "statut corps entetes ecrit lignes")


def noms_d_url(resolver=None, espace=""):
    for motif in (resolver or get_resolver()).url_patterns:
        if hasattr(motif, "url_patterns"):
            yield from noms_d_url(motif, f"{espace}{motif.namespace}:" if motif.namespace else espace)
        else:
            yield f"{espace}{motif.name}", motif


NOMS = {nom: motif for nom, motif in noms_d_url() if not nom.startswith("admin:")}


def adresse(nom, monde=None):
    """L’adresse de `nom` dans le monde donné ; sans lui, avec une clé que personne ne connaît."""
    parametres = {}
    for parametre in NOMS[nom].pattern.regex.groupindex:
        if parametre in ("pk", "participant"):
            parametres[parametre] = monde.objet_de(nom, parametre).pk if monde else cle()
        elif parametre == "objet":
            parametres[parametre] = str(monde.participant.pk if monde else cle())
        else:
            parametres[parametre] = TEXTES[parametre]
    return reverse(nom, kwargs=parametres)


def toutes_les_adresses():
    for nom in NOMS:
        yield nom, adresse(nom)
    for nom, motif in noms_d_url():
        if nom.startswith("admin:"):
            parametres = {p: {"app_label": "comptes"}.get(p, "1") for p in motif.pattern.regex.groupindex}
            yield nom, "/admin/rien/" if motif.name is None else reverse(nom, kwargs=parametres)


@pytest.fixture(scope="module")
def monde(django_db_setup, django_db_blocker):
    """Créé une fois, pour tout ce module ; chaque passage défait ce qu’il a fait."""
    brouillons.ECRANS["acces"] = Participant.objects.visibles_par
    with django_db_blocker.unblock(), transaction.atomic():
        yield Monde()
        transaction.set_rollback(True)
    del brouillons.ECRANS["acces"]


@pytest.fixture(scope="module")
def deja():
    return {}


@pytest.fixture
def passer(db, monde, deja):
    """passer(nom, méthode, profil, connu=True) : ce que répond l’adresse, et ce qu’elle a écrit."""

    def _passer(nom, methode, profil, connu=True):
        if (voulu := (nom, methode, profil, connu)) not in deja:
            monde.remettre_les_fichiers()
            envoi = ENVOIS.get(nom, lambda _: {})(monde) if methode == "POST" else {}
            compte = monde.sans_role if profil == "nul" else monde.comptes.get(profil)
            deja[voulu] = visiter(compte, methode, adresse(nom, monde if connu else None), envoi)
        return deja[voulu]

    return _passer


def visiter(compte, methode, ou, envoi=None):
    client, ordres = Client(raise_request_exception=False), []
    if compte:
        client.force_login(compte)

    def ecouter(executer, ordre, *reste):
        ordres.append(ordre)
        return executer(ordre, *reste)

    with transaction.atomic():
        derniere = Ligne.objects.order_by("-id").values_list("id", flat=True).first() or 0
        with connection.execute_wrapper(ecouter):
            reponse = getattr(client, methode.lower())(ou, envoi or {})
            corps = b"".join(reponse) if reponse.streaming else reponse.content
        lignes = list(Ligne.objects.filter(id__gt=derniere).order_by("id").values_list("acte", "auteur_id", "tache"))
        transaction.set_rollback(True)
    ecrit = {t for o in ordres for t in re.findall(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', o)}
    vers_la_connexion = reponse.status_code == 302 and reponse.url.startswith(reverse("account_login"))
    statut = "cx" if compte is None and vers_la_connexion else reponse.status_code
    return Passage(statut, hashlib.sha256(corps).hexdigest(), reponse.headers, ecrit, lignes)


lignes = pytest.mark.parametrize(("nom", "methode"), ACCES, ids=lambda v: v)


def test_toute_url_a_sa_ligne():
    assert {nom for nom, _ in ACCES} == set(NOMS)
    assert [profil.replace("anon", "ano") for profil in PROFILS] == ENTETE


def test_chaque_role_a_sa_colonne_et_les_roles_d_un_lieu_leur_mauvais_lieu():
    assert set(PROFILS.values()) - {None} == set(Role)
    assert {PROFILS["con-"], PROFILS["pre-"]} == {Role.CONSEILLER, Role.PRESCRIPTEUR}


@lignes
def test_ac2_un_compte_sans_aucun_role_est_refuse_comme_un_role_sans_droit(passer, nom, methode):
    """L’animateur d’ateliers n’a encore rien à faire ici : sans rôle, on n’atteint rien de plus que lui."""
    passage, attendu = passer(nom, methode, "nul"), ACCES[nom, methode]["atl"]
    assert passage.statut in OK if attendu == "ok" else passage.statut == int(attendu)
    assert attendu == "ok" or passage.ecrit <= {"django_session", "cache_partage"}


@pytest.mark.parametrize("champ", ["rendez_vous", "participant"])
def test_ac2_une_cle_glissee_dans_le_formulaire_ne_sort_pas_du_perimetre(monde, db, champ):
    """Le rendez-vous ou le dossier d’une autre antenne, cité par qui a le bon rôle : comme une clé inventée."""
    ailleurs = monde.comptes["con-"]
    dossier = f.ParticipantFactory(antenne=ailleurs.antenne)
    envoi = {"jeton": str(cle()), "genre": "suivi", "moyen": "sur_place", "jour": f"{timezone.localdate()}"}
    vus = []
    for objet in (monde.rendez_vous.pk if champ == "rendez_vous" else monde.participant.pk, cle()):
        if champ == "rendez_vous":
            passage = visiter(
                ailleurs, "POST", reverse("entretiens:nouveau", args=[dossier.pk]), envoi | {champ: objet}
            )
            assert not passage.ecrit & METIER
        else:
            passage = visiter(ailleurs, "GET", reverse("prescriptions:nouvelle") + f"?participant={objet}")
        vus.append(passage.statut)
    assert vus == ([422, 422] if champ == "rendez_vous" else [404, 404])


@lignes
def test_acces(passer, nom, methode):
    obtenu, attendu = {}, ACCES[nom, methode]
    for profil in PROFILS:
        statut = passer(nom, methode, profil).statut
        obtenu[profil] = "ok" if statut in OK else str(statut)
    assert obtenu == attendu


@lignes
def test_ac2_un_refus_n_ecrit_rien_et_hors_perimetre_ressemble_a_inconnu(passer, nom, methode):
    for profil, attendu in ACCES[nom, methode].items():
        if attendu in ("403", "404"):
            assert passer(nom, methode, profil).ecrit <= {"django_session", "cache_partage"}, profil
        if (
            attendu == "404" and NOMS[nom].pattern.converters and nom != "documents:verifier"
        ):  # publique, redit le code
            ici, nulle_part = passer(nom, methode, profil), passer(nom, methode, profil, connu=False)
            assert (nulle_part.statut, nulle_part.corps) == (404, ici.corps), profil
            assert set(nulle_part.entetes) == set(ici.entetes), profil


@pytest.mark.parametrize("nom", [nom for nom, methode in ACCES if methode == "GET"])
@pytest.mark.parametrize("methode", ["GET", "HEAD"])
def test_ac5_lire_n_ecrit_rien_que_la_session_et_le_journal(passer, nom, methode):
    for profil in PROFILS if methode == "GET" else ["con", "res", "sta"]:
        assert passer(nom, methode, profil).ecrit <= TECHNIQUES, profil


@pytest.mark.une_fois
@lignes
def test_br2_aucune_reponse_signee_ne_reste_en_memoire(passer, nom, methode):
    for profil in PROFILS:
        entetes = passer(nom, methode, profil).entetes
        assert entetes["Cache-Control"] == "no-store, private", profil
        assert entetes["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in entetes["Content-Security-Policy"]


@pytest.mark.parametrize("nom", LECTURES)
def test_dp1_lire_un_dossier_laisse_une_ligne_a_son_nom(passer, monde, nom):
    lecteurs = [profil for profil, attendu in ACCES[nom, "GET"].items() if attendu == "ok"]
    assert lecteurs
    for profil in lecteurs:
        assert (LECTURES[nom], monde.comptes[profil].pk, "") in passer(nom, "GET", profil).lignes, profil


def test_dp1_chaque_page_qui_porte_sur_une_personne_est_relue():
    une_personne = {n for n, methode in ACCES if methode == "GET" and set(NOMS[n].pattern.converters) - {"code"}}
    ouvertes = {n for n in une_personne if "ok" in ACCES[n, "GET"].values() and not n.startswith("account_")}
    assert ouvertes - set(LECTURES) - RIEN_A_LIRE == set()


@lignes
def test_dp1_ecrire_laisse_une_ligne_avec_son_auteur(passer, monde, nom, methode):
    for profil in PROFILS:
        passage = passer(nom, methode, profil)
        if passage.ecrit & METIER:
            assert passage.lignes, profil
        for _, auteur, tache in passage.lignes:
            assert auteur == monde.comptes[profil].pk or (auteur is None and tache), profil


@pytest.mark.parametrize("nom", [n for n in NOMS if (n, "GET") not in ACCES])
def test_une_adresse_qui_ecrit_refuse_get(passer, nom):
    profil = next((p for p, attendu in ACCES[nom, "POST"].items() if attendu == "ok"), "con")
    assert passer(nom, "GET", profil).statut == 405


@pytest.mark.parametrize("nom", [n for n in NOMS if (n, "POST") not in ACCES])
def test_une_adresse_qui_se_lit_refuse_post(passer, nom):
    profil = next((p for p, attendu in ACCES[nom, "GET"].items() if attendu == "ok" and p != "anon"), "con")
    assert passer(nom, "POST", profil).statut in (403, 404, 405)


# Administration --------------------------------------------------------------------------------------------------


@pytest.mark.une_fois
@pytest.mark.parametrize("profil", [profil for profil in PROFILS if profil not in ("anon", "adm")])
def test_acces_l_administration_est_fermee_aux_autres_roles(db, monde, profil):
    for nom, ou in toutes_les_adresses():
        if nom.startswith("admin:") and nom not in ("admin:login", "admin:logout", "admin:password_change"):
            assert visiter(monde.comptes[profil], "GET", ou).statut in (403, 404), nom
