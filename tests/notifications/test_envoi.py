"""La boîte d’envoi : dit une fois, jamais perdu, reconnu si par malheur il part deux fois (RE6, RE7)."""

import collections
import datetime
import random
import smtplib

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.template import TemplateSyntaxError
from django.utils import timezone

from notifications import envoi as boite
from notifications.actions import prevenir
from notifications.envoi import envoyer_en_attente
from notifications.models import BAIL, ESSAIS, Canal, Envoi
from tests.factories import ParticipantFactory, UtilisateurFactory
from tests.parallele import en_parallele


class Tuee(BaseException):
    """kill -9 : aucune clause `except` du code ne s’exécute."""


def annoncer(*qui, objet=None, occasion="1", **champs):
    defaut = {"genre": "essai", "titre": "La demande P-2026-00001 avance", "texte": "Nadège Boutoille est attendue."}
    prevenir(qui, objet=objet or ParticipantFactory(), occasion=occasion, **defaut | champs)


def courriels():
    return Envoi.objects.filter(canal=Canal.COURRIEL)


@pytest.fixture
def samira(db):
    return UtilisateurFactory(prenom="Samira", nom="Duhoux", email="samira@plie.example")


@pytest.mark.django_db
class TestPrevenir:
    def test_une_alerte_et_un_courriel(self, samira):
        annoncer(samira, lien="/prescriptions/1/")
        assert sorted(Envoi.objects.values_list("canal", "adresse")) == [
            ("application", samira.email),
            ("courriel", samira.email),
        ]

    def test_la_meme_annonce_ne_s_ecrit_qu_une_fois(self, samira):
        objet = ParticipantFactory()
        for _ in range(3):
            annoncer(samira, samira, objet=objet)
        assert Envoi.objects.count() == 2
        annoncer(samira, objet=objet, occasion="2")
        assert Envoi.objects.count() == 4

    def test_l_annonce_d_un_acte_annule_n_existe_pas(self, samira):
        def acte():
            with transaction.atomic():
                annoncer(samira)
                raise ZeroDivisionError

        pytest.raises(ZeroDivisionError, acte)
        assert not Envoi.objects.exists()

    def test_un_compte_ferme_ne_recoit_rien(self, db):
        annoncer(UtilisateurFactory(is_active=False))
        assert not Envoi.objects.exists()

    def test_sans_courriel_il_reste_l_alerte(self, samira):
        annoncer(samira, courriel=False)
        assert Envoi.objects.get().canal == Canal.APPLICATION

    def test_le_titre_tient_sur_une_ligne(self, samira):
        annoncer(samira, titre="Bonjour\r\nBcc: tous@ailleurs.example\n" + "x" * 300)
        envoyer_en_attente()
        assert mail.outbox[0].bcc == []
        assert "\n" not in mail.outbox[0].subject

    def test_dp3_le_courriel_a_un_lien_et_pas_le_texte(self, samira, settings):
        settings.ADRESSE_PUBLIQUE = "https://plie.exemple.test/"
        annoncer(samira, lien="/prescriptions/1/")
        envoyer_en_attente()
        message = mail.outbox[0]
        html = message.alternatives[0].content
        for corps in (message.body, html):
            assert "https://plie.exemple.test/prescriptions/1/" in corps
            assert "Samira Duhoux" in corps
            assert "Boutoille" not in corps
        assert "l'" not in html


@pytest.mark.django_db(transaction=True)
def test_deux_actes_en_meme_temps_qui_previennent_les_memes_ne_se_bloquent_pas():
    qui, objet = [UtilisateurFactory() for _ in range(6)], ParticipantFactory()

    def acte(rang):
        annoncer(*(qui if rang % 2 else reversed(qui)), objet=objet)

    assert en_parallele(8, acte) == [None] * 8
    assert courriels().count() == 6


