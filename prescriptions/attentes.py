"""Ce que l’on attend d’un prescripteur : une seule règle, en SQL, pour sa page, sa liste, ses comptes et ses courriels.

Elle reçoit les cases (LignePiece) en QuerySet et retrouve leurs modèles par lui : le modèle de la demande s’en sert aussi.
"""

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone

from participants.models import TypePiece
from prescriptions.listes import Verdict


def types_discrets():
    """Les types de pièces qui révèlent une situation (santé, justice, hébergement…), en sous-requête : jamais
    demandés au partenaire.
    """
    return TypePiece.objects.filter(sensible=True, obligatoire=False).order_by().values("pk")


def visibles(lignes):
    """Les cases qu’un prescripteur voit : celles de tous, celles qu’il a annoncées, celles qu’on lui demande.

    Chacune porte `attendue`.
    """
    demandees = Q(demandee_le__isnull=False) & ~Q(type__in=types_discrets())
    return annoter(lignes.filter(Q(type__obligatoire=True) | Q(du_prescripteur=True) | demandees))


def annoter(lignes):
    """Les mêmes cases, chacune avec `attendue` : comme `Cases.attendues`."""
    return lignes.annotate(attendue=ExpressionWrapper(_attend() & _sert(lignes.model), output_field=BooleanField()))


def attendues(lignes):
    """Celles qu’on lui demande encore."""
    return visibles(lignes).filter(attendue=True)


def _attend():
    """Comme `LignePiece.est_attendue` : renvoyée, et ni remplacée, ni promise, ni expliquée depuis."""
    pas_promise = Q(promise_pour=None) | Q(promise_pour__lt=timezone.localdate())
    return pas_promise & Q(
        verdict__in=[Verdict.MANQUANTE, Verdict.NON_CONFORME], demandee_le__isnull=False, reponse=""
    )


def _fournie():
    """Comme `LignePiece.est_fournie`."""
    jointe = Q(piece__isnull=False, piece__retiree_le=None)
    return (jointe | Q(promise_pour__gte=timezone.localdate()) | ~Q(reponse="")) & ~_attend()


def _sert(modele):
    """Comme `Cases.attendues` : exigée de tous, ou prouve un critère gardé qu’aucune autre pièce ne prouve."""
    demande = modele._meta.get_field("prescription").related_model
    invoques = demande._meta.get_field("criteres_invoques").related_model
    autres = modele.objects.filter(
        _fournie(), prescription=OuterRef("prescription"), type__criteres=OuterRef("critere")
    ).exclude(type=OuterRef(OuterRef("type")))
    prouve = invoques.objects.filter(
        ~Exists(autres), prescription=OuterRef("prescription"), retire_le=None, critere__types=OuterRef("type")
    )
    return Q(type__obligatoire=True) | Q(Exists(prouve))
