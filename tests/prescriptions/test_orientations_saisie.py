"""L’écran « Orienter une personne » : ce qu’il accepte, refuse, doute, garde, et ne dit pas."""

import datetime

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from comptes import brouillons
from comptes.models import Role
from journal.models import Acte, Ligne
from participants.models import Participant
from prescriptions.doutes import MASQUEE
from prescriptions.models import Depot, Prescription
from tests import factories as f
from tests.prescriptions.orientations import LE_6_AVRIL, PAGE, jour, poster

pytestmark = pytest.mark.django_db

AUJOURD_HUI = datetime.date.today()


@pytest.fixture
def navigateur(connexion, decor):
    return connexion(decor.agent)


# Envoyer.


def test_la_page_s_ouvre_avec_les_dates_du_jour_et_les_dernieres_orientations(navigateur, decor):
    f.PrescriptionFactory(organisation=decor.organisation, participant__nom="Vandeputte")
    reponse = navigateur.get(PAGE)
    assertContains(reponse, "Orienter une personne")
    assertContains(reponse, f'value="{jour()}"', count=2)
    assertContains(reponse, "Vandeputte")
    assertContains(reponse, "Mission locale de Dunkerque")


def test_une_orientation_envoyee_ouvre_la_demande_et_le_dit(navigateur, decor):
    reponse = poster(navigateur, decor.formulaire(criteres=["RSA"], discrets=["BOETH"], niveau="3"), follow=True)
    demande = Prescription.objects.get()
    assert reponse.redirect_chain == [(reverse("orientations:detail", args=[demande.pk]), 302)]
    assertContains(reponse, f"demande {demande.numero}. L’antenne de Dunkerque est prévenue.")
    assert demande.participant.naissance == LE_6_AVRIL
    assert {i.critere.code for i in demande.criteres_invoques.all()} == {"RSA", "BOETH"}
    assert demande.participant.caracteristiques.get().valeur == "3"
    assert demande.accord_trace.startswith("Maud Ferrand")


def test_les_noms_et_le_telephone_s_ecrivent_comme_partout(navigateur, decor):
    poster(
        navigateur,
        decor.formulaire(prenom="Thu\u0301y", nom="D'Hœne", telephone="+33639985210", naissance="6 avril 2001"),
    )
    participant = Participant.objects.get()
    assert (participant.prenom, participant.nom) == ("Thúy", "D’Hœne")
    assert (participant.telephone, participant.naissance) == ("06 39 98 52 10", LE_6_AVRIL)


@pytest.mark.parametrize("nom", ["O", "الزهراء", "Nguyễn", "À" * 120, "Van den Berghe-D’Hœne"])
def test_un_nom_de_toute_ecriture_et_de_toute_longueur_passe(navigateur, decor, nom):
    poster(navigateur, decor.formulaire(nom=nom))
    assert Participant.objects.get().nom == nom


def test_hors_de_la_cud_le_nom_de_la_commune_se_tape(navigateur, decor):
    formulaire = decor.formulaire(
        code_postal="62100", commune="autre", commune_hors_cud="Calais", vu="hors_territoire"
    )
    poster(navigateur, formulaire)
    assert Participant.objects.get().commune_hors_cud == "Calais"


def test_re3_le_meme_formulaire_deux_fois_n_ouvre_qu_une_demande(navigateur, decor):
    formulaire = decor.formulaire()
    premiere, seconde = poster(navigateur, formulaire), poster(navigateur, formulaire)
    assert premiere.url == seconde.url
    assert Prescription.objects.count() == 1


def test_ce_qui_est_envoye_jette_le_brouillon(navigateur, decor):
    brouillons.garder(decor.agent, "orientation", {"prenom": "Coralie"})
    poster(navigateur, decor.formulaire())
    assert brouillons.retrouver(decor.agent, "orientation") is None


def test_un_envoi_refuse_se_garde_et_se_retrouve_d_une_autre_session(navigateur, decor):
    poster(navigateur, decor.formulaire(naissance="31/02/1990", attente="Un poste en cuisine"))
    assert not Prescription.objects.exists()
    garde = brouillons.retrouver(decor.agent, "orientation").contenu
    assert (garde["attente"], garde["naissance"], garde["depot"]) == ("Un poste en cuisine", "31/02/1990", [])