@pytest.mark.django_db
class TestEnvoyer:
    def test_parti_il_ne_repart_pas(self, samira):
        annoncer(samira)
        assert envoyer_en_attente() == 1
        assert envoyer_en_attente() == 0
        [message], [ligne] = mail.outbox, courriels()
        assert message.extra_headers["Message-ID"] == ligne.identifiant_de_message
        assert (ligne.envoye_le is not None, ligne.essais) == (True, 1)

    def test_l_alerte_ne_part_pas_par_courriel(self, samira):
        annoncer(samira, courriel=False)
        assert envoyer_en_attente() == 0

    def test_re6_tue_au_hasard_soixante_fois_rien_n_est_perdu(self, samira, monkeypatch):
        """Entre le bail et l’envoi, ou entre l’envoi et la marque ; les doublons portent le même Message-ID."""
        objet = ParticipantFactory()
        for rang in range(40):
            annoncer(samira, objet=objet, occasion=rang)
        hasard, partir = random.Random(7), boite.EmailMultiAlternatives.send

        def partir_ou_mourir(message):
            if hasard.random() < 0.2:
                raise Tuee
            partir(message)
            if hasard.random() < 0.2:
                raise Tuee

        monkeypatch.setattr(boite.EmailMultiAlternatives, "send", partir_ou_mourir)
        monkeypatch.setattr(boite, "_rendre", lambda envois: None)  # tué net, il ne rend pas son lot
        tues = 0
        with time_machine.travel(timezone.now(), tick=False) as temps:
            while courriels().filter(envoye_le=None).exists():
                try:
                    envoyer_en_attente(lot=5)
                except Tuee:
                    tues += 1
                temps.shift(BAIL)
        recus = collections.Counter(m.extra_headers["Message-ID"] for m in mail.outbox)
        assert tues > 5
        assert set(recus) == {ligne.identifiant_de_message for ligne in courriels()}
        assert not courriels().filter(essais__gte=ESSAIS).exists()

    def test_le_bail_tient_les_autres_workers_a_distance(self, samira, monkeypatch):
        annoncer(samira)
        monkeypatch.setattr(boite.EmailMultiAlternatives, "send", lambda m: (_ for _ in ()).throw(Tuee()))
        with time_machine.travel(timezone.now(), tick=False) as temps:
            pytest.raises(Tuee, envoyer_en_attente)
            monkeypatch.undo()
            assert envoyer_en_attente() == 0
            temps.shift(BAIL)
            assert envoyer_en_attente() == 1

    def test_un_lot_trop_long_s_arrete_avant_la_fin_de_son_bail(self, samira, monkeypatch):
        """Sinon un second worker reprendrait des lignes que le premier va encore envoyer."""
        for rang in range(3):
            annoncer(samira, occasion=rang)
        with time_machine.travel(timezone.now(), tick=False) as temps:
            partir = boite.EmailMultiAlternatives.send
            monkeypatch.setattr(
                boite.EmailMultiAlternatives, "send", lambda m: (partir(m), temps.shift(datetime.timedelta(minutes=3)))
            )
            assert envoyer_en_attente() == 2
            assert sorted(courriels().values_list("essais", flat=True)) == [0, 1, 1]


def panne(erreur, monkeypatch):
    def refuser(message):
        raise erreur

    monkeypatch.setattr(boite.EmailMultiAlternatives, "send", refuser)


