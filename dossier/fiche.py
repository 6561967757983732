"""Un dossier sur un écran : qui, où en est son parcours, ce qui court, ce qui reste à faire."""

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from comptes.models import Role
from entretiens.models import Demarche, RendezVous, suit
from entretiens.permissions import peut_conduire
from horloges.calcul import Etat
from horloges.registre import du_dossier
from journal.models import Acte, Ligne
from notifications.models import Envoi
from parcours.models import PassageDePhase, Phase, StatutParcours
from participants.models import Participant, Sexe
from participants.permissions import peut_lire_piece
from plie.instants import a, dans
from plie.pages import Compte
from plie.requetes import gardee
from plie.templatetags.interface import compte, date_courte, de, heure, jour_court, jour_mois, telephone

NOMBRE_DE_PIECES = 12
MOTS = {Etat.TENUE: "tenu à J+{}", Etat.ROMPUE: "tenu à J+{}, hors délai", Etat.INCOHERENTE: "dates à corriger"}


def charger(utilisateur, pk):
    """La personne, dans le périmètre de `utilisateur`, avec sa commune, son antenne et son référent ; None hors périmètre."""
    return next(iter(_charger(utilisateur, pk=pk)), None)


@gardee(pk=UUIDField())
def _charger(utilisateur, pk):
    ouverte = FilteredRelation("affectations", condition=Q(affectations__au=None))
    return (
        Participant.objects.visibles_par(utilisateur)
        .avec_dossier()
        .annotate(
            ouverte=ouverte,
            referent_id=F("ouverte__conseiller"),
            referent_prenom=F("ouverte__conseiller__prenom"),
            referent_nom=F("ouverte__conseiller__nom"),
            referent_depuis=F("ouverte__du"),
            prochain_rdv=Subquery(
                RendezVous.objects.attendus().filter(participant=OuterRef("pk")).values("debut")[:1]
            ),
            lecteurs=_lecteurs_du_mois(),
            courriels_perdus=Compte(Envoi.objects.en_echec().filter(participant_id=OuterRef("pk"))),
        )
        .filter(pk=pk)
    )


def passages_de(participant):
    """Les phases de tous les parcours de la personne, les plus récentes d’abord."""
    return list(
        PassageDePhase.objects.filter(parcours__participant=participant)
        .select_related("parcours")
        .order_by("-du", "-id")
    )


def phases(passages):
    """Pour components/phases.html : les quatre phases du parcours le plus récent ; vide avant l’entrée."""
    if not passages:
        return []
    parcours = passages[0].parcours
    du_parcours = {p.phase: p for p in reversed(passages) if p.parcours_id == parcours.pk}
    courante = next((p for p in passages if p.parcours_id == parcours.pk and p.au is None), None)
    return [_phase(phase, du_parcours.get(phase), courante) for phase in Phase]


def _phase(phase, passage, courante):
    if courante and phase == courante.phase:
        return {"nom": phase.label, "detail": f"depuis le {jour_court(courante.du)}", "etat": "courante"}
    if passage:
        jours = ((passage.au or timezone.localdate()) - passage.du).days
        mois = round(jours / 30.44)
        return {
            "nom": phase.label,
            "detail": compte(mois, "mois/mois") if mois else compte(jours, "jour"),
            "etat": "fait",
        }
    return {"nom": phase.label, "detail": "à venir", "etat": ""}


def horloges(participant):
    """Pour components/horloges.html : la dernière de chaque sorte qui a encore un sens (demande close : plus rien à tenir)."""
    mesures = [(definition, mesure) for definition, _, mesure in du_dossier(participant)]
    dernieres = {d.code: (d, mesure) for d, mesure in mesures if mesure.etat != Etat.SANS_OBJET}
    return [_horloge(definition, mesure) for definition, mesure in dernieres.values()]


def _horloge(definition, mesure):
    if mesure.est_finie:
        detail = MOTS[mesure.etat].format(mesure.ecoules)
    else:
        detail = f"avant le {jour_court(mesure.echeance)}" if mesure.echeance else "arrêtée"
    return {
        "nom": definition.libelle,
        "jours": mesure.ecoules,
        "limite": mesure.limite,
        "etat": mesure.couleur,
        "detail": detail,
        "terminee": mesure.est_finie,
    }