def test_un_nir_n_entre_dans_aucun_brouillon_et_se_dit(navigateur, decor):
    adresse = reverse("brouillon", args=["orientation", "-"])
    reponse = navigateur.post(
        adresse, {"attente": "Son n° : 2 88 03 59 123 456 78", "signature_trace": "2880359123456 78"}
    )
    assert "numéro de sécurité sociale" in reponse.json()["avis"]
    garde = brouillons.retrouver(decor.agent, "orientation").contenu
    assert (garde["attente"], garde["signature_trace"]) == ("Son n° : [n° retiré]", "2880359123456 78")


# Refuser, sans rien perdre.


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"naissance": "06/04/1895"}, "Cela lui ferait 131 ans"),
        ({"naissance": jour(-365 * 10)}, "le PLIE accueille à partir de 16 ans"),
        ({"naissance": jour(3)}, "Cette date est à venir : vérifiez l’année."),
        ({"naissance": "31/02/2001"}, "Cette date n’existe pas"),
        ({"naissance": ""}, "obligatoire"),
        ({"premier_contact_le": jour(1)}, "au plus tard aujourd’hui"),
        ({"premier_contact_le": "01/01/1999"}, "précède la naissance"),
        ({"accord_le": jour(1)}, "au plus tard aujourd’hui"),
        ({"accord_le": "01/01/1999"}, "précède la naissance"),
        ({"accord_moyen": "signe"}, "Elle n’a pas signé"),
        ({"accord_moyen": "signe", "signature_trace": "<script>"}, "n’a pas été lue"),
        ({"accord_moyen": ""}, "comment elle a donné son accord"),
        ({"motif": ""}, "Choisissez un motif."),
        ({"motif": "pirate"}, "Sélectionnez un choix valide"),
        ({"prenom": ""}, "obligatoire"),
        ({"nom": "123"}, "avec des lettres"),
        ({"nom": "A" * 121}, "dépasse 120 lettres"),
        ({"telephone": "06 39"}, "Ce numéro n’est pas complet"),
        ({"email": "pas une adresse"}, "adresse"),
        ({"code_postal": "5943"}, "cinq chiffres"),
        ({"commune": ""}, "Choisissez la commune."),
        ({"commune": "99999"}, "Sélectionnez un choix valide"),
        ({"commune": "autre", "code_postal": "62100"}, "Écrivez le nom de la commune."),
        ({"attente": "Son numéro : 1 85 05 78 006 084 36"}, "numéro de sécurité sociale"),
        ({"adresse": "185057800608436"}, "numéro de sécurité sociale"),
        ({"nom_naissance": "D’Hœne 1850578006084"}, "numéro de sécurité sociale"),
        ({"attente": "x" * 501}, "500 caractères"),
    ],
)
def test_une_erreur_se_dit_a_cote_de_son_champ_et_ne_perd_rien(navigateur, decor, champs, phrase):
    reponse = poster(navigateur, decor.formulaire(**champs))
    assert not Prescription.objects.exists()
    assertContains(reponse, phrase)
    assertContains(reponse, 'role="alert"')
    for champ, valeur in (decor.formulaire() | champs).items():
        if champ in ("nom", "prenom", "attente", "telephone") and champ not in champs:
            assertContains(reponse, valeur)


def test_une_naissance_un_29_fevrier_passe(navigateur, decor):
    poster(navigateur, decor.formulaire(naissance="29/02/2004"))
    assert Participant.objects.get().naissance == datetime.date(2004, 2, 29)


def test_a_seize_ans_le_jour_meme_on_peut_etre_orientee(navigateur, decor):
    le_jour = AUJOURD_HUI.replace(year=AUJOURD_HUI.year - 16)
    poster(navigateur, decor.formulaire(naissance=f"{le_jour:%d/%m/%Y}"))
    assert Participant.objects.count() == 1


def test_l_accord_signe_garde_le_trace(navigateur, decor):
    trace = "M60 190Q70 180 80 170L90 160"
    poster(navigateur, decor.formulaire(accord_moyen="signe", signature_trace=trace))
    assert Prescription.objects.get().accord_trace == trace


def test_sans_script_le_nom_tape_vaut_signature(navigateur, decor):
    poster(navigateur, decor.formulaire(accord_moyen="signe", signature_nom="Coralie Delplanque"))
    assert Prescription.objects.get().accord_trace == "Coralie Delplanque"


