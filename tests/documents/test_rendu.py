"""Les documents remis : ce qu’ils disent, ce qu’ils taisent, et comment ils se relisent."""

import io
import re
import unicodedata

import pypdf
import pytest

from documents import rendu
from documents.rendu import composer, rendre_pdf
from tests.documents.exemples import LOGO, TRACE, convocation, livret, synthese
from tests.documents.gestes import CODE, GABARITS, brut, html, pdf
from tests.documents.lecture import clavier, codes_qr, defauts_de_balisage, nombre_de_pages, texte, vues


def vue(document, genre="synthese", **structure):
    """Le HTML, comme on le taperait."""
    return clavier(html(document, genre, **structure))


def case(**etat):
    """Le HTML de la case de signature de la personne, dans cet état."""
    document = synthese(signataires=[{"role": "Participante", "nom": "Mme Anissa Belkhiri", "choix": True} | etat])
    return vue(document).partition('<div class="case">')[2].partition("</section>")[0]


# --- Ce que disent les documents -----------------------------------------------------------------------------------


def test_la_synthese_porte_ce_qui_a_ete_decide():
    lu = texte(pdf(synthese()))
    for attendu in (
        "Mme Anissa Belkhiri – jeudi 12 novembre 2026, de 9 h 30 à 10 h 20",
        "Choisir le métier à essayer en premier",
        "Visite de la cuisine centrale Fait Travail d'équipe apprécié.",
        "Une immersion (PMSMP) de 2 semaines",
        "Mme Belkhiri Envoyer l'avis d'imposition à la CAF 17 novembre",
        "Mardi 1er décembre 2026 à 9 h 30, antenne de Grande-Synthe, bureau 3.",
        "Ce que je fais",
        "J'envoie mon avis d'imposition à la CAF. Avant le mardi 17 novembre",
        "Ce que ma conseillère fait",
        "J'appelle le 03 53 01 00 12",
        "Cofinancé par l'Union européenne",
    ):
        assert attendu in lu
    assert nombre_de_pages(pdf(synthese())) == 2


@pytest.mark.parametrize(
    ("absent", "titre"),
    [("rdv", "Prochain rendez-vous"), ("rdv", "On se revoit le"), ("demarches", "Démarches"), ("clair", "En clair")],
)
def test_ce_qui_manque_a_l_entretien_ne_laisse_pas_de_titre_vide(absent, titre):
    document = synthese()
    assert titre in vue(document)
    for vide in ([], None, {}):
        assert titre not in vue(document | {absent: vide})
    del document[absent]
    assert titre not in vue(document)
    assert defauts_de_balisage(pdf(document)) == []


def test_la_synthese_dit_ce_qui_a_ete_presente_et_pourquoi_rien_n_est_fixe():
    document = synthese(
        information=["les étapes clés du parcours", "le livret d'information, remis le 12 novembre 2026"],
        actions=[{"action": "Mettre à jour le CV", "etat": "Fait", "qui": "Mme Belkhiri"}],
        point="Le CV est prêt.\n\nIl plaît.",
        synthese="Nous avons choisi la restauration.",
        rdv={},
        sans_rdv="en attente de la réponse de l'employeur",
    )
    lu = texte(pdf(document))
    for attendu in (
        "Information donnée",
        "Les étapes clés du parcours, le livret d'information, remis le 12 novembre 2026.",
        "Mettre à jour le CV Fait Mme Belkhiri",
        "Le CV est prêt. Il plaît.",
        "Nous avons choisi la restauration.",
        "Aucun n'est fixé : en attente de la réponse de l'employeur",
    ):
        assert attendu in lu
    assert "On se revoit" not in lu
    assert defauts_de_balisage(pdf(document)) == []


def test_sans_page_en_clair_la_synthese_tient_sur_une_page_et_se_signe():
    document = synthese(clair={}, rdv=None, demarches=[])
    assert nombre_de_pages(pdf(document)) == 1
    assert "Je ne suis pas d'accord" in texte(pdf(document))


