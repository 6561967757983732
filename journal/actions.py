import hashlib
import hmac
import json

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from journal.contexte import adresse_du_client
from journal.models import Acte, Ligne
from plie.lots import inserer


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
    """Branchée sur `ModeleHistorise.enregistrer` : noms des champs et empreinte salée, jamais les valeurs."""
    if champs or creation:
        acte = Acte.CREATION if creation else Acte.MODIFICATION
        consigner(acte, par=par, objet=objet, champs=champs, empreinte=empreinte(objet, champs))


def consigner_ecritures(objets, par, motif, le):
    """La même pour un lot."""
    inserer(
        [
            _ligne(Acte.CREATION, par, o, None, ["*"], "", empreinte(o, None), getattr(o, "_history_date", le))
            for o in objets
        ]
    )


def empreinte(objet, champs):
    """HMAC-SHA256 des valeurs écrites : prouve plus tard ce qui a été écrit sans le garder en clair."""
    noms = champs if champs is not None else [c.attname for c in objet._meta.concrete_fields]
    valeurs = json.dumps(
        {nom: getattr(objet, nom) for nom in noms}, cls=DjangoJSONEncoder, sort_keys=True, default=str
    )
    return hmac.new(settings.SEL_JOURNAL.encode(), valeurs.encode(), hashlib.sha256).hexdigest()


def _ligne(acte, par, objet, participant_id, champs, motif, empreinte, le):
    tache = par if isinstance(par, str) else ""
    return Ligne(
        le=le or timezone.now(),
        auteur_id=None if tache else par.pk,
        tache=tache[:60],
        acte=acte,
        objet_type=objet._meta.label_lower if objet is not None else "",
        objet_id=objet.pk if objet is not None else None,
        participant_id=participant_id or getattr(objet, "participant_id", None),
        champs=list(champs),
        empreinte=empreinte,
        motif=motif[:200],
        adresse=adresse_du_client.get(),
    )
