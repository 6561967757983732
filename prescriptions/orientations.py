"""Une demande telle que son prescripteur la voit : où elle en est, ce que l’on attend de lui. Rien du dossier (A2)."""

from dataclasses import dataclass

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, Subquery, Value, When

from entretiens.models import Entretien, RendezVous
from plie.requetes import gardee
from plie.templatetags.interface import date_longue, de, heure, jour_mois, telephone
from prescriptions import attentes
from prescriptions.listes import FINIES, MotifSansSuite, MoyenAccord
from prescriptions.listes import StatutPrescription as S
from prescriptions.models import LignePiece, Prescription

SANS_SUITE = {
    MotifSansSuite.PAS_INTERESSE: "à sa demande",
    MotifSansSuite.INJOIGNABLE: "injoignable malgré les appels",
    MotifSansSuite.DEMENAGEMENT: "a déménagé",
    MotifSansSuite.DOUBLON: "demande en double",
    MotifSansSuite.EMPLOI: "a retrouvé un emploi",
}
ACCORDS = {
    MoyenAccord.SIGNE: "signé à l’écran",
    MoyenAccord.PAPIER: "signé sur papier",
    MoyenAccord.VIVE_VOIX: "donné de vive voix",
}
FILTRES = {"toutes": "Toutes", "a_moi": "À moi de jouer", "en_cours": "En cours", "finies": "Finies"}


def suivies_par(utilisateur, *, en_liste=False):
    """Les demandes de l’organisation de `utilisateur`, avec ce que leur état doit dire : rendez-vous, entretien, cases.

    `en_liste` : les seules cases des demandes à compléter, dont la liste parle.
    """
    rendez_vous = RendezVous.objects.a_venir().filter(participant=OuterRef("participant"))
    entretiens = Entretien.objects.informes_depuis(OuterRef("participant"), OuterRef("premier_contact_le"))
    cases = (
        attentes.visibles(LignePiece.objects.all())
        .select_related("type", "piece")
        .order_by("type__ordre", "type__libelle")
    )
    if en_liste:
        cases = cases.filter(prescription__statut=S.A_COMPLETER)
    return (
        Prescription.objects.orientees_par(utilisateur)
        .select_related("participant", "antenne", "prescripteur")
        .annotate(
            rdv_le=Subquery(rendez_vous.values("debut")[:1]),
            rdv_antenne=Subquery(rendez_vous.values("antenne__nom")[:1]),
            recue_le=Subquery(entretiens.values("jour")[:1]),
        )
        .prefetch_related(Prefetch("lignes", cases, to_attr="cases"))
        .order_by("-orientee_le", "-id")
    )


def filtrer(demandes, etat):
    """`etat` : une clé de FILTRES ; une autre ne filtre rien."""
    if etat == "a_moi":
        return demandes.filter(a_moi())
    if etat == "en_cours":
        return demandes.exclude(statut__in=FINIES).exclude(a_moi())
    return demandes.filter(statut__in=FINIES) if etat == "finies" else demandes


def compter(utilisateur):
    """{clé de FILTRES: nombre}, en une requête."""
    comptes = {"finies": 0, "a_moi": 0, "en_cours": 0}
    comptes |= {ligne["ou"]: ligne["n"] for ligne in _comptes(utilisateur)}
    return comptes | {"toutes": sum(comptes.values())}


@gardee()
def _comptes(utilisateur):
    ou = Case(
        When(statut__in=FINIES, then=Value("finies")), When(a_moi(), then=Value("a_moi")), default=Value("en_cours")
    )
    return Prescription.objects.orientees_par(utilisateur).order_by().values(ou=ou).annotate(n=Count("pk"))


def a_moi():
    """La demande attend une pièce du prescripteur."""
    cases = attentes.attendues(LignePiece.objects.filter(prescription=OuterRef("pk")))
    # L’état d’abord : il évite de lire les cases de toutes les autres.
    return Q(statut=S.A_COMPLETER) & Q(Exists(cases))


@dataclass(frozen=True)
class Etat:
    """Ce que la puce dit, et la ligne en dessous."""

    texte: str
    etat: str
    detail: str = ""
    icone: str = ""


def etat_de(demande):
    """L’Etat d’une demande venue de `suivies_par`."""
    if demande.statut in (S.TRANSMISE, S.EN_INSTRUCTION) and demande.recue_le:
        suite = "la responsable lit la demande" if demande.statut == S.TRANSMISE else "la demande se prépare"
        return Etat("Reçue en entretien", "info", f"le {jour_mois(demande.recue_le)}, {suite}")
    return ETATS[demande.statut](demande)


def _en_instruction(demande):
    if demande.rdv_le:
        return Etat("RDV pris", "info", _rendez_vous(demande), "calendar-event")
    return Etat("Prise en charge", "info", "un rendez-vous va lui être proposé")


def _a_completer(demande):
    noms = ", ".join(ligne.type.libelle for ligne in attendues(demande))
    return Etat("À compléter", "attention", noms or "l’antenne s’en occupe")


