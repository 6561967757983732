"""La file et la fiche d’une demande : qui les ouvre, ce qu’elles disent, ce qu’elles coûtent."""

import io
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comptes import brouillons
from comptes.jetons import nouveau_jeton
from comptes.models import Role
from journal.models import Acte, Ligne
from parcours.models import Parcours
from participants.actions import indexer
from participants.models import Piece
from prescriptions import filtres, permissions
from prescriptions.fiche import ECRAN_AVIS, ECRAN_ENTREE
from prescriptions.listes import StatutPrescription, Verdict
from prescriptions.models import Prescription
from prescriptions.views.verbes import VERBES as REGLES
from tests import faux_fichiers
from tests.factories import (
    AntenneFactory,
    CritereFactory,
    CritereInvoqueFactory,
    LignePieceFactory,
    OrganisationFactory,
    PrescriptionFactory,
    TypePieceFactory,
)
from tests.prescriptions.dossiers import AUJOURD_HUI, JOUR, VERBES, agent, critere_rsa, demande, ligne, prete, renvoyee

pytestmark = pytest.mark.django_db
S = StatutPrescription
LISTE = "/prescriptions/"
NE_VOIENT_RIEN = [r for r in Role if r not in permissions.ECRAN]


@pytest.fixture(autouse=True)
def reglages_gardes(monkeypatch):
    """Le cache des réglages ne s’éteint pas au milieu d’un test lent."""
    monkeypatch.setattr("reglages.lecture.DUREE_DU_CACHE", 3600)


def url(nom, prescription):
    return reverse(f"prescriptions:{nom}", args=[prescription.pk])


def du_conseiller(client, etat="prise", **champs):
    """(demande, client signé par son conseiller)"""
    prescription = renvoyee(**champs) if etat == "a_completer" else demande(etat, **champs)
    client.force_login(prescription.conseiller)
    return prescription


def relue(prescription):
    return Prescription.objects.get(pk=prescription.pk)


def noms(reponse):
    return [x["nom"] for x in reponse.context["lignes"]]


# La file


@pytest.mark.parametrize("role", NE_VOIENT_RIEN)
def test_la_file_est_fermee_aux_autres_roles(connexion, role):
    assert connexion(agent(role)).get(LISTE).status_code == 403


@pytest.mark.parametrize(
    ("role", "vue", "statuts"),
    [
        (Role.CONSEILLER, "C’est à vous", {S.ORIENTEE}),
        (Role.RESPONSABLE, "À valider", {S.TRANSMISE}),
        (Role.STATISTIQUES, "À contrôler", {S.A_CONTROLER}),
        (Role.ANIMATION, "À acter", {S.ACCORDEE}),
    ],
)
def test_chacun_arrive_sur_sa_file(connexion, role, vue, statuts):
    antenne = AntenneFactory()
    for trait in ({}, {"prise": True}, {"transmise": True}, {"validee": True}, {"accordee": True}):
        PrescriptionFactory(participant__antenne=antenne, **trait)
    reponse = connexion(agent(role, antenne=antenne if role == Role.CONSEILLER else None)).get(LISTE)
    assertContains(reponse, vue)
    trouves = {Prescription.objects.get(pk=x["cle"]).statut for x in reponse.context["lignes"]}
    assert trouves == statuts


def test_un_conseiller_ne_voit_que_ses_antennes_et_les_demandes_qu_il_suit(connexion):
    conseiller = agent(Role.CONSEILLER, antenne=AntenneFactory())
    siennes = [PrescriptionFactory(antenne=conseiller.antenne), PrescriptionFactory(prise=True, conseiller=conseiller)]
    PrescriptionFactory()
    reponse = connexion(conseiller).get(LISTE)
    assert {x["cle"] for x in reponse.context["lignes"]} == {p.pk for p in siennes}


def test_c_est_a_vous_laisse_a_la_collegue_ce_qu_elle_a_pris(connexion):
    """Une demande de l’antenne que personne n’a prise est à chacun ; prise, elle n’est plus qu’à qui l’a prise."""
    conseiller = agent(Role.CONSEILLER, antenne=AntenneFactory())
    collegue = agent(Role.CONSEILLER, antenne=conseiller.antenne)
    libre = PrescriptionFactory(antenne=conseiller.antenne)
    mienne, sienne = (
        PrescriptionFactory(antenne=conseiller.antenne, prise=True, conseiller=c) for c in (conseiller, collegue)
    )
    client = connexion(conseiller)
    reponse = client.get(LISTE)
    assert {x["cle"] for x in reponse.context["lignes"]} == {libre.pk, mienne.pk}
    assert reponse.context["vues"][0]["detail"] == 2
    autres = client.get(LISTE, {"etat": "en_instruction"})
    assert {x["cle"]: x["a_vous"] for x in autres.context["lignes"]} == {mienne.pk: True, sienne.pk: False}
    assertNotContains(client.get(sienne.get_absolute_url()), "C’est à vous.")


def test_la_plus_ancienne_est_en_tete_et_la_derniere_finie_aussi(connexion):
    maintenant = timezone.now()
    for jours in (1, 9, 4):
        PrescriptionFactory(transmise=True, statut_depuis=maintenant - jours * JOUR, numero=f"P-2026-0{jours}")
        PrescriptionFactory(refusee=True, statut_depuis=maintenant - jours * JOUR, numero=f"P-2026-1{jours}")
    client = connexion(agent(Role.RESPONSABLE))
    assert [x["numero"] for x in client.get(LISTE).context["lignes"]] == ["P-2026-09", "P-2026-04", "P-2026-01"]
    finies = client.get(LISTE, {"etat": "refusee"}).context["lignes"]
    assert [x["numero"] for x in finies] == ["P-2026-11", "P-2026-14", "P-2026-19"]


