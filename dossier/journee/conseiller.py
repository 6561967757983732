"""La journée d’un conseiller : l’agenda, ce qui se termine, ce qui revient, qui n’a pas été vu."""

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse

from comptes.models import Role
from delais.lignes import Ligne, decrire
from documents.models import Signature
from dossier.journee import agenda
from dossier.journee.compteurs import compteur
from dossier.journee.file_active import bande
from entretiens.models import Demarche, Entretien, StatutEntretien, Synthese
from horloges.registre import DEFINITIONS, reunir
from parcours.models import Affectation, PassageDePhase
from plie.instants import a, dans
from plie.requetes import gardee
from plie.templatetags.interface import compte, depuis, jour_court, jour_mois
from prescriptions.listes import StatutPrescription
from prescriptions.models import LignePiece, Prescription
from reglages.lecture import valeur

S = StatutPrescription
SEMAINE = 7  # jours
MONTRES = 4
DEMARCHES = 6
ETATS_DE_RETOUR = {
    S.A_COMPLETER: ("alert-triangle", "attention", "Compléter"),
    S.ACCORDEE: ("circle-check", "ok", "Voir"),
    S.ENTREE_ACTEE: ("door-enter", "ok", "Voir"),
    S.REFUSEE: ("circle-x", "retard", "Voir"),
}


def journee(utilisateur, *, toutes_les_demarches=False):
    """Le contexte de la page. Six requêtes, plus une s’il reste un rendez-vous."""
    horloges = _horloges(utilisateur)
    du_jour = agenda.du_jour(utilisateur, horloges)
    demandes = _demandes(utilisateur)
    retours = [d for d in demandes if not d.est_a_prendre]
    a_prendre = [d for d in demandes if d.est_a_prendre]
    du_premier_entretien = {h.objet_id: h.horloge for h in horloges if h.est_a_prendre}
    demarches = _demarches(utilisateur, None if toutes_les_demarches else DEMARCHES)
    a_finir = _a_finir(utilisateur)
    urgentes = [h for h in horloges if h.reste is not None and h.reste <= SEMAINE]
    return {
        "gabarit": "dossier/_journee_conseiller.html",
        "agenda": du_jour,
        "delais": [h.en_ligne() for h in _qui_se_terminent(horloges)],
        "retours": _carte(retours, _retour, "?etat=a_completer"),
        "a_prendre": _carte(a_prendre, lambda d: _a_prendre(d, du_premier_entretien.get(d.pk)), "?etat=orientee"),
        "demarches": demarches,
        "demarches_total": demarches[0].total if demarches else 0,
        "demarches_miennes": demarches[0].miennes if demarches else 0,
        "a_finir": [_fini(f) for f in a_finir],
        "pas_vus": _pas_vus(horloges),
        "file": bande(horloges, valeur("file_active_cible")),
        "compteurs": _compteurs(du_jour, a_finir, urgentes, demarches, demandes),
        "rythme": valeur("rythme_entretiens"),
    }


def _horloges(utilisateur):
    """Toutes les horloges qui courent et que l’on suit, avec la phase et le dernier jour vu. Une requête."""
    return [Ligne(valeurs) for valeurs in _courantes(utilisateur)]


@gardee()
def _courantes(utilisateur):
    phase = PassageDePhase.objects.filter(parcours__participant=OuterRef("participant"), au=None).order_by("-du")
    requetes = []
    for definition in DEFINITIONS.values():
        horloges = courantes_de_conseiller(utilisateur, definition).annotate(phase=Subquery(phase.values("phase")[:1]))
        requetes.append(decrire(definition, horloges, "prochain_rdv", "personne", "phase"))
    return reunir(requetes, ["echeance", "objet_id"])


def courantes_de_conseiller(utilisateur, definition):
    """Celles du conseiller, même s’il tient aussi un rôle du siège."""
    return definition.courantes().filter(
        definition.du_conseiller(utilisateur.pk, utilisateur.antennes_de(Role.CONSEILLER))
    )