ETATS = {
    S.ORIENTEE: lambda d: Etat("Reçue", "neutre", f"{_antenne(d)} va la prendre en charge"),
    S.EN_INSTRUCTION: _en_instruction,
    S.A_COMPLETER: _a_completer,
    S.TRANSMISE: lambda d: Etat("Reçue en entretien", "info", "la responsable lit la demande"),
    S.A_CONTROLER: lambda d: Etat("Au contrôle", "info", "les pièces sont en cours de vérification"),
    S.ACCORDEE: lambda d: Etat("Accordée", "ok", f"le {jour_mois(d.accordee_le)}, l’entrée reste à fixer"),
    S.ENTREE_ACTEE: lambda d: Etat("Entrée actée", "ok", f"le {jour_mois(d.entree_actee_le)}, référent nommé"),
    S.REFUSEE: lambda d: Etat("Réorientée", "neutre", f"vers {d.dirigee_vers}", "route"),
    S.SANS_SUITE: lambda d: Etat("Sans suite", "neutre", SANS_SUITE.get(d.motif_sans_suite, ""), "ban"),
}


def attendues(demande):
    """Les cases que l’on demande au prescripteur, dans une demande venue de `suivies_par`."""
    if demande.statut != S.A_COMPLETER:
        return []
    return [ligne for ligne in demande.cases if ligne.attendue]


def peut_recevoir(demande, ligne):
    """Une pièce peut encore entrer dans cette case : demandée, ou encore vide, tant que rien n’est accordé."""
    if demande.statut in FINIES or demande.statut == S.ACCORDEE:
        return False
    return not ligne.piece_id or ligne.attendue


def ce_qui_a_ete_envoye(demande):
    """[(nom, valeur)] de l’orientation elle-même, pour components/fiche.html : ses faits, jamais ceux du dossier."""
    accord = f"{ACCORDS[demande.accord_moyen]}, le {jour_mois(demande.accord_le)}"
    return [
        ("Par", str(demande.prescripteur or "")),
        ("Premier contact", date_longue(demande.premier_contact_le)),
        ("Motif", demande.get_motif_display()),
        ("Ce qu’elle attend", demande.attente),
        ("Accord", accord),
        (
            "Antenne",
            f"{demande.antenne.nom}, {telephone(demande.antenne.telephone)}" if demande.antenne_id else "à désigner",
        ),
    ]


def frise(demande):
    """Les étapes de la demande, pour components/frise.html."""
    etat = etat_de(demande)
    etapes = [("Reçue", demande.orientee_le), ("Prise en charge", demande.prise_en_charge_le)]
    etapes += [("Entretien", demande.recue_le), ("Contrôle", None)]
    etapes += [("Accord", demande.accordee_le), ("Entrée", demande.entree_actee_le)]
    if demande.statut in (S.REFUSEE, S.SANS_SUITE):
        faites = [_faite(nom, le) for nom, le in etapes if le]
        return [
            *faites,
            {"nom": etat.texte, "detail": jour_mois(demande.statut_depuis), "etat": "courante", "genre": "neutre"},
        ]
    rang = _rang(demande)
    suite = [_faite(nom, le) for nom, le in etapes[:rang]]
    if demande.statut == S.A_COMPLETER:
        suite.append(
            {"nom": "À compléter", "detail": f"depuis le {jour_mois(demande.statut_depuis)}", "etat": "courante"}
        )
        return suite + [{"nom": nom} for nom, _ in etapes[rang:]]
    if rang < len(etapes):
        suite.append({"nom": etapes[rang][0], "detail": _en_attente(demande), "etat": "courante", "genre": "info"})
    return suite + [{"nom": nom} for nom, _ in etapes[rang + 1 :]]


def _rang(demande):
    """Rang de l’étape en cours dans la frise ; au-delà de la dernière quand tout est fait."""
    rangs = {S.ORIENTEE: 1, S.EN_INSTRUCTION: 2, S.TRANSMISE: 3, S.A_COMPLETER: 3, S.A_CONTROLER: 3, S.ACCORDEE: 5}
    return rangs.get(demande.statut, 6)


def _faite(nom, le):
    return {"nom": nom, "detail": jour_mois(le), "etat": "fait"}


def _en_attente(demande):
    if demande.statut == S.EN_INSTRUCTION and demande.rdv_le:
        return jour_mois(demande.rdv_le)
    return {S.EN_INSTRUCTION: "à venir", S.TRANSMISE: "bientôt", S.A_CONTROLER: "en cours"}.get(
        demande.statut, "à venir"
    )


def _rendez_vous(demande):
    lieu = f", antenne {de(demande.rdv_antenne)}" if demande.rdv_antenne else ""
    sans_annee = date_longue(demande.rdv_le).rsplit(" ", 1)[0]
    return f"{sans_annee}, {heure(demande.rdv_le)}{lieu}"


def _antenne(demande):
    return f"l’antenne {de(demande.antenne.nom)}" if demande.antenne_id else "le PLIE"
