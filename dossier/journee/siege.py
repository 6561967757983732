"""La journée de la responsable, des Statistiques et de l’équipe d’animation : la file à traiter, et ce qui dérape."""

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from comptes.models import Role, Utilisateur
from delais.lignes import Ligne, decrire
from dossier.journee.compteurs import compteur
from horloges.registre import reunir
from participants.models import limite_de_validite
from plie.instants import dans
from plie.pages import Compte, combien
from plie.requetes import gardee
from plie.templatetags.interface import compte, depuis, jour_court, jour_mois
from prescriptions.horloges import PREMIER_ENTRETIEN
from prescriptions.listes import OUVERTES, StatutPrescription, Verdict
from prescriptions.models import LignePiece, Prescription
from reglages.lecture import valeur

S = StatutPrescription
MONTREES = 8
RETARDS = 6
TIENNENT = [Verdict.A_CONTROLER, Verdict.CONFORME]
FILES = {
    Role.RESPONSABLE: (S.TRANSMISE, "Pertinence à valider", "send", "Décider", "Aucune demande à valider"),
    Role.STATISTIQUES: (S.A_CONTROLER, "À contrôler", "clipboard-check", "Contrôler", "Aucun dossier au contrôle"),
    Role.ANIMATION: (S.ACCORDEE, "Entrées à acter", "door-enter", "Acter", "Aucune entrée à acter"),
}


def responsable():
    return _commun(Role.RESPONSABLE) | {
        "retards": _retards_par_antenne(),
        "delais": [ligne.en_ligne() | {"acte": None} for ligne in _en_retard()],
    }


def statistiques():
    return _commun(Role.STATISTIQUES) | {"pieces": _pieces_qui_expirent()}


def animation():
    return _commun(Role.ANIMATION)


# Les chiffres de chaque rôle : (ce qui rend les lignes à compter, texte, icône, état, adresse)


def _chiffres_responsable():
    return [
        _au_statut(S.TRANSMISE, "demande à valider/demandes à valider", "send", "info"),
        _en_retard_compte(),
        _a_tenir_compte(),
        _au_statut(S.ORIENTEE, "orientation à prendre/orientations à prendre", "inbox"),
    ]


def _chiffres_statistiques():
    return [
        _au_statut(S.A_CONTROLER, "dossier à contrôler/dossiers à contrôler", "clipboard-check", "info"),
        _au_statut(S.A_COMPLETER, "dossier renvoyé/dossiers renvoyés", "arrow-back-up"),
        _au_statut(S.ACCORDEE, "accord à acter/accords à acter", "circle-check"),
        _en_retard_compte(),
    ]


def _chiffres_animation():
    return [
        _au_statut(S.ACCORDEE, "entrée à acter/entrées à acter", "door-enter", "info"),
        _au_statut(S.A_CONTROLER, "dossier au contrôle/dossiers au contrôle", "clipboard-check"),
        _au_statut(S.A_COMPLETER, "dossier renvoyé/dossiers renvoyés", "arrow-back-up"),
    ]


CHIFFRES = {
    Role.RESPONSABLE: _chiffres_responsable,
    Role.STATISTIQUES: _chiffres_statistiques,
    Role.ANIMATION: _chiffres_animation,
}


def _au_statut(statut, texte, icone, etat=""):
    return lambda: Prescription.objects.filter(statut=statut), texte, icone, etat, _file(statut)


def _en_retard_compte():
    texte = "premier entretien en retard/premiers entretiens en retard"
    return PREMIER_ENTRETIEN.en_retard, texte, "circle-x", "retard", _delais("en_retard")


def _a_tenir_compte():
    texte = "premier entretien sous 14 jours/premiers entretiens sous 14 jours"
    return PREMIER_ENTRETIEN.bientot, texte, "clock-exclamation", "attention", _delais("a_tenir")


def _commun(role):
    """La file du rôle, la plus ancienne d’abord. Une requête."""
    statut, titre, icone, verbe, vide = FILES[role]
    return {
        "gabarit": "dossier/_journee_siege.html",
        "compteurs": _compteurs(role),
        "file": {
            "titre": titre,
            "icone": icone,
            "vide": vide,
            "url": _file(statut),
            "lignes": [_demande(d, role, icone, verbe) for d in _demandes(role)],
        },
    }


@gardee()
def _demandes(role):
    return (
        Prescription.objects.filter(statut=FILES[role][0])
        .select_related("participant__commune", "antenne", "conseiller")
        .annotate(**_cases() if role == Role.STATISTIQUES else {})
        .order_by("statut_depuis", "id")[:MONTREES]
    )