def test_une_nouvelle_version_dit_celle_qu_elle_remplace_et_pourquoi():
    lu = texte(pdf(synthese(version=2, remplace={"version": 1, "date": "2026-11-10", "motif": "date corrigée."})))
    assert "Version 2. Elle remplace la version 1 du 10 novembre 2026. Pourquoi : date corrigée." in lu
    assert "version 2, fait le jeudi 12 novembre 2026" in lu
    assert "remplace" not in vue(synthese())


def test_une_case_a_signer_laisse_la_place_du_stylo_et_du_desaccord():
    assert 'class="trait"' in case()
    assert 'class="oui"' not in case()
    assert case() == case(statut="a_signer")
    assert case().index("Je suis d'accord") < case().index("Je ne suis pas d'accord")


@pytest.mark.parametrize(("accord", "coche"), [(True, "Je suis d'accord"), (False, "Je ne suis pas d'accord")])
def test_une_signature_a_l_ecran_montre_l_avis_la_date_et_le_trait(accord, coche):
    lue = case(statut="signe", le="2026-11-12T23:30:00Z", accord=accord, trace=TRACE)
    assert re.findall(r'class="oui">([^<]+)', lue) == [coche]
    assert "Le 13 novembre 2026" in lue  # à l’heure de Paris
    assert f'd="{TRACE}"' in lue
    assert "<title>Signature de Mme Anissa Belkhiri</title>" in lue
    assert "Date :" not in lue


def test_un_nom_tape_tient_lieu_de_trait():
    lue = case(statut="signe", le="2026-11-12", accord=True, nom_tape="Anissa Belkhiri")
    assert '<p class="nom-tape">Anissa Belkhiri</p>' in lue
    assert "<svg" not in lue


@pytest.mark.parametrize("trace", ['M0 0"/><script>alert(1)</script>', "url(http://x)", "M0 0" * 20_000])
def test_un_trait_qui_n_est_pas_un_trait_n_est_pas_dessine(trace):
    assert "<path" not in case(statut="signe", le="2026-11-12", accord=True, trace=trace)


def test_un_refus_de_signer_dit_sa_raison_et_n_a_pas_de_case_cochee():
    lue = case(statut="refus_de_signer", le="2026-11-12", motif="ne souhaite pas signer", accord=None)
    assert "Non signé" in lue
    assert "Raison : ne souhaite pas signer" in lue
    assert "Je suis d'accord" not in lue


def test_un_papier_signe_recu_le_dit():
    lue = case(statut="papier_recu", le="2026-11-13", accord=True)
    assert "Reçu le 13 novembre 2026" in lue
    assert "exemplaire papier" in lue
    assert """class="oui">Je suis d'accord""" in lue


def test_le_mot_de_la_personne_est_ecrit_et_tient_sur_la_page():
    document = synthese()
    mot = "Je préfère l'aide à domicile, je l'ai redit deux fois pendant l'entretien."
    document["signataires"][0] |= {"statut": "signe", "le": "2026-11-12", "accord": False, "trace": TRACE, "mot": mot}
    assert "Belkhiri ajoute : « Je préfère l'aide à domicile" in texte(pdf(document))
    assert nombre_de_pages(pdf(document)) == 2


def test_les_signatures_ne_sont_jamais_seules_sur_une_page():
    for demarches in range(1, 13):
        document = synthese()
        document["clair"]["moi"] *= demarches
        derniere = pypdf.PdfReader(io.BytesIO(pdf(document))).pages[-1].extract_text()
        assert "Participante" in derniere
        assert "En\xa0clair" in derniere or "On se revoit" in derniere or "Elle fait signer" in derniere


def test_la_convocation_tient_sur_une_page_et_donne_le_chemin():
    lu = texte(pdf(convocation(), "convocation"))
    for attendu in (
        "Votre rendez-vous du jeudi 3 décembre à 14 h",
        "8 rue des Dunes-Exemple 59760 Grande-Synthe",
        "2 place de l'Exemple, 1er étage",
        "Bus, arrêt « Mairie » Descendre devant la mairie.",
        "Une pièce d'identité",
        "03 53 01 00 12",
    ):
        assert attendu in lu
    assert nombre_de_pages(pdf(convocation(), "convocation")) == 1


