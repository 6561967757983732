"""Une requête gardée rend exactement ce que rendrait la requête composée à neuf : valeurs, jour, heure, droits, réglages."""

import datetime
import threading

import pytest
import time_machine
from django.db import connection
from django.db.models import UUIDField, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comptes.models import Role
from entretiens.models import RendezVous
from horloges.registre import echelles
from participants.models import Participant
from plie import requetes
from plie.requetes import SANS_LENDEMAIN, Maintenant, gardee
from tests.factories import AntenneFactory, ParticipantFactory, RendezVousFactory, UtilisateurFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rien_de_garde():
    requetes._composees.clear()


class Compteur:
    """Une fonction gardée et le nombre de fois où sa requête a été composée."""

    def __init__(self, composer, **champs):
        self.fois = 0

        def compter(*forme, **parametres):
            self.fois += 1
            return composer(*forme, **parametres)

        self.lire = gardee(**champs)(compter)


def test_la_requete_se_compose_une_fois_et_rend_chaque_valeur():
    personnes = ParticipantFactory.create_batch(3)
    une = Compteur(lambda pk: Participant.objects.filter(pk=pk), pk=UUIDField())
    assert [une.lire(pk=p.pk) for p in personnes] == [[p] for p in personnes]
    assert une.fois == 1


def test_une_liste_de_valeurs_garde_le_meme_sql_quel_que_soit_leur_nombre():
    personnes = ParticipantFactory.create_batch(3)
    plusieurs = Compteur(lambda cles: Participant.objects.filter(pk__in=cles), cles=[UUIDField()])
    for nombre in (3, 1, 0):
        assert set(plusieurs.lire(cles=[p.pk for p in personnes[:nombre]])) == set(personnes[:nombre])
    assert plusieurs.fois == 1


@pytest.mark.parametrize("nom", ["D’Hoine", "L'Hermitte", "100 %", "%s", "%%s", "Zoé\\n", "--", ""])
def test_une_valeur_de_la_forme_est_lue_telle_quelle_avant_et_apres_celle_de_l_execution(nom):
    lue, *_ = [ParticipantFactory(nom=nom), ParticipantFactory(nom=nom), ParticipantFactory(nom="Autre")]
    une = gardee(pk=UUIDField())(
        lambda nom, pk: Participant.objects.filter(nom=nom, pk=pk).filter(prenom__contains="")
    )
    assert une(nom, pk=lue.pk) == [lue]
    assert une(nom + "x", pk=lue.pk) == []


def test_sur_postgresql_le_sql_prepare_dit_les_etats_et_sert_a_tous_les_comptes():
    """Un état passé en paramètre cacherait au plan préparé combien de lignes il retient (5-qualite, vitesse)."""
    siens = gardee()(lambda qui: RendezVous.objects.filter(conseiller=qui, statut="prevu"))
    un, autre = (RendezVousFactory() for _ in range(2))
    assert [siens(r.conseiller) for r in (un, autre)] == [[un], [autre]]
    composees = list(requetes._composees.values())
    assert composees[0].sql == composees[1].sql
    if connection.vendor == "postgresql":
        assert "'prevu'" in composees[0].sql
        assert composees[0].parametres == (un.conseiller_id,)


def test_les_objets_lies_et_precharges_sont_la():
    personne = ParticipantFactory()
    une = gardee(pk=UUIDField())(
        lambda pk: Participant.objects.filter(pk=pk).select_related("commune").prefetch_related("pieces")
    )
    une(pk=personne.pk)
    with CaptureQueriesContext(connection) as requetes_faites:
        (lue,) = une(pk=personne.pk)
        assert (lue.commune, list(lue.pieces.all())) == (personne.commune, [])
    assert len(requetes_faites) == 2


def test_la_forme_fait_la_cle():
    ParticipantFactory(nom="Alpha")
    ParticipantFactory(nom="Beta")
    triees = Compteur(lambda ordre: Participant.objects.order_by(ordre).values_list("nom", flat=True))
    assert triees.lire("nom") == ["Alpha", "Beta"]
    assert triees.lire("-nom") == ["Beta", "Alpha"]
    assert triees.fois == 2


def test_le_lendemain_la_requete_se_recompose():
    ParticipantFactory(naissance=datetime.date(2000, 3, 1))
    nes = Compteur(lambda: Participant.objects.filter(naissance__lt=timezone.localdate()))
    with time_machine.travel(datetime.datetime(2000, 3, 1, 12, tzinfo=datetime.UTC), tick=False):
        assert nes.lire() == []
    with time_machine.travel(datetime.datetime(2000, 3, 2, 12, tzinfo=datetime.UTC), tick=False):
        assert len(nes.lire()) == 1
    assert nes.fois == 2


