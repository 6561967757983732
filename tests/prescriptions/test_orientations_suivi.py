"""« Où en est ma demande » : l’état vu du partenaire, ce qu’on lui demande, et ce qu’il ne voit jamais."""

import datetime
import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comptes.models import Role
from journal.models import Acte, Ligne
from prescriptions.orientations import etat_de, frise
from tests import factories as f
from tests.prescriptions import dossiers
from tests.prescriptions.orientations import page, vue

pytestmark = pytest.mark.django_db
LISTE = "/orientations/"
JOUR = datetime.timedelta(1)


# L’état, dans les mots du partenaire.


@pytest.mark.parametrize(
    ("trait", "champs", "texte", "detail"),
    [
        (None, {}, "Reçue", "va la prendre en charge"),
        ("prise", {}, "Prise en charge", "un rendez-vous va lui être proposé"),
        ("transmise", {}, "Reçue en entretien", "la responsable lit la demande"),
        ("validee", {}, "Au contrôle", "en cours de vérification"),
        ("accordee", {}, "Accordée", "l’entrée reste à fixer"),
        ("refusee", {}, "Réorientée", "vers France Travail"),
        ("prise", {"statut": "a_completer"}, "À compléter", "l’antenne s’en occupe"),
    ],
)
def test_chaque_etat_a_ses_mots(agent, organisation, trait, champs, texte, detail):
    demande = f.PrescriptionFactory(organisation=organisation, **({trait: True} if trait else {}), **champs)
    etat = etat_de(vue(agent, demande))
    assert etat.texte == texte
    assert detail in etat.detail


def sans_suite(motif):
    return {
        "prise": True,
        "statut": "sans_suite",
        "sans_suite_le": timezone.now(),
        "sans_suite_par": f.UtilisateurFactory(),
        "motif_sans_suite": motif,
    }


@pytest.mark.parametrize(
    ("motif", "dit"), [("pas_interesse", "à sa demande"), ("doublon", "en double"), ("autre", "")]
)
def test_sans_suite_dit_juste_ce_qu_il_faut(agent, organisation, motif, dit):
    demande = f.PrescriptionFactory(organisation=organisation, **sans_suite(motif))
    etat = etat_de(vue(agent, demande))
    assert (etat.texte, etat.detail.endswith(dit)) == ("Sans suite", True)


def test_un_rendez_vous_pris_se_voit_avec_son_jour_son_heure_et_son_antenne(agent, organisation):
    demande = f.PrescriptionFactory(organisation=organisation, prise=True)
    debut = timezone.make_aware(datetime.datetime.combine(timezone.localdate() + 7 * JOUR, datetime.time(10)))
    rdv = f.RendezVousFactory(participant=demande.participant, debut=debut)
    etat = etat_de(vue(agent, demande))
    assert etat.texte == "RDV pris"
    assert "10:00" in etat.detail
    assert f"antenne de {rdv.antenne.nom}" in etat.detail


def test_l_entretien_tenu_passe_avant_le_rendez_vous_suivant(agent, organisation):
    demande = f.PrescriptionFactory(organisation=organisation, prise=True)
    f.RendezVousFactory(participant=demande.participant)
    f.EntretienFactory(participant=demande.participant, premier_complet=True)
    assert etat_de(vue(agent, demande)).texte == "Reçue en entretien"


def test_un_entretien_commence_n_est_pas_encore_tenu(agent, organisation):
    demande = f.PrescriptionFactory(organisation=organisation, prise=True)
    f.EntretienFactory(participant=demande.participant, premier_complet=True, clos=False)
    assert etat_de(vue(agent, demande)).texte == "Prise en charge"


def test_un_entretien_d_avant_l_orientation_ne_compte_pas(agent, organisation):
    demande = f.PrescriptionFactory(organisation=organisation, prise=True)
    f.EntretienFactory(
        participant=demande.participant, premier_complet=True, jour=timezone.localdate() - datetime.timedelta(400)
    )
    assert etat_de(vue(agent, demande)).texte == "Prise en charge"


