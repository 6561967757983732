"""Ce qu’il faut savoir avant le prochain rendez-vous, en trois ou quatre lignes. Une requête."""

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.utils import timezone

from documents.models import Signature
from entretiens.models import Demarche, Entretien
from horloges.calcul import Etat
from participants.models import Participant
from plie.requetes import gardee
from plie.templatetags.interface import compte, jour_mois
from prescriptions.models import LignePiece


def preparer(rdv, horloges):
    """[{icone, etat, texte, fort}] : les délais, la dernière rencontre, les démarches, ce qui reste à signer ou à joindre."""
    (lu,) = _lire(pk=rdv.participant_id)
    return [_delai(h) for h in horloges] + _dossier(lu, rdv)


@gardee(pk=UUIDField())
def _lire(pk):
    demarches = Demarche.objects.ouvertes().filter(participant=OuterRef("pk")).order_by().values("participant")
    dernier = Entretien.objects.clos().filter(participant=OuterRef("pk")).order_by("-jour", "-id")
    manque = LignePiece.objects.filter(prescription__participant=OuterRef("pk"), piece=None).exclude(
        prescription__statut__in=["entree_actee", "refusee", "sans_suite"]
    )
    attend = Signature.objects.a_signer().filter(document__participant=OuterRef("pk"))
    return (
        Participant.objects.filter(pk=pk)
        .order_by()
        .values(
            ouvertes=_nombre(demarches.annotate(n=Count("pk"))),
            echues=_nombre(demarches.annotate(n=Count("pk", filter=Q(pour_le__lt=timezone.localdate())))),
            vu_le=Subquery(dernier.values("jour")[:1]),
            objectif=Subquery(dernier.values("objectif")[:1]),
            piece=Subquery(manque.order_by("type__ordre").values("type__libelle")[:1]),
            a_signer=Exists(attend),
        )
    )


def _nombre(comptes):
    return Coalesce(Subquery(comptes.values("n")), 0, output_field=IntegerField())


def _delai(horloge):
    mesure = horloge.mesure
    if mesure.etat == Etat.ARRETEE:
        return {"icone": "clock-pause", "texte": f"{horloge.definition.libelle} : délai arrêté"}
    avant = f"avant le {jour_mois(mesure.echeance)}" if horloge.reste >= 0 else horloge.retard
    quoi = "Premier entretien à tenir" if horloge.code == "premier_entretien" else "Prochain entretien"
    return {
        "icone": "hourglass",
        "etat": {"info": ""}.get(horloge.horloge["etat"], horloge.horloge["etat"]),
        "texte": f"{quoi} ",
        "fort": avant,
        "suite": f" (J+{mesure.ecoules} de {mesure.limite})",
    }


def _dossier(lu, rdv):
    lignes = []
    if rdv.objet.lower() == "premier entretien" or not lu["vu_le"]:
        lignes.append({"icone": "book", "texte": "Livret d’information à remettre, trois présentations à faire"})
    if lu["vu_le"]:
        lignes.append({"icone": "history", "texte": f"Vu le {jour_mois(lu['vu_le'])} : {_phrase(lu['objectif'])}"})
    if lu["ouvertes"]:
        echues = f", dont {compte(lu['echues'], 'échue')}" if lu["echues"] else ""
        lignes.append({"icone": "list-check", "texte": f"{compte(lu['ouvertes'], 'démarche')} à revoir{echues}"})
    if lu["a_signer"]:
        lignes.append({"icone": "signature", "texte": "Une synthèse à signer ensemble"})
    if lu["piece"]:
        lignes.append({"icone": "paperclip", "texte": f"Pièce à demander : {lu['piece'].lower()}"})
    return lignes


def _phrase(objectif):
    return objectif[:1].lower() + objectif[1:] if objectif else "sans objectif noté"
