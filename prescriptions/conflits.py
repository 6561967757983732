"""Deux personnes ont écrit au même endroit : les deux textes se montrent, et rien n’est perdu (RE1)."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from comptes.models import Utilisateur
from plie.templatetags.interface import date_longue, heure

SIEN = "sien"  # valeur de « garder » quand on renonce à sa propre saisie


@dataclass(frozen=True)
class Conflit:
    """Ce que l’on voulait écrire (`mien`), ce qui est enregistré (`sien`), et de quoi renvoyer l’un ou les deux."""

    quoi: str
    url: str
    retour: str
    mien: dict
    sien: dict
    caches: dict
    texte: str = ""  # nom du champ qui porte le texte, s’il y en a un à fondre
    fusion: str = ""

    def contexte(self):
        return {"conflit": self}

    @classmethod
    def d_avis(cls, prescription, donnees, lecteur):
        """Le Conflit, ou None : personne n’a écrit d’avis depuis celui que l’on avait lu, ou c’est le même envoi."""
        dernier = prescription.avis.select_related("donne_par").first()
        lu = (donnees["dernier"], donnees["version"])
        if dernier is None or (dernier.pk, dernier.version) == lu:
            return None
        mien = donnees["motivation"].strip()
        if dernier.donne_par_id == lecteur.pk and (dernier.sens, dernier.motivation) == (donnees["sens"], mien):
            return None
        return cls(
            quoi="L’avis",
            url=reverse("prescriptions:avis", args=[prescription.pk]),
            retour=reverse("prescriptions:detail", args=[prescription.pk]),
            mien=_texte(lecteur, timezone.now(), mien),
            sien=_texte(dernier.donne_par, dernier.donne_le, dernier.motivation),
            caches={"sens": donnees["sens"], "dernier": dernier.pk, "version": dernier.version},
            texte="motivation",
            fusion=f"{dernier.motivation}\n\n{mien}",
        )

    @classmethod
    def d_entree(cls, prescription, donnees, lecteur):
        """Le Conflit, ou None : la demande n’a pas changé, ou elle dit déjà ce que l’on veut écrire."""
        if donnees["version"] == prescription.version or _dit_deja(prescription, donnees):
            return None
        referent = donnees["referent_propose"]
        version = prescription.history.select_related("history_user").latest()
        mien = _entree(donnees["entree_prevue_le"], referent, donnees["referent_motif"])
        en_base = Utilisateur.objects.filter(pk=prescription.referent_propose_id).first()
        sien = _entree(prescription.entree_prevue_le, en_base, prescription.referent_motif)
        return cls(
            quoi="L’entrée prévue",
            url=reverse("prescriptions:entree", args=[prescription.pk]),
            retour=reverse("prescriptions:detail", args=[prescription.pk]),
            mien=_texte(lecteur, timezone.now(), mien),
            sien=_texte(version.history_user or "Le logiciel", version.history_date, sien),
            caches={
                "entree_prevue_le": donnees["entree_prevue_le"] or "",
                "referent_propose": referent.pk if referent else "",
                "referent_motif": donnees["referent_motif"],
                "version": prescription.version,
            },
        )


def _texte(auteur, quand, texte):
    return {"auteur": auteur, "quand": heure(quand), "texte": texte}


def _entree(jour, referent, motif):
    lignes = [f"Entrée prévue : {date_longue(jour) if jour else 'aucune date'}"]
    lignes.append(f"Référent proposé : {referent or 'le conseiller qui suit la demande'}")
    return "\n".join([*lignes, f"Parce que : {motif}"] if motif else lignes)


def _dit_deja(prescription, donnees):
    referent = donnees["referent_propose"]
    return (
        prescription.entree_prevue_le == donnees["entree_prevue_le"]
        and prescription.referent_propose_id == (referent.pk if referent else None)
        and prescription.referent_motif == donnees["referent_motif"]
    )
