"""L’écran « Orienter une personne » : ce qu’il accepte, refuse, doute, garde, et ne dit pas."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from comptes import brouillons
from comptes.models import Role
from journal.models import Acte, Ligne
from participants.models import Participant
from prescriptions.doutes import MASQUEE
from prescriptions.models import Depot, Prescription
from tests import factories as f
from tests import faux_fichiers
from tests.prescriptions.orientations import LE_6_AVRIL, Decor

pytestmark = pytest.mark.django_db
AUJOURD_HUI = datetime.date.today()
PAGE = "/orientations/nouvelle/"


@pytest.fixture
def decor():
    return Decor()


@pytest.fixture
def navigateur(connexion, decor):
    return connexion(decor.agent)


def fichier(nom="cni.pdf", contenu=None):
    return SimpleUploadedFile(nom, faux_fichiers.pdf() if contenu is None else contenu)


def poster(navigateur, donnees, fragment="", **options):
    entetes = {"HX-Request": "true"} if fragment else {}
    adresse = f"{PAGE}?fragment={fragment}" if fragment else PAGE
    return navigateur.post(adresse, donnees, headers=entetes, **options)


def jour(decalage=0):
    return f"{AUJOURD_HUI + datetime.timedelta(decalage):%d/%m/%Y}"


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


# Les fichiers.


def test_un_fichier_accepte_est_garde_tout_de_suite_avec_un_type_propose(navigateur, decor):
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier("CNI recto.pdf")]), "pieces")
    depot = Depot.objects.get()
    assert (depot.utilisateur, depot.nom) == (decor.agent, "CNI recto.pdf")
    assertContains(reponse, f'name="depot" value="{depot.pk}"')
    assertContains(reponse, 'value="identite" selected')
    assertNotContains(reponse, "<html")
    assert not Prescription.objects.exists()


def test_un_fichier_refuse_dit_pourquoi_et_ne_perd_pas_les_autres(navigateur, decor):
    piege = fichier("virus.pdf", b"MZ" + b"\0" * 200)
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier(), piege]))
    assertContains(reponse, "virus.pdf")
    assertContains(reponse, "son contenu est un programme")
    assertContains(reponse, f'name="depot" value="{Depot.objects.get().pk}"')
    assertContains(reponse, "Veut un métier manuel.")
    assert not Prescription.objects.exists()


def test_apres_une_erreur_les_fichiers_deja_acceptes_ne_sont_pas_redemandes(navigateur, decor):
    formulaire = decor.formulaire(motif="", pieces=[fichier("cni.pdf")])
    poster(navigateur, formulaire)
    depot = Depot.objects.get()
    suite = decor.formulaire(depot=[str(depot.pk)]) | {
        f"type-{depot.pk}": "identite",
        f"date-{depot.pk}": "02/05/2026",
    }
    poster(navigateur, suite)
    piece = Prescription.objects.get().lignes.get(type__code="identite").piece
    assert (piece.nom, piece.etablie_le) == ("cni.pdf", datetime.date(2026, 5, 2))
    assert not Depot.objects.exists()


def test_un_fichier_sans_type_arrete_l_envoi_et_le_dit(navigateur, decor):
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier("scan0001.pdf")]))
    assertContains(reponse, "Dites ce que c’est.")
    assert not Prescription.objects.exists()


@pytest.mark.parametrize(
    ("date", "phrase"),
    [("31/02/2026", "Cette date n’existe pas"), (jour(2), "Cette date est à venir"), ("1/1/2020", "plus récent")],
)
def test_la_date_d_un_fichier_se_verifie(navigateur, decor, date, phrase):
    poster(navigateur, decor.formulaire(pieces=[fichier("rsa.pdf")]), "pieces")
    depot = Depot.objects.get()
    donnees = {"depot": [str(depot.pk)], f"type-{depot.pk}": "attestation_rsa", f"date-{depot.pk}": date}
    assertContains(poster(navigateur, donnees, "pieces"), phrase)


def test_un_fichier_retire_disparait_du_serveur(navigateur, decor, fichiers):
    poster(navigateur, decor.formulaire(pieces=[fichier()]), "pieces")
    depot = Depot.objects.get()
    reponse = poster(navigateur, {"depot": [str(depot.pk)], "retirer": str(depot.pk)}, "pieces")
    assertNotContains(reponse, "cni.pdf")
    assert not Depot.objects.exists()
    assert not any(p.is_file() for p in fichiers.rglob("*"))


def test_sans_script_ajouter_ou_retirer_un_fichier_garde_ce_qui_est_tape(navigateur, decor):
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier()], garder="1"))
    assertContains(reponse, "cni.pdf")
    assertContains(reponse, "Veut un métier manuel.")
    assertNotContains(reponse, "à corriger")
    assert not Prescription.objects.exists()


def test_les_fichiers_d_un_autre_ne_se_prennent_pas(navigateur, decor, connexion):
    autre = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=decor.organisation)
    poster(connexion(autre), decor.formulaire(pieces=[fichier("sien.pdf")]), "pieces")
    depot = Depot.objects.get()
    navigateur = connexion(decor.agent)
    assertNotContains(poster(navigateur, {"depot": [str(depot.pk)]}, "pieces"), "sien.pdf")
    poster(navigateur, {"depot": [str(depot.pk)], "retirer": str(depot.pk)}, "pieces")
    assert Depot.objects.filter(pk=depot.pk).exists()


def test_le_brouillon_rend_aussi_les_fichiers(navigateur, decor):
    poster(navigateur, decor.formulaire(pieces=[fichier()]), "pieces")
    depot = Depot.objects.get()
    contenu = {"prenom": "Coralie", "depot": str(depot.pk), f"type-{depot.pk}": "identite", "criteres": "RSA"}
    brouillons.garder(decor.agent, "orientation", contenu)
    reponse = navigateur.get(PAGE)
    assertContains(reponse, 'value="Coralie"')
    assertContains(reponse, "cni.pdf")
    assertContains(reponse, 'value="RSA" id="id_criteres_0" checked')
    assertContains(reponse, "Brouillon gardé à")


def test_vingt_fichiers_au_plus(navigateur, decor, monkeypatch):
    monkeypatch.setattr("prescriptions.depots.MAXIMUM", 2)
    reponse = poster(navigateur, decor.formulaire(pieces=[fichier(f"cni{n}.pdf") for n in range(3)]), "pieces")
    assertContains(reponse, "2 fichiers au plus")
    assert Depot.objects.count() == 2


@pytest.mark.parametrize("depot", ["", "abc", "%00"])
def test_ce_qui_n_est_pas_une_cle_de_fichier_est_ignore(navigateur, decor, depot):
    poster(navigateur, decor.formulaire(depot=[depot]))
    assert Prescription.objects.count() == 1


def test_la_cle_d_un_fichier_d_un_autre_ne_le_donne_pas(navigateur, decor, connexion):
    autre = f.UtilisateurFactory(role=Role.PRESCRIPTEUR, organisation=decor.organisation)
    poster(connexion(autre), decor.formulaire(pieces=[fichier("secret.pdf")]), "pieces")
    reponse = poster(connexion(decor.agent), decor.formulaire(depot=[str(Depot.objects.get().pk)]))
    assertContains(reponse, "n’est plus gardé")
    assertNotContains(reponse, "secret.pdf")
    assert not Prescription.objects.exists()


# Le brouillon d’une personne n’habille pas la suivante.


@pytest.fixture
def brouillon(navigateur, decor):
    """Une orientation laissée en chemin, avec une pièce."""
    poster(navigateur, decor.formulaire(pieces=[fichier("CNI.pdf")]), "pieces")
    depot = str(Depot.objects.get().pk)
    contenu = {"prenom": "Coralie", "nom": "Delplanque", "depot": depot, f"type-{depot}": "identite"}
    brouillons.garder(decor.agent, "orientation", contenu)
    return depot


def test_un_brouillon_repris_dit_de_qui_il_est(navigateur, brouillon):
    reponse = navigateur.get(PAGE)
    assertContains(reponse, "Brouillon de Coralie Delplanque.")
    assertContains(reponse, 'name="recommencer"')


def test_une_page_vierge_n_a_rien_a_reprendre(navigateur):
    assertNotContains(navigateur.get(PAGE), "recommencer")


def test_recommencer_efface_le_texte_et_les_fichiers(navigateur, brouillon):
    assert navigateur.post(PAGE, {"recommencer": "1"}).url == PAGE
    assert not Depot.objects.exists()
    reponse = navigateur.get(PAGE)
    assertNotContains(reponse, "Coralie")
    assertNotContains(reponse, "CNI.pdf")


def test_envoyer_pour_une_autre_avec_ses_fichiers_se_confirme_une_fois(navigateur, decor, brouillon):
    envoi = decor.formulaire(prenom="Yonas", depot=[brouillon], reprise_de="Coralie Delplanque")
    envoi[f"type-{brouillon}"] = "identite"
    reponse = poster(navigateur, envoi)
    assertContains(
        reponse, "Ce brouillon était celui de Coralie Delplanque. Pour Yonas Delplanque, vérifiez : CNI.pdf."
    )
    assert not Prescription.objects.exists()
    poster(navigateur, envoi | {"vu": "autre_personne"})
    assert Prescription.objects.count() == 1


def test_la_meme_personne_autrement_ecrite_ne_se_confirme_pas(navigateur, decor, brouillon):
    envoi = decor.formulaire(nom="DELPLANQUE", depot=[brouillon], reprise_de="Coralie Delplanque")
    poster(navigateur, envoi | {f"type-{brouillon}": "identite"})
    assert Prescription.objects.count() == 1


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