def test_une_signature_posee_reste_apres_une_erreur_et_peut_se_refaire(navigateur, decor):
    formulaire = decor.formulaire(accord_moyen="signe", signature_trace="M60 190L90 160", motif="")
    assertContains(poster(navigateur, formulaire), 'd="M60 190L90 160"')
    reponse = poster(navigateur, formulaire | {"resigner": "1"})
    assertNotContains(reponse, "M60 190L90 160")
    assertContains(reponse, "data-pad-encre")
    assertNotContains(reponse, "réponse à corriger")


# Douter, une fois.


@pytest.mark.parametrize(
    ("champs", "code", "phrase"),
    [
        ({"accord_le": jour(-3)}, "accord_avant", "avant le premier contact"),
        ({"telephone": ""}, "injoignable", "ne pourra pas l’appeler"),
        ({"premier_contact_le": jour(-400)}, "contact_ancien", "date de plus d’un an"),
        ({"accord_moyen": "papier"}, "papier", "Le papier signé n’est pas parmi les fichiers"),
        (
            {"code_postal": "62100", "commune": "autre", "commune_hors_cud": "Calais"},
            "hors_territoire",
            "hors du territoire",
        ),
        ({"code_postal": "62100"}, "code_postal", "n’est pas celui de Saint-Pol-sur-Mer"),
    ],
)
def test_un_doute_se_montre_avant_d_envoyer_puis_passe(navigateur, decor, champs, code, phrase):
    formulaire = decor.formulaire(**champs)
    reponse = poster(navigateur, formulaire)
    assert not Prescription.objects.exists()
    assertContains(reponse, phrase)
    assertContains(reponse, "Envoyer quand même")
    assertContains(reponse, f'name="vu" value="{code}"')
    poster(navigateur, formulaire | {"vu": [code]})
    assert Prescription.objects.count() == 1


def test_un_critere_qui_ne_va_pas_avec_l_age_est_un_doute(navigateur, decor):
    f.CritereFactory(code="SENIOR", libelle="Senior", age_min=50)
    assertContains(poster(navigateur, decor.formulaire(criteres=["SENIOR"])), "« Senior » ne convient pas")


def test_une_commune_a_confirmer_se_dit_sans_retenir_l_envoi(navigateur, decor):
    decor.commune.adherente_du = None
    decor.commune.enregistrer(par="test")
    assertContains(poster(navigateur, decor.formulaire(), "commune"), "adhésion à confirmer")
    poster(navigateur, decor.formulaire())
    assert Prescription.objects.count() == 1


# La commune.


@pytest.mark.parametrize(
    ("code_postal", "commune", "phrase"),
    [
        ("59430", "", "territoire du PLIE"),
        ("62100", "", "hors du territoire du PLIE"),
        ("59430", "autre", "hors du territoire du PLIE"),
    ],
)
def test_le_code_postal_dit_la_commune_et_le_territoire(navigateur, decor, code_postal, commune, phrase):
    reponse = poster(navigateur, {"code_postal": code_postal, "commune": commune}, "commune")
    assertContains(reponse, phrase)
    assertNotContains(reponse, "<html")


def test_la_commune_seule_a_son_code_postal_est_choisie_et_son_antenne_dite(navigateur, decor):
    reponse = poster(navigateur, {"code_postal": "59430", "commune": ""}, "commune")
    assertContains(reponse, f'value="{decor.commune.insee}" selected')
    assertContains(reponse, "antenne de Dunkerque")


def test_un_code_postal_partage_hors_de_la_cud_ne_choisit_pas_a_la_place(navigateur, decor):
    f.CodePostalFactory(commune=f.CommuneFactory(nom="Bourbourg", insee="59094"), code="59630")
    reponse = poster(navigateur, {"code_postal": "59630", "commune": ""}, "commune")
    assertContains(reponse, "Bourbourg")
    assertNotContains(reponse, 'value="59094" selected')


def test_plusieurs_communes_au_meme_code_postal_se_choisissent(navigateur, decor):
    autre = f.CommuneFactory(nom="Fort-Mardyck", insee="59248")
    f.CodePostalFactory(commune=autre, code="59430")
    reponse = poster(navigateur, {"code_postal": "59430", "commune": ""}, "commune")
    assertContains(reponse, "Fort-Mardyck")
    assertContains(reponse, "Saint-Pol-sur-Mer")
    assertContains(reponse, "Autre commune, hors de la CUD")
    assertNotContains(reponse, f'value="{autre.insee}" selected')


