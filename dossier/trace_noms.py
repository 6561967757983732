"""Comment un objet se nomme dans l’historique d’un dossier : laquelle des synthèses, quelle pièce, quel rendez-vous."""

from collections import defaultdict

from django.apps import apps

from plie.templatetags.interface import jour_mois

# Par modèle : ce qu’il faut lire avec lui, et sa phrase.
PHRASES = {
    "documents.document": ((), lambda o: f"{o} du {jour_mois(o.fige_le)}"),
    "documents.signature": ((), lambda o: f"signature de {o.nom}"),
    "entretiens.demarche": ((), lambda o: f"démarche : {o.quoi}"),
    "entretiens.entretien": ((), lambda o: f"{o} du {jour_mois(o.jour)}"),
    "entretiens.rendezvous": ((), lambda o: f"rendez-vous du {jour_mois(o.debut)}"),
    "participants.piece": (("type",), lambda o: f"pièce : {o.type.libelle}"),
    "prescriptions.lignepiece": (("type",), lambda o: f"pièce demandée : {o.type.libelle}"),
    "prescriptions.prescription": ((), lambda o: f"demande {o.numero}"),
}


def nommer(lignes):
    """{(objet_type, clé): nom} de ce que ces lignes du journal touchent : une requête par sorte d’objet."""
    cles = defaultdict(set)
    for ligne in lignes:
        if ligne.objet_type in PHRASES:
            cles[ligne.objet_type].add(ligne.objet_id)
    noms = {}
    for objet_type, siennes in cles.items():
        avec, phrase = PHRASES[objet_type]
        objets = apps.get_model(objet_type)._base_manager.select_related(*avec).filter(pk__in=siennes)
        noms |= {(objet_type, objet.pk): phrase(objet) for objet in objets}
    return noms