@pytest.mark.django_db
class TestPanne:
    def test_serveur_eteint_chaque_essai_attend_plus_longtemps(self, samira, monkeypatch):
        annoncer(samira)
        panne(ConnectionRefusedError(), monkeypatch)
        attentes = []
        with time_machine.travel(timezone.now(), tick=False) as temps:
            for _ in range(10):
                envoyer_en_attente()
                attente = courriels().get().libre_le - timezone.now()
                attentes.append(int(attente.total_seconds() // 60))
                temps.shift(attente)
            assert attentes == [2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
            monkeypatch.undo()
            assert envoyer_en_attente() == 1

    def test_re6_un_serveur_eteint_trois_jours_ne_perd_rien(self, samira, monkeypatch):
        annoncer(samira)
        panne(TimeoutError(), monkeypatch)
        with time_machine.travel(timezone.now(), tick=False) as temps:
            for _ in range(3 * 24 * 6):
                envoyer_en_attente()
                temps.shift(datetime.timedelta(minutes=10))
            monkeypatch.undo()
            temps.shift(datetime.timedelta(hours=4))
            assert envoyer_en_attente() == 1

    def test_serveur_eteint_on_n_essaie_pas_les_suivants_et_ils_ne_comptent_pas_d_essai(self, samira, monkeypatch):
        for rang in range(5):
            annoncer(samira, occasion=rang)
        panne(smtplib.SMTPServerDisconnected(), monkeypatch)
        envoyer_en_attente()
        assert sorted(courriels().values_list("essais", flat=True)) == [0, 0, 0, 0, 1]

    def test_une_adresse_refusee_n_arrete_pas_les_autres(self, samira, monkeypatch):
        annoncer(samira, UtilisateurFactory(email="zoe@plie.example"))
        partir = boite.EmailMultiAlternatives.send

        def refuser(message):
            if message.to == [samira.email]:
                raise smtplib.SMTPRecipientsRefused({samira.email: (550, b"no such user")})
            return partir(message)

        monkeypatch.setattr(boite.EmailMultiAlternatives, "send", refuser)
        assert envoyer_en_attente() == 1
        refusee = Envoi.objects.en_echec().get()
        assert (refusee.adresse, refusee.erreur) == (samira.email, "Adresse refusée.")

    @pytest.mark.parametrize("faute", [KeyError("nom"), TemplateSyntaxError("balise"), ZeroDivisionError()])
    def test_re7_une_lettre_qui_ne_se_compose_pas_n_arrete_pas_les_autres_et_se_voit(self, samira, monkeypatch, faute):
        def composer(envoi):
            raise faute

        monkeypatch.setitem(boite.COMPOSEURS, "poison", composer)
        annoncer(samira, genre="poison")
        for rang in range(3):
            annoncer(samira, occasion=rang)
        assert envoyer_en_attente(lot=2) == 3
        fautive = courriels().get(envoye_le=None)
        assert (fautive.genre, fautive.essais) == ("poison", 1)
        assert fautive.erreur == f"Lettre impossible à composer ({type(faute).__name__})."
        assert fautive.libre_le > timezone.now()

    def test_re4_une_mort_au_premier_ne_coute_aucun_essai_aux_autres_du_lot(self, samira, monkeypatch):
        for rang in range(5):
            annoncer(samira, occasion=rang)
        panne(Tuee(), monkeypatch)
        monkeypatch.setattr(boite, "_rendre", lambda envois: None)
        pytest.raises(Tuee, envoyer_en_attente)
        assert sorted(courriels().values_list("essais", flat=True)) == [0, 0, 0, 0, 1]

    def test_quelle_que_soit_la_sortie_le_reste_du_lot_est_rendu(self, samira, monkeypatch):
        for rang in range(3):
            annoncer(samira, occasion=rang)
        panne(MemoryError(), monkeypatch)
        pytest.raises(MemoryError, envoyer_en_attente)
        assert courriels().filter(libre_le__lte=timezone.now()).count() == 2

    def test_ac4_un_compte_ferme_entre_temps_ne_recoit_pas_ce_qui_attendait(self, samira):
        annoncer(samira)
        samira.is_active = False
        samira.enregistrer(par=samira)
        assert envoyer_en_attente() == 0
        assert mail.outbox == []

    def test_re7_un_echec_se_voit_et_ne_repart_pas_tout_seul(self, samira):
        annoncer(samira)
        courriels().update(essais=ESSAIS)
        assert envoyer_en_attente() == 0
        assert Envoi.objects.en_echec().count() == 1

    def test_une_adresse_impossible_ne_bloque_pas_la_file(self, samira):
        annoncer(samira, UtilisateurFactory(email="zoe@plie.example"))
        courriels().filter(destinataire=samira).update(adresse="pas une adresse\n")
        assert envoyer_en_attente() == 1
        assert Envoi.objects.en_echec().count() == 1


@pytest.mark.django_db(transaction=True)
def test_plusieurs_workers_ensemble_n_envoient_rien_deux_fois():
    samira, objet = UtilisateurFactory(), ParticipantFactory()
    for rang in range(60):
        annoncer(samira, objet=objet, occasion=rang)
    mail.outbox.clear()
    assert sum(en_parallele(4, lambda rang: envoyer_en_attente(lot=7))) == 60
    assert len({m.extra_headers["Message-ID"] for m in mail.outbox}) == len(mail.outbox) == 60
