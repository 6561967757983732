"""Socle des modèles métier : clé UUIDv7, version, historique, et une seule façon d’écrire."""

import functools
import json
import uuid

from django.conf import settings
from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from simple_history.models import HistoricalRecords
from uuid_utils.compat import uuid7

from plie.exceptions import ConflitDeVersion, TransitionImpossible
from plie.lots import champs_et_classes, copier_dans_l_historique, inserer

# Appelés dans la transaction de chaque écriture : (objet, par, creation, champs, motif).
# Le journal s’y branche à son démarrage ; le socle ne connaît aucune app.
OBSERVATEURS = []
# Les mêmes pour un lot : (objets, par, motif, le).
OBSERVATEURS_EN_MASSE = []
# Et pour une suppression : (objet, par, motif).
OBSERVATEURS_DE_SUPPRESSION = []


class EcritureSansHistorique(TypeError):
    """Une écriture que ni l’historique ni le journal ne verraient."""


def cle():
    """Clé d’un objet métier : UUIDv7, croissante dans le temps, rien de consécutif dans une adresse."""
    return uuid7()


def lire_cle(texte):
    """La clé écrite dans une adresse ou un formulaire ; None si ce n’en est pas une."""
    try:
        return uuid.UUID(texte)
    except (ValueError, TypeError, AttributeError):
        return None


def lire_entier(texte):
    """L’entier positif (version, rang) écrit dans une adresse ou un formulaire ; None si la base ne le tiendrait pas."""
    return int(texte) if isinstance(texte, str) and texte.isdecimal() and len(texte) < 10 else None


