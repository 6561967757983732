"""L’histoire entière, vécue par ses gens : de l’orientation à la synthèse signée. Ses écrans font le guide."""

import pytest
from django.utils import timezone

from documents.models import Signature
from dossier.demonstration.decor import Decor
from entretiens.models import Demarche, Entretien, RendezVous
from journal.models import Acte, Ligne
from parcours.models import Affectation, Parcours, PassageDePhase, Phase
from prescriptions.models import Prescription
from tests.navigateur import histoire as h
from tests.navigateur.histoire import Histoire, cliquer, cocher

pytestmark = [pytest.mark.navigateur, pytest.mark.django_db(transaction=True)]

MANQUANTES = ("Justificatif de domicile", "Avis de situation France Travail")
PREMIERE, SECONDE = "Retrouver les certificats de travail", "Visiter la cuisine centrale"
OBJECTIF = "Choisir deux pistes de métier et préparer les visites"
ATTENDUS = [
    ("Maud Ferrand", "création", "Dossier"),
    ("Claire Vandamme", "création", "Entretien"),
    ("Anne Desprez", "modification", "Transmise → Au contrôle"),
    ("Hugo Lemaire", "lecture", "Pièce"),
    ("Béatrice Caron", "création", "Parcours"),
    ("Claire Vandamme", "modification", "Signature"),
]


def demande():
    return Prescription.objects.select_related("participant").get()


def criteres_invoques():
    return set(demande().criteres_invoques.filter(retire_le=None).values_list("critere__code", flat=True))


def test_une_personne_de_son_orientation_a_sa_synthese_signee(ouvrir, capturer, incidents):
    incidents.attendre("htmx:(afterRequest|sendAbort)")  # une frappe remplace la demande précédente (hx-sync)
    Decor(timezone.localdate()).planter()
    recit = Histoire(ouvrir, capturer)
    _la_mission_locale_oriente(recit)
    conseiller = recit.session("conseiller")
    _le_conseiller_prend_la_demande(recit, conseiller)
    _le_premier_entretien(recit, conseiller)
    _le_conseiller_transmet(recit, conseiller)
    _la_responsable_valide(recit)
    _les_statistiques_controlent(recit)
    _l_animation_acte_l_entree(recit)
    _un_entretien_de_suivi(recit, conseiller)
    _les_deux_signent(recit, conseiller)
    _la_responsable_relit_l_historique(recit)
    assert not recit.fautes, "\n".join(recit.fautes)


def _la_mission_locale_oriente(recit):
    page = recit.session("prescripteur", montrer=True)
    cliquer(page, "Orienter une personne", "link")
    prenom, nom = h.PERSONNE.split()
    page.get_by_label("Prénom").fill(prenom)
    page.get_by_label("Nom", exact=True).fill(nom)
    page.get_by_label("Date de naissance").fill("14/03/1988")
    page.get_by_label("Téléphone").fill("06 39 98 41 27")
    with page.expect_response("**fragment=commune"):
        page.get_by_label("Code postal").fill("59760")
    page.locator("#lieu select").select_option(label="Grande-Synthe")
    cocher(page, "Choisir un métier")
    page.get_by_label("En une phrase").fill("Retrouver un emploi en journée, près de chez elle.")
    page.get_by_role("combobox", name="Ressources").select_option(label="RSA")
    cocher(page, "Bénéficiaire du RSA")
    cocher(page, "Elle signe ici")
    h.signer(page, page.locator("[data-pad=signature]"))
    depot = page.get_by_label("Choisir des fichiers")
    with page.expect_response("**fragment=pieces"):
        depot.set_input_files([h.photo_de("identite"), h.pdf_de("attestation_rsa"), h.FAUX_PDF])
    page.locator("#pieces [role=alert]", has_text="releve.pdf").get_by_text("refusé").wait_for()
    for fichier, piece in (("identite.jpg", "Pièce d’identité"), ("attestation_rsa.pdf", "Attestation RSA")):
        menu = page.get_by_label(f"Type de {fichier}")
        with page.expect_response("**fragment=pieces"):
            menu.select_option(label=menu.locator("option", has_text=piece).inner_text())
    recit.montrer(page, "orientation")
    cliquer(page, "Envoyer l’orientation")
    page.get_by_text("Orientation envoyée").wait_for()
    assert demande().statut == "orientee"
    assert {p.type.code for p in demande().participant.pieces.select_related("type")} == {
        "identite",
        "attestation_rsa",
        "accord_signe",  # signé à l’écran, il devient une pièce
    }
    cliquer(page, "Mes orientations", "link")
    recit.montrer(page, "orientations")