def situation(participant, passages):
    """Les lignes à droite des phases."""
    parcours = passages[0].parcours if passages else None
    lignes = []
    if participant.prochain_rdv:
        quand = f"{date_courte(participant.prochain_rdv)}, {heure(participant.prochain_rdv)}"
        lignes.append(("Prochain RDV", quand))
    else:
        lignes.append(("Prochain RDV", "aucun"))
    if participant.referent_id:
        depuis = f"{participant.referent_prenom} {participant.referent_nom} depuis le {jour_court(participant.referent_depuis)}"
        lignes.append(("Référent", depuis))
    else:
        lignes.append(("Référent", "aucun"))
    if participant.courriels_perdus:
        lignes.append(("Courriels", compte(participant.courriels_perdus, "non parti/non partis")))
    if parcours is None:
        lignes.append(("Parcours", "candidat : pas encore entré"))
    elif parcours.statut == StatutParcours.SORTI:
        lignes.append(("Parcours", f"du {jour_court(parcours.entre_le)} au {jour_court(parcours.sorti_le)}"))
    else:
        lignes.append(("Entrée", jour_court(parcours.entre_le)))
    return lignes


def faits(participant):
    ne = {Sexe.FEMME: "Née", Sexe.HOMME: "Né"}.get(participant.sexe, "Naissance")
    fiche = [
        {"texte": f"{ne} le {jour_mois(participant.naissance)}, {participant.age()} ans"},
        {"texte": f"n° {participant.numero}"},
        {"texte": participant.lieu, "icone": "map-pin"},
    ]
    if participant.telephone:
        numero = telephone(participant.telephone)
        fiche.append({"texte": numero, "icone": "phone", "url": f"tel:{participant.telephone.replace(' ', '')}"})
    if participant.joindre:
        fiche.append({"texte": participant.joindre, "icone": "message"})
    if participant.antenne_id:
        fiche.append({"texte": f"antenne {de(participant.antenne.nom)}", "icone": "building"})
    return fiche


def actes(participant, utilisateur):
    """Les actes de l’en-tête, le premier étant le prochain geste attendu."""
    if not (peut_conduire(utilisateur) and suit(utilisateur, participant)):
        return []
    possibles = [
        ("Nouvel entretien", "entretiens:nouveau", "writing", "principal", "n"),
        ("RDV", "entretiens:rendez_vous", "calendar-plus", "second", "r"),
        ("Démarche", "entretiens:demarche_nouvelle", "list-check", "second", "d"),
        ("Modifier", "dossier:modifier", "edit", "second", "m"),
    ]
    return [
        {"texte": texte, "url": reverse(nom, args=[participant.pk]), "icone": icone, "genre": genre, "touche": touche}
        for texte, nom, icone, genre, touche in possibles
    ]


def demarches_ouvertes(participant):
    return list(Demarche.objects.ouvertes().filter(participant=participant).order_by("pour_le", "id")[:20])


def pieces(deposees, utilisateur, attendues=()):
    """La dernière pièce de chaque type parmi `deposees` (les plus récentes d’abord) : (pièce, texte, état).

    attendues : les cases que la demande en cours a renvoyées ; la pièce refusée n’y passe pas pour bonne.
    """
    refusees = {ligne.piece_id: f"à remplacer : {ligne.get_motif_display()}" for ligne in attendues if ligne.piece_id}
    tenues = [p for p in reversed(deposees) if p.retiree_le is None and p.suite_de_id is None]
    visibles = [p for p in {p.type_id: p for p in tenues}.values() if peut_lire_piece(utilisateur, p)]
    visibles.sort(key=lambda p: (p.type.ordre, p.type.libelle))
    return [
        (p, refusees[p.pk], "attention") if p.pk in refusees else (p, *_validite(p))
        for p in visibles[:NOMBRE_DE_PIECES]
    ]


def _validite(piece):
    limite, aujourd_hui = piece.valable_jusqu_au(), timezone.localdate()
    if limite is None:
        return ("valide", "ok") if piece.est_valable(aujourd_hui) else ("date à lire", "attention")
    if limite < aujourd_hui:
        return f"expirée le {jour_court(limite)}", "retard"
    return (
        (f"jusqu’au {jour_court(limite)}", "ok")
        if (limite - aujourd_hui).days > 30
        else (
            f"expire le {jour_court(limite)}",
            "attention",
        )
    )


def _lecteurs_du_mois():
    """Combien de personnes ont lu ce dossier depuis 30 jours (« qui a lu mon dossier »)."""
    depuis = a(dans(-30))
    lectures = Ligne.objects.filter(participant_id=OuterRef("pk"), acte=Acte.LECTURE, le__gte=depuis).order_by()
    nombre = lectures.values("participant_id").annotate(n=Count("auteur", distinct=True)).values("n")
    return Coalesce(Subquery(nombre), 0)


def voit_l_historique(utilisateur):
    return utilisateur.a_role(Role.RESPONSABLE, Role.ADMINISTRATEUR)