@pytest.mark.parametrize("trait", [None, "prise", "transmise", "validee", "accordee", "refusee"])
def test_la_frise_a_une_seule_etape_en_cours_et_les_faites_avant(agent, organisation, trait):
    demande = f.PrescriptionFactory(organisation=organisation, **({trait: True} if trait else {}))
    etats = [etape.get("etat", "") for etape in frise(vue(agent, demande))]
    assert etats.count("courante") == 1
    assert etats[: etats.index("courante")] == ["fait"] * etats.index("courante")


def test_la_frise_d_une_entree_actee_est_toute_faite(agent):
    prescription, par = dossiers.prete("acter_entree")
    prescription.acter_entree(par=par)
    autre = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=prescription.organisation)
    assert [etape["etat"] for etape in frise(vue(autre, prescription))] == ["fait"] * 6


def test_la_frise_dit_a_completer_avant_le_controle(agent):
    prescription = dossiers.renvoyee()
    autre = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=prescription.organisation)
    noms = [etape["nom"] for etape in frise(vue(autre, prescription))]
    assert noms == ["Reçue", "Prise en charge", "Entretien", "À compléter", "Contrôle", "Accord", "Entrée"]


# La liste.


@pytest.mark.parametrize(
    ("etat", "noms"),
    [
        ("", {"Vanderbeke", "Mendy", "Petit", "Tesfaye"}),
        ("toutes", {"Vanderbeke", "Mendy", "Petit", "Tesfaye"}),
        ("a_moi", {"Tesfaye"}),
        ("en_cours", {"Vanderbeke", "Mendy"}),
        ("finies", {"Petit"}),
        ("pirate", {"Vanderbeke", "Mendy", "Petit", "Tesfaye"}),
    ],
)
def test_les_filtres_sont_dans_l_adresse(navigateur, quatre, etat, noms):
    reponse = navigateur.get(LISTE, {"etat": etat})
    for nom in ("Vanderbeke", "Mendy", "Petit", "Tesfaye"):
        (assertContains if nom in noms else assertNotContains)(reponse, nom)


def test_chaque_filtre_porte_son_nombre(navigateur, quatre):
    reponse = navigateur.get(LISTE)
    for texte in ("Toutes 4", "À moi de jouer 1", "En cours 2", "Finies 1"):
        assertContains(reponse, texte)


def test_ce_qu_on_attend_de_moi_se_lit_dans_la_liste_et_mene_a_la_case(navigateur, quatre):
    reponse = navigateur.get(LISTE)
    assertContains(reponse, "Attestation RSA")
    assertContains(reponse, f'href="{page(quatre)}#attendu"')


def test_une_piece_promise_n_est_plus_attendue_jusqu_a_ce_jour(navigateur, quatre):
    ligne = dossiers.ligne(quatre, "attestation_rsa")
    ligne.promettre(timezone.localdate() + 3 * JOUR, par=quatre.conseiller)
    assertContains(navigateur.get(LISTE), "À moi de jouer 0")


@pytest.mark.parametrize(
    ("q", "trouve"), [("tesfaie", True), ("yonas", True), ("TESFAYE Yonas", True), ("yonas\0", True), ("zzz", False)]
)
def test_la_recherche_pardonne_les_fautes(navigateur, quatre, q, trouve):
    reponse = navigateur.get(LISTE, {"q": q})
    (assertContains if trouve else assertNotContains)(reponse, "Yonas Tesfaye")
    assertNotContains(reponse, "Vanderbeke")
    if not trouve:
        assertContains(reponse, "Personne à ce nom")


def test_la_recherche_trouve_un_numero_de_demande(navigateur, quatre):
    """Et elle seule : un dossier au même chiffre n’est pas cette demande."""
    dossier = quatre.numero.removeprefix("P-").replace("-", "-0")
    f.PrescriptionFactory(
        organisation=quatre.organisation, participant__numero=dossier, participant__nom="Homonyme de numéro"
    )
    reponse = navigateur.get(LISTE, {"q": quatre.numero.lower()})
    assertContains(reponse, "Yonas Tesfaye")
    assertContains(reponse, quatre.numero)
    assertNotContains(reponse, "Homonyme")


def test_la_recherche_ne_sort_pas_de_l_organisation(navigateur, quatre):
    f.PrescriptionFactory(participant__prenom="Yonas", participant__nom="Autreville")
    assertNotContains(navigateur.get(LISTE, {"q": "yonas"}), "Autreville")


