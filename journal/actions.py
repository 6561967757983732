import datetime
import hmac
import json

from django.conf import settings
from django.utils import timezone

from journal.contexte import adresse_du_client
from journal.models import Acte, Ligne
from plie.lots import champs_et_classes, inserer_valeurs

COLONNES = [c.attname for c in Ligne._meta.concrete_fields if not c.primary_key]
TOUS = "*"  # dans `champs` : tous les champs de l’objet


def consigner(acte, *, par, objet=None, participant_id=None, champs=(), motif="", empreinte="", le=None):
    """Ajoute une ligne au journal, dans la transaction en cours.

    `par` est un utilisateur ou le nom d’une tâche. Rend la ligne créée.
    """
    ligne = _ligne(acte, par, objet, participant_id, champs, motif, empreinte, le)
    ligne.save(force_insert=True)
    return ligne


def consigner_lecture(objet, *, par, motif=""):
    """Une fiche, un document ou un fichier a été lu (DP1)."""
    return consigner(Acte.LECTURE, par=par, objet=objet, motif=motif)


def consigner_ecriture(objet, par, creation, champs, motif):
    """Branchée sur `enregistrer` : noms des champs et empreinte salée, jamais les valeurs ni le motif libre."""
    acte, noms = (Acte.CREATION, [TOUS]) if creation else (Acte.MODIFICATION, champs)
    consigner(acte, par=par, objet=objet, champs=noms, empreinte=empreinte(objet, noms))


def consigner_ecritures(objets, par, motif, le):
    """La même pour un lot."""
    faits = (
        _faits(Acte.CREATION, par, o, None, [TOUS], "", empreinte(o, [TOUS]), getattr(o, "_history_date", le))
        for o in objets
    )
    inserer_valeurs(Ligne, ([fait[nom] for nom in COLONNES] for fait in faits))


def consigner_suppression(objet, par, motif):
    """Branchée sur `supprimer` : l’empreinte est celle de ce qui a disparu."""
    consigner(Acte.SUPPRESSION, par=par, objet=objet, champs=[TOUS], empreinte=empreinte(objet, [TOUS]))


def empreinte(objet, champs):
    """HMAC-SHA256 des valeurs écrites : prouve plus tard ce qui a été écrit sans le garder en clair.

    Se recalcule sur l’objet relu en base : les valeurs sont prises telles que la base les rend.
    """
    tous = champs == [TOUS]
    valeurs = {}
    for champ, nom, classe in champs_et_classes(type(objet)):
        if tous or nom in champs:
            valeur = getattr(objet, nom)
            prete = valeur is None or valeur.__class__ is classe
            valeurs[nom] = valeur if prete else champ.get_prep_value(valeur)
    for relation in objet._meta.many_to_many:
        if relation.name in champs:
            valeurs[relation.name] = sorted(str(lie.pk) for lie in getattr(objet, relation.name).only("pk"))
    return sceau(ENCODEUR.encode(valeurs))


def sceau(texte):
    """HMAC-SHA256 de `texte`, sous le sel du journal (hexadécimal)."""
    return hmac.digest(settings.SEL_JOURNAL.encode(), texte.encode(), "sha256").hex()


def _texte(valeur):
    if isinstance(valeur, datetime.datetime) and timezone.is_aware(valeur):
        valeur = valeur.astimezone(datetime.UTC).isoformat()
    return str(valeur)


ENCODEUR = json.JSONEncoder(sort_keys=True, default=_texte)


def _ligne(*arguments):
    return Ligne(**_faits(*arguments))


def _faits(acte, par, objet, participant_id, champs, motif, empreinte, le):
    tache = par if isinstance(par, str) else ""
    return {
        "le": le or timezone.now(),
        "auteur_id": None if tache else par.pk,
        "tache": tache[:60],
        "acte": acte,
        "objet_type": objet._meta.label_lower if objet is not None else "",
        "objet_id": objet.pk if objet is not None else None,
        "participant_id": participant_id or getattr(objet, "participant_id", None),
        "champs": list(champs),
        "empreinte": empreinte,
        "motif": motif[:200],
        "adresse": adresse_du_client.get(),
    }