def test_la_file_dit_a_qui_le_tour_et_depuis_quand(connexion):
    PrescriptionFactory(transmise=True, statut_depuis=timezone.now() - 3 * JOUR)
    assertContains(connexion(agent(Role.RESPONSABLE)).get(LISTE), "depuis 3")
    reponse = connexion(agent(Role.ANIMATION)).get(LISTE, {"etat": "transmise"})
    assert [x["tour"] for x in reponse.context["lignes"]] == ["Responsable"]


@pytest.mark.parametrize("critere", ["antenne", "organisation", "conseiller", "texte", "numero", "adhesion"])
def test_chaque_critere_restreint_la_file(connexion, critere):
    voulue = PrescriptionFactory(accordee=True, participant__nom="D’Hœne", adhesion_motif="Délibération attendue")
    PrescriptionFactory(accordee=True)
    valeurs = {
        "antenne": {"antenne": voulue.antenne.pk},
        "organisation": {"organisation": voulue.organisation.pk},
        "conseiller": {"conseiller": voulue.conseiller.pk},
        "texte": {"texte": "hoen"},
        "numero": {"texte": voulue.numero.lower()},
        "adhesion": {"adhesion": "a_revoir"},
    }[critere]
    reponse = connexion(agent(Role.STATISTIQUES)).get(LISTE, {"etat": "accordee"} | valeurs)
    assert [x["cle"] for x in reponse.context["lignes"]] == [voulue.pk]


def test_une_adresse_incomprehensible_montre_la_file_entiere(connexion):
    PrescriptionFactory(transmise=True)
    fausse = {"etat": "zut", "antenne": "1", "conseiller": "x", "apres": "9-9", "avant": "a-b", "rang": "-4"}
    assert len(connexion(agent(Role.RESPONSABLE)).get(LISTE, fausse).context["lignes"]) == 1