def _qui_se_terminent(horloges):
    """Les plus pressées d’abord : celles qui ne seront pas tenues si rien n’est fait, puis les autres.

    Les demandes à prendre et les personnes pas vues à temps ont leur carte.
    """
    proches = [h for h in horloges if h.reste is not None and h.reste <= 2 * SEMAINE and not h.est_a_prendre]
    proches = [h for h in proches if h.code == "premier_entretien" or h.reste >= 0]
    return sorted(proches, key=lambda h: (h.sera_tenue, h.reste))[:MONTRES]


def _pas_vus(horloges):
    """Personnes suivies dont le rythme est dépassé, la plus ancienne d’abord : {total, lignes}."""
    depassees = [h for h in horloges if h.code == "rythme_entretiens" and h.mesure.ecoules >= h.limite]
    lignes = [
        {
            "nom": h.personne,
            "url": h.url,
            "precision": compte(h.mesure.ecoules, "jour"),
            "raison": f"RDV le {jour_mois(h.prochain_rdv)}" if h.prochain_rdv else "Aucun rendez-vous prévu",
            "puce": h.puce,
            "acte": h.acte,
        }
        for h in sorted(depassees, key=lambda h: -h.mesure.ecoules)
    ]
    return {"total": len(lignes), "lignes": lignes[:MONTRES]}


def _carte(demandes, en_ligne, filtre):
    """Les premières demandes, et le lien vers toutes : {lignes, suite}."""
    total, suite = demandes[0].total if demandes else 0, None
    if total > MONTRES:
        suite = {"url": reverse("prescriptions:liste") + filtre, "texte": f"Voir les {total}"}
    return {"lignes": [en_ligne(demande) for demande in demandes], "suite": suite}


# Ce qui revient, ce qui arrive


@gardee()
def _demandes(utilisateur):
    """Les premiers de mes retours de la semaine, et des orientations de mes antennes que personne n’a prises.

    Chaque demande porte le `total` de sa sorte, et toutes le nombre de celles qui sont `a_completer`. Une requête.
    """
    antennes = utilisateur.antennes_de(Role.CONSEILLER)
    recentes = a(dans(-SEMAINE))
    filtre = Q(statut=S.ORIENTEE, antenne__in=antennes) | Q(conseiller=utilisateur, statut=S.A_COMPLETER)
    filtre |= Q(
        conseiller=utilisateur, statut__in=[S.ACCORDEE, S.ENTREE_ACTEE, S.REFUSEE], statut_depuis__gte=recentes
    )
    demandees = LignePiece.objects.filter(
        prescription=OuterRef("pk"), verdict__in=["non_conforme", "manquante"], demandee_le__isnull=False, reponse=""
    ).filter(promise_pour=None)
    return (
        Prescription.objects.filter(filtre)
        .select_related("participant__commune", "organisation", "antenne")
        .annotate(
            demandees=Coalesce(
                Subquery(demandees.order_by().values("prescription").annotate(n=Count("pk")).values("n")),
                0,
                output_field=IntegerField(),
            ),
            premiere=Subquery(demandees.order_by("type__ordre").values("type__libelle")[:1]),
            est_a_prendre=Case(When(statut=S.ORIENTEE, then=True), default=False),
            total=Window(Count("pk"), partition_by="est_a_prendre"),
            a_completer=Window(Count("pk", filter=Q(statut=S.A_COMPLETER))),
            rang=Window(RowNumber(), partition_by="est_a_prendre", order_by=["statut_depuis", "id"]),
        )
        .filter(rang__lte=MONTRES)
        .order_by("statut_depuis", "id")
    )


def _retour(demande):
    icone, etat, texte = ETATS_DE_RETOUR[demande.statut]
    return {
        "icone": icone,
        "etat": etat,
        "nom": demande.participant.nom_complet,
        "url": demande.get_absolute_url(),
        "precision": depuis(demande.statut_depuis),
        "raison": _dit(demande),
        "acte": {"texte": texte, "url": demande.get_absolute_url()},
    }