def _le_conseiller_prend_la_demande(recit, page):
    page.reload()
    recit.montrer(page, "journee-conseiller")
    cliquer(page, f"Voir et prendre : {h.PERSONNE}", "link")
    cliquer(page, "Prendre en charge")
    assert demande().statut == "en_instruction"
    assert demande().conseiller.email == "conseiller@plie.example"
    cliquer(page, "Donner un rendez-vous", "link")
    page.get_by_label("Jour").fill(h.jour_ouvre(5).isoformat())
    page.get_by_label("Heure").fill("10:00")
    cocher(page, "sur place")
    page.get_by_label("Antenne").select_option(label="Grande-Synthe")
    cliquer(page, "Poser le rendez-vous")
    assert RendezVous.objects.get().statut == "prevu"


def _le_premier_entretien(recit, page):
    page.goto(demande().get_absolute_url())
    cliquer(page, "Tenir le premier entretien", "link")
    cliquer(page, "Ouvrir l’entretien")
    page.get_by_label("Objectif").fill("Faire connaissance et présenter le PLIE")
    for case in ("Le fonctionnement de la structure", "Les services", "Les étapes clés", "Livret d’information remis"):
        page.get_by_label(case).check()
    page.get_by_label("Le point").fill("Elle a travaillé huit ans en cantine scolaire.")
    page.get_by_label("Synthèse").fill("Nadège cherche un poste en journée. Elle est disponible tout de suite.")
    _prochain_rendez_vous(page, dans=7)
    _ajouter_une_demarche(page, PREMIERE)
    recit.montrer(page, "premier-entretien")
    cliquer(page, "Clore et faire signer")
    entretien = Entretien.objects.get()
    assert entretien.est_clos
    assert entretien.genre == "premier_entretien"
    assert entretien.livret_remis_le == timezone.localdate()


def _ajouter_une_demarche(page, quoi):
    page.get_by_label("Nouvelle démarche").fill(quoi)
    page.keyboard.press("Enter")
    page.get_by_role("list", name="Démarches ajoutées").get_by_text(quoi).wait_for()


def _prochain_rendez_vous(page, *, dans):
    cocher(page, "Autre créneau")
    page.locator("#id_rdv_jour").fill(h.jour_ouvre(dans).isoformat())
    page.locator("#id_rdv_heure").fill("14:00")


def _le_conseiller_transmet(recit, page):
    page.goto(demande().get_absolute_url())
    cocher(page, "Favorable")
    page.get_by_label("Parce que").fill("Projet confirmé, disponible tout de suite.")
    cliquer(page, "Enregistrer l’avis")
    assert demande().avis.get().sens == "favorable"
    cliquer(page, "Choisir les critères", "link")
    page.get_by_label("Parent isolé").check()
    cliquer(page, "Enregistrer les critères")
    assert criteres_invoques() == {"RSA", "PARENT_ISOLE"}
    cliquer(page, "Choisir les critères", "link")
    page.get_by_label("Parent isolé").uncheck()
    cliquer(page, "Enregistrer les critères")
    assert criteres_invoques() == {"RSA"}
    for piece in MANQUANTES:
        ligne = page.locator(".piece-ligne", has_text=piece)
        ligne.locator("summary").click()
        ligne.get_by_label("Le fichier").set_input_files(h.pdf_de(piece.split()[0].lower()))
        cliquer(ligne, "Joindre")
    assert [ligne.type.code for ligne in demande().lignes.filter(piece=None)] == ["attestation_caf"]
    recit.montrer(page, "demande-conseiller")
    cliquer(page, "Transmettre à la responsable")
    assert demande().statut == "transmise"


def _la_responsable_valide(recit):
    page = recit.session("responsable")
    recit.montrer(page, "journee-responsable")
    cliquer(page, f"Décider : {h.PERSONNE}", "link")
    recit.montrer(page, "demande-responsable")
    cliquer(page, "Valider la pertinence")
    assert demande().statut == "a_controler"
    assert demande().pertinence_validee_par.email == "responsable@plie.example"


