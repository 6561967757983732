"""Une horloge telle qu’une liste la montre : qui, pourquoi, et l’acte qui la tient."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import CharField, F, OuterRef, Subquery, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from comptes.models import Utilisateur
from entretiens.models import RendezVous
from horloges.calcul import Etat
from horloges.registre import DEFINITIONS, en_valeurs, mesure_de
from plie.templatetags.interface import compte, date_courte, jour_mois

JUSTE = 3  # jours : sans rendez-vous, elle ne sera sans doute pas tenue
TEXTE = CharField()


TOUT = ("prochain_rdv", "conseiller_nom", "personne", "dossier_numero", "antenne_nom")


def decrire(definition, horloges, *colonnes):
    """Les valeurs que `Ligne` lit, à réunir avec celles des autres définitions.

    `colonnes` : celles de TOUT dont la page a besoin, et les annotations que porte déjà le QuerySet.
    """
    ajouts = {nom: AJOUTS[nom]() for nom in colonnes if nom in AJOUTS}
    return en_valeurs(definition, horloges.annotate(**ajouts), *colonnes)


def _prochain_rdv():
    return Subquery(RendezVous.objects.attendus().filter(participant=OuterRef("participant")).values("debut")[:1])


def _conseiller_nom():
    conseiller = Utilisateur.objects.filter(pk=OuterRef("conseiller_id")).order_by()
    return Subquery(conseiller.values(n=Concat("prenom", Value(" "), "nom", output_field=TEXTE))[:1])


AJOUTS = {
    "prochain_rdv": _prochain_rdv,
    "conseiller_nom": _conseiller_nom,
    "personne": lambda: Concat("participant__prenom", Value(" "), "participant__nom", output_field=TEXTE),
    "dossier_numero": lambda: F("participant__numero"),
    "antenne_nom": lambda: F("participant__antenne__nom"),
}


@dataclass
class Ligne:
    valeurs: dict

    def __getattr__(self, nom):
        try:
            return self.__dict__["valeurs"][nom]
        except KeyError:
            raise AttributeError(nom) from None

    @property
    def definition(self):
        return DEFINITIONS[self.code]

    @cached_property
    def mesure(self):
        return mesure_de(self.valeurs)

    @property
    def reste(self):
        """Jours jusqu’à l’échéance ; négatif en retard, None pendant un arrêt."""
        echeance = self.mesure.echeance
        return None if echeance is None else (echeance - timezone.localdate()).days

    @cached_property
    def jour_du_rdv(self):
        """Le jour du délai où tombera le prochain rendez-vous, ou None."""
        prochain = self.valeurs.get("prochain_rdv")
        return (timezone.localdate(prochain) - self.debut_le).days if prochain else None

    @property
    def sera_tenue(self):
        return self.jour_du_rdv is not None and self.jour_du_rdv <= self.limite

    @property
    def url(self):
        return reverse("dossier:participant", args=[self.participant_id])

    @property
    def horloge(self):
        """Pour la balise « horloge » : rouge si elle est rompue, ou le sera si rien n’est fait."""
        etat = self.mesure.couleur
        if self.mesure.etat == Etat.PRESSE and self.reste <= JUSTE and not self.sera_tenue:
            etat = "retard"
        return {
            "jours": self.mesure.ecoules,
            "limite": self.limite,
            "etat": etat,
            "terminee": self.mesure.est_finie,
        } | ({"texte": f"J+{self.mesure.ecoules}"} if self.mesure.est_finie else {})

    @property
    def raison(self):
        """« 1er entretien, aucun RDV » : pourquoi elle est là, en une ligne."""
        return f"{self.definition.court}, {self.retard or self.attente}"

    @property
    def retard(self):
        return f"{compte(-self.reste, 'jour')} de retard" if self.reste is not None and self.reste < 0 else ""

    @property
    def attente(self):
        if self.mesure.etat == Etat.ARRETEE:
            return "arrêtée"
        if self.est_a_prendre:
            return "demande à prendre"
        return f"RDV le {jour_mois(self.prochain_rdv)}" if self.prochain_rdv else "aucun RDV"

    @property
    def dernier_jour(self):
        return date_courte(self.mesure.echeance) if self.mesure.echeance else "suspendu"

    @property
    def est_a_prendre(self):
        return self.conseiller_id is None and self.code == "premier_entretien"

    @property
    def puce(self):
        """Ce qui est déjà fait pour la tenir, ou rien."""
        if self.jour_du_rdv is None or self.est_a_prendre:
            return None
        texte = "RDV aujourd’hui" if self._rdv_aujourd_hui else f"RDV pris, J+{self.jour_du_rdv}"
        return {"texte": texte, "etat": "ok" if self.sera_tenue else "attention", "icone": "calendar-event"}

    @property
    def _rdv_aujourd_hui(self):
        return bool(self.prochain_rdv) and timezone.localdate(self.prochain_rdv) == timezone.localdate()

    @property
    def acte(self):
        if self.mesure.est_finie or (self.puce and (self.sera_tenue or self._rdv_aujourd_hui)):
            return None
        if self.est_a_prendre:
            url = reverse("prescriptions:detail", args=[self.objet_id])
            return {"texte": "Prendre la demande", "url": url, "icone": "inbox"}
        url = reverse("entretiens:rendez_vous", args=[self.participant_id])
        return {"texte": "Avancer le RDV" if self.puce else "Prendre un RDV", "url": url, "icone": "calendar-plus"}

    def en_ligne(self):
        """Pour components/ligne.html."""
        return {
            "nom": self.personne,
            "url": self.url,
            "horloge": self.horloge,
            "raison": self.raison,
            "puce": self.puce,
            "acte": self.acte,
        }
