from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from comptes.models import Role
from dossier import demande, fiche, fil
from entretiens.models import suit
from journal.actions import consigner_lecture

PREMIERE_ANNEE = 1900


@require_safe
def participant(request, pk):
    """Le dossier d’une personne. Chaque page montrée est une lecture : la suite du fil porte aussi toute la fiche (DP1)."""
    personne = fiche.charger(request.user, pk)
    if personne is None:
        raise Http404
    avant = _date(request.GET.get("avant", ""))
    consigner_lecture(personne, par=request.user, motif="suite du fil" if avant else "")
    passages = fiche.passages_de(personne)
    genre = request.GET.get("fil", "") if request.GET.get("fil") in fil.GENRES else ""
    lecteur, demandes = _lecteur(request.user, personne), demande.de(personne)
    deposees = fil.pieces_deposees(personne, request.user, avant)
    faits, suite = fil.page(personne, lecteur, passages, demandes, deposees, genre=genre, avant=avant)
    en_cours = demande.en_cours(demandes, request.user)
    contexte = _fiche(request, personne, passages, lecteur, deposees, en_cours) | {
        "fil": faits,
        "genres": [(code, nom, code == genre) for code, nom in fil.GENRES.items()],
        "genre": genre,
        "suite": _suite(suite, genre),
    }
    return render(request, "dossier/participant.html", contexte)


def _fiche(request, personne, passages, lecteur, deposees, en_cours):
    utilisateur, lit = request.user, lecteur.lit_les_entretiens
    return {
        "participant": personne,
        "faits": fiche.faits(personne),
        "actes": fiche.actes(personne, utilisateur),
        "phases": fiche.phases(passages),
        "en_cours": en_cours,
        "situation": fiche.situation(personne, passages),
        "horloges": fiche.horloges(personne),
        "demarches": fiche.demarches_ouvertes(personne) if lit else None,
        "peut_regler": utilisateur.a_role(Role.CONSEILLER) and lit,
        "pieces": fiche.pieces(deposees, utilisateur, en_cours["attendues"] if en_cours else ()),
        "voit_l_historique": fiche.voit_l_historique(utilisateur),
        "adresse": request.path,
    }


def _lecteur(utilisateur, personne):
    lit = utilisateur.a_role(Role.CONSEILLER, Role.RESPONSABLE) and suit(utilisateur, personne)
    return fil.Lecteur(utilisateur, lit)


def _suite(avant, genre):
    if avant is None:
        return None
    return {"url": f"?avant={avant:%Y-%m-%d}{f'&fil={genre}' if genre else ''}#t-fil", "texte": "Voir la suite"}


def _date(texte):
    """Le jour d’où reprendre le fil, ou None s’il ne s’y passe rien : aucun fait n’est plus vieux, ni ne viendra si tard."""
    try:
        jour = parse_date(texte)
    except ValueError:
        return None
    return jour if jour and PREMIERE_ANNEE <= jour.year <= timezone.localdate().year + 1 else None