def _les_statistiques_controlent(recit):
    page = recit.session("statistiques")
    cliquer(page, f"Contrôler : {h.PERSONNE}", "link")
    for rang in range(demande().lignes.exclude(piece=None).count()):
        for point in page.locator("input[name=points], input[name=prouve]").all():
            point.check()
        if page.locator("[data-validite]:not([data-mois=''])").count():
            page.locator("[data-verdict] .champ-date").fill(f"{timezone.localdate():%d/%m/%Y}")
        if rang == 1:
            recit.montrer(page, "controle")
        cliquer(page, "Conforme")
    assert set(demande().lignes.exclude(piece=None).values_list("verdict", flat=True)) == {"conforme"}
    cliquer(page, "Accorder")
    assert demande().statut == "accordee"


def _l_animation_acte_l_entree(recit):
    page = recit.session("animation")
    cliquer(page, f"Acter : {h.PERSONNE}", "link")
    recit.montrer(page, "acter-entree")
    cliquer(page, "Acter l’entrée")
    assert demande().statut == "entree_actee"
    assert Parcours.objects.get().entre_le == timezone.localdate()
    assert PassageDePhase.objects.get().phase == Phase.MOBILISATION
    assert Affectation.objects.get(au=None).conseiller == demande().conseiller


def _ouvrir_le_dossier(page):
    page.goto("/")
    page.get_by_role("searchbox").first.fill("boutoile nadege")  # une faute et un accent oubliés
    with page.expect_navigation():
        page.keyboard.press("Enter")
    cliquer(page.locator("#contenu"), h.PERSONNE, "link")


def _un_entretien_de_suivi(recit, page):
    _ouvrir_le_dossier(page)
    recit.montrer(page, "dossier")
    cliquer(page, "entretien", "link")
    cliquer(page, "Ouvrir l’entretien")
    page.get_by_label("Objectif").fill(OBJECTIF)
    page.get_by_label("Le point").fill("Les certificats de travail sont retrouvés.")
    page.get_by_label("Synthèse").fill("Nadège retient deux pistes : la restauration collective et l’aide à domicile.")
    page.get_by_role("group", name=PREMIERE).get_by_text("Fait", exact=True).click()
    _prochain_rendez_vous(page, dans=20)
    _ajouter_une_demarche(page, SECONDE)
    page.locator("[data-brouillon-texte]", has_text="Enregistré à").wait_for()
    recit.montrer(page, "entretien")
    page.reload()
    assert page.get_by_label("Objectif").input_value() == OBJECTIF
    cliquer(page, "Clore et faire signer")
    entretien = Entretien.objects.get(objectif=OBJECTIF)
    assert entretien.est_clos
    assert set(Demarche.objects.values_list("quoi", "etat")) == {(PREMIERE, "faite"), (SECONDE, "a_faire")}
    assert entretien.prochain_rendez_vous.jour == h.jour_ouvre(20)


def _les_deux_signent(recit, page):
    for cadre in page.locator("[data-signataire]").all():
        h.signer(page, cadre)
    for choix in page.get_by_role("group", name="Avis").all():
        choix.get_by_text("D’accord", exact=True).click()
    recit.montrer(page, "signature")
    cliquer(page, "Sceller et remettre")
    entretien = Entretien.objects.get(objectif=OBJECTIF)
    document = entretien.syntheses.get().document
    assert set(Signature.objects.filter(document=document).values_list("statut", flat=True)) == {"signe"}
    texte = h.texte_du_pdf(page, f"/entretiens/{entretien.pk}/synthese.pdf")
    assert OBJECTIF in " ".join(texte.split())


def _la_responsable_relit_l_historique(recit):
    page = recit.session("responsable")
    _ouvrir_le_dossier(page)
    cliquer(page, "Qui et quand", "link")
    recit.montrer(page, "historique")
    lignes = page.locator("tbody tr").all_inner_texts()
    while page.get_by_role("link", name="Actes plus anciens").count():
        cliquer(page, "Actes plus anciens", "link")
        lignes += page.locator("tbody tr").all_inner_texts()
    for qui, acte, quoi in ATTENDUS:
        assert any(qui in ligne and acte in ligne and quoi in ligne for ligne in lignes), (qui, acte, quoi)
    assert Ligne.objects.filter(participant_id=demande().participant_id, acte=Acte.LECTURE).exists()