@pytest.mark.parametrize("nom", ["Mme Dewaele-Tahon", "Mme Vandenbroucke-Delattre-Vanhoutte"])
def test_un_nom_compose_ne_se_coupe_qu_apres_son_trait_d_union(nom):
    demarches = [{"qui": nom, "quoi": "Envoyer le CV", "pour_le": ""}]
    document = synthese(demarches=demarches, actions=[])
    lignes = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf(document))).pages)
    morceaux = {
        morceau for ligne in lignes.splitlines() for morceau in re.findall(r"[\w-]+", ligne.replace("\u200b", ""))
    }
    for partie in re.findall(r"\w+", nom)[1:]:
        assert any(partie in morceau.split("-") for morceau in morceaux), (partie, lignes)


def test_le_code_postal_ne_quitte_pas_sa_ville():
    assert "59760\u00a0Grande" in html(convocation(), "convocation")


def test_la_convocation_se_passe_de_trajet_et_de_pieces():
    document = convocation(trajet=[], apporter=None, conseiller={"nom": "Mme Claire Vandaele"})
    document["rdv"] = {"date": "2026-12-03", "heure": "14:00", "lieu": "Antenne"}
    lue = vue(document, "convocation")
    assert not {t for t in ("Pour venir", "J'apporte", "Vous ne pouvez pas venir", "dure") if t in lue}


def test_c2_le_livret_presente_le_plie_ses_services_et_les_etapes_sur_une_page():
    lu = texte(pdf(livret(), "livret"))
    for attendu in (
        "jusqu'à un emploi durable ou une formation qualifiante",
        "15 communes de la Communauté urbaine de Dunkerque",
        "Un référent de parcours",
        "30 jours au plus après le premier contact",
        "remis en main propre, 30 jours au plus après le premier entretien",
        "en commission",
        "contrat d'engagement",
        "en 4 phases. Mobilisation, orientation, montée en compétence, emploi",
        "au moins 3 offres d'emploi",
        "savoir qui l'a ouvert",
        "M. Yanis Hocquet : 03 53 01 00 13",
    ):
        assert attendu in lu
    assert nombre_de_pages(pdf(livret(), "livret")) == 1


def test_le_livret_se_contente_du_nom_de_la_structure():
    lue = composer("entretiens/documents/livret.html", {
        "structure": {"nom": "PLIE", "association": "Association"},
        "document": {c: v for c, v in livret().items() if c not in ("delais", "conseiller", "sous_titre")},
    })  # fmt: skip
    assert "jours au plus" not in lue
    assert "Une question" not in lue


# --- Noms, écritures, typographie ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nom",
    ["مريم بن علي", "Nguyễn Thị Ánh Ngọc", unicodedata.normalize("NFD", "Trần Đức Phượng"), "Mateusz Łęcki",
     "Lœtitia D'Hœne", "O", "Şükran Yılmaz", "Олександра Шевченко", "שרה כהן", "Zoë O'Brien"],
)  # fmt: skip
def test_un_nom_s_ecrit_et_se_relit_dans_son_ecriture(nom, caplog):
    lu = texte(pdf(synthese(sous_titre=f"Mme {nom} – jeudi 12 novembre 2026")))
    assert f"Mme {unicodedata.normalize('NFC', nom)} – jeudi 12 novembre 2026" in lu
    assert "sans police" not in caplog.text


def test_un_nom_tape_lettre_et_accent_a_part_donne_le_meme_document():
    compose, decompose = (unicodedata.normalize(forme, "Trần Đức Phượng") for forme in ("NFC", "NFD"))
    assert compose != decompose
    assert html(synthese(sous_titre=compose)) == html(synthese(sous_titre=decompose))


def test_apres_un_nom_arabe_la_date_reste_dans_l_ordre():
    assert "علي\u200e, 12" in html(synthese(rappel="Mme مريم بن علي, 12 novembre 2026"))


def test_un_caractere_qu_aucune_police_ne_dessine_est_signale(caplog):
    pdf(synthese(sous_titre="Mme \U000f1234"))
    assert "sans police" in caplog.text


