"""Ce que chaque formulaire de l’application envoie quand tout va bien, depuis un dossier où l’envoi est permis.

Une ligne par adresse qui se poste : les essais hostiles, les vingt envois à la fois et les envois concurrents en
partent, et un test refuse une adresse qui n’y est pas.
"""

import datetime
from collections import namedtuple

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from comptes.jetons import nouveau_jeton
from comptes.models import Role
from entretiens.models import Demarche, RendezVous
from notifications.actions import prevenir
from notifications.models import ESSAIS, Canal, Envoi
from prescriptions.listes import MotifRefus, MotifSansSuite
from tests import faux_fichiers
from tests.entretiens import gestes
from tests.factories import AntenneFactory, PrescriptionFactory
from tests.prescriptions.dossiers import JOUR, agent, critere_rsa, demande, ligne, prete, renvoyee
from tests.prescriptions.orientations import Decor

# compte : qui envoie ; ou : l’adresse ; donnees : ce qui part ; textes : les champs de texte libre qui se réaffichent ;
# faux : de quoi faire refuser l’envoi par un autre champ (rien : le texte est lui-même le seul champ).
Pret = namedtuple("Pret", "compte ou donnees textes faux", defaults=((), None))
HIER = {"jour": "2020-01-01"}


def pdf():
    return SimpleUploadedFile("page.pdf", faux_fichiers.pdf(), content_type="application/pdf")


def jour(dans=9):
    """Un jour ouvré à venir, tel que le champ de date l’envoie."""
    return gestes.creneau(dans)[:10]


def _coordonnees():
    personne, conseiller = gestes.dossier(joindre="le matin")
    donnees = {"version": personne.version, "prenom": "Zoé", "nom": "Ng", "telephone": "", "adresse": "3 rue Basse"}
    donnees |= {
        "naissance": f"{personne.naissance:%d/%m/%Y}",
        "joindre": "le soir",
        "email": "",
        "commune": personne.commune_id,
        "code_postal": "59140",
    }
    textes = ("prenom", "nom", "joindre", "adresse")
    return Pret(conseiller, reverse("dossier:modifier", args=[personne.pk]), donnees, textes, {"telephone": "12"})


def _ouverture():
    personne, conseiller = gestes.dossier()
    donnees = {"jeton": nouveau_jeton(), "genre": "suivi", "moyen": "sur_place", "jour": f"{timezone.localdate()}"}
    return Pret(conseiller, reverse("entretiens:nouveau", args=[personne.pk]), donnees | {"rendez_vous": ""})


def _rendez_vous():
    personne, conseiller = gestes.dossier()
    donnees = {"jeton": nouveau_jeton(), "jour": jour(), "heure": "10:00", "duree": "60", "moyen": "sur_place"}
    donnees |= {"antenne": personne.antenne_id, "lieu": "Bureau 2", "objet": "Le point", "confirmer": ""}
    ou = reverse("entretiens:rendez_vous", args=[personne.pk])
    return Pret(conseiller, ou, donnees, ("lieu", "objet"), HIER)


def _demarche_nouvelle():
    personne, conseiller = gestes.dossier()
    donnees = {"jeton": nouveau_jeton(), "quoi": "Appeler la crèche", "qui": "personne", "pour_le": jour()}
    ou = reverse("entretiens:demarche_nouvelle", args=[personne.pk])
    return Pret(conseiller, ou, donnees, ("quoi",), {"pour_le": "jamais"})


def _entretien(nom):
    def preparer():
        entretien = gestes.ouvert()
        textes = ("objectif", "point", "synthese", "notes", "demarche-0-quoi", "sans_suite_rdv")
        donnees = gestes.envoi(entretien) | {"rdv_jour": "", "rdv_heure": "", "phase": "", "motif_phase": ""}
        return Pret(
            entretien.conseiller, gestes.url(nom, entretien), donnees, textes, {"demarche-0-pour_le": "jamais"}
        )

    return preparer


def _brouillon_d_entretien():
    return _entretien("brouillon")()._replace(textes=())


