"""Les personnes et les demandes qu’une recherche désigne, dans le périmètre de qui cherche."""

import re

from django.db.models import Case, CharField, Exists, OuterRef, Subquery, Value, When
from django.db.models.functions import Concat
from django.urls import reverse

from comptes.models import ROLES_DU_SIEGE, Role
from parcours.models import Affectation, Parcours, PassageDePhase, Phase
from participants import dates, telephones
from participants.models import Participant
from participants.recherche import chercher
from prescriptions.models import Prescription

LIMITE = 50
DEMANDE = re.compile(r"^P-?(\d{4})-?(\d{1,6})$", re.IGNORECASE)
DOSSIER = re.compile(r"^(\d{4})-(\d{1,6})$")
IDENTIFIANT = re.compile(r"^\d{7}[A-Za-z]$|^\d{11}$")


def resultats(q, utilisateur):
    """Participants annotés de leur référent et de leur situation, les plus sûrs d’abord."""
    referent = Affectation.objects.filter(participant=OuterRef("pk"), au=None)
    nom = Concat("conseiller__prenom", Value(" "), "conseiller__nom", output_field=CharField())
    phase = PassageDePhase.objects.filter(parcours__participant=OuterRef("pk"), au=None).order_by("-du")
    visibles = (
        Participant.objects.visibles_par(utilisateur)
        .avec_dossier()
        .annotate(
            referent_nom=Subquery(referent.values(n=nom)[:1]),
            phase=Subquery(phase.values("phase")[:1]),
            situation=Case(
                When(
                    Exists(Parcours.objects.filter(participant=OuterRef("pk")).exclude(statut="sorti")),
                    Value("suivie"),
                ),
                When(Exists(Parcours.objects.filter(participant=OuterRef("pk"))), Value("sortie")),
                default=Value("candidate"),
            ),
        )
    )
    trouves = chercher(q, visibles=visibles, limite=LIMITE)
    for personne in trouves:
        personne.etat_affiche = _etat(personne)
    return trouves


def _etat(personne):
    """(texte, état) de la puce."""
    if personne.situation == "suivie":
        return (Phase(personne.phase).label if personne.phase else "En parcours", "info")
    return ("Sortie du PLIE", "neutre") if personne.situation == "sortie" else ("Candidate", "neutre")


def demandes(q, utilisateur):
    """Les demandes visibles dont le n° est celui-là."""
    trouve = DEMANDE.match(q)
    if not trouve or not utilisateur.a_role(*ROLES_DU_SIEGE, Role.CONSEILLER):
        return []
    numero = f"P-{trouve[1]}-{int(trouve[2]):05d}"
    visibles = Prescription.objects.instruites_par(utilisateur).select_related("participant", "antenne")
    return list(visibles.filter(numero=numero).order_by("pk"))


def exact(q, trouves, trouvees):
    """L’adresse de la seule chose que `q` désigne à coup sûr : un n°, un identifiant, un téléphone entier ; sinon None."""
    if len(trouvees) == 1:
        return trouvees[0].get_absolute_url()
    if len(trouves) != 1:
        return None
    (personne,) = trouves
    numero = DOSSIER.match(q)
    sur = (
        (numero and personne.numero == f"{numero[1]}-{int(numero[2]):05d}")
        or (IDENTIFIANT.match(q) and personne.identifiant_ft == q.upper())
        or (personne.telephone and telephones.normaliser(q) == personne.telephone and not dates.trouver(q)[0])
    )
    return reverse("dossier:participant", args=[personne.pk]) if sur else None
