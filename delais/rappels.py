"""Les rappels : trouvés par plage dans la base, jamais par « c’est aujourd’hui » (RE5, RE6)."""

import datetime
from collections import Counter
from itertools import islice

from django.urls import reverse
from django.utils import timezone

from comptes.models import Role, Utilisateur
from horloges.registre import DEFINITIONS
from notifications.actions import Annonce, prevenir_en_lot
from notifications.models import Canal, Envoi
from plie.templatetags.interface import compte, date_longue
from territoire.models import Antenne

DECALAGES = (-10, -3, 0, 1, 7, 15)  # jours après l’échéance (2-domaine, « Clocks »)
LOT = 2000
COLONNES = (
    "participant_id",
    "objet_id",
    "debut_le",
    "echeance",
    "conseiller_id",
    "antenne_id",
    "participant__numero",
)


def envoyer_rappels(le=None):
    """Écrit dans la boîte d’envoi les rappels dus à la date `le` (aujourd’hui) et le résumé des responsables.

    Pour chaque horloge, seule l’occasion la plus récente : après trois jours sans beat rien n’est perdu et rien ne
    déferle. Une deuxième passe n’écrit rien, sauf à qui vient de reprendre un dossier. Rend le nombre d’horloges rappelées.
    """
    le, equipe = le or timezone.localdate(), Equipe()
    rappelees, retards = 0, Counter()
    for definition in DEFINITIONS.values():
        for lot in _lots(_proches(definition, le)):
            retards.update((definition.code, h["antenne_id"]) for h in lot if h["echeance"] < le)
            rappelees += _rappeler(definition, lot, equipe, le)
    _resumer(retards, equipe, le)
    _dire_les_courriels_non_partis(equipe, le)
    return rappelees


class Equipe:
    """Qui prévenir : le conseiller à qui l’horloge appartient, sinon ceux de l’antenne, sinon les responsables."""

    def __init__(self):
        self.conseillers, self.antennes = {}, {}
        conseillers = Utilisateur.objects.ayant_role(Role.CONSEILLER).prefetch_related("attributions")
        for conseiller in conseillers:
            self.conseillers[conseiller.pk] = conseiller
            for antenne in conseiller.antennes_de(Role.CONSEILLER):
                self.antennes.setdefault(antenne, []).append(conseiller)
        self.responsables = list(Utilisateur.objects.ayant_role(Role.RESPONSABLE))

    def destinataires(self, conseiller_id, antenne_id):
        if conseiller := self.conseillers.get(conseiller_id):
            return [conseiller]
        return self.antennes.get(antenne_id) or self.responsables


def occasion_la_plus_recente(debut, echeance, le):
    """Le jour du dernier rappel dû à la date `le`, ou None. Un rappel daté d’avant le début ne se crée pas."""
    for decalage in reversed(DECALAGES):
        occasion = echeance + datetime.timedelta(decalage)
        if occasion <= le:
            return occasion if occasion >= debut else None
    return None


def _proches(definition, le):
    """Les horloges qui courent et dont le premier rappel est dû ; un arrêt ouvert les suspend."""
    horizon = le - datetime.timedelta(DECALAGES[0])
    return definition.avant(horizon, le).filter(debut_le__lte=le).values(*COLONNES).iterator(chunk_size=LOT)


def _lots(lignes):
    while lot := list(islice(lignes, LOT)):
        yield lot


def _rappeler(definition, lot, equipe, le):
    genre = f"rappel_{definition.code}"
    dus = {h["objet_id"]: (occasion_la_plus_recente(h["debut_le"], h["echeance"], le), h) for h in lot}
    deja = set(
        Envoi.objects.filter(genre=genre, objet_id__in=list(dus), canal=Canal.APPLICATION)
        .order_by()
        .values_list("objet_id", "occasion", "destinataire_id")
    )
    annonces, rappelees = [], 0
    for objet_id, (occasion, horloge) in dus.items():
        a_qui = equipe.destinataires(horloge["conseiller_id"], horloge["antenne_id"]) if occasion else []
        a_qui = [u for u in a_qui if (objet_id, str(occasion), u.pk) not in deja]
        if not a_qui:
            continue
        rappelees += 1
        titre, texte = _phrases(definition, horloge, le)
        lien = reverse("dossier:participant", args=[horloge["participant_id"]])
        annonces += [
            Annonce(u, genre, objet_id, occasion, titre, texte, lien, horloge["participant_id"]) for u in a_qui
        ]
    if annonces:
        prevenir_en_lot(annonces)
    return rappelees


def _phrases(definition, horloge, le):
    reste = (horloge["echeance"] - le).days
    if reste > 0:
        quand = f"encore {compte(reste, 'jour')}"
    else:
        quand = f"{compte(-reste, 'jour')} de retard" if reste else "dernier jour aujourd’hui"
    titre = f"Dossier {horloge['participant__numero']} : {definition.libelle.lower()}, {quand}"
    return titre, f"Dernier jour : {date_longue(horloge['echeance'])}. Ouvrez le dossier pour prendre rendez-vous."


def _resumer(retards, equipe, le):
    """Un seul message par jour et par responsable, tant que quelque chose est en retard."""
    if not retards:
        return
    noms, lignes = {a.pk: a.nom for a in Antenne.objects.all()}, []
    for code, definition in DEFINITIONS.items():
        par_antenne = sorted((noms.get(a, "sans antenne"), n) for (c, a), n in retards.items() if c == code)
        if par_antenne:
            lignes.append(f"{definition.libelle} : " + ", ".join(f"{nom} {n}" for nom, n in par_antenne) + ".")
    total = compte(retards.total(), "délai dépassé")
    prevenir_en_lot(
        [
            Annonce(r, "delais_du_jour", r.pk, le, f"{total} aujourd’hui", "\n".join(lignes), _lien_des_retards())
            for r in equipe.responsables
        ]
    )


def _dire_les_courriels_non_partis(equipe, le):
    """Dans l’application seulement, une fois par jour tant qu’il en reste (RE7)."""
    if nombre := Envoi.objects.en_echec().count():
        titre, lien = f"{compte(nombre, 'courriel')} à renvoyer", reverse("notifications:non_partis")
        texte = "Ils n’ont pas pu partir : adresse refusée, ou serveur de courriel en panne."
        prevenir_en_lot(
            [Annonce(r, "courriels_non_partis", r.pk, le, titre, texte, lien) for r in equipe.responsables],
            courriel=False,
        )


def _lien_des_retards():
    return reverse("delais:liste") + "?vue=en_retard"
