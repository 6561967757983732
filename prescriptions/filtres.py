"""Les files de demandes : ce que l’adresse demande, page par page, sans jamais compter au-delà de ce qui se montre."""

import datetime
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from urllib.parse import urlencode

from django.db.models import Count, DateTimeField, Q, UUIDField

from comptes.choix import antennes_et_conseillers
from comptes.models import ROLES_DU_SIEGE, Role
from partenaires.models import Organisation
from participants.models import MotDeRecherche
from participants.noms import mots, nettoyer
from participants.recherche import commence_par
from plie.historique import lire_cle
from plie.pages import PAGE, apres, inverser
from plie.requetes import SANS_LENDEMAIN, gardee
from prescriptions.listes import FINIES, INSTRUCTION, TOUR, StatutPrescription
from prescriptions.models import Prescription

S = StatutPrescription
ORDRE = ["statut_depuis", "id"]
EPOQUE = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECONDE = datetime.timedelta(microseconds=1)
A_FAIRE = "a_faire"
ICONES = {
    S.ORIENTEE: "inbox",
    S.EN_INSTRUCTION: "pencil",
    S.A_COMPLETER: "arrow-back-up",
    S.TRANSMISE: "send",
    S.A_CONTROLER: "clipboard-check",
    S.ACCORDEE: "circle-check",
    S.ENTREE_ACTEE: "door-enter",
    S.REFUSEE: "ban",
    S.SANS_SUITE: "archive",
}
NOMS = {
    S.ORIENTEE: "Orientées",
    S.EN_INSTRUCTION: "En instruction",
    S.A_COMPLETER: "À compléter",
    S.TRANSMISE: "Transmises",
    S.A_CONTROLER: "Au contrôle",
    S.ACCORDEE: "Accordées",
    S.ENTREE_ACTEE: "Entrées actées",
    S.REFUSEE: "Refusées",
    S.SANS_SUITE: "Sans suite",
}
A_SON_TOUR = {
    S.ORIENTEE: "À prendre",
    S.TRANSMISE: "À valider",
    S.A_CONTROLER: "À contrôler",
    S.ACCORDEE: "À acter",
}


@dataclass(frozen=True)
class Vue:
    """Une file : son code dans l’adresse, son nom, et les états qu’elle montre."""

    code: str
    nom: str
    icone: str
    statuts: tuple

    @property
    def recentes_d_abord(self):
        return set(self.statuts) <= FINIES


def vues_de(utilisateur):
    """Les files d’un utilisateur : les siennes d’abord, puis les autres états."""
    siens = [statut for statut, role in TOUR.items() if utilisateur.a_role(role)]
    vues = [Vue(A_FAIRE, "C’est à vous", "bolt", tuple(siens))] if len(siens) > 1 else []
    for statut in sorted(S, key=lambda s: s not in siens):
        nom = A_SON_TOUR.get(statut, NOMS[statut]) if statut in siens else NOMS[statut]
        vues.append(Vue(statut.value, nom, ICONES[statut], (statut,)))
    return vues


class Filtre:
    """Les critères lus dans l’adresse ; ce qui ne se comprend pas est laissé de côté."""

    CLES = ("etat", "antenne", "organisation", "conseiller", "adhesion", "texte")

    def __init__(self, parametres, utilisateur):
        self.utilisateur = utilisateur
        self.vues = vues_de(utilisateur)
        codes = {vue.code: vue for vue in self.vues}
        self.vue = codes.get(parametres.get("etat", ""), self.vues[0])
        self.antenne, self.organisation, self.conseiller = (
            lire_cle(parametres.get(nom, "")) for nom in ("antenne", "organisation", "conseiller")
        )
        self.texte = nettoyer(parametres.get("texte", ""))[:80]
        self.adhesion = parametres.get("adhesion", "") == "a_revoir"

    @cached_property
    def valeurs(self):
        """Les critères retenus, tels qu’ils s’écrivent dans l’adresse."""
        valeurs = {
            "etat": self.vue.code,
            "antenne": self.antenne,
            "organisation": self.organisation,
            "conseiller": self.conseiller,
            "adhesion": "a_revoir" if self.adhesion else "",
            "texte": self.texte,
        }
        return {nom: str(valeur) for nom, valeur in valeurs.items() if valeur}

    def url(self, **changements):
        """L’adresse de la liste avec ces critères changés (None retire)."""
        valeurs = {nom: valeur for nom, valeur in (self.valeurs | changements).items() if valeur is not None}
        return "?" + urlencode(valeurs)

    @property
    def portee(self):
        """Ce dont dépend la forme des requêtes, ou SANS_LENDEMAIN : un nom cherché ne se garde pas."""
        return SANS_LENDEMAIN if self.texte else (self.utilisateur.portee, *sorted(self.valeurs.items()))

    @property
    def est_restreint(self):
        """Vrai quand un critère s’ajoute à la file elle-même."""
        return set(self.valeurs) != {"etat"}

    def restreindre(self, demandes):
        """Les critères autres que l’état."""
        for nom in ("antenne", "organisation", "conseiller"):
            if valeur := getattr(self, nom):
                demandes = demandes.filter(**{nom: valeur})
        if self.adhesion:
            demandes = demandes.exclude(adhesion_motif="")
        return demandes.filter(_texte(self.texte)) if self.texte else demandes

    def demandes(self):
        """Tout ce que le filtre désigne, dans l’ordre de la file (pour l’export)."""
        demandes = self.restreindre(Prescription.objects.instruites_par(self.utilisateur))
        ordre = inverser(ORDRE) if self.vue.recentes_d_abord else ORDRE
        en_vue = reduce(or_, (self._en_vue(statut) for statut in self.vue.statuts))
        return demandes.filter(en_vue).order_by(*ordre)

    def suivante(self, prescription):
        """La demande qui suit celle-ci dans la file, ou None après la dernière."""
        suite = self.demandes().filter(apres(ORDRE, (prescription.statut_depuis, prescription.pk)))
        return suite.select_related("participant").first()

    def _en_vue(self, statut):
        """Dans « C’est à vous », une demande prise par une collègue est à elle."""
        a_soi = self.vue.code == A_FAIRE and statut in INSTRUCTION
        return Q(statut=statut, conseiller=self.utilisateur) if a_soi else Q(statut=statut)

    def page(self, parametres):
        """La page demandée par l’adresse (`apres`, `avant`, `rang`)."""
        return _page(self, _curseur(parametres.get("apres", "")), _curseur(parametres.get("avant", "")), parametres)

    def premieres(self, curseur, *, recentes, nombre):
        """Les clés des premières demandes après `curseur` : une requête bornée par source, portée par un index.

        Pour un conseiller, une source par antenne et une pour les demandes qu’il suit ; et une par état.
        """
        ordre, cles = inverser(ORDRE) if recentes else ORDRE, Q(pk=None)
        for source in self._sources():
            for statut in self.vue.statuts:
                demandes = self.restreindre(Prescription.objects.filter(source, self._en_vue(statut)))
                if curseur:
                    demandes = demandes.filter(apres(ordre, curseur))
                cles |= Q(pk__in=demandes.order_by(*ordre).values("pk")[:nombre])
        return Prescription.objects.filter(cles).order_by(*ordre)[:nombre]

    def _sources(self):
        if self.utilisateur.a_role(*ROLES_DU_SIEGE):
            return [Q()]
        return [
            *(Q(antenne=cle) for cle in self.utilisateur.antennes_de(Role.CONSEILLER)),
            Q(conseiller=self.utilisateur),
        ]