def test_une_liste_vide_dit_quoi_faire(navigateur):
    reponse = navigateur.get(LISTE)
    assertContains(reponse, "Pas encore d’orientation")
    assertContains(reponse, reverse("orientations:nouvelle"))


def test_une_liste_filtree_vide_le_dit(navigateur, organisation):
    f.PrescriptionFactory(organisation=organisation)
    assertContains(navigateur.get(LISTE, {"etat": "finies"}), "Rien dans cette liste")


def test_les_pages_se_suivent_sans_rien_sauter(navigateur, organisation):
    for rang in range(53):
        f.PrescriptionFactory(organisation=organisation, participant__nom=f"Nom{rang:02d}x")
    premiere = navigateur.get(LISTE)
    suivante = premiere.context["liste"].suivante["url"]
    assert [len(premiere.context["liste"].page), premiere.context["liste"].precedente] == [50, None]
    seconde = navigateur.get(LISTE + suivante)
    assert len(seconde.context["liste"].page) == 3
    assert seconde.context["liste"].suivante is None
    vues = {d.pk for d, *_ in premiere.context["liste"].page + seconde.context["liste"].page}
    assert len(vues) == 53
    assertContains(seconde, "Revenir au début")


@pytest.mark.parametrize("apres", ["abc", "0190a5c8-0000-7000-8000-000000000000", ""])
def test_une_page_inventee_rend_la_premiere(navigateur, quatre, apres):
    assertContains(navigateur.get(LISTE, {"apres": apres}), "Toutes 4")


def requetes(navigateur, adresse, **parametres):
    navigateur.get(adresse, parametres)
    with CaptureQueriesContext(connection) as prises:
        navigateur.get(adresse, parametres)
    return len(prises)


@pytest.mark.parametrize("adresse", [LISTE, "/orientations/nouvelle/", "/orientations/export/"])
def test_une_ligne_de_plus_ne_coute_pas_une_requete_de_plus(navigateur, organisation, adresse):
    dossiers.renvoyee(organisation=organisation)
    avant = requetes(navigateur, adresse)
    for _ in range(6):
        dossiers.renvoyee(organisation=organisation)
        f.RendezVousFactory(participant=f.PrescriptionFactory(organisation=organisation, prise=True).participant)
    for _ in range(36):
        f.PrescriptionFactory(organisation=organisation)
    assert requetes(navigateur, adresse) == avant
    assert avant <= 12


def test_la_recherche_ne_coute_pas_plus_par_ligne(navigateur, organisation):
    f.PrescriptionFactory(organisation=organisation, participant__nom="Delplanque")
    avant = requetes(navigateur, LISTE, q="delplanque")
    for _ in range(20):
        f.PrescriptionFactory(organisation=organisation, participant__nom="Delplanque")
    assert requetes(navigateur, LISTE, q="delplanque") <= avant


# L’export.


def feuille(reponse):
    contenu = b"".join(reponse.streaming_content)
    with zipfile.ZipFile(io.BytesIO(contenu)) as classeur:
        textes = b"".join(classeur.read(n) for n in classeur.namelist() if n.startswith("xl/worksheets/"))
        return textes.decode() + "".join(
            classeur.read(n).decode() for n in classeur.namelist() if n == "xl/sharedStrings.xml"
        )


def test_l_export_reprend_la_liste_telle_qu_on_la_voit(navigateur, quatre, agent):
    texte = feuille(navigateur.get(reverse("orientations:export"), {"etat": "a_moi"}))
    for attendu in ("Tesfaye", quatre.numero, "À compléter", "Attestation RSA"):
        assert attendu in texte
    assert "Vanderbeke" not in texte
    ligne = Ligne.objects.get(acte=Acte.EXPORT)
    assert (ligne.auteur, ligne.motif.startswith("1 orientations")) == (agent, True)


@pytest.mark.parametrize("nom", ["=cmd()", "+1+1", "-2", "@SUM(A1)", "=HYPERLINK(A1)"])
def test_in2_aucune_cellule_ne_devient_une_formule(navigateur, organisation, nom):
    f.PrescriptionFactory(organisation=organisation, participant__nom=nom)
    texte = feuille(navigateur.get(reverse("orientations:export")))
    assert "<f>" not in texte
    assert "<hyperlink" not in texte
    assert 't="inlineStr"' in texte or "<si>" in texte
