"""La liste d’un partenaire : ses orientations, ses filtres dans l’adresse, page par page."""

from functools import cached_property
from urllib.parse import urlencode

from django.db.models import DateTimeField, Q, UUIDField

from participants.models import Participant
from participants.noms import nettoyer
from participants.recherche import chercher
from plie.historique import lire_cle
from plie.pages import PAGE, apres
from plie.requetes import SANS_LENDEMAIN, gardee
from prescriptions import orientations
from prescriptions.filtres import par_numero
from prescriptions.models import Prescription

ORDRE = ["-orientee_le", "-id"]
TROUVEES = 200


class Liste:
    """`parametres` : `etat` (clé de FILTRES), `q` (un nom, ou un n° de demande), `apres` (dernière vue)."""

    def __init__(self, utilisateur, organisation, parametres, taille=PAGE):
        self.utilisateur, self.organisation, self.taille = utilisateur, organisation, taille
        etat = parametres.get("etat", "")
        self.etat = etat if etat in orientations.FILTRES else "toutes"
        self.q = nettoyer(parametres.get("q", ""))[:80]
        self.apres = lire_cle(parametres.get("apres", ""))

    @cached_property
    def demandes(self):
        """Tout ce que le filtre retient, du plus récent au plus ancien."""
        demandes = orientations.suivies_par(self.utilisateur, en_liste=True)
        demandes = orientations.filtrer(demandes, self.etat)
        return demandes.filter(self._cherchees()) if self.q else demandes

    @cached_property
    def page(self):
        """Les lignes de la page : [(demande, état, attendues)]."""
        borne = self.borne
        moment, cle = borne or (None, None)
        demandes = _lire(self, bool(borne), moment=moment, cle=cle)
        self.a_une_suite = len(demandes) > self.taille
        return [(d, orientations.etat_de(d), orientations.attendues(d)) for d in demandes[: self.taille]]

    @cached_property
    def filtres(self):
        comptes = orientations.compter(self.utilisateur)
        return [
            {"nom": nom, "nombre": comptes[code], "url": self._url(etat=code), "actif": code == self.etat}
            for code, nom in orientations.FILTRES.items()
        ]

    @property
    def suivante(self):
        lignes = self.page
        if not (lignes and self.a_une_suite):
            return None
        return {"url": self._url(apres=lignes[-1][0].pk), "texte": "Plus anciennes"}

    @property
    def precedente(self):
        return {"url": self._url(), "texte": "Revenir au début"} if self.apres else None

    @property
    def parametres(self):
        """Ce que l’export reprend : la liste telle qu’on la voit."""
        return self._url()

    @property
    def portee(self):
        """Ce dont dépend la forme de la requête, ou SANS_LENDEMAIN : un nom cherché ne se garde pas."""
        return SANS_LENDEMAIN if self.q else (self.utilisateur.portee, self.etat, self.taille)

    @property
    def borne(self):
        """(moment, clé) de la dernière demande vue, ou None au début."""
        siennes = Prescription.objects.orientees_par(self.utilisateur)
        return siennes.filter(pk=self.apres).values_list("orientee_le", "id").first() if self.apres else None

    def _cherchees(self):
        if demande := par_numero(self.q):
            return demande
        siens = Participant.objects.filter(
            pk__in=Prescription.objects.orientees_par(self.utilisateur).order_by().values("participant")
        )
        trouves = [p.pk for p in chercher(self.q, par=self.utilisateur, visibles=siens, limite=TROUVEES)]
        return Q(participant__in=trouves)

    def _url(self, **changements):
        valeurs = {"etat": self.etat, "q": self.q} | changements
        valeurs = {nom: valeur for nom, valeur in valeurs.items() if valeur and valeur != "toutes"}
        return "?" + urlencode(valeurs)


@gardee(moment=DateTimeField(), cle=UUIDField())
def _lire(liste, suite, moment, cle):
    """Par clé, jamais par rang : la page qui suit ne bouge pas quand une demande s’ajoute, et ne coûte pas plus."""
    demandes = liste.demandes.filter(apres(ORDRE, [moment, cle])) if suite else liste.demandes
    return demandes.order_by(*ORDRE)[: liste.taille + 1]