@dataclass(frozen=True)
class Page:
    demandes: list
    debut: int  # rang de la première, à partir de 1
    suivante: str  # adresse, ou rien
    precedente: str

    @property
    def fin(self):
        return self.debut + len(self.demandes) - 1


def _page(filtre, apres, avant, parametres):
    recentes, curseur = filtre.vue.recentes_d_abord, apres or avant
    rang = parametres.get("rang", "")
    debut = int(rang) if rang.isdecimal() and len(rang) < 9 and curseur else 1
    depuis, cle = curseur or (None, None)
    demandes = _lire(filtre, recentes != bool(avant), bool(curseur), depuis=depuis, cle=cle)
    encore = len(demandes) > PAGE
    demandes = demandes[:PAGE]
    if avant:
        demandes.reverse()
    avec_suite, avec_debut = (bool(avant), encore) if avant else (encore, bool(apres))
    suivante = precedente = ""
    if demandes and avec_suite:
        suivante = filtre.url(apres=_ecrire(demandes[-1]), rang=debut + PAGE)
    if demandes and avec_debut:
        precedente = filtre.url(avant=_ecrire(demandes[0]), rang=max(debut - PAGE, 1))
    return Page(demandes, debut, suivante, precedente)


@gardee(depuis=DateTimeField(), cle=UUIDField())
def _lire(filtre, recentes, suite, depuis, cle):
    """`suite` : la page part de la demande d’état `depuis` et de clé `cle`."""
    curseur = (depuis, cle) if suite else None
    return filtre.premieres(curseur, recentes=recentes, nombre=PAGE + 1).avec_dossier()


def comptes(filtre):
    """Nombre de demandes ouvertes par file, dans le périmètre : {code de Vue: nombre}. Une requête."""
    lus = {statut: (toutes, siennes) for statut, toutes, siennes in _comptes(filtre.utilisateur)}
    nombres = {statut: toutes for statut, (toutes, _) in lus.items()}
    a_faire = next((vue.statuts for vue in filtre.vues if vue.code == A_FAIRE), ())
    return nombres | {A_FAIRE: sum(lus[s][s in INSTRUCTION] for s in a_faire if s in lus)}


@gardee()
def _comptes(utilisateur):
    visibles = Prescription.objects.instruites_par(utilisateur).ouvertes().order_by()
    siennes = Count("pk", filter=Q(conseiller=utilisateur))
    return visibles.values_list("statut").annotate(Count("pk"), siennes=siennes)


def choix(filtre):
    """Ce que proposent les menus, en une requête : {genre: [(clé, nom)]}."""
    return antennes_et_conseillers(filtre.utilisateur, organisation=_organisations)


def _organisations():
    return Organisation.objects.filter(active=True)


def par_numero(q):
    """Le filtre d’un n° de demande (« P-2026-0318 ») ; None si ce n’en est pas un."""
    return Q(numero=q.upper()) if q.upper().startswith("P-") else None


def _texte(q):
    """Un n° de demande ou de dossier, sinon le début des mots d’un nom."""
    if demande := par_numero(q):
        return demande
    if q.replace("-", "").isdecimal():
        return Q(participant__numero=q)
    filtre = Q()
    for mot in mots(q)[:4]:
        filtre &= Q(participant__in=MotDeRecherche.objects.filter(commence_par("mot", mot)).values("participant"))
    return filtre


def _ecrire(demande):
    return f"{(demande.statut_depuis - EPOQUE) // MICROSECONDE}-{demande.pk.hex}"


def _curseur(texte):
    """(instant, clé) d’un curseur de page, ou None."""
    instant, _, cle = texte.partition("-")
    if not instant.isdecimal() or len(instant) > 17 or not (cle := lire_cle(cle)):
        return None
    return EPOQUE + int(instant) * MICROSECONDE, cle