def _cases():
    cases = LignePiece.objects.filter(prescription=OuterRef("pk")).order_by().values("prescription")
    return {
        "cases": _nombre(cases.annotate(n=Count("pk"))),
        "vues": _nombre(cases.annotate(n=Count("pk", filter=~Q(verdict=Verdict.A_CONTROLER)))),
    }


def _nombre(comptes):
    return Coalesce(Subquery(comptes.values("n")), 0, output_field=IntegerField())


def _demande(demande, role, icone, verbe):
    jours = (timezone.now() - demande.statut_depuis).days
    url = demande.get_absolute_url()
    if role == Role.STATISTIQUES:
        url = reverse("prescriptions:controle", args=[demande.pk])
        detail = f"{compte(demande.vues, 'pièce vue')} sur {demande.cases}" if demande.cases else "aucune pièce"
    elif role == Role.ANIMATION and demande.entree_prevue_le:
        detail = f"entrée prévue le {jour_mois(demande.entree_prevue_le)}"
    else:
        detail = f"suivie par {demande.conseiller}" if demande.conseiller_id else "sans conseiller"
    return {
        "icone": icone,
        "etat": "attention" if jours > 7 else "info",
        "nom": demande.participant.nom_complet,
        "url": demande.get_absolute_url(),
        "precision": depuis(demande.statut_depuis),
        "raison": " · ".join(filter(None, [demande.participant.lieu, detail])),
        "acte": {"texte": verbe, "url": url},
    }


# Les délais, pour tout le PLIE : ceux du premier entretien, seuls assez peu nombreux pour se compter à chaque page.


def _retards_par_antenne():
    """[{antenne, nombre, url}] des premiers entretiens en retard. Une requête."""
    return [
        {
            "antenne": ligne["antenne__nom"] or "Sans antenne",
            "nombre": ligne["nombre"],
            "url": _delais("en_retard") + (f"&antenne={ligne['antenne_id']}" if ligne["antenne_id"] else ""),
        }
        for ligne in _retards_comptes()
    ]


@gardee()
def _retards_comptes():
    comptes = PREMIER_ENTRETIEN.en_retard().values("antenne_id", "antenne__nom").annotate(nombre=Count("pk"))
    return comptes.order_by("-nombre", "antenne__nom")


def _en_retard():
    return [Ligne(valeurs) for valeurs in _plus_en_retard()]


@gardee()
def _plus_en_retard():
    retards = decrire(PREMIER_ENTRETIEN, PREMIER_ENTRETIEN.en_retard(), "prochain_rdv", "personne")
    return reunir([retards], ["echeance", "objet_id"])[:RETARDS]


def _delais(vue):
    return reverse("delais:liste") + f"?vue={vue}&horloge=premier_entretien"


def _file(statut):
    return reverse("prescriptions:liste") + f"?etat={statut}"


def _pieces_qui_expirent():
    """Pièces des demandes ouvertes qui ne vaudront bientôt plus, ou plus déjà. Une requête."""
    return [
        {
            "icone": "hourglass",
            "etat": "retard" if case.limite < timezone.localdate() else "attention",
            "nom": case.piece.participant.nom_complet,
            "url": reverse("prescriptions:detail", args=[case.prescription_id]),
            "raison": f"{case.piece.type.libelle}, valable jusqu’au {jour_court(case.limite)}",
            "precision": depuis(case.limite),
            "acte": {"texte": "Voir", "url": reverse("prescriptions:detail", args=[case.prescription_id])},
        }
        for case in _cases_qui_expirent(valeur("alerte_piece"))
    ]


@gardee()
def _cases_qui_expirent(jours):
    """Une case déjà renvoyée à refaire n’alerte plus : sa pièce est demandée."""
    ouvertes = LignePiece.objects.filter(prescription__statut__in=sorted(OUVERTES), verdict__in=TIENNENT)
    return (
        ouvertes.filter(piece__retiree_le=None)
        .annotate(limite=limite_de_validite("piece__"))
        .filter(limite__lte=dans(jours))
        .select_related("piece__participant", "piece__type")
        .order_by("limite", "id")[:RETARDS]
    )


def _compteurs(role):
    """Des chiffres qui ouvrent leur liste, tous en une requête."""
    (comptes,) = _comptes(role)
    return [
        compteur(comptes[f"c{rang}"], texte, url, icone, etat) | {"nombre": combien(comptes[f"c{rang}"])}
        for rang, (_, texte, icone, etat, url) in enumerate(CHIFFRES[role]())
    ]


@gardee()
def _comptes(role):
    expressions = {f"c{rang}": Compte(chiffre[0]()) for rang, chiffre in enumerate(CHIFFRES[role]())}
    return Utilisateur.objects.order_by().values(**expressions)[:1]