def champ_compte(libelle=None, **options):
    """Un champ vers un compte, jamais effacé, sans chemin de retour. `options` : null et blank, ce qui n’a pas encore eu lieu."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=libelle, on_delete=models.PROTECT, related_name="+", **options
    )


class HistoriseQuerySet(models.QuerySet):
    """Ferme les écritures de masse : elles n’émettent pas les signaux que simple_history écoute."""

    def update(self, **kwargs):
        raise EcritureSansHistorique("Passer par enregistrer(par=…), ou par creer_en_masse pour un lot.")

    def bulk_update(self, objs, fields, **kwargs):
        raise EcritureSansHistorique("Passer par enregistrer(par=…).")

    def bulk_create(self, objs, **kwargs):
        raise EcritureSansHistorique("Passer par creer_en_masse(par=…).")

    def delete(self):
        raise EcritureSansHistorique("Passer par supprimer(par=…), objet par objet.")

    delete.queryset_only = True

    @transaction.atomic
    def creer_en_masse(self, objets, *, par, motif="", le=None, lot=1000):
        """Crée un lot avec son historique et son journal, datés de `le` (datetime) s’il est donné.

        Reçoit des objets non enregistrés et `par` (utilisateur ou nom de tâche) ; rend la liste créée.
        """
        le, (auteur, raison) = le or timezone.now(), _auteur(par, motif)
        for debut in range(0, len(objets), lot):
            tranche = objets[debut : debut + lot]
            inserer(tranche)
            copier_dans_l_historique(tranche, auteur=auteur, motif=raison, le=le)
            for objet in tranche:
                objet._noter_charge()
            for observer in OBSERVATEURS_EN_MASSE:
                observer(tranche, par, motif, le)
        return objets


class ModeleEcrit(models.Model):
    """L’unique porte d’écriture : un auteur, une version, les champs qui changent. Le socle de tout modèle métier."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        objet = super().from_db(db, field_names, values)
        objet._charge = dict(zip(field_names, values, strict=False))
        for nom in _champs_json(cls):
            if nom in objet._charge:
                objet._charge[nom] = _photo(objet._charge[nom])
        return objet

    def refresh_from_db(self, using=None, fields=None, from_queryset=None):
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)
        self._noter_charge(fields)

    def _noter_charge(self, noms=None):
        """Retient ce que la base contient, pour savoir plus tard ce qui change ; un champ différé le reste."""
        valeurs, charge = self.__dict__, self.__dict__.setdefault("_charge", {})
        for champ, nom, classe in champs_et_classes(type(self)):
            if nom in valeurs and (noms is None or nom in noms or champ.name in noms):
                valeur = valeurs[nom]
                charge[nom] = valeur if valeur.__class__ is classe else _photo(valeur)

    def champs_modifies(self):
        """Noms des champs qui diffèrent de ce que la base a donné (tous, pour un objet neuf)."""
        charge = {} if self._state.adding else self.__dict__.get("_charge", {})
        return [
            c.attname
            for c in self._meta.concrete_fields
            if c.attname in self.__dict__ and _photo(self.__dict__[c.attname]) != charge.get(c.attname, ...)
        ]

    @transaction.atomic
    def enregistrer(self, *, par, motif=""):
        """Sauve en nommant l’auteur : un utilisateur, ou le nom d’une tâche hors de toute requête.

        Rien n’a changé : rien n’est écrit. Rend l’objet.
        Lève ConflitDeVersion si la ligne a été enregistrée depuis qu’elle a été lue : rien n’est écrasé (RE1).
        """
        creation, champs = self._state.adding, self.champs_modifies()
        self._history_user, self._change_reason = _auteur(par, motif)
        if not champs:
            return self
        if creation:
            self.save(force_insert=True)
        else:
            self._sauver_sur(self.version)
        self._noter_charge()
        for observer in OBSERVATEURS:
            observer(self, par, creation, champs, motif)
        return self

    def _sauver_sur(self, version):
        self._version_lue, self.version, ecrit = version, version + 1, False
        try:
            self.save(force_update=True)
            ecrit = True
        finally:
            del self._version_lue
            if not ecrit:  # l’objet se représente, à l’écran, tel qu’il était
                self.version = version

    def _do_update(self, base_qs, *args, **kwargs):
        """Écrit seulement sur la version lue : une condition dans l’UPDATE plutôt qu’une lecture de plus."""
        lue = self.__dict__.get("_version_lue")
        if lue is None:
            return super()._do_update(base_qs, *args, **kwargs)
        if not (ecrit := super()._do_update(base_qs.filter(version=lue), *args, **kwargs)):
            raise ConflitDeVersion(base_qs.filter(pk=self.pk).first() or self)
        return ecrit

    @transaction.atomic
    def relier(self, champ, objets, *, par):
        """Remplace les objets d’une relation multiple : une version de plus, et au journal l’empreinte de ce qui est relié.

        L’historique, lui, ne suit pas ces objets. Lève ConflitDeVersion comme `enregistrer`.
        """
        self._history_user, self._change_reason = _auteur(par, "")
        self._sauver_sur(self.version)
        self._noter_charge()
        getattr(self, champ).set(objets)
        for observer in OBSERVATEURS:
            observer(self, par, False, [champ], "")

    @transaction.atomic
    def supprimer(self, *, par, motif=""):
        """Retire une ligne qui n’aurait pas dû être ; l’historique et le journal gardent qui l’a fait."""
        self._history_user, self._change_reason = _auteur(par, motif)
        cle_supprimee = self.pk
        super().delete()
        self.pk = cle_supprimee
        for observer in OBSERVATEURS_DE_SUPPRESSION:
            observer(self, par, motif)

    def delete(self, using=None, keep_parents=False):
        raise EcritureSansHistorique("Passer par supprimer(par=…).")

    enregistrer.alters_data = relier.alters_data = supprimer.alters_data = delete.alters_data = (
        True  # aucun gabarit ne les appelle
    )

    def verrouiller(self):
        """Verrouille la ligne et la relit : à appeler en tête de tout verbe, dans une transaction."""
        if not transaction.get_connection(self._state.db).in_atomic_block:  # SQLite ne le dirait pas
            raise transaction.TransactionManagementError("verrouiller() s’appelle dans une transaction.")
        self.refresh_from_db(from_queryset=type(self)._base_manager.select_for_update())

    def exiger_version(self, version):
        """Lève ConflitDeVersion si l’objet a été enregistré depuis l’affichage de `version` (entier)."""
        if self.version != version:
            raise ConflitDeVersion(self)


class ModeleHistorise(ModeleEcrit):
    """Un modèle métier ordinaire : clé UUIDv7 et historique de toutes ses versions."""

    id = models.UUIDField("identifiant", primary_key=True, default=cle, editable=False)
    history = HistoricalRecords(inherit=True)

    class Meta:
        abstract = True


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


def _photo(valeur):
    """Une valeur que l’on pourra comparer plus tard, même si l’objet qui la porte est modifié sur place."""
    if isinstance(valeur, (dict, list)):
        return json.dumps(valeur, sort_keys=True, default=str)
    return (valeur.name or "") if isinstance(valeur, FieldFile) else valeur


@functools.cache
def _champs_json(modele):
    return [c.attname for c in modele._meta.concrete_fields if isinstance(c, models.JSONField)]
