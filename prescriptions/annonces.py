"""Qui doit apprendre qu’une demande a bougé, et par quelles phrases. Écrit dans la transaction de l’acte.

Un titre sort par courriel : il porte le n° de la demande, jamais un nom. Chacun n’est prévenu qu’une fois par pas,
même s’il tient plusieurs rôles, et l’auteur de l’acte ne l’est pas.
"""

from django.urls import reverse

from comptes.models import Role, Utilisateur
from notifications.actions import marquer_lues, prevenir
from notifications.models import Envoi
from plie.templatetags.interface import date_longue
from prescriptions.attentes import attendues
from prescriptions.listes import StatutPrescription as S

# Statut atteint → [(à qui, titre, texte, courriel)] ; {n} est le n° de demande.
INTERNES = {
    S.ORIENTEE: [
        (
            "antenne",
            "Une orientation vous attend : demande {n}",
            "Prenez-la en charge et proposez un rendez-vous.",
            True,
        )
    ],
    S.TRANSMISE: [
        ("responsables", "Une demande attend votre validation : {n}", "L’avis du conseiller est joint.", True)
    ],
    S.A_CONTROLER: [
        ("statistiques", "Une demande est à contrôler : {n}", "Toutes les pièces attendues ont une réponse.", True)
    ],
    S.A_COMPLETER: [
        ("conseiller", "Une demande est à compléter : {n}", "Ce qui manque est écrit sur la demande.", True)
    ],
    S.ACCORDEE: [
        ("animation", "Une entrée est à acter : demande {n}", "Les Statistiques ont donné leur accord.", True),
        ("conseiller", "La demande {n} est accordée", "Il reste à acter l’entrée.", False),
    ],
    S.ENTREE_ACTEE: [("conseiller", "L’entrée de la demande {n} est actée", "Le parcours est ouvert.", True)],
    S.REFUSEE: [
        ("conseiller", "La demande {n} est refusée", "Le motif et l’orientation donnée sont sur la demande.", True)
    ],
    S.SANS_SUITE: [("conseiller", "La demande {n} est classée sans suite", "", False)],
}
# Ce que le partenaire apprend : l’état, et ce qu’on attend de lui. Rien du dossier. Le passage au contrôle suit de peu la
# transmission et ne lui demande rien : il le lit dans l’application.
PARTENAIRE = {
    S.EN_INSTRUCTION: ("Votre orientation {n} est prise en charge", "L’antenne va proposer un rendez-vous.", True),
    S.TRANSMISE: ("Votre orientation {n} avance", "La personne a été reçue en entretien.", True),
    S.A_CONTROLER: ("Votre orientation {n} est au contrôle", "Les pièces sont en cours de vérification.", False),
    S.A_COMPLETER: (
        "Votre orientation {n} est à compléter",
        "Attendu de vous :",
        True,
    ),
    S.ACCORDEE: ("Votre orientation {n} est acceptée", "Il reste à fixer l’entrée de la personne.", True),
    S.ENTREE_ACTEE: ("Votre orientation {n} : l’entrée est actée", "La personne a son référent.", True),
    S.REFUSEE: (
        "Votre orientation {n} est réorientée",
        "Vers qui la personne est dirigée est sur votre page de suivi.",
        True,
    ),
    S.SANS_SUITE: ("Votre orientation {n} est classée sans suite", "", True),
}


def annoncer(prescription, genre, par, *, texte=""):
    """Prévient qui doit l’être que `prescription` est passée à `genre` (StatutPrescription), par `par`.

    `texte` complète la phrase de l’équipe (« elle ressemble au dossier 2026-00012 ») ; le partenaire ne le lit pas.
    """
    deja = {getattr(par, "pk", None)}
    _avoir_lu(prescription, par)
    for audience, titre, phrase, courriel in INTERNES.get(genre, ()):
        destinataires = _nouveaux(AUDIENCES[audience](prescription), deja)
        _prevenir(prescription, genre, destinataires, titre, f"{phrase} {texte}".strip(), courriel, "detail")
    if genre in PARTENAIRE and prescription.organisation_id:
        titre, phrase, courriel = PARTENAIRE[genre]
        if genre == S.A_COMPLETER:
            noms = [ligne.type.libelle for ligne in attendues(prescription.lignes).select_related("type")]
            if not noms:
                return
            phrase = f"{phrase} {', '.join(noms)}."
        destinataires = _nouveaux(prescripteurs(prescription), deja)
        _prevenir(prescription, genre, destinataires, titre, phrase, courriel, "orientation")


def _avoir_lu(prescription, par):
    """Qui fait avancer une demande n’a plus à lire ce qui l’y appelait."""
    if isinstance(par, Utilisateur):
        marquer_lues(par, Envoi.objects.alertes_de(par).filter(objet_id=prescription.pk))


def annoncer_la_correction(prescription, avant, raison, par):
    """Le premier contact a changé de jour : la responsable, qui répond du délai, apprend lequel et pourquoi."""
    prevenir(
        [u for u in Utilisateur.objects.ayant_role(Role.RESPONSABLE) if u.pk != par.pk],
        genre="premier_contact_corrige",
        objet=prescription,
        occasion=prescription.version,
        titre=f"Le premier contact de la demande {prescription.numero} est corrigé",
        texte=f"{par} : du {date_longue(avant)} au {date_longue(prescription.premier_contact_le)}. {raison}",
        lien=reverse("prescriptions:detail", args=[prescription.pk]),
        courriel=False,
    )


def prescripteurs(prescription):
    """L’agent qui a orienté la personne ; si son compte est fermé, ses collègues de l’organisation."""
    comptes = Utilisateur.objects.ayant_role(Role.PRESCRIPTEUR).filter(
        interlocuteur__organisation=prescription.organisation_id, interlocuteur__organisation__active=True
    )
    return comptes.filter(pk=prescription.prescripteur_id) or comptes


def _conseillers_de_l_antenne(prescription):
    """Sans antenne (hors du territoire) ou sans conseiller, c’est à la responsable de la lire."""
    if prescription.antenne_id:
        conseillers = Utilisateur.objects.ayant_role(Role.CONSEILLER, prescription.antenne_id)
        if conseillers:
            return conseillers
    return Utilisateur.objects.ayant_role(Role.RESPONSABLE)


def _conseiller(prescription):
    if prescription.conseiller_id and prescription.conseiller.is_active:
        return [prescription.conseiller]
    return _conseillers_de_l_antenne(prescription)


AUDIENCES = {
    "antenne": _conseillers_de_l_antenne,
    "conseiller": _conseiller,
    "responsables": lambda prescription: Utilisateur.objects.ayant_role(Role.RESPONSABLE),
    "statistiques": lambda prescription: Utilisateur.objects.ayant_role(Role.STATISTIQUES),
    "animation": lambda prescription: Utilisateur.objects.ayant_role(Role.ANIMATION),
}


def _nouveaux(utilisateurs, deja):
    nouveaux = [u for u in utilisateurs if u.pk not in deja]
    deja.update(u.pk for u in nouveaux)
    return nouveaux


def _prevenir(prescription, genre, destinataires, titre, texte, courriel, page):
    if not destinataires:
        return
    adresse = "prescriptions:detail" if page == "detail" else "orientations:detail"
    prevenir(
        destinataires,
        genre=f"demande_{genre}",
        objet=prescription,
        occasion=prescription.version,
        titre=titre.format(n=prescription.numero),
        texte=texte,
        lien=reverse(adresse, args=[prescription.pk]),
        courriel=courriel,
    )
