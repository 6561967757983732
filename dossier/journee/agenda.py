"""L’agenda du jour : ce qui est passé et à finir, le prochain rendez-vous préparé, ce qui vient, un créneau libre."""

import datetime
from dataclasses import dataclass, field

from django.db.models import CharField, Count, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from documents.models import Signature
from dossier.journee.preparation import preparer
from entretiens import creneaux
from entretiens.models import RendezVous, StatutEntretien, StatutRendezVous
from plie.instants import a, dans
from plie.requetes import gardee
from plie.templatetags.interface import compte

ABSENCES = (StatutRendezVous.ABSENT, StatutRendezVous.ABSENT_EXCUSE)
RECENTES = 180  # jours


def nom(chemin):
    return Concat(f"{chemin}__prenom", Value(" "), f"{chemin}__nom", output_field=CharField())


NOM = nom("participant")


@dataclass
class Agenda:
    passes: list = field(default_factory=list)
    suivant: dict | None = None
    apres: list = field(default_factory=list)

    @property
    def total(self):
        return len(self.passes) + len(self.apres) + bool(self.suivant)

    @property
    def a_venir(self):
        return len([r for r in self.apres if not r.get("libre")]) + bool(self.suivant)

    @property
    def a_finir(self):
        return sum(1 for r in self.passes if r.get("acte"))

    @property
    def resume(self):
        rendez_vous = self.total - sum(1 for r in self.apres if r.get("libre"))
        passes = compte(len(self.passes), "passé")
        return f"{compte(rendez_vous, 'rendez-vous/rendez-vous')}, {passes}" if rendez_vous else ""


def du_jour(utilisateur, horloges):
    """L’agenda d’aujourd’hui. `horloges` : lignes des délais de l’utilisateur, pour dire ceux de chacun."""
    maintenant, agenda = timezone.now(), Agenda()
    delais = {}
    for horloge in horloges:
        delais.setdefault(horloge.participant_id, []).append(horloge)
    rendez_vous = _rendez_vous(utilisateur)
    for rdv in rendez_vous:
        if _est_passe(rdv, maintenant):
            agenda.passes.append(_passe(rdv))
        elif agenda.suivant is None:
            agenda.suivant = _suivant(rdv, delais.get(rdv.participant_id, []), maintenant)
        else:
            agenda.apres.append(_a_venir(rdv, delais.get(rdv.participant_id, [])))
    if libre := _creneau_libre(rendez_vous, horloges, maintenant):
        agenda.apres.append(libre)
        agenda.apres.sort(key=lambda r: r["debut"])
    return agenda


@gardee()
def _rendez_vous(utilisateur):
    absences = RendezVous.objects.filter(
        participant=OuterRef("participant"),
        statut__in=ABSENCES,
        debut__lte=OuterRef("debut"),
        debut__gte=a(dans(-RECENTES)),
    )
    attend = Signature.objects.a_signer().filter(document__synthese__entretien__rendez_vous=OuterRef("pk"))
    return (
        RendezVous.objects.filter(conseiller=utilisateur)
        .du_jour(timezone.localdate())
        .select_related("participant__commune", "antenne", "entretien")
        .annotate(
            a_signer=Exists(attend),
            absences=Subquery(absences.order_by().values("participant").annotate(n=Count("pk")).values("n")),
        )
    )


def _entretien(rdv):
    return getattr(rdv, "entretien", None)


def _est_passe(rdv, maintenant):
    entretien = _entretien(rdv)
    if rdv.statut not in (StatutRendezVous.PREVU, StatutRendezVous.HONORE):
        return True
    if entretien and entretien.statut == StatutEntretien.CLOS:
        return True
    return rdv.fin <= maintenant


def _ligne(rdv):
    return {
        "debut": rdv.debut,
        "nom": rdv.participant.nom_complet,
        "url": reverse("dossier:participant", args=[rdv.participant_id]),
        "precision": rdv.objet,
    }


