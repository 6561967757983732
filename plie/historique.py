"""Socle des modèles métier : clé UUIDv7, version, historique, et une seule façon d’écrire."""

from django.db import models, transaction
from simple_history.models import HistoricalRecords
from uuid_utils.compat import uuid7

from plie.exceptions import ConflitDeVersion, TransitionImpossible

# Appelés dans la transaction de chaque écriture : (objet, par, creation, champs, motif).
# Le journal s’y branche à son démarrage ; le socle ne connaît aucune app.
OBSERVATEURS = []
# Les mêmes pour un lot : (objets, par, motif, le).
OBSERVATEURS_EN_MASSE = []


class EcritureSansHistorique(TypeError):
    pass


def cle():
    """Clé d’un objet métier : UUIDv7, croissante dans le temps, rien de consécutif dans une adresse."""
    return uuid7()


class HistoriseQuerySet(models.QuerySet):
    """Ferme les écritures de masse : elles n’émettent pas les signaux que simple_history écoute."""

    def update(self, **kwargs):
        raise EcritureSansHistorique("Passer par enregistrer(par=…), ou par creer_en_masse pour un lot.")

    def bulk_update(self, objs, fields, **kwargs):
        raise EcritureSansHistorique("Passer par enregistrer(par=…).")

    def bulk_create(self, objs, **kwargs):
        raise EcritureSansHistorique("Passer par creer_en_masse(par=…).")

    @transaction.atomic
    def creer_en_masse(self, objets, *, par, motif="", le=None, lot=1000):
        """Crée un lot avec son historique et son journal, datés de `le` (datetime) s’il est donné.

        Reçoit des objets non enregistrés et `par` (utilisateur ou nom de tâche) ; rend la liste créée.
        """
        auteur, motif = _auteur(par, motif)
        crees = super().bulk_create(objets, batch_size=lot)
        self.model.history.bulk_history_create(
            crees, batch_size=lot, default_user=auteur, default_change_reason=motif, default_date=le
        )
        for observer in OBSERVATEURS_EN_MASSE:
            observer(crees, par, motif, le)
        return crees


class ModeleHistorise(models.Model):
    id = models.UUIDField("identifiant", primary_key=True, default=cle, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(inherit=True)

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        objet = super().from_db(db, field_names, values)
        objet._charge = dict(zip(field_names, values, strict=False))
        return objet

    def refresh_from_db(self, using=None, fields=None, from_queryset=None):
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)
        self._charge = {c.attname: getattr(self, c.attname) for c in self._meta.concrete_fields}

    def champs_modifies(self):
        """Noms des champs qui diffèrent de ce que la base a donné (tous, pour un objet neuf)."""
        charge = getattr(self, "_charge", {})
        return [
            c.attname
            for c in self._meta.concrete_fields
            if c.attname in self.__dict__ and self.__dict__[c.attname] != charge.get(c.attname, ...)
        ]

    @transaction.atomic
    def enregistrer(self, *, par, motif=""):
        """Sauve en nommant l’auteur : un utilisateur, ou le nom d’une tâche hors de toute requête."""
        creation, champs = self._state.adding, self.champs_modifies()
        if not creation:
            self.version += 1
        self._history_user, self._change_reason = _auteur(par, motif)
        self.save()
        self._charge = {c.attname: getattr(self, c.attname) for c in self._meta.concrete_fields}
        for observer in OBSERVATEURS:
            observer(self, par, creation, champs, motif)
        return self

    def verrouiller(self):
        """Verrouille la ligne et la relit : à appeler en tête de tout verbe, dans une transaction."""
        self.refresh_from_db(from_queryset=type(self)._base_manager.select_for_update())

    def exiger_version(self, version):
        """Lève ConflitDeVersion si l’objet a été enregistré depuis l’affichage de `version` (entier)."""
        if self.version != version:
            raise ConflitDeVersion(self)


class ModeleATransitions(ModeleHistorise):
    """Un `statut` qui ne change que par des verbes ; `TRANSITIONS` dit quand, les permissions disent qui."""

    TRANSITIONS = {}

    class Meta:
        abstract = True

    def peut_passer_a(self, statut):
        return statut in self.TRANSITIONS[self.statut]

    def exiger_transition(self, statut):
        """Lève TransitionImpossible quand la table ne permet pas d’aller à `statut`."""
        if not self.peut_passer_a(statut):
            raise TransitionImpossible(f"C’est déjà fait ou ce n’est plus possible : {self.get_statut_display()}.")


def _auteur(par, motif):
    """L’historique ne connaît que des utilisateurs : le nom d’une tâche va dans le motif."""
    if isinstance(par, str):
        return None, f"{par} : {motif}" if motif else par
    if par is None:
        raise EcritureSansHistorique("Une écriture a toujours un auteur.")
    return par, motif
