"""Le jeton de formulaire : vingt envois du même formulaire n’ont qu’un effet (RE3)."""

import uuid

from django import forms
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, transaction

from comptes.models import JetonFormulaire


def nouveau_jeton():
    return str(uuid.uuid4())


class AvecJeton(forms.Form):
    """À hériter par tout formulaire qui crée quelque chose."""

    jeton = forms.UUIDField(widget=forms.HiddenInput, initial=nouveau_jeton)


def une_seule_fois(jeton, *, par, acte):
    """Exécute `acte` (fonction sans argument qui rend l’adresse de la réponse) dans une transaction, une seule fois.

    Le jeton est pris dans la même transaction : si l’acte échoue, le jeton reste libre et l’on peut recommencer.
    Rend l’adresse ; celle du premier envoi quand le jeton a déjà servi. Lève SuspiciousOperation (400) s’il est à un autre.
    """
    if (reponse := _deja_rendue(jeton, par)) is not None:
        return reponse
    try:
        with transaction.atomic():
            ligne = JetonFormulaire.objects.create(jeton=jeton, utilisateur=par)
            ligne.reponse = acte()
            ligne.save(update_fields=["reponse"])
            return ligne.reponse
    except IntegrityError:
        if (reponse := _deja_rendue(jeton, par)) is None:  # c’est l’acte lui-même qui a été refusé
            raise
        return reponse


def a_servi(jeton, par):
    """Vrai si ce formulaire de `par` a déjà été reçu ; `jeton` est une clé, ou None."""
    return jeton is not None and JetonFormulaire.objects.filter(jeton=jeton, utilisateur=par).exists()


def _deja_rendue(jeton, par):
    ligne = JetonFormulaire.objects.filter(jeton=jeton).first()
    if ligne and ligne.utilisateur_id != par.pk:
        raise SuspiciousOperation("Ce formulaire a été affiché à quelqu’un d’autre.")
    return ligne and ligne.reponse
