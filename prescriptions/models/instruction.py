from django.db import transaction
from django.utils import timezone

from entretiens.models import Entretien
from participants.actions import corriger
from plie.exceptions import TransitionImpossible
from plie.historique import ModeleATransitions
from plie.templatetags.interface import de
from prescriptions.annonces import annoncer
from prescriptions.eligibilite import Manque, evaluer, lire
from prescriptions.listes import INSTRUCTION, MotifRetour, Verdict
from prescriptions.listes import StatutPrescription as S
from prescriptions.reprise import est_en_parcours


class Instruction(ModeleATransitions):
    """Ce que le conseiller écrit dans la demande avant de transmettre, et ce qui manque à chaque pas."""

    class Meta:
        abstract = True

    @transaction.atomic
    def confier(self, *, par, antenne):
        """Aucune antenne ne sert la commune : la demande, et la personne, vont à `antenne`, qui l’apprend."""
        self.verrouiller()
        self._exiger({S.ORIENTEE}, "Cette demande n’est plus à confier")
        if self.antenne_id:
            raise TransitionImpossible(f"Cette demande est déjà à l’antenne {de(self.antenne)}.")
        self.antenne = antenne
        self.enregistrer(par=par)
        if self.participant.antenne_id is None:
            corriger(self.participant, {"antenne": antenne}, par=par, motif="Demande confiée à une antenne")
        annoncer(self, S.ORIENTEE, par)

    @transaction.atomic
    def donner_avis(self, *, par, sens, motivation):
        """L’avis motivé ; tant que rien n’est transmis, son auteur le reprend au lieu d’en ajouter un. Rend l’Avis."""
        self.verrouiller()
        self._exiger(INSTRUCTION, "L’avis se donne pendant l’instruction")
        if not motivation.strip():
            raise TransitionImpossible("Motivez l’avis.")
        avis = self.avis.first()
        if not avis or avis.donne_par_id != par.pk or (self.transmise_le and avis.donne_le < self.transmise_le):
            avis = self.avis.model(prescription=self, donne_par=par)
        elif (avis.sens, avis.motivation) == (sens, motivation.strip()):  # second clic
            return avis
        avis.sens, avis.motivation, avis.donne_le = sens, motivation.strip(), timezone.now()
        return avis.enregistrer(par=par)

    @transaction.atomic
    def choisir_criteres(self, criteres, *, par, lus=None):
        """Invoque ces critères : les nouveaux ouvrent leurs cases, les autres sont retirés.

        `lus` : ceux que l’auteur avait sous les yeux ; ce qu’une collègue a ajouté ou retiré depuis reste alors fait.
        Une pièce conforme qui pourrait prouver un critère nouveau redevient à contrôler : personne n’a jugé qu’elle le
        prouve.
        """
        self.verrouiller()
        self._exiger(INSTRUCTION, "Les critères se choisissent pendant l’instruction")
        connus = {i.critere_id: i for i in self.criteres_invoques.select_related("critere")}
        actuels = {i.critere for i in connus.values() if i.retire_le is None}
        lus = actuels if lus is None else set(lus)
        voulus = (actuels | (set(criteres) - lus)) - (lus - set(criteres))
        for critere in actuels ^ voulus:
            invoque = connus.get(critere.pk) or self.criteres_invoques.model(prescription=self, critere=critere)
            invoque.retire_le = None if critere in voulus else timezone.now()
            invoque.enregistrer(par=par)
        self.ouvrir_les_cases(par=par)
        self._faire_rejuger(voulus - actuels, par)

    def _faire_rejuger(self, nouveaux, par):
        a_prouver = [critere.cles_types for critere in nouveaux if not critere.tient_a_l_age]
        for ligne in self.lignes.filter(verdict=Verdict.CONFORME, type__in=set().union(*a_prouver)):
            ligne.verrouiller()
            ligne.verdict = Verdict.A_CONTROLER
            ligne.enregistrer(par=par, motif="un critère nouveau est à prouver")

    def ouvrir_les_cases(self, *, par):
        """Une case par pièce exigée de tous, et par façon de prouver un critère invoqué."""
        cases = lire(self)
        ouvertes = set(cases.par_type())
        for type_piece in cases.types_utiles():
            if type_piece.pk not in ouvertes:
                ouvertes.add(type_piece.pk)
                self.lignes.model(prescription=self, type=type_piece).enregistrer(par=par)

    @transaction.atomic
    def prevoir_entree(self, *, par, entree_prevue_le, referent_propose, referent_motif=""):
        """Le jour d’entrée visé (date ou None) et le référent proposé, avec sa raison s’il n’a pas suivi la demande."""
        self.verrouiller()
        self._exiger(INSTRUCTION, "L’entrée se prévoit pendant l’instruction")
        if entree_prevue_le and entree_prevue_le != self.entree_prevue_le and entree_prevue_le < timezone.localdate():
            raise TransitionImpossible("L’entrée prévue est déjà passée.")
        if referent_propose and referent_propose.pk != self.conseiller_id and not referent_motif.strip():
            raise TransitionImpossible("Dites pourquoi le référent ne serait pas le conseiller qui suit la demande.")
        self.entree_prevue_le, self.referent_propose = entree_prevue_le, referent_propose
        self.referent_motif = referent_motif.strip()
        self.enregistrer(par=par)

    @transaction.atomic
    def repondre(self, texte, *, par):
        """Ce que le conseiller répond à un retour. Rend le Retour."""
        self.verrouiller()
        if self.est_finie:
            raise TransitionImpossible(f"Cette demande est close : {self.get_statut_display()}.")
        if not texte.strip():
            raise TransitionImpossible("Écrivez votre réponse.")
        return self._noter(par, texte.strip())

    # Ce qui manque, en phrases : la même source pour le refus du verbe et pour l’écran.

    def manque_pour_transmettre(self, cases=None, *, entretien_tenu=None, parcours_ouvert=None):
        """Les trois paramètres : ce que l’appelant a déjà lu."""
        manque, cases = [], cases or lire(self)
        if est_en_parcours(self.participant) if parcours_ouvert is None else parcours_ouvert:
            manque.append(Manque("la fin du parcours déjà ouvert", cible="parcours"))
        if not self.avis.exists():
            manque.append(Manque("un avis motivé", cible="avis"))
        if not (self.premier_entretien_tenu() if entretien_tenu is None else entretien_tenu):
            manque.append(Manque("le premier entretien, clos, avec l’information complète", cible="entretien"))
        return manque + self._criteres_et_pieces(cases) + self._retour_sans_reponse()

    def manque_pour_completer(self, cases=None):
        cases = cases or lire(self)
        manque = [
            Manque(f"{ligne.type.libelle} : à joindre, à promettre, ou à expliquer", cible="pieces")
            for ligne in cases.attendues()
        ]
        return (manque or self._criteres_et_pieces(cases)) + self._retour_sans_reponse()

    def _criteres_et_pieces(self, cases):
        """Ce qu’une demande porte pour partir, la première fois comme les suivantes."""
        manque = [] if cases.criteres else [Manque("au moins un critère", cible="criteres")]
        return manque + cases.manque_de_pieces()

    def manque_pour_acter(self, le=None, cases=None, *, parcours_ouvert=None):
        """Ce qui empêche d’acter l’entrée à la date `le` (aujourd’hui par défaut) ; le reste : déjà lu par l’appelant."""
        le = le or timezone.localdate()
        manque = self.eligibilite(le, cases).manque_pour_accorder(self.adhesion_motif)
        if le < self.premier_contact_le:
            manque.append(Manque("l’entrée précéderait le premier contact"))
        if le > timezone.localdate():
            manque.append(Manque("l’entrée ne s’acte pas d’avance"))
        if parcours_ouvert is None:
            parcours_ouvert = est_en_parcours(self.participant)
        if parcours_ouvert:
            manque.append(Manque("la personne a déjà un parcours ouvert"))
        return manque

    def premier_entretien_tenu(self):
        return Entretien.objects.informes_depuis(self.participant_id, self.premier_contact_le).first()

    def eligibilite(self, le=None, cases=None):
        return evaluer(self, le or self.date_d_entree, cases)

    @property
    def suite_de_l_instruction(self):
        return S.A_CONTROLER if self.pertinence_validee_le else S.TRANSMISE

    def _retour_sans_reponse(self):
        """Renvoyée pour autre chose que des pièces, et personne n’a rien répondu ni repris l’avis depuis."""
        if self.statut != S.A_COMPLETER:
            return []
        demandes = [retour for retour in self.retours.all() if retour.motifs]
        if not demandes or set(demandes[0].motifs) <= {MotifRetour.PIECES}:
            return []
        dernier = demandes[0]
        if any(r.le > dernier.le for r in self.retours.all()) or any(a.donne_le > dernier.le for a in self.avis.all()):
            return []
        restent = [MotifRetour(motif).label.lower() for motif in dernier.motifs if motif != MotifRetour.PIECES]
        return [Manque(f"une réponse au retour : {libelle}", cible="retours") for libelle in restent]

    def _noter(self, par, texte, motifs=(), pieces=()):
        retour = self.retours.model(
            prescription=self, auteur=par, motifs=list(motifs), texte=texte, pieces=list(pieces)
        )
        return retour.enregistrer(par=par)

    def _exiger(self, statuts, refus):
        """Pour un verbe dont la flèche dépend aussi de l’état de départ."""
        if self.statut not in statuts:
            raise TransitionImpossible(f"{refus} : {self.get_statut_display().lower()}.")