def _clos():
    entretien = gestes.ouvert()
    gestes.clore(entretien)
    entretien.refresh_from_db()
    return entretien


def _signature():
    entretien = _clos()
    donnees = {"personne_accord": "oui", "personne_mot": "Merci", "personne_trace": gestes.TRACE, "acte": ""}
    donnees |= {"conseiller_accord": "oui", "conseiller_nom": f"{entretien.conseiller}"}
    donnees |= gestes.sous_les_yeux(entretien)
    faux = {"personne_accord": "", "personne_trace": "", "personne_nom": "N"}
    return Pret(entretien.conseiller, gestes.url("signer", entretien), donnees, ("personne_mot",), faux)


def _correction():
    entretien = _clos()
    donnees = {"jeton": nouveau_jeton(), "version": entretien.version, "motif": "Une date", "objectif": "O"}
    donnees |= {"point": "Le point", "synthese": "La synthèse"}
    textes = ("objectif", "point", "synthese")
    return Pret(entretien.conseiller, gestes.url("corriger", entretien), donnees, textes, {"motif": ""})


def _sur_un_rendez_vous(nom, donnees, *, venu, **textes_et_faux):
    def preparer():
        personne, conseiller = gestes.dossier()
        debut = timezone.now() + datetime.timedelta(minutes=-30 if venu else 60 * 24 * 3)
        rdv = RendezVous(participant=personne, conseiller=conseiller, debut=debut, antenne=personne.antenne)
        rdv.enregistrer(par=conseiller)
        envoi = donnees() if callable(donnees) else donnees
        return Pret(conseiller, reverse(f"entretiens:{nom}", args=[rdv.pk]), envoi, **textes_et_faux)

    return preparer


def _demarche():
    personne, conseiller = gestes.dossier()
    faite = Demarche(participant=personne, conseiller=conseiller, quoi="Appeler").enregistrer(par=conseiller)
    return Pret(conseiller, reverse("entretiens:demarche", args=[faite.pk]), {"etat": "faite", "suite": "/"})


def _orientation():
    decor = Decor()
    donnees = decor.formulaire(
        adresse="3 rue Basse", identifiant_ft="1234567A", email="a@exemple.fr", situation="", criteres="RSA"
    ) | {"signature_trace": "", "signature_nom": "", "nom_naissance": "", "commune_hors_cud": ""}  # fmt: skip
    textes = ("prenom", "nom", "attente", "adresse")
    return Pret(decor.agent, reverse("orientations:nouvelle"), donnees, textes, {"naissance": "jamais"})


def _ouverture_de_demande():
    decor = Decor()
    textes = ("prenom", "nom", "adresse")
    donnees = decor.formulaire(adresse="3 rue Basse")
    return Pret(decor.conseiller, reverse("prescriptions:nouvelle"), donnees, textes, {"naissance": "jamais"})


def _case_ouverte(nom, **donnees):
    """Une réponse à une pièce demandée, par le conseiller de la demande."""

    def preparer():
        prescription = renvoyee()
        case = ligne(prescription, "attestation_rsa")
        ou = reverse(f"prescriptions:{nom}", args=[prescription.pk])
        return Pret(prescription.conseiller, ou, {"ligne": str(case.pk)} | {n: v() for n, v in donnees.items()})

    return preparer


def _joindre():
    prescription = renvoyee()
    case = ligne(prescription, "attestation_rsa")
    donnees = {"jeton": nouveau_jeton(), "fichiers_type": str(case.pk), "fichiers": pdf()}
    return Pret(prescription.conseiller, reverse("prescriptions:joindre", args=[prescription.pk]), donnees)


def _joindre_du_partenaire():
    decor = Decor()
    prescription = renvoyee(organisation=decor.organisation, orientee_par=decor.agent)
    case = ligne(prescription, "attestation_rsa")
    donnees = {
        "jeton": nouveau_jeton(),
        "ligne": str(case.pk),
        "piece": pdf(),
        "etablie_le": f"{timezone.localdate():%d/%m/%Y}",
    }
    return Pret(decor.agent, reverse("orientations:joindre", args=[prescription.pk]), donnees)