def test_sans_script_le_menu_porte_toutes_les_communes(navigateur, decor):
    f.CommuneFactory(nom="Gravelines")
    reponse = navigateur.get(PAGE)
    for nom in ("Gravelines", "Saint-Pol-sur-Mer", "Autre commune"):
        assertContains(reponse, nom)


# Déjà connue ?


@pytest.fixture
def connue(decor):
    return f.ParticipantFactory(
        prenom="Coralie",
        nom="Delplanque",
        naissance=LE_6_AVRIL,
        telephone="06 39 98 11 22",
        antenne=f.AntenneFactory(),
    )


QUI = {"prenom": "coralie", "nom": "Delplanck", "naissance": "06/04/2001", "telephone": ""}


def test_une_personne_connue_est_annoncee_sans_rien_dire_de_plus_que_ce_qui_est_tape(navigateur, decor, connue):
    f.AffectationFactory(participant=connue, conseiller__nom="Vandamme")
    reponse = poster(navigateur, QUI, "connue")
    assertContains(reponse, MASQUEE)
    for secret in ("Delplanque", "Coralie", connue.numero, "Vandamme", "06 39 98", connue.antenne.nom, str(connue.pk)):
        assertNotContains(reponse, secret)


def test_la_page_entiere_n_en_dit_pas_plus_au_partenaire(navigateur, decor, connue):
    f.AffectationFactory(participant=connue, conseiller__nom="Vandamme")
    reponse = poster(navigateur, decor.formulaire(telephone="06 39 98 52 10"))
    assertContains(reponse, MASQUEE)
    for secret in (connue.numero, "Vandamme", connue.telephone, connue.antenne.nom):
        assertNotContains(reponse, secret)
    assert not Prescription.objects.exists()


def test_annoncee_une_fois_elle_ne_retient_plus_l_envoi(navigateur, decor, connue):
    poster(navigateur, decor.formulaire(vu="connue"))
    assert Prescription.objects.get().participant == connue


def test_la_reponse_masquee_est_au_journal(navigateur, decor, connue):
    poster(navigateur, QUI, "connue")
    ligne = Ligne.objects.get(acte=Acte.RECHERCHE)
    assert (ligne.auteur, ligne.participant_id) == (decor.agent, connue.pk)
    assert "elplan" not in ligne.motif


@pytest.mark.parametrize(
    "qui",
    [
        QUI | {"naissance": "07/04/2001"},
        QUI | {"nom": "Vermeulen"},
        QUI | {"naissance": ""},
        QUI | {"naissance": "31/02/2001"},
        QUI | {"prenom": ""},
        {},
    ],
)
def test_une_autre_personne_ou_une_saisie_en_cours_ne_dit_rien(navigateur, connue, qui):
    reponse = poster(navigateur, qui, "connue")
    assertContains(reponse, 'id="connue"')
    assertNotContains(reponse, "connue.")
    assertNotContains(reponse, "suivie")


def test_le_partenaire_retrouve_sa_propre_orientation(navigateur, decor, connue):
    demande = f.PrescriptionFactory(participant=connue, organisation=decor.organisation, prescripteur=decor.agent)
    reponse = poster(navigateur, QUI, "connue")
    assertContains(reponse, "Vous l’avez déjà orientée")
    assertContains(reponse, reverse("orientations:detail", args=[demande.pk]))


def test_l_orientation_d_un_collegue_se_dit_celle_de_l_organisation(navigateur, decor, connue):
    collegue = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=decor.organisation)
    f.PrescriptionFactory(participant=connue, organisation=decor.organisation, prescripteur=collegue)
    assertContains(poster(navigateur, QUI, "connue"), "Votre organisation l’a déjà orientée")


# Qui peut.


@pytest.mark.parametrize("role", [r for r in Role if r != Role.PRESCRIPTEUR])
def test_seul_un_prescripteur_ouvre_cette_page(connexion, role):
    assert connexion(f.UtilisateurFactory(role=role)).get(PAGE).status_code == 403


def test_un_prescripteur_sans_organisation_apprend_quoi_faire(connexion):
    reponse = connexion(f.UtilisateurFactory(role=Role.PRESCRIPTEUR)).get(PAGE)
    assertContains(reponse, "rattaché à aucune organisation", status_code=403)


def test_ouvrir_la_page_n_ecrit_rien(navigateur, decor):
    avant = Ligne.objects.count()
    navigateur.get(PAGE)
    assert (Ligne.objects.count(), Depot.objects.count(), Prescription.objects.count()) == (avant, 0, 0)