def _dit(demande):
    if demande.statut == S.A_COMPLETER:
        if not demande.demandees:
            return "À compléter : voir le message de la demande"
        suite = f", et {compte(demande.demandees - 1, 'autre')}" if demande.demandees > 1 else ", à joindre"
        return f"À compléter : {demande.premiere.lower()}{suite}"
    if demande.statut == S.ACCORDEE:
        prevue = f", entrée prévue le {jour_court(demande.entree_prevue_le)}" if demande.entree_prevue_le else ""
        return f"Accord des Statistiques{prevue}"
    if demande.statut == S.ENTREE_ACTEE:
        return "Entrée actée : le parcours est ouvert"
    return f"Refusée : {demande.get_motif_refus_display().lower()}"


def _a_prendre(demande, horloge):
    return {
        "nom": demande.participant.nom_complet,
        "url": demande.get_absolute_url(),
        "horloge": horloge,
        "raison": f"{demande.participant.lieu}, par {demande.organisation or 'une venue spontanée'}",
        "acte": {"texte": "Voir et prendre", "url": demande.get_absolute_url()},
    }


# Ce qui est à finir


@gardee()
def _demarches(utilisateur, nombre):
    """Démarches échues des personnes que je suis, les plus anciennes d’abord, avec leur total. Une requête."""
    suivies = Affectation.objects.filter(conseiller=utilisateur, au=None).values("participant")
    echues = (
        Demarche.objects.echues()
        .filter(participant__in=suivies)
        .select_related("participant")
        .annotate(
            total=Window(Count("pk")),
            miennes=Window(Count("pk", filter=Q(qui="conseiller"))),
        )
        .order_by("pour_le", "id")
    )
    return echues[:nombre] if nombre else echues


@gardee()
def _a_finir(utilisateur):
    """Mes entretiens restés ouverts, et mes synthèses qui attendent une signature. Une requête."""
    a_signer = Signature.objects.a_signer().order_by().values("document")
    champs = ("genre_", "entretien_", "jour_", "personne_", "participant_")
    ouverts = (
        Entretien.objects.filter(conseiller=utilisateur, statut=StatutEntretien.BROUILLON)
        .order_by()
        .annotate(
            genre_=Value("clore"),
            entretien_=F("pk"),
            jour_=F("jour"),
            personne_=agenda.NOM,
            participant_=F("participant"),
        )
    )
    attendues = (
        Synthese.objects.filter(document__in=a_signer, entretien__conseiller=utilisateur)
        .order_by()
        .annotate(
            genre_=Value("signer"),
            entretien_=F("entretien"),
            jour_=F("entretien__jour"),
            personne_=agenda.nom("entretien__participant"),
            participant_=F("entretien__participant"),
        )
    )
    return ouverts.values(*champs).union(attendues.values(*champs), all=True).order_by("jour_", "entretien_")


def _fini(fait):
    clore = fait["genre_"] == "clore"
    url = reverse("entretiens:detail" if clore else "entretiens:signer", args=[fait["entretien_"]])
    return {
        "icone": "writing" if clore else "signature",
        "etat": "attention",
        "nom": fait["personne_"],
        "url": reverse("dossier:participant", args=[fait["participant_"]]),
        "precision": depuis(fait["jour_"]),
        "raison": "Entretien à clore" if clore else "Synthèse à signer",
        "acte": {"texte": "Clore" if clore else "Faire signer", "url": url},
    }


def _compteurs(du_jour, a_finir, urgentes, demarches, demandes):
    ouverts = sum(f["genre_"] == "clore" for f in a_finir)
    a_completer = demandes[0].a_completer if demandes else 0
    echues = demarches[0].total if demarches else 0
    prescriptions = reverse("prescriptions:liste") + "?etat=a_completer"
    return [
        compteur(du_jour.a_venir, "RDV à venir aujourd’hui", "#t-agenda", "calendar-event"),
        compteur(ouverts, "entretien à clore/entretiens à clore", "#t-finir", "writing", "attention"),
        compteur(len(a_finir) - ouverts, "synthèse à signer/synthèses à signer", "#t-finir", "signature", "attention"),
        compteur(
            len(urgentes),
            "délai sous 7 jours/délais sous 7 jours",
            reverse("delais:liste") + "?vue=urgents",
            "clock-exclamation",
            "retard",
        ),
        compteur(echues, "démarche échue/démarches échues", "#t-demarches", "list-check"),
        compteur(a_completer, "demande à compléter/demandes à compléter", prescriptions, "arrow-back-up", "info"),
    ]