def test_l_heure_se_lit_a_chaque_execution():
    midi, minutes = datetime.datetime(2026, 11, 24, 11, tzinfo=datetime.UTC), datetime.timedelta(minutes=1)
    venir = Compteur(RendezVous.objects.a_venir)
    with time_machine.travel(midi, tick=False) as temps:
        rdv = RendezVousFactory(debut=midi + 30 * minutes)
        assert venir.lire() == list(RendezVous.objects.a_venir()) == [rdv]
        temps.shift(31 * minutes)
        assert venir.lire() == list(RendezVous.objects.a_venir()) == []
    assert venir.fois == 1


def test_maintenant_vaut_l_heure_dans_une_requete_ordinaire():
    ParticipantFactory()
    assert Participant.objects.filter(cree_le__lte=Maintenant()).count() == 1


def test_ac4_un_droit_retire_change_la_portee():
    utilisateur = UtilisateurFactory(role=Role.CONSEILLER, antenne=AntenneFactory())
    avant = utilisateur.portee
    visibles = Compteur(lambda u: Participant.objects.visibles_par(u))
    ParticipantFactory(antenne=utilisateur.antenne)
    assert len(visibles.lire(utilisateur)) == 1
    for attribution in utilisateur.attributions.all():
        attribution.supprimer(par=utilisateur)
    utilisateur = type(utilisateur).objects.get(pk=utilisateur.pk)
    assert utilisateur.portee != avant
    assert visibles.lire(utilisateur) == []


def test_un_reglage_change_recompose(monkeypatch):
    rien = Compteur(lambda: Participant.objects.all())
    rien.lire()
    monkeypatch.setattr(requetes, "DEPENDANCES", [lambda: "autre échelle"])
    rien.lire()
    assert rien.fois == 2


def test_les_echelles_des_horloges_sont_de_chaque_cle():
    assert echelles in requetes.DEPENDANCES


def test_une_forme_sans_lendemain_n_est_pas_gardee():
    class Recherche:
        portee = SANS_LENDEMAIN

    cherchees = Compteur(lambda _, pk: Participant.objects.filter(pk=pk), pk=UUIDField())
    personne = ParticipantFactory()
    assert cherchees.lire(Recherche(), pk=personne.pk) == [personne]
    assert cherchees.lire(Recherche(), pk=personne.pk) == [personne]
    assert cherchees.fois == 2


def test_une_requete_sans_reponse_possible_rend_une_liste_vide():
    aucune = gardee()(Participant.objects.none)
    assert aucune() == []
    assert aucune() == []


def test_les_plus_anciennes_laissent_leur_place(monkeypatch):
    monkeypatch.setattr(requetes, "PLACES", 2)
    formes = Compteur(lambda n: Participant.objects.all()[: n + 1])
    for n in (0, 1, 0, 2, 0, 1):
        formes.lire(n)
    assert formes.fois == 4  # 0 sert encore quand 2 arrive : c’est 1 qui part, puis revient


def test_cinquante_comptes_ne_prennent_pas_plus_de_place_que_prevu(monkeypatch):
    """Les places se partagent entre toutes les requêtes du processus : sa mémoire ne suit pas le nombre de comptes."""
    monkeypatch.setattr(requetes, "PLACES", 30)
    comptes = [UtilisateurFactory(role=Role.CONSEILLER, antenne=AntenneFactory()) for _ in range(50)]
    plusieurs = [Compteur(lambda u: Participant.objects.visibles_par(u)) for _ in range(3)]
    for compte in comptes:
        for une in plusieurs:
            une.lire(compte)
    assert len(requetes._composees) == 30


def test_celles_d_hier_ne_restent_pas():
    une = Compteur(lambda n: Participant.objects.all()[:n])
    for n in range(5):
        une.lire(n + 1)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1), tick=False):
        une.lire(1)
        assert len(requetes._composees) == 1


def test_un_reglage_relu_pendant_la_composition_ne_se_range_pas_sous_l_ancien(monkeypatch):
    reglage = iter([1, 2])
    valeur = {"lue": 1}
    monkeypatch.setattr(requetes, "DEPENDANCES", [lambda: valeur["lue"]])

    def composer():
        valeur["lue"] = next(reglage, valeur["lue"])
        return Participant.objects.annotate(n=Value(valeur["lue"])).values_list("n", flat=True)

    ParticipantFactory()
    lire = gardee()(composer)
    valeur["lue"] = 0
    assert lire() == [1]
    valeur["lue"] = 0
    assert lire() == [2]


@pytest.mark.django_db(transaction=True)
def test_la_meme_requete_sert_sur_la_connexion_de_chaque_fil():
    personne = ParticipantFactory()
    une, lues = gardee(pk=UUIDField())(lambda pk: Participant.objects.filter(pk=pk)), []
    une(pk=personne.pk)

    def lire():
        lues.extend(une(pk=personne.pk))
        connection.close()

    fils = [threading.Thread(target=lire) for _ in range(4)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert lues == [personne] * 4