def test_les_caracteres_de_commande_d_un_copier_coller_disparaissent():
    assert "lu\x00\x0b\x1b" not in html(synthese(objectif="lu\x00\x0b\x1b et approuvé"))
    assert "lu et approuvé" in texte(pdf(synthese(objectif="lu\x00\x0b\x1b et approuvé")))


def test_ce_qui_est_saisi_reste_du_texte():
    piege = "<script>alert(1)</script><img src=x>"
    assert "<script" not in html(synthese(objectif=piege, sous_titre=piege))
    assert piege in texte(pdf(synthese(objectif=piege)))


# --- Accessibilité, identité, code ----------------------------------------------------------------------------------


@pytest.mark.parametrize("genre", GABARITS)
def test_le_balisage_suit_pdf_ua(genre):
    assert defauts_de_balisage(pdf(GABARITS[genre](), genre)) == []


def test_le_balisage_suit_pdf_ua_une_fois_signe_avec_un_logo():
    document = synthese()
    for signataire in document["signataires"]:
        signataire |= {"statut": "signe", "le": "2026-11-12", "accord": True, "trace": TRACE}
    assert defauts_de_balisage(pdf(document, logo=LOGO)) == []


@pytest.mark.parametrize("genre", GABARITS)
def test_chaque_page_porte_le_code_qr_de_son_document_et_de_sa_version(genre):
    for code, version in ((CODE, 1), ("2S5GZ0V9PA", 12), (CODE, 3)):
        octets = pdf(GABARITS[genre](code=code, version=version), genre)
        pages = range(1, nombre_de_pages(octets) + 1)
        assert codes_qr(octets) == [[f"PLIE1.{code}.{version}.{page}"] for page in pages]
        assert f"{code[:5]}-{code[5:]}" in texte(octets)


def test_un_document_plus_long_que_prevu_a_un_code_sur_toutes_ses_pages():
    octets = pdf(synthese(objectif="Une ligne.\n\n" * 900))
    assert nombre_de_pages(octets) > 12
    assert codes_qr(octets) == [[f"PLIE1.{CODE}.1.{page + 1}"] for page in range(nombre_de_pages(octets))]


def test_dp3_le_titre_du_pdf_ne_nomme_personne():
    fiche = pypdf.PdfReader(io.BytesIO(pdf(synthese()))).metadata
    assert fiche.title == "Synthèse d’entretien du 12 novembre 2026, 7K3M9-QXT4D"
    assert not [valeur for valeur in fiche.values() if "Belkhiri" in valeur]


def test_l_embleme_est_noir_pour_l_imprimante_et_en_couleur_pour_l_ecran():
    def bleu(embleme):
        octets = rendre_pdf(html(synthese()), code=CODE, version=1, embleme=embleme)
        return b"0 0.2 0.6" in pypdf.PdfReader(io.BytesIO(octets)).pages[0].get_contents().get_data() + b"".join(
            x.get_object().get_data()
            for x in pypdf.PdfReader(io.BytesIO(octets)).pages[0]["/Resources"]["/XObject"].values()
        )

    assert (bleu("noir"), bleu("couleur")) == (False, True)
    with pytest.raises(ValueError, match="Emblème inconnu"):
        brut("", embleme="vert")


def test_le_logo_d_une_structure_ne_passe_pas_dans_le_document_suivant():
    def images(octets):
        ressources = pypdf.PdfReader(io.BytesIO(octets)).pages[0]["/Resources"]["/XObject"].values()
        return [x for x in ressources if x["/Subtype"] == "/Image"]

    assert len(images(pdf(synthese(), logo=LOGO))) == 1
    assert images(pdf(synthese())) == []


def test_memes_donnees_memes_octets_meme_dans_un_autre_processus():
    premier = pdf(synthese(), logo=LOGO)
    pdf(livret(), "livret")
    assert pdf(synthese(), logo=LOGO) == premier
    rendu._ouvrier.arreter()
    assert pdf(synthese(), logo=LOGO) == premier


def test_le_noir_et_le_blanc_suffisent_a_tout_dire():
    """Imprimés, les documents ne comptent sur aucun aplat gris."""
    histogramme = vues(pdf(synthese()), 150)[0].histogram()
    assert sum(histogramme[240:]) / sum(histogramme) > 0.85
