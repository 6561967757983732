"""Du contenu figé au PDF : mettre en page, garder, relire. Appelé par le worker, et par qui ouvre un PDF trop tôt."""

import base64
import datetime
import hashlib
import logging
import mimetypes

from django.urls import reverse
from django.utils import timezone

from comptes.models import Role, Utilisateur
from documents.models import Document, GenreDocument
from documents.rendu import RenduImpossible, composer, rendre_pdf
from documents.traces import a_l_echelle
from notifications.actions import prevenir
from participants.fichiers import FichierRefuse
from reglages.models import Structure

logger = logging.getLogger(__name__)

TACHE = "documents.produire"
SIGNALE = 3  # échecs de suite, en une demi-heure environ, avant de le dire à quelqu’un
GABARITS = {
    GenreDocument.SYNTHESE: "entretiens/documents/synthese.html",
    GenreDocument.LIVRET: "entretiens/documents/livret.html",
    GenreDocument.CONVOCATION: "entretiens/documents/convocation.html",
    GenreDocument.ACCORD: "prescriptions/documents/accord.html",
}
JOURS = {"date", "fait_le", "pour_le"}


def lire(document):
    """Octets du PDF : ceux qui sont gardés, sinon mis en page à l’instant, sans rien écrire. Lève RenduImpossible."""
    if document.fichier:
        try:
            with document.fichier.open("rb") as fichier:
                return fichier.read()
        except FileNotFoundError:
            logger.error("Document %s : le fichier gardé manque, il est refait.", document.code)
    pdf = mettre_en_page(document)
    if document.sha256 not in ("", hashlib.sha256(pdf).hexdigest()):
        logger.error("Document %s : refait, ses octets ne sont plus ceux qui ont été gardés.", document.code)
    return pdf


def produire(document, *, par=TACHE):
    """Met en page et garde le PDF. Une signature reçue pendant la mise en page la fait recommencer."""
    while True:
        etat = document.etat_des_signatures()
        if document.poser_fichier(mettre_en_page(document), etat=etat, par=par):
            return


def produire_par_cle(pk):
    """Pour le worker : ce qui n’existe pas ou est déjà fait ne coûte rien ; un échec sera repris par plage, et se dit."""
    document = Document.objects.select_related("fige_par").filter(pk=pk, fichier="").first()
    if document is None:
        return
    try:
        produire(document)
    except (RenduImpossible, FichierRefuse, OSError) as refus:
        logger.error("Document %s non produit : %s", document.code, refus)
        if document.noter_echec(par=TACHE) == SIGNALE:
            _signaler(document, refus)


def _signaler(document, refus):
    """À qui l’a figé, et aux administrateurs : ce document n’existe toujours pas en PDF (RE7)."""
    prevenir(
        [document.fige_par, *Utilisateur.objects.ayant_role(Role.ADMINISTRATEUR)],
        genre="document_impossible",
        objet=document,
        occasion="mise en page",
        titre="Un document n’a pas pu être mis en page",
        texte=f"{str(document).capitalize()}, code {document.code}, version {document.numero_version} : {refus}",
        lien=reverse("dossier:participant", args=[document.participant_id]),
    )


def produire_en_attente():
    """Ce que le worker n’a pas fait, par plage (RE5) : un document impossible n’arrête pas les suivants."""
    for pk in list(Document.objects.a_produire().values_list("pk", flat=True)):
        produire_par_cle(pk)


def mettre_en_page(document):
    """Octets du PDF, depuis le contenu figé et les signatures. Lève RenduImpossible."""
    return rendre_pdf(
        composer(GABARITS[document.genre], contexte(document)),
        code=document.code,
        version=document.numero_version,
        embleme="couleur" if document.est_scelle else "noir",
    )


def contexte(document):
    """Ce que le gabarit reçoit : le contenu figé, ses dates redevenues des dates, et l’état des signatures."""
    fige = _en_dates(document.contenu)
    fiche = fige["document"] | {
        "code": document.code,
        "version": document.numero_version,
        "fait_le": timezone.localdate(document.fige_le),
    }
    roles = document.contenu.get("signataires", {})
    fiche["signataires"] = [_case(s, roles.get(s.role, "")) for s in document.signatures.all()]
    structure = fige["structure"]
    return {"structure": structure | _logo(structure.get("logo_fige")), "document": fiche}


def _case(signature, role):
    jour = signature.signee_le and timezone.localdate(signature.signee_le)
    return {
        "role": role or signature.get_role_display().capitalize(),
        "nom": signature.nom,
        "choix": True,
        "statut": signature.statut,
        "le": jour,
        "accord": signature.accord,
        "mot": signature.mot,
        "trace": a_l_echelle(signature.trace),
        "nom_tape": signature.nom_tape,
        "motif": signature.get_motif_refus_display(),
    }


def _logo(nom):
    """Le logo du jour où le document a été figé. Sans son fichier, la page se fait quand même."""
    if not nom:
        return {}
    try:
        with Structure._meta.get_field("logo").storage.open(nom) as fichier:
            octets = fichier.read()
    except OSError:
        logger.error("Le logo %s manque : un document se fait sans lui.", nom)
        return {}
    genre = mimetypes.guess_type(nom)[0] or "image/png"
    return {"logo": f"data:{genre};base64,{base64.b64encode(octets).decode()}"}


def _en_dates(valeur, cle=""):
    if isinstance(valeur, dict):
        return {nom: _en_dates(contenu, nom) for nom, contenu in valeur.items()}
    if isinstance(valeur, list):
        return [_en_dates(contenu, cle) for contenu in valeur]
    if cle in JOURS and isinstance(valeur, str) and valeur:
        return datetime.date.fromisoformat(valeur)
    return valeur
