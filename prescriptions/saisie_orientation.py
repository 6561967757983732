"""Une orientation en cours de saisie : le formulaire, ses fichiers, ses doutes, son brouillon."""

from django.db import transaction

from comptes import brouillons
from comptes.models import JetonFormulaire
from participants.noms import normalise
from plie.templatetags.interface import de, heure
from prescriptions.accords import texte_lu
from prescriptions.depots import Pieces
from prescriptions.doutes import Doute, a_montrer, doutes, reconnaitre
from prescriptions.forms_orientation import AUTRE_COMMUNE, OrientationForm
from prescriptions.territoire_orientation import Lieu

FRAGMENTS = ("connue", "commune", "pieces")

SANS_NOM = "sans nom"


class Saisie:
    """Ce que la page montre et envoie. `ecran` : la clé du brouillon ; `participant` : la personne déjà connue."""

    def __init__(self, request, ecran, *, organisation=None, participant=None):
        self.request, self.utilisateur, self.ecran = request, request.user, ecran
        self.organisation, self.participant = organisation, participant
        self.objet_id = participant.pk if participant else None
        self.brouillon = brouillons.retrouver(self.utilisateur, ecran, self.objet_id)
        self.connues, self.doutes, self.a_revoir, self.reprise_de = [], [], [], ""
        if request.method != "POST":
            self._preremplir(self.brouillon.contenu if self.brouillon else {})

    def recevoir(self, donnees, fichiers):
        """Ce qui est posté : les champs, et les fichiers, gardés s’ils sont acceptés."""
        if "resigner" in donnees:
            donnees = donnees.copy()
            donnees["signature_trace"] = ""
        self.form = OrientationForm(donnees, participant=self.participant)
        self.pieces = Pieces(self.utilisateur, donnees)
        self.pieces.recevoir(fichiers.getlist("pieces"))
        if cle := donnees.get("retirer"):
            self.pieces.oublier(cle)
        self.vus = set(donnees.getlist("vu"))
        self.reprise_de = donnees.get("reprise_de", "")[:250]
        self.pas_encore = any(bouton in donnees for bouton in ("retirer", "garder", "resigner"))

    def garder(self):
        """Un envoi refusé se garde comme ce qui se tape : texte et fichiers se retrouvent d’où que l’on revienne."""
        contenu = brouillons.lire_formulaire(self.form.data) | self.pieces.en_brouillon()
        self.brouillon = brouillons.garder(self.utilisateur, self.ecran, contenu, objet_id=self.objet_id)

    def est_prete(self):
        """Vrai si rien n’est faux, et si chaque doute a déjà été montré."""
        complets = self.pieces.est_valide() and not self.pieces.refus
        self.connues = reconnaitre(self.utilisateur, self.form)
        if not (self.form.is_valid() and complets):
            return False
        self.doutes = doutes(self.form, self.pieces, self.connues) + self._autre_personne()
        self.a_revoir = a_montrer(self.doutes, self.vus)
        return not self.a_revoir

    @property
    def reponse_deja_donnee(self):
        """L’adresse rendue au premier envoi de ce formulaire, ou rien : un double envoi n’a pas d’autre effet."""
        jeton = self.form.cleaned_data.get("jeton")
        deja = JetonFormulaire.objects.filter(jeton=jeton, utilisateur=self.utilisateur).first() if jeton else None
        return deja.reponse if deja else ""

    def pour_orienter(self):
        donnees = self.form.cleaned_data
        return {
            "organisation": self.organisation,
            "identite": self._identite(),
            "motif": donnees["motif"],
            "attente": donnees["attente"],
            "situation": self.form.reponses(),
            "criteres": self.form.criteres_crus(),
            "accord": self.form.accord(self.utilisateur),
            "pieces": self.pieces.a_joindre(),
            "premier_contact_le": donnees["premier_contact_le"],
            "participant": self.participant,
        }

    def recommencer(self):
        """Repartir de zéro : le brouillon et ses fichiers s’effacent."""
        self.pieces = Pieces(self.utilisateur, self.brouillon.contenu if self.brouillon else {})
        self.oublier()

    @transaction.atomic
    def oublier(self):
        """Après l’envoi, dans sa transaction : plus de brouillon, plus de fichiers en attente."""
        self.pieces.effacer()
        brouillons.jeter(self.utilisateur, self.ecran, self.objet_id)

    def suite(self, demande):
        if demande.antenne_id:
            return f"L’antenne {de(demande.antenne)} est prévenue."
        return "La responsable est prévenue : la commune n’a pas d’antenne."

    def contexte(self, fragment=""):
        if fragment == "connue":
            self.connues = reconnaitre(self.utilisateur, self.form)
        return {
            "form": self.form,
            "pieces": self.pieces,
            "connues": self.connues,
            "doutes": self.doutes,
            "a_revoir": self.a_revoir,
            "lieu": Lieu(self.form),
            "texte_lu": texte_lu(self.organisation),
            "autre_commune": AUTRE_COMMUNE,
            "participant": self.participant,
            "organisation": self.organisation,
            "ecran": self.ecran,
            "objet": str(self.objet_id or "-"),
            "reprise_de": self.reprise_de,
            "reprise": self._pour(),
            "etat_du_brouillon": f"Brouillon gardé à {heure(self.brouillon.enregistre_le)}" if self.brouillon else "",
        }

    def _autre_personne(self):
        """Le brouillon repris portait un autre nom, et ses fichiers sont encore là."""
        donnees = self.form.cleaned_data
        nom = f"{donnees.get('prenom', '')} {donnees.get('nom', '')}"
        if not self.reprise_de or not self.pieces.lignes or normalise(nom) == normalise(self.reprise_de):
            return []
        fichiers = ", ".join(ligne.depot.nom for ligne in self.pieces.lignes)
        return [Doute("autre_personne", f"Ce brouillon était {self._pour()}. Pour {nom}, vérifiez : {fichiers}.")]

    def _pour(self):
        return self.reprise_de if self.reprise_de == SANS_NOM else f"pour {self.reprise_de}"

    def _identite(self):
        identite = self.form.identite()
        if self.participant:
            identite |= {c: getattr(self.participant, c) for c in ("prenom", "nom", "naissance")}
        return identite

    def _preremplir(self, contenu):
        """Le brouillon d’abord ; à défaut, ce que le dossier sait déjà."""
        initial = _du_dossier(self.participant) if self.participant else {}
        for champ in ("criteres", "discrets"):
            if isinstance(contenu.get(champ), str):
                contenu = contenu | {champ: [contenu[champ]]}
        nom = " ".join(x for x in (contenu.get("prenom"), contenu.get("nom")) if isinstance(x, str) and x)
        self.reprise_de = (nom or SANS_NOM) if contenu and not self.participant else ""
        self.form = OrientationForm(initial=initial | contenu, participant=self.participant)
        self.pieces = Pieces(self.utilisateur, contenu)


def _du_dossier(participant):
    champs = ("nom_naissance", "sexe", "telephone", "email", "adresse", "joindre", "code_postal", "identifiant_ft")
    initial = {champ: getattr(participant, champ) for champ in champs}
    initial["commune"] = participant.commune.insee if participant.commune_id else AUTRE_COMMUNE
    initial["commune_hors_cud"] = participant.commune_hors_cud
    faits = {fait.genre: fait.valeur for fait in participant.caracteristiques.order_by("du", "id")}
    return initial | faits