@pytest.mark.parametrize("role", [Role.RESPONSABLE, Role.CONSEILLER])
@pytest.mark.parametrize("etat", ["transmise", "refusee"])
def test_les_pages_se_suivent_sans_trou_ni_double_meme_a_la_meme_seconde(connexion, monkeypatch, role, etat):
    monkeypatch.setattr(filtres, "PAGE", 3)
    antenne, moment = AntenneFactory(), timezone.now() - JOUR
    conseiller = agent(Role.CONSEILLER, antenne=antenne)
    for rang in range(8):
        PrescriptionFactory(
            participant__antenne=antenne if rang % 2 else AntenneFactory(),
            conseiller=conseiller,
            statut_depuis=moment + (rang // 3) * JOUR / 100,
            **{etat: True},
        )
    client = connexion(conseiller if role == Role.CONSEILLER else agent(role))
    adresse, vues, precedente = f"?etat={etat}", [], None
    while adresse:
        contexte = client.get(LISTE + adresse).context
        vues.append([x["cle"] for x in contexte["lignes"]])
        precedente = contexte["page"].precedente
        adresse = contexte["page"].suivante
    assert [len(page) for page in vues] == [3, 3, 2]
    sens = "-" if etat == "refusee" else ""
    toutes = Prescription.objects.order_by(f"{sens}statut_depuis", f"{sens}pk").values_list("pk", flat=True)
    assert [cle for page in vues for cle in page] == list(toutes)
    retour = client.get(LISTE + precedente).context
    assert [x["cle"] for x in retour["lignes"]] == vues[1]
    assert retour["page"].debut == 4
    suite, debut = (client.get(LISTE + getattr(retour["page"], nom)).context for nom in ("suivante", "precedente"))
    assert [x["cle"] for x in suite["lignes"]] == vues[2]
    assert [x["cle"] for x in debut["lignes"]] == vues[0]
    assert (suite["page"].suivante, debut["page"].precedente) == ("", "")


@pytest.mark.parametrize("role", permissions.ECRAN)
def test_la_file_coute_huit_requetes_au_plus_quel_que_soit_son_nombre(connexion, django_assert_max_num_queries, role):
    antenne = AntenneFactory()
    client = connexion(agent(role, antenne=antenne if role == Role.CONSEILLER else None))
    etats = {Role.CONSEILLER: {}, Role.RESPONSABLE: {"transmise": True}, Role.STATISTIQUES: {"validee": True}}
    etat, couts = etats.get(role, {"accordee": True}), []
    PrescriptionFactory(participant__antenne=antenne, **etat)
    client.get(LISTE)  # ouvre la session, lit les réglages
    for nombre in (0, 9):
        for _ in range(nombre):
            PrescriptionFactory(participant__antenne=antenne, **etat)
        with django_assert_max_num_queries(8) as requetes:
            client.get(LISTE)
        couts.append(len(requetes))
    assert couts[0] == couts[1]


def test_une_file_vide_dit_quoi_attendre(connexion):
    assertContains(connexion(agent(Role.RESPONSABLE)).get(LISTE), "Aucune demande à valider")
    client = connexion(agent(Role.CONSEILLER))
    assertContains(client.get(LISTE), "Rien n’attend de vous")
    assertContains(client.get(LISTE, {"texte": "zzz"}), "Retirer les filtres")


def test_les_statistiques_vont_de_la_file_au_controle(connexion):
    prescription = PrescriptionFactory(validee=True)
    assertContains(connexion(agent(Role.STATISTIQUES)).get(LISTE), url("controle", prescription))
    reponse = connexion(agent(Role.RESPONSABLE)).get(LISTE, {"etat": "a_controler"})
    assertNotContains(reponse, url("controle", prescription))


def feuille(reponse):
    with zipfile.ZipFile(io.BytesIO(b"".join(reponse.streaming_content))) as classeur:
        return classeur.read("xl/worksheets/sheet1.xml").decode()


def test_l_export_reprend_la_file_comme_on_la_voit_et_se_consigne(connexion):
    vue = PrescriptionFactory(transmise=True, participant__nom="Vandamme")
    PrescriptionFactory(transmise=True, participant__nom="Ailleurs")
    PrescriptionFactory(participant__nom="Vandamme")
    lecteur = agent(Role.RESPONSABLE)
    contenu = feuille(connexion(lecteur).get(reverse("prescriptions:export"), {"etat": "transmise", "texte": "vand"}))
    assert vue.numero in contenu
    assert contenu.count("<row ") == 2
    assert Ligne.objects.get(acte=Acte.EXPORT).auteur == lecteur


def test_aucune_cellule_de_l_export_n_est_une_formule_ni_un_genre_discret(connexion):
    csapa = OrganisationFactory(nom="CSAPA du Littoral", genre="csapa")
    PrescriptionFactory(transmise=True, participant__nom="=1+1", organisation=csapa)
    contenu = feuille(connexion(agent(Role.RESPONSABLE)).get(reverse("prescriptions:export"), {"etat": "transmise"}))
    assert "<f>" not in contenu
    assert "=1+1" in contenu
    assert "CSAPA" not in contenu


# L’acte d’entrée de plusieurs personnes


def lot(*demandes, jeton=None):
    return {"demandes": [str(p.pk) for p in demandes], "jeton": jeton or nouveau_jeton()}


def test_acter_en_lot_dit_chaque_refus_sans_retenir_les_autres(connexion):
    bonne, mauvaise = demande("accordee"), PrescriptionFactory(accordee=True, participant__nom="Delattre")
    client = connexion(agent(Role.ANIMATION))
    reponse = client.post(reverse("prescriptions:acter_en_lot"), lot(bonne, mauvaise), follow=True)
    assert (relue(bonne).statut, relue(mauvaise).statut) == (S.ENTREE_ACTEE, S.ACCORDEE)
    assertContains(reponse, f"1\N{NO-BREAK SPACE}entrée actée : {bonne.participant}.")
    assertContains(reponse, "aucun critère n’est prouvé")
    assertContains(reponse, "Delattre")
    assertNotContains(client.get(LISTE), "aucun critère n’est prouvé")


def test_le_meme_lot_envoye_deux_fois_n_a_qu_un_effet(connexion):
    prescription, client = demande("accordee"), connexion(agent(Role.ANIMATION))
    envoi = lot(prescription)
    for _ in range(2):
        client.post(reverse("prescriptions:acter_en_lot"), envoi)
    assert Parcours.objects.count() == 1
    assertNotContains(client.get(LISTE), "n’a pas été actée")


def test_un_lot_vide_le_dit(connexion):
    reponse = connexion(agent(Role.ANIMATION)).post(reverse("prescriptions:acter_en_lot"), lot(), follow=True)
    assertContains(reponse, "Cochez au moins une demande.")


@pytest.mark.parametrize("role", [r for r in Role if r != Role.ANIMATION])
def test_acter_en_lot_est_a_l_animation(connexion, role):
    prescription = demande("accordee")
    reponse = connexion(agent(role)).post(reverse("prescriptions:acter_en_lot"), lot(prescription))
    assert reponse.status_code == 403
    assert relue(prescription).statut == S.ACCORDEE


# La fiche : qui, quoi


@pytest.mark.parametrize("role", [Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION])
@pytest.mark.parametrize("etat", [None, "prise", "transmise", "validee", "accordee", "refusee"])
def test_le_siege_ouvre_toutes_les_demandes(connexion, role, etat):
    reponse = connexion(agent(role)).get(demande(etat).get_absolute_url())
    assert reponse.status_code == 200


@pytest.mark.parametrize("role", [*NE_VOIENT_RIEN, "autre_conseiller"])
def test_hors_du_perimetre_la_fiche_n_existe_pas(connexion, role):
    prescription = PrescriptionFactory()
    role, organisation = (Role.CONSEILLER, None) if role == "autre_conseiller" else (role, prescription.organisation)
    lecteur = agent(role, organisation=organisation if role == Role.PRESCRIPTEUR else None)
    reponse = connexion(lecteur).get(prescription.get_absolute_url())
    absente = connexion(lecteur).get(reverse("prescriptions:detail", args=["01900000-0000-7000-8000-000000000000"]))
    assert reponse.status_code == absente.status_code == 404


def test_lire_une_demande_se_consigne_et_n_ecrit_rien_d_autre(connexion):
    prescription, lecteur = demande("transmise"), agent(Role.RESPONSABLE)
    avant = relue(prescription).version
    connexion(lecteur).get(prescription.get_absolute_url())
    lecture = Ligne.objects.get(acte=Acte.LECTURE, objet_id=prescription.pk)
    assert lecture.auteur == lecteur
    assert relue(prescription).version == avant


@pytest.mark.parametrize("role", permissions.ECRAN)
@pytest.mark.parametrize("etat", ["prise", "a_completer", "transmise", "validee", "accordee"])
@pytest.mark.une_fois
def test_la_fiche_coute_quinze_requetes_au_plus_quel_que_soit_son_age(
    connexion, django_assert_max_num_queries, role, etat
):
    prescription = renvoyee() if etat == "a_completer" else demande(etat)
    client = connexion(prescription.conseiller if role == Role.CONSEILLER else agent(role))
    client.get(prescription.get_absolute_url())  # ouvre la session, lit les réglages
    couts = []
    for _ in range(2):
        with django_assert_max_num_queries(15) as requetes:
            client.get(prescription.get_absolute_url())
        couts.append(len(requetes))
        for _ in range(4):
            critere = CritereFactory(types=[TypePieceFactory()])
            CritereInvoqueFactory(prescription=prescription, critere=critere)
            LignePieceFactory(prescription=prescription, type=critere.types.get(), jointe=True)
            prescription.retours.model(
                prescription=prescription, auteur=agent(Role.STATISTIQUES), texte="…"
            ).enregistrer(par="test")
    assert couts[0] == couts[1]


def test_l_animation_ne_voit_pas_le_nom_de_ce_qui_est_sensible(connexion):
    prescription = demande("accordee")
    rqth = TypePieceFactory(libelle="Notification RQTH", sensible=True)
    critere = CritereFactory(libelle="Travailleur handicapé", sensible=True, types=[rqth])
    CritereInvoqueFactory(prescription=prescription, critere=critere)
    case = LignePieceFactory(prescription=prescription, type=rqth, jointe=True)
    reponse = connexion(agent(Role.ANIMATION)).get(prescription.get_absolute_url())
    for secret in ("RQTH", "handicapé", reverse("participants:apercu", args=[case.piece_id])):
        assertNotContains(reponse, secret)
    assertContains(reponse, "Confidentiel")
    assertContains(connexion(agent(Role.STATISTIQUES)).get(prescription.get_absolute_url()), "RQTH")


def test_une_demande_close_ne_promet_plus_de_controle(connexion):
    prescription = demande("refusee", verdict=Verdict.A_CONTROLER)
    reponse = connexion(agent(Role.RESPONSABLE)).get(prescription.get_absolute_url())
    assertContains(reponse, "Non contrôlé")
    assertNotContains(reponse, "À contrôler")


# La fiche : à qui le tour, et les gestes permis


@pytest.mark.parametrize(
    ("etat", "role", "pas"),
    [
        (None, Role.CONSEILLER, "Prendre en charge"),
        ("prise", Role.CONSEILLER, "Transmettre à la responsable"),
        ("a_completer", Role.CONSEILLER, "Joindre les pièces"),
        ("transmise", Role.RESPONSABLE, "Valider la pertinence"),
        ("validee", Role.STATISTIQUES, "Contrôler les pièces"),
        ("accordee", Role.ANIMATION, "Acter l’entrée"),
    ],
)
def test_c_est_a_vous_avec_un_seul_prochain_pas(connexion, etat, role, pas):
    prescription = renvoyee() if etat == "a_completer" else demande(etat)
    lecteur = prescription.conseiller if role == Role.CONSEILLER else None
    lecteur = lecteur or agent(role, antenne=prescription.antenne if role == Role.CONSEILLER else None)
    reponse = connexion(lecteur).get(prescription.get_absolute_url())
    assertContains(reponse, "C’est à vous.")
    assert reponse.context["tour"]["geste"].texte == pas
    autre = agent(Role.ANIMATION if role != Role.ANIMATION else Role.RESPONSABLE)
    reponse = connexion(autre).get(prescription.get_absolute_url())
    assertNotContains(reponse, "C’est à vous.")
    assertContains(reponse, "depuis")


@pytest.mark.parametrize(
    ("absent", "pas"),
    [
        ("entretien", "Donner un rendez-vous"),
        ("avis", "Écrire l’avis"),
        ("critere", "Choisir les critères"),
        ("piece", "Joindre les pièces"),
    ],
)
def test_le_prochain_pas_de_l_instruction_suit_l_ordre_du_travail(client, absent, pas):
    prescription = du_conseiller(client)
    case = ligne(prescription, "domicile")
    if absent == "entretien":
        prescription.participant.entretiens.get().supprimer(par="test")
    elif absent == "avis":
        prescription.avis.get().supprimer(par="test")
    elif absent == "critere":
        prescription.choisir_criteres([], par=prescription.conseiller)
    else:
        case.piece, case.verdict = None, Verdict.A_CONTROLER
        case.enregistrer(par="test")
    contexte = client.get(prescription.get_absolute_url()).context
    assert contexte["tour"]["geste"].texte == pas
    transmettre = next(g for g in contexte["gestes"] if g.code == "transmettre")
    assert len(transmettre.manques) == 1


def test_ce_qui_manque_donne_la_sortie_du_critere_a_retirer(client):
    prescription = du_conseiller(client)
    autre = CritereFactory(code="ASS", types=[TypePieceFactory(libelle="Attestation ASS")])
    rsa = prescription.criteres_invoques.get().critere
    prescription.choisir_criteres([rsa, autre], par=prescription.conseiller)
    reponse = client.get(prescription.get_absolute_url())
    assertContains(reponse, f"{url('criteres', prescription)}?sans=ASS")
    sans = client.get(url("criteres", prescription), {"sans": "ASS"})
    assert sans.context["form"]["criteres"].value() == [rsa.pk]


@pytest.mark.parametrize(
    ("role", "etat", "gestes"),
    [
        (Role.CONSEILLER, "transmise", {"classer_sans_suite"}),
        (Role.RESPONSABLE, "transmise", {"renvoyer", "refuser"}),
        (Role.RESPONSABLE, "validee", set()),
        (Role.STATISTIQUES, "validee", {"accorder", "renvoyer", "refuser"}),
        (Role.STATISTIQUES, "accordee", {"rouvrir_controle"}),
        (Role.ANIMATION, "accordee", {"acter_entree", "rouvrir_controle"}),
        (Role.ANIMATION, "validee", set()),
        (Role.RESPONSABLE, "refusee", set()),
    ],
)
def test_la_fiche_ne_propose_que_les_verbes_du_lecteur(connexion, role, etat, gestes):
    prescription = demande(etat)
    lecteur = prescription.conseiller if role == Role.CONSEILLER else agent(role)
    contexte = connexion(lecteur).get(prescription.get_absolute_url()).context
    assert {g.code for g in contexte["gestes"]} == gestes


def test_ce_qui_est_tombe_depuis_l_accord_se_dit_et_prepare_la_reouverture(connexion):
    prescription = demande("accordee")
    piece = ligne(prescription, "attestation_rsa").piece
    piece.expire_le = AUJOURD_HUI() - JOUR
    piece.enregistrer(par="test")
    reponse = connexion(agent(Role.ANIMATION)).get(prescription.get_absolute_url())
    assertContains(reponse, "L’entrée ne peut plus être actée")
    rouvrir = next(g for g in reponse.context["gestes"] if g.code == "rouvrir_controle")
    assert rouvrir.form.initial["raison"] == "Aucun critère n’est prouvé."


# Les verbes, par leurs adresses


def envoi(verbe, prescription):
    """Ce que poste l’écran."""
    return {
        "renvoyer": {"motifs": ["avis"], "texte": "À préciser"},
        "refuser": {"motif": "criteres", "dirigee_vers": "France Travail"},
        "rouvrir_controle": {"raison": "Attestation expirée"},
        "classer_sans_suite": {"motif": "injoignable"},
        "acter_entree": {"jeton": nouveau_jeton()},
    }.get(verbe, {})


@pytest.mark.parametrize("verbe", VERBES)
def test_chaque_verbe_se_poste_a_son_adresse(connexion, verbe):
    prescription, par = prete(verbe)
    reponse = connexion(par).post(url(verbe, prescription), envoi(verbe, prescription))
    assertRedirects(reponse, prescription.get_absolute_url(), fetch_redirect_response=False)
    assert relue(prescription).statut == VERBES[verbe][1]


@pytest.mark.parametrize("verbe", VERBES)
def test_chaque_verbe_dit_deux_fois_s_explique(connexion, verbe):
    prescription, par = prete(verbe)
    client, donnees = connexion(par), envoi(verbe, prescription)
    client.post(url(verbe, prescription), donnees)
    version = relue(prescription).version
    reponse = client.post(url(verbe, prescription), donnees, follow=True)
    assert reponse.status_code in (200, 409)
    assert relue(prescription).version == version
    if verbe != "acter_entree":  # son jeton rend la première réponse
        assertContains(reponse, "message e-retard", status_code=reponse.status_code)


@pytest.mark.parametrize("verbe", VERBES)
def test_un_verbe_refuse_get(connexion, verbe):
    prescription, par = prete(verbe)
    assert connexion(par).get(url(verbe, prescription)).status_code == 405


@pytest.mark.parametrize("verbe", VERBES)
def test_dans_le_perimetre_sans_le_droit_un_403_dit_qui_peut(connexion, verbe):
    prescription, _ = prete(verbe)
    autres = {Role.CONSEILLER, Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION} - {VERBES[verbe][2]}
    if verbe == "rouvrir_controle":
        autres -= {Role.STATISTIQUES}
    raison = permissions.ACTER if verbe == "acter_entree" else REGLES[verbe].raison
    for role in autres:
        lecteur = prescription.conseiller or agent(Role.CONSEILLER, antenne=prescription.antenne)
        lecteur = lecteur if role == Role.CONSEILLER else agent(role)
        reponse = connexion(lecteur).post(url(verbe, prescription), envoi(verbe, prescription))
        assertContains(reponse, raison, status_code=403)
    assert relue(prescription).statut == prescription.statut


@pytest.mark.parametrize("verbe", VERBES)
def test_hors_du_perimetre_le_verbe_n_existe_pas(connexion, verbe):
    prescription, _ = prete(verbe)
    for lecteur in (agent(Role.CONSEILLER, antenne=AntenneFactory()), agent(Role.ENTREPRISES)):
        assert connexion(lecteur).post(url(verbe, prescription), envoi(verbe, prescription)).status_code == 404
    assert relue(prescription).statut == prescription.statut


def test_le_prescripteur_complete_et_revient_a_son_suivi(connexion):
    prescription, _ = prete("completer")
    prescripteur = agent(Role.PRESCRIPTEUR, organisation=prescription.organisation)
    reponse = connexion(prescripteur).post(url("completer", prescription))
    assertRedirects(reponse, reverse("orientations:detail", args=[prescription.pk]), fetch_redirect_response=False)
    assert relue(prescription).statut == S.A_CONTROLER


def test_refuser_sans_motif_montre_l_erreur_et_garde_le_texte(connexion):
    prescription = demande("transmise")
    reponse = connexion(agent(Role.RESPONSABLE)).post(
        url("refuser", prescription), {"motif": "", "dirigee_vers": "CCAS de Bray-Dunes"}
    )
    assertContains(reponse, "CCAS de Bray-Dunes")
    assertContains(reponse, "Ce champ est obligatoire")
    assert relue(prescription).statut == S.TRANSMISE


def test_un_refus_qui_arrive_trop_tard_garde_le_texte(connexion):
    prescription = demande("transmise")
    prescription.valider_pertinence(par=agent(Role.RESPONSABLE))
    prescription.accorder(par=agent(Role.STATISTIQUES))
    reponse = connexion(agent(Role.RESPONSABLE)).post(
        url("renvoyer", prescription), {"motifs": ["avis"], "texte": "Une longue explication"}
    )
    assert reponse.status_code == 409
    assertContains(reponse, "ne se renvoie plus", status_code=409)
    assertContains(reponse, "Une longue explication", status_code=409)


def test_un_avis_envoye_trop_tard_ne_se_perd_pas(client):
    prescription = du_conseiller(client)
    donnees = texte_d_avis(prescription, motivation="Une longue explication")
    prescription.transmettre(par=prescription.conseiller)
    assertContains(client.post(url("avis", prescription), donnees), "Une longue explication", status_code=409)


def test_renvoyer_case_par_case(connexion):
    prescription = demande("transmise")
    case = ligne(prescription, "domicile")
    client = connexion(agent(Role.RESPONSABLE))
    reponse = client.post(url("renvoyer", prescription), {f"demander-{case.pk}": "on"})
    assertContains(reponse, "Dites ce qui ne va pas.")
    client.post(
        url("renvoyer", prescription),
        {f"demander-{case.pk}": "on", f"motif-{case.pk}": "illisible", f"accepte-{case.pk}": "Quittance EDF"},
    )
    case.refresh_from_db()
    assert (case.verdict, case.motif, case.accepte_a_la_place) == (Verdict.NON_CONFORME, "illisible", "Quittance EDF")
    reponse = connexion(prescription.conseiller).get(prescription.get_absolute_url())
    assertContains(reponse, "Quittance EDF")


def test_acter_avec_un_autre_referent_demande_un_motif(connexion):
    prescription, par = prete("acter_entree")
    autre, client = agent(Role.CONSEILLER, antenne=prescription.antenne), connexion(par)
    donnees = {"jeton": nouveau_jeton(), "referent": str(autre.pk)}
    assertContains(client.post(url("acter_entree", prescription), donnees), "Dites pourquoi le référent")
    client.post(url("acter_entree", prescription), donnees | {"motif": "Plus proche de chez elle"})
    assert relue(prescription).statut == S.ENTREE_ACTEE


def test_acter_ce_qui_est_tombe_se_refuse_avec_la_raison(connexion):
    prescription, par = prete("acter_entree")
    piece = ligne(prescription, "identite").piece
    piece.expire_le = AUJOURD_HUI() - JOUR
    piece.enregistrer(par="test")
    reponse = connexion(par).post(url("acter_entree", prescription), {"jeton": nouveau_jeton()})
    assertContains(reponse, "Droit de travailler", status_code=409)
    assert not Parcours.objects.exists()


# Ce que le conseiller écrit


@pytest.mark.parametrize("adresse", ["avis", "joindre", "promettre", "repondre", "message", "criteres", "entree"])
def test_nul_autre_que_le_conseiller_n_ecrit_dans_la_demande(connexion, adresse):
    prescription = demande("prise")
    for role in (Role.RESPONSABLE, Role.STATISTIQUES, Role.ANIMATION):
        reponse = connexion(agent(role)).post(url(adresse, prescription))
        assertContains(reponse, permissions.INSTRUIRE, status_code=403)
    assert (
        connexion(agent(Role.CONSEILLER, antenne=AntenneFactory())).post(url(adresse, prescription)).status_code == 404
    )


@pytest.mark.parametrize("adresse", ["avis", "joindre", "promettre", "repondre", "message", "annuler", "acter_en_lot"])
def test_une_adresse_qui_ecrit_refuse_get(client, adresse):
    prescription = du_conseiller(client)
    cible = reverse("prescriptions:acter_en_lot") if adresse == "acter_en_lot" else url(adresse, prescription)
    assert client.get(cible).status_code == 405


def texte_d_avis(prescription, **champs):
    dernier = prescription.avis.first()
    lu = {"dernier": dernier.pk, "version": dernier.version} if dernier else {}
    return {"sens": "favorable", "motivation": "Projet mûr."} | lu | champs


def test_l_avis_s_enregistre_et_le_brouillon_s_efface(client):
    prescription = PrescriptionFactory(prise=True)
    client.force_login(prescription.conseiller)
    brouillons.garder(prescription.conseiller, ECRAN_AVIS, {"motivation": "Proj"}, objet_id=prescription.pk)
    assertContains(client.get(prescription.get_absolute_url()), "Proj</textarea>")
    client.post(url("avis", prescription), texte_d_avis(prescription))
    assert prescription.avis.get().motivation == "Projet mûr."
    assert brouillons.retrouver(prescription.conseiller, ECRAN_AVIS, prescription.pk) is None


def test_l_avis_envoye_deux_fois_n_en_fait_qu_un(client):
    prescription = PrescriptionFactory(prise=True)
    client.force_login(prescription.conseiller)
    donnees = texte_d_avis(prescription)
    for _ in range(2):
        assert client.post(url("avis", prescription), donnees).status_code == 302
    assert prescription.avis.count() == 1


@pytest.mark.parametrize(
    "champs", [{"motivation": ""}, {"sens": ""}, {"motivation": "Son n° : 2 85 05 59 123 456 78"}]
)
def test_un_avis_incomplet_ou_avec_un_nir_revient_avec_son_texte(client, champs):
    prescription = du_conseiller(client)
    avant = prescription.avis.count()
    reponse = client.post(url("avis", prescription), texte_d_avis(prescription, **champs))
    assertContains(reponse, "data-erreurs")
    assertContains(reponse, champs.get("motivation", "Projet mûr."))
    assert prescription.avis.count() == avant


def test_deux_conseillers_sur_le_meme_avis_gardent_les_deux_textes(connexion):
    prescription = PrescriptionFactory(prise=True)
    collegue = agent(Role.CONSEILLER, antenne=prescription.antenne)
    perdant = connexion(prescription.conseiller)
    donnees = texte_d_avis(prescription, motivation="Mon avis à moi.")
    prescription.donner_avis(par=collegue, sens="reserve", motivation="L’avis du collègue.")
    reponse = perdant.post(url("avis", prescription), donnees)
    assert reponse.status_code == 409
    assertContains(reponse, "Mon", status_code=409)
    assertContains(reponse, "collègue", status_code=409)
    conflit = reponse.context["conflit"]
    perdant.post(url("avis", prescription), conflit.caches | {"motivation": conflit.fusion})
    assert prescription.avis.first().motivation == "L’avis du collègue.\r\n\r\nMon avis à moi.".replace("\r", "")


def test_renoncer_au_sien_garde_celui_du_collegue(client):
    prescription = du_conseiller(client)
    brouillons.garder(prescription.conseiller, ECRAN_AVIS, {"motivation": "Le mien"}, objet_id=prescription.pk)
    client.post(url("avis", prescription), {"garder": "sien"})
    assert brouillons.retrouver(prescription.conseiller, ECRAN_AVIS, prescription.pk) is None
    assert prescription.avis.count() == 1


def test_un_brouillon_commence_avant_l_avis_d_un_autre_annonce_le_conflit(client):
    prescription = PrescriptionFactory(prise=True)
    client.force_login(prescription.conseiller)
    brouillons.garder(
        prescription.conseiller, ECRAN_AVIS, {"sens": "favorable", "motivation": "Le mien", "dernier": ""},
        objet_id=prescription.pk,
    )  # fmt: skip
    collegue = agent(Role.CONSEILLER, antenne=prescription.antenne)
    prescription.donner_avis(par=collegue, sens="reserve", motivation="Le sien")
    form = client.get(prescription.get_absolute_url()).context["avis_form"]
    donnees = {nom: form[nom].value() or "" for nom in form.fields}
    assert client.post(url("avis", prescription), donnees).status_code == 409


def test_l_entree_prevue_s_enregistre_une_fois_et_se_dispute_une_autre(client):
    prescription = du_conseiller(client)
    jour = AUJOURD_HUI() + 20 * JOUR
    donnees = {"version": prescription.version, "entree_prevue_le": jour.isoformat()}
    brouillons.garder(prescription.conseiller, ECRAN_ENTREE, {"entree_prevue_le": "x"}, objet_id=prescription.pk)
    assert client.get(url("entree", prescription)).status_code == 200
    client.post(url("entree", prescription), donnees)
    assert relue(prescription).entree_prevue_le == jour
    assert brouillons.retrouver(prescription.conseiller, ECRAN_ENTREE, prescription.pk) is None
    assert client.post(url("entree", prescription), donnees).status_code == 302  # le même envoi
    autre = donnees | {"entree_prevue_le": (jour + JOUR).isoformat()}
    reponse = client.post(url("entree", prescription), autre)
    assertContains(reponse, "Deux versions", status_code=409)
    assert relue(prescription).entree_prevue_le == jour
    client.post(url("entree", prescription), reponse.context["conflit"].caches)
    assert relue(prescription).entree_prevue_le == jour + JOUR


@pytest.mark.parametrize("jour", ["31/02/2027", "hier"])
def test_une_date_d_entree_impossible_revient_avec_son_erreur(client, jour):
    prescription = du_conseiller(client)
    jour = (AUJOURD_HUI() - JOUR).isoformat() if jour == "hier" else jour
    reponse = client.post(url("entree", prescription), {"version": prescription.version, "entree_prevue_le": jour})
    assertContains(reponse, "data-erreurs")
    assert relue(prescription).entree_prevue_le is None


def test_choisir_les_criteres_ouvre_et_dispense_des_pieces(client):
    prescription = du_conseiller(client)
    autre = CritereFactory(types=[TypePieceFactory()])
    choix = {"criteres": [str(autre.pk)], "lus": [str(critere_rsa().pk)]}
    client.post(url("criteres", prescription), choix)
    assert prescription.lignes.filter(type=autre.types.get()).exists()
    invoques = prescription.criteres_invoques.filter(retire_le=None)
    assert [i.critere for i in invoques] == [autre]


# Les pièces


def fichier(nom="attestation.pdf", contenu=None):
    televerse = io.BytesIO(contenu or faux_fichiers.pdf())
    televerse.name = nom
    return televerse


def depot(case, *fichiers):
    return {"jeton": nouveau_jeton(), "fichiers": list(fichiers), "fichiers_type": [str(case.pk)] * len(fichiers)}


def test_joindre_la_derniere_piece_demandee_fait_repartir_la_demande(client):
    prescription = du_conseiller(client, "a_completer")
    case = ligne(prescription, "attestation_rsa")
    reponse = client.post(url("joindre", prescription), depot(case, fichier()), follow=True)
    assertContains(reponse, "la demande est repartie")
    case.refresh_from_db()
    assert (case.verdict, case.piece.nom, case.demandee_le) == (Verdict.A_CONTROLER, "attestation.pdf", None)
    assert relue(prescription).statut == S.A_CONTROLER


def test_un_fichier_refuse_le_dit_et_ne_retient_pas_les_autres(client):
    prescription = du_conseiller(client)
    domicile, rsa = ligne(prescription, "domicile"), ligne(prescription, "attestation_rsa")
    donnees = {
        "jeton": nouveau_jeton(),
        "fichiers": [fichier("programme.pdf", b"MZ programme"), fichier()],
        "fichiers_type": [str(domicile.pk), str(rsa.pk)],
    }
    avant, reponse = domicile.piece_id, client.post(url("joindre", prescription), donnees, follow=True)
    assertContains(reponse, "Justificatif de domicile")
    assertContains(reponse, "1\N{NO-BREAK SPACE}pièce jointe.")
    domicile.refresh_from_db()
    assert domicile.piece_id == avant


def test_le_meme_depot_envoye_deux_fois_ne_garde_qu_une_piece(client):
    prescription = du_conseiller(client)
    case, jeton, avant = ligne(prescription, "domicile"), nouveau_jeton(), Piece.objects.count()
    for _ in range(2):
        client.post(url("joindre", prescription), depot(case, fichier()) | {"jeton": jeton})
    assert Piece.objects.count() == avant + 1


@pytest.mark.parametrize("faute", ["aucun fichier", "sans type", "deux types pour un", "autre demande"])
def test_un_depot_mal_forme_s_explique(client, faute):
    prescription = du_conseiller(client)
    case = ligne(prescription, "domicile")
    donnees = {
        "aucun fichier": depot(case),
        "sans type": depot(case, fichier()) | {"fichiers_type": []},
        "deux types pour un": depot(case, fichier()) | {"fichiers_type": [case.pk, case.pk]},
        "autre demande": depot(LignePieceFactory(), fichier()),
    }[faute]
    avant = Piece.objects.count()
    assertContains(client.post(url("joindre", prescription), donnees, follow=True), "message e-retard")
    assert Piece.objects.count() == avant


def test_promettre_repond_a_la_case_et_fait_repartir(client):
    prescription = du_conseiller(client, "a_completer")
    case = ligne(prescription, "attestation_rsa")
    donnees = {"ligne": case.pk, "pour_le": (AUJOURD_HUI() + 2 * JOUR).isoformat()}
    client.post(url("promettre", prescription), donnees)
    assert relue(prescription).statut == S.A_CONTROLER


def test_expliquer_pourquoi_la_piece_ne_viendra_pas_fait_repartir(client):
    prescription = du_conseiller(client, "a_completer")
    case = ligne(prescription, "attestation_rsa")
    client.post(url("repondre", prescription), {"ligne": case.pk, "reponse": "La CAF ne l’envoie plus."})
    case.refresh_from_db()
    assert case.reponse == "La CAF ne l’envoie plus."
    assert relue(prescription).statut == S.A_CONTROLER


@pytest.mark.parametrize(
    ("adresse", "donnees"),
    [("promettre", {"pour_le": "2020-01-01"}), ("promettre", {"pour_le": ""}), ("repondre", {"reponse": " "})],
)
def test_une_reponse_impossible_s_explique(client, adresse, donnees):
    prescription = du_conseiller(client, "a_completer")
    case = ligne(prescription, "attestation_rsa")
    reponse = client.post(url(adresse, prescription), donnees | {"ligne": case.pk}, follow=True)
    assertContains(reponse, "message e-retard")
    assert relue(prescription).statut == S.A_COMPLETER


@pytest.mark.parametrize("cle", ["", "x", "autre"])
def test_la_case_d_une_autre_demande_n_existe_pas(client, cle):
    prescription = du_conseiller(client, "a_completer")
    cle = str(LignePieceFactory().pk) if cle == "autre" else cle
    reponse = client.post(url("repondre", prescription), {"ligne": cle, "reponse": "Oui."})
    assert reponse.status_code == 404


def test_repondre_a_un_retour_une_seule_fois(client):
    prescription = du_conseiller(client, "a_completer")
    donnees = {"jeton": nouveau_jeton(), "message": "Demandée à la CAF."}
    for _ in range(2):
        client.post(url("message", prescription), donnees)
    assert [r.texte for r in prescription.retours.filter(auteur=prescription.conseiller)] == ["Demandée à la CAF."]
    assertContains(client.post(url("message", prescription), {"jeton": nouveau_jeton()}), "Écrivez votre réponse.")


def test_un_nom_indexe_se_retrouve_dans_la_file(connexion):
    """Le texte cherche le début des mots, sans accents : « eleo » trouve Éléonore."""
    prescription = PrescriptionFactory(transmise=True, participant__prenom="Éléonore")
    indexer(prescription.participant)
    assert len(connexion(agent(Role.RESPONSABLE)).get(LISTE, {"texte": "eleo"}).context["lignes"]) == 1


# Sans antenne


def test_une_demande_sans_antenne_se_confie_par_la_responsable(connexion):
    prescription = PrescriptionFactory(antenne=None, participant__antenne=None)
    antenne, client = AntenneFactory(), connexion(agent(Role.RESPONSABLE))
    assertContains(client.get(prescription.get_absolute_url()), "Aucune antenne ne sert")
    for _ in range(2):
        client.post(url("confier", prescription), {"antenne": str(antenne.pk)})
    assert relue(prescription).antenne == relue(prescription).participant.antenne == antenne
    assert prescription.history.count() == 2
    conseiller = agent(Role.CONSEILLER, antenne=antenne)
    assertContains(connexion(conseiller).get(prescription.get_absolute_url()), "Prendre en charge")
    reponse = connexion(conseiller).post(url("confier", prescription), {"antenne": str(antenne.pk)})
    assertContains(reponse, permissions.CONFIER, status_code=403)
