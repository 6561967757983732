"""RE1, RE3 sur de vraies transactions : vingt personnes écrivent, aucune ne perd son texte ; un clic répété n’a qu’un effet."""

import re
import threading
import uuid

import pytest
from django.db import connection
from django.test import Client

from comptes.models import Brouillon
from documents.models import Document, Signature
from entretiens.models import Demarche, Entretien, RendezVous
from tests.entretiens.gestes import TRACE, clore, conseillere, creneau, envoi, ouvert, sous_les_yeux, url

VINGT = 20


def ensemble(taches):
    """Lance les tâches au même instant, chacune dans son fil. Rend leurs résultats ; une panne fait échouer."""
    barriere, rendus, pannes = threading.Barrier(len(taches)), [None] * len(taches), []

    def courir(rang, tache):
        barriere.wait()
        try:
            rendus[rang] = tache()
        except Exception as panne:  # noqa: BLE001 — remontée au test
            pannes.append(panne)
        finally:
            connection.close()

    fils = [threading.Thread(target=courir, args=couple) for couple in enumerate(taches)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(60)
    assert not pannes, pannes
    return rendus


def signes(utilisateurs):
    clients = []
    for utilisateur in utilisateurs:
        client = Client()
        client.force_login(utilisateur)
        clients.append(client)
    return clients


def ecrire_a(nombre):
    """`nombre` conseillères enregistrent au même instant, chacune son texte. Rend (entretien, auteurs, réponses)."""
    entretien = ouvert()
    auteurs = [conseillere(entretien.participant.antenne, f"Prénom{n}", f"Autrice{n}") for n in range(nombre)]
    taches = [
        lambda client=client, n=n: client.post(url("detail", entretien), envoi(entretien, synthese=f"Texte{n}."))
        for n, client in enumerate(signes(auteurs))
    ]
    reponses = ensemble(taches)
    entretien.refresh_from_db()
    return entretien, auteurs, reponses


def verifier_que_rien_ne_se_perd(entretien, auteurs, reponses):
    statuts = [r.status_code for r in reponses]
    assert sorted(statuts) == [302] + [409] * (len(auteurs) - 1)
    gagnant = statuts.index(302)
    assert entretien.synthese == f"Texte{gagnant}."
    for n, auteur in enumerate(auteurs):
        if n == gagnant:
            continue
        page = re.sub("</?ins>", "", reponses[n].content.decode())
        assert f"Texte{n}." in page
        assert f"Texte{gagnant}." in page
        assert Brouillon.objects.get(utilisateur=auteur).contenu["synthese"] == f"Texte{n}."


@pytest.mark.django_db(transaction=True)
def test_re1_deux_personnes_ecrivent_ensemble_aucune_ne_perd_son_texte():
    verifier_que_rien_ne_se_perd(*ecrire_a(2))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_re1_vingt_personnes_ecrivent_ensemble_aucune_ne_perd_son_texte():
    verifier_que_rien_ne_se_perd(*ecrire_a(VINGT))


def clore_a(nombre):
    entretien = ouvert()
    donnees = envoi(entretien, rdv=creneau())
    clients = signes([entretien.conseiller] * nombre)
    return entretien, ensemble([lambda c=c: c.post(url("clore", entretien), donnees) for c in clients])


def verifier_une_seule_cloture(entretien, reponses):
    assert {(r.status_code, r.url) for r in reponses} == {(302, url("signer", entretien))}
    assert [m.objects.count() for m in (Document, RendezVous, Demarche)] == [1, 1, 1]
    assert Signature.objects.count() == 2
    assert Entretien.objects.get().est_clos


@pytest.mark.django_db(transaction=True)
def test_re3_un_double_clic_sur_clore_n_a_qu_un_effet():
    verifier_une_seule_cloture(*clore_a(2))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_re3_vingt_envois_de_clore_n_ont_qu_un_effet():
    verifier_une_seule_cloture(*clore_a(VINGT))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_re3_vingt_envois_de_signatures_n_ont_qu_un_effet():
    entretien = ouvert()
    clore(entretien)
    donnees = {f"{r}_{n}": v for r in ("personne", "conseiller") for n, v in (("accord", "oui"), ("trace", TRACE))}
    donnees |= sous_les_yeux(entretien)
    reponses = ensemble(
        [lambda c=c: c.post(url("signer", entretien), donnees) for c in signes([entretien.conseiller] * VINGT)]
    )
    assert {r.status_code for r in reponses} == {302}
    assert [s.history.filter(statut="signe").count() for s in Signature.objects.all()] == [1, 1]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_re3_vingt_corrections_du_meme_formulaire_ne_font_qu_une_version():
    entretien = ouvert()
    clore(entretien)
    entretien.refresh_from_db()
    donnees = {
        "jeton": str(uuid.uuid4()),
        "version": entretien.version,
        "motif": "Une date",
        "objectif": "O",
        "synthese": "S",
    }
    ensemble([lambda c=c: c.post(url("corriger", entretien), donnees) for c in signes([entretien.conseiller] * VINGT)])
    assert sorted(Document.objects.values_list("numero_version", flat=True)) == [1, 2]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_une_correction_et_une_signature_au_meme_instant_ne_se_contredisent_pas():
    entretien = ouvert()
    clore(entretien)
    entretien.refresh_from_db()
    correction = {
        "jeton": str(uuid.uuid4()),
        "version": entretien.version,
        "motif": "M",
        "objectif": "O",
        "synthese": "S",
    }
    signature = {"personne_accord": "oui", "personne_trace": TRACE} | sous_les_yeux(entretien)
    un, deux = signes([entretien.conseiller] * 2)
    ensemble(
        [
            lambda: un.post(url("corriger", entretien), correction),
            lambda: deux.post(url("signer", entretien), signature),
        ]
    )
    assert sorted(Document.objects.values_list("numero_version", flat=True)) == [1, 2]
    signee = Signature.objects.filter(statut="signe").first()
    assert signee is None or signee.document.remplace_par.fige_le > signee.signee_le