def _controle():
    prescription = demande("validee", verdict="a_controler")
    case = ligne(prescription, "identite")
    donnees = {"ligne": str(case.pk), "version": case.version, "verdict": "non_conforme", "motif": "illisible"}
    donnees |= {"accepte": "Un passeport", "etablie_le": "", "expire_le": "", "points": "", "prouve": "", "texte": ""}
    donnees = {n: v for n, v in donnees.items() if n not in ("points", "prouve")}
    ou = reverse("prescriptions:controle", args=[prescription.pk])
    return Pret(agent(Role.STATISTIQUES), ou, donnees, ("accepte",), {"motif": ""})


def _annulation():
    prescription = demande("validee")
    return Pret(agent(Role.STATISTIQUES), reverse("prescriptions:annuler", args=[prescription.pk]), {"texte": ""})


def _avis():
    prescription = PrescriptionFactory(prise=True)
    donnees = {"sens": "favorable", "motivation": "Elle est prête.", "dernier": "", "version": ""}
    ou = reverse("prescriptions:avis", args=[prescription.pk])
    return Pret(prescription.conseiller, ou, donnees, ("motivation",), {"sens": ""})


def _criteres():
    prescription, critere = PrescriptionFactory(prise=True), critere_rsa()
    ou = reverse("prescriptions:criteres", args=[prescription.pk])
    return Pret(prescription.conseiller, ou, {"criteres": str(critere.pk)})


def _entree():
    prescription = demande("prise")
    autre = agent(Role.CONSEILLER, antenne=prescription.antenne)
    donnees = {"version": prescription.version, "entree_prevue_le": jour(), "referent_propose": str(autre.pk)}
    donnees |= {"referent_motif": "Elle la connaît."}
    ou = reverse("prescriptions:entree", args=[prescription.pk])
    return Pret(prescription.conseiller, ou, donnees, ("referent_motif",), {"entree_prevue_le": "jamais"})


def _premier_contact():
    prescription = demande("prise")
    lu = prescription.premier_contact_le
    donnees = {"lu": lu.isoformat(), "le": f"{lu - JOUR:%d/%m/%Y}", "raison": "Une année de trop"}
    ou = reverse("prescriptions:premier_contact", args=[prescription.pk])
    return Pret(prescription.conseiller, ou, donnees, ("raison",), {"le": "jamais"})


def _message():
    prescription = renvoyee()
    ou = reverse("prescriptions:message", args=[prescription.pk])
    return Pret(prescription.conseiller, ou, {"jeton": nouveau_jeton(), "message": "C’est fait."}, ("message",))


def _verbe(nom, textes=(), faux=None, preparation=None, **donnees):
    def preparer():
        prescription, par = (preparation or prete)(nom)
        saisi = {cle: valeur(prescription) if callable(valeur) else valeur for cle, valeur in donnees.items()}
        return Pret(par, reverse(f"prescriptions:{nom}", args=[prescription.pk]), saisi, textes, faux)

    return preparer


def _sans_antenne(nom):
    return PrescriptionFactory(antenne=None), agent(Role.RESPONSABLE)


def _lot():
    prescription = demande("accordee")
    donnees = {"jeton": nouveau_jeton(), "demandes": str(prescription.pk)}
    return Pret(agent(Role.ANIMATION), reverse("prescriptions:acter_en_lot"), donnees)


def _alerte():
    prescription = demande("prise")
    prevenir([prescription.conseiller], genre="essai", objet=prescription, occasion=1, titre="Avance", courriel=False)
    alerte = Envoi.objects.alertes_de(prescription.conseiller).get(genre="essai")
    return Pret(prescription.conseiller, reverse("notifications:lue", args=[alerte.pk]), {"suite": ""})


def _courriel_non_parti():
    prescription = demande("prise")
    prevenir([prescription.conseiller], genre="perdu", objet=prescription, occasion=1, titre="Avance")
    perdu = Envoi.objects.get(genre="perdu", canal=Canal.COURRIEL)
    Envoi.objects.filter(pk=perdu.pk).update(envoye_le=None, essais=ESSAIS)
    return Pret(agent(Role.RESPONSABLE), reverse("notifications:renvoyer", args=[perdu.pk]), {"suite": ""})


