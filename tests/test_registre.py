"""Chaque donnée dit ce qu’elle devient à la fin d’un dossier : un champ sans classe ne passe pas."""

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models

from plie.historique import ModeleEcrit
from plie.registre import COMMUNS, Classe, classer

NOTRES = [
    m for m in apps.get_models() if (settings.BASE_DIR / m._meta.app_label).is_dir() and not hasattr(m, "history_type")
]
# Les tables des bibliothèques qui parlent d’une personne, et pourquoi on les laisse.
DES_AUTRES = {
    "account.emailaddress": "vide : l’adresse n’est que sur le compte (tests/comptes/test_connexion.py)",
    "mfa.authenticator": "secret chiffré de l’application ; retiré avec le second facteur",
    "admin.logentry": "vide : l’administration écrit au journal (tests/comptes/test_administration.py)",
    "auth.permission": "aucun lien avec une personne",
    "auth.group": "aucun groupe : les droits viennent des rôles",
}


def etiquette(modele):
    return modele._meta.label


@pytest.mark.parametrize("modele", NOTRES, ids=etiquette)
def test_chaque_champ_est_classe_et_chaque_classe_a_son_champ(modele):
    champs = {c.name for c in [*modele._meta.concrete_fields, *modele._meta.many_to_many]}
    communs = set(COMMUNS) if issubclass(modele, ModeleEcrit) else {"id"}
    classes = set(modele.DONNEES)
    libres = {"groups", "user_permissions"} if modele is get_user_model() else set()
    assert champs - communs - classes - libres == set(), "champs sans classe"
    assert classes - champs == set(), "classes sans champ"
    assert all(isinstance(classe, Classe) for classe in modele.DONNEES.values())


@pytest.mark.parametrize("modele", NOTRES, ids=etiquette)
def test_une_cle_etrangere_vers_une_personne_ou_un_compte_est_gardee_pas_effacee(modele):
    """Effacer le lien casserait le journal et les comptes ; ce sont les noms que l’on efface."""
    for champ in modele._meta.concrete_fields:
        if isinstance(champ, models.ForeignKey) and champ.name in modele.DONNEES:
            assert modele.DONNEES[champ.name] in (Classe.GARDER, Classe.PSEUDONYMISER), champ.name


def test_les_textes_libres_d_un_dossier_sont_effaces_ou_sensibles():
    """Un texte long peut dire n’importe quoi de quelqu’un."""
    gardes = {
        f"{m._meta.label}.{c.name}"
        for m in NOTRES
        for c in m._meta.concrete_fields
        if isinstance(c, models.TextField) and m.DONNEES.get(c.name) == Classe.GARDER
    }
    assert gardes == set()


def test_les_tables_des_bibliotheques_liees_a_un_compte_sont_relues():
    compte = get_user_model()
    etrangeres = {
        m._meta.label_lower
        for m in apps.get_models()
        if m not in NOTRES and not hasattr(m, "history_type")
        for c in m._meta.get_fields()
        if c.is_relation and c.related_model is compte
    }
    assert etrangeres <= set(DES_AUTRES)


def test_un_champ_classe_deux_fois_est_refuse():
    with pytest.raises(ValueError, match="nom"):
        classer(garder="nom", effacer="nom")
