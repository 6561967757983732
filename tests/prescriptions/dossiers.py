"""Des demandes complètes, à défaire d’une chose à la fois."""

import datetime

from django.utils import timezone

from comptes.models import Role
from participants.models import TypePiece
from prescriptions.listes import MotifRefus, MotifSansSuite, Verdict
from prescriptions.models import Critere
from tests import factories as f

AUJOURD_HUI = timezone.localdate
JOUR = datetime.timedelta(1)


TYPES = {
    "identite": {"libelle": "Pièce d’identité", "obligatoire": True, "ordre": 1},
    "domicile": {"libelle": "Justificatif de domicile", "obligatoire": True, "validite_mois": 6, "ordre": 2},
    "attestation_rsa": {"libelle": "Attestation RSA", "validite_mois": 3, "ordre": 3},
}


def types_de_pieces():
    """Deux pièces exigées de tous (dont le domicile, valable six mois), et l’attestation qui prouve le RSA."""
    deja = {t.code: t for t in TypePiece.objects.filter(code__in=TYPES)}
    return {code: deja.get(code) or f.TypePieceFactory(code=code, **champs) for code, champs in TYPES.items()}


def critere_rsa():
    rsa = Critere.objects.filter(code="RSA").first()
    return rsa or f.CritereFactory(
        code="RSA", libelle="Bénéficiaire du RSA", types=[types_de_pieces()["attestation_rsa"]]
    )


def demande(etat="prise", *, verdict=Verdict.CONFORME, **champs):
    """Une demande à qui rien ne manque : entretien, avis, critère RSA, trois pièces du jour au `verdict` donné."""
    types = types_de_pieces()
    traits = {etat: True} if etat else {}
    prescription = f.PrescriptionFactory(**traits, **champs)
    if prescription.conseiller_id:
        f.EntretienFactory(
            participant=prescription.participant, conseiller=prescription.conseiller, premier_complet=True
        )
        f.AvisFactory(prescription=prescription)
    f.CritereInvoqueFactory(prescription=prescription, critere=critere_rsa())
    for type_piece in types.values():
        f.LignePieceFactory(prescription=prescription, type=type_piece, jointe=True, verdict=verdict)
    return prescription


def ligne(prescription, code):
    return prescription.lignes.select_related("type", "piece__type").get(type__code=code)


def renvoyee(**champs):
    """Renvoyée par les statistiques : l’attestation RSA est à remplacer."""
    prescription = demande("validee", **champs)
    prescription.renvoyer(
        par=agent(Role.STATISTIQUES), motifs=[], pieces=[(ligne(prescription, "attestation_rsa"), "expiree", "CAF")]
    )
    return prescription


def agent(role, **champs):
    return f.UtilisateurFactory(role=role, **champs)


# Chaque verbe, depuis un état où il est possible : (état de départ, état d’arrivée, rôle, arguments).
VERBES = {
    "prendre_en_charge": (None, "en_instruction", Role.CONSEILLER, {}),
    "transmettre": ("prise", "transmise", Role.CONSEILLER, {}),
    "completer": ("a_completer", "a_controler", Role.CONSEILLER, {}),
    "valider_pertinence": ("transmise", "a_controler", Role.RESPONSABLE, {}),
    "renvoyer": ("transmise", "a_completer", Role.RESPONSABLE, {"motifs": ["avis"]}),
    "accorder": ("validee", "accordee", Role.STATISTIQUES, {}),
    "rouvrir_controle": ("accordee", "a_controler", Role.ANIMATION, {"raison": "L’attestation a expiré."}),
    "refuser": (
        "transmise",
        "refusee",
        Role.RESPONSABLE,
        {"motif": MotifRefus.CRITERES, "dirigee_vers": "France Travail"},
    ),
    "acter_entree": ("accordee", "entree_actee", Role.ANIMATION, {}),
    "classer_sans_suite": ("prise", "sans_suite", Role.CONSEILLER, {"motif": MotifSansSuite.INJOIGNABLE}),
}


def prete(verbe):
    """Une demande où le verbe est possible, et l’agent qui peut le dire."""
    depart, _, role, _ = VERBES[verbe]
    prescription = repondue() if depart == "a_completer" else demande(depart)
    if role == Role.CONSEILLER and prescription.conseiller:
        return prescription, prescription.conseiller
    return prescription, agent(role, antenne=prescription.antenne if role == Role.CONSEILLER else None)


def repondue():
    """Renvoyée, et la case demandée a sa réponse : prête à repartir."""
    prescription = renvoyee()
    ligne(prescription, "attestation_rsa").promettre(AUJOURD_HUI() + 3 * JOUR, par=prescription.conseiller)
    prescription.refresh_from_db()
    return prescription


# Le trait de PrescriptionFactory qui mène à chaque état.
ETATS = {"orientee": None, "en_instruction": "prise", "transmise": "transmise", "a_controler": "validee"}
ETATS |= {"accordee": "accordee", "refusee": "refusee"}


def dire(prescription, verbe, par, **autres):
    return getattr(prescription, verbe)(par=par, **(VERBES[verbe][3] | autres))