def _brouillon():
    decor = Decor()
    ou = reverse("brouillon", kwargs={"ecran": "orientation", "objet": "-"})
    return Pret(decor.agent, ou, {"version": "1", "attente": "À moitié tapé"})


ENVOIS = {
    "dossier:modifier": _coordonnees,
    "entretiens:nouveau": _ouverture,
    "entretiens:rendez_vous": _rendez_vous,
    "entretiens:demarche_nouvelle": _demarche_nouvelle,
    "entretiens:detail": _entretien("detail"),
    "entretiens:brouillon": _brouillon_d_entretien,
    "entretiens:clore": _entretien("clore"),
    "entretiens:signer": _signature,
    "entretiens:corriger": _correction,
    "entretiens:deplacer": _sur_un_rendez_vous(
        "deplacer",
        lambda: {"jeton": nouveau_jeton(), "jour": jour(), "heure": "10:00", "duree": "60", "moyen": "sur_place"}
        | {"antenne": "", "lieu": "Bureau 2", "objet": "Le point", "confirmer": "", "version": "1"},
        venu=False,
        textes=("lieu", "objet"),
        faux=HIER,
    ),
    "entretiens:noter": _sur_un_rendez_vous("noter", {"statut": "honore", "suite": "/"}, venu=True),
    "entretiens:ouvrir": _sur_un_rendez_vous("ouvrir", {"rien": ""}, venu=True),
    "entretiens:convocation": _sur_un_rendez_vous("convocation", {"rien": ""}, venu=False),
    "entretiens:demarche": _demarche,
    "orientations:nouvelle": _orientation,
    "orientations:joindre": _joindre_du_partenaire,
    "prescriptions:nouvelle": _ouverture_de_demande,
    "prescriptions:acter_en_lot": _lot,
    "prescriptions:controle": _controle,
    "prescriptions:annuler": _annulation,
    "prescriptions:avis": _avis,
    "prescriptions:premier_contact": _premier_contact,
    "prescriptions:criteres": _criteres,
    "prescriptions:entree": _entree,
    "prescriptions:joindre": _joindre,
    "prescriptions:promettre": _case_ouverte("promettre", pour_le=jour),
    "prescriptions:repondre": _case_ouverte("repondre", reponse=lambda: "La CAF ne répond pas."),
    "prescriptions:message": _message,
    "prescriptions:acter_entree": _verbe("acter_entree", jeton=lambda _: nouveau_jeton(), referent="", motif=""),
    "prescriptions:confier": _verbe(
        "confier", preparation=_sans_antenne, antenne=lambda _: str(AntenneFactory().pk)
    ),
    "prescriptions:prendre_en_charge": _verbe("prendre_en_charge", depuis=""),
    "prescriptions:transmettre": _verbe("transmettre", depuis=""),
    "prescriptions:completer": _verbe("completer", depuis=""),
    "prescriptions:valider_pertinence": _verbe("valider_pertinence", depuis=""),
    "prescriptions:renvoyer": _verbe("renvoyer", ("texte",), {"motifs": ""}, motifs="avis", texte="Revoir l’avis."),
    "prescriptions:accorder": _verbe("accorder", adhesion_motif="", depuis=""),
    "prescriptions:rouvrir_controle": _verbe("rouvrir_controle", raison="L’attestation a expiré."),
    "prescriptions:refuser": _verbe(
        "refuser", ("dirigee_vers",), {"motif": ""}, motif=MotifRefus.CRITERES.value, dirigee_vers="France Travail"
    ),
    "prescriptions:classer_sans_suite": _verbe("classer_sans_suite", motif=MotifSansSuite.INJOIGNABLE.value),
    "notifications:lue": _alerte,
    "notifications:lues": lambda: Pret(agent(Role.CONSEILLER), reverse("notifications:lues"), {"suite": ""}),
    "notifications:renvoyer": _courriel_non_parti,
    "brouillon": _brouillon,
}  # fmt: skip