def _passe(rdv):
    entretien, ligne = _entretien(rdv), _ligne(rdv)
    if entretien and entretien.statut == StatutEntretien.CLOS:
        if rdv.a_signer:
            return ligne | _acte("Faire signer", "signature", "entretiens:signer", entretien.pk)
        return ligne | {"puce": {"texte": "Clos", "etat": "ok", "icone": "circle-check"}}
    if entretien:
        return ligne | _acte("Clore", "writing", "entretiens:detail", entretien.pk)
    if rdv.statut == StatutRendezVous.PREVU:
        return ligne | _acte("Dire ce qu’il en est", "help", "entretiens:rendez_vous_detail", rdv.pk)
    if rdv.statut == StatutRendezVous.HONORE:
        return ligne | _acte("Ouvrir l’entretien", "writing", "entretiens:rendez_vous_detail", rdv.pk)
    ligne["precision"] = _absence(rdv)
    return ligne | _acte("Reprogrammer", "calendar-plus", "entretiens:rendez_vous", rdv.participant_id)


def _absence(rdv):
    fois = rdv.absences or 0
    rang = f", {fois}e fois en six mois" if rdv.statut in ABSENCES and fois > 1 else ""
    return f"{rdv.get_statut_display()}{rang}"


def _acte(texte, icone, nom_d_url, cle):
    return {"acte": {"texte": texte, "icone": icone, "url": reverse(nom_d_url, args=[cle])}}


def _suivant(rdv, horloges, maintenant):
    personne, entretien = rdv.participant, _entretien(rdv)
    morceaux = [f"{personne.age()} ans, {personne.lieu}", rdv.objet, rdv.lieu_affiche, _duree(rdv.duree)]
    return _ligne(rdv) | {
        "rdv": rdv,
        "quand": "en ce moment" if rdv.debut <= maintenant else "",
        "detail": " · ".join(m for m in morceaux if m),
        "prepare": preparer(rdv, horloges),
        "ouvert": entretien,
        "absent": {"femme": "Noter absente", "homme": "Noter absent"}.get(personne.sexe, "Noter l’absence"),
    }


def _duree(minutes):
    heures, reste = divmod(minutes, 60)
    if not heures:
        return compte(minutes, "minute")
    return f"{heures} h {reste:02}" if reste else compte(heures, "heure")


def _a_venir(rdv, horloges):
    presse = next((h for h in horloges if h.mesure.couleur != "info"), None)
    moyen = "" if rdv.moyen == "sur_place" else rdv.get_moyen_display()
    return _ligne(rdv) | {"detail": moyen, "horloge": presse.horloge if presse else None}


def _creneau_libre(rendez_vous, horloges, maintenant):
    """La première heure libre qui reste aujourd’hui, proposée à qui en a le plus besoin."""
    jour = timezone.localdate()
    besoin = next((h for h in horloges if h.reste is not None and not h.prochain_rdv and not h.est_a_prendre), None)
    if besoin is None or besoin.reste > creneaux.CIBLES[0] or not creneaux.est_ouvre(jour):
        return None
    prevus = [r for r in rendez_vous if r.statut == StatutRendezVous.PREVU]
    for moment in creneaux.DEBUTS:
        debut = a(jour, moment)
        fin = debut + datetime.timedelta(hours=1)
        if debut > maintenant and not any(r.debut < fin and r.fin > debut for r in prevus):
            url = reverse("entretiens:rendez_vous", args=[besoin.participant_id])
            heure = f"{moment:%H:%M}"
            return {
                "debut": debut,
                "libre": True,
                "nom": "Créneau libre",
                "detail": f"{besoin.personne} n’a pas de rendez-vous, J+{besoin.mesure.ecoules} de {besoin.limite}",
                "acte": {
                    "texte": "Lui proposer",
                    "icone": "calendar-plus",
                    "url": f"{url}?jour={jour:%Y-%m-%d}&heure={heure}",
                },
            }
    return None
