"""« Ce que vous pouvez faire » : les verbes ouverts au lecteur, ce qui manque à chacun, et le seul prochain pas."""

from dataclasses import dataclass, field, replace

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from plie.templatetags.interface import compte, date_longue, heure
from prescriptions import permissions
from prescriptions.forms import AccordForm, ActeForm, ConfierForm, RefusForm, RenvoiForm, RouvrirForm, SansSuiteForm
from prescriptions.listes import INSTRUCTION, TRANSITIONS, MotifRetour, Verdict
from prescriptions.listes import StatutPrescription as S
from prescriptions.suivi import accorder_referent, depuis_quand

CIBLES = ("entretien", "avis", "criteres", "retours", "pieces")  # l’ordre du travail


@dataclass(frozen=True)
class Geste:
    """Un verbe, ou un lien. `form` : ce qu’il demande ; `manques` : ce qui l’empêche ; `titre` : ce qu’il confirme."""

    code: str
    texte: str
    icone: str
    url: str
    lien: bool = False
    form: object = None
    titre: str = ""
    explication: str = ""
    manques: list = field(default_factory=list)
    refus: bool = False  # l’acte est un refus : son bouton est rouge
    rouge: bool = False  # le déclencheur aussi

    @property
    def bouton(self):
        """Le texte de l’acte, une fois le geste ouvert."""
        return self.texte.rstrip("…")

    @property
    def genre(self):
        return "refus" if self.refus else "principal"

    @property
    def genre_du_declencheur(self):
        return "refus" if self.rouge else ""


class Gestes:
    """Les gestes du `lecteur` sur une demande. `fiche` en porte déjà les cases et l’éligibilité."""

    def __init__(self, fiche):
        self.fiche, self.p, self.lecteur = fiche, fiche.prescription, fiche.lecteur

    def liste(self):
        p, statut, lecteur = self.p, self.p.statut, self.lecteur
        gestes = []
        if permissions.peut_instruire(lecteur, p):
            gestes += self._du_conseiller()
        if statut == S.ORIENTEE and p.antenne_id is None and permissions.peut_confier(lecteur, p):
            gestes.append(self.confier())
        if statut == S.TRANSMISE and permissions.peut_valider(lecteur):
            gestes.append(self._verbe("valider_pertinence", "Valider la pertinence", "circle-check"))
        if statut == S.A_CONTROLER and permissions.peut_controler(lecteur):
            gestes += [self._lien("controle", "Contrôler les pièces", "clipboard-check"), self.accorder()]
        if statut in (S.TRANSMISE, S.A_CONTROLER) and permissions.peut_decider(lecteur, p):
            gestes += [self.renvoyer(), self._refuser()]
        if statut == S.ACCORDEE:
            gestes += self._apres_l_accord()
        if S.SANS_SUITE in TRANSITIONS[statut] and permissions.peut_instruire(lecteur, p):
            gestes.append(self._verbe("classer_sans_suite", "Classer sans suite…", "ban", SansSuiteForm, refus=True))
        return gestes

    def pas(self):
        """Le seul prochain pas : {texte, geste}, ou None quand la demande n’attend pas le lecteur."""
        if not permissions.est_son_tour(self.lecteur, self.p):
            return None
        return getattr(self, f"_pas_{self.p.statut}")()

    # Les listes

    def confier(self):
        return self._verbe("confier", "Confier à une antenne…", "building", ConfierForm, titre="À quelle antenne ?")

    def _du_conseiller(self):
        if self.p.statut == S.ORIENTEE:
            return [self._verbe("prendre_en_charge", "Prendre en charge", "user-check")]
        if self.p.statut not in INSTRUCTION:
            return []
        gestes = [self.transmettre()]
        if not self.fiche.entretien_tenu:
            gestes += [self.rendez_vous(), self.entretien()]
        return [*gestes, self._lien("criteres", "Choisir les critères", "checklist"), self._lien(
            "entree", "Prévoir l’entrée", "calendar-event"
        )]  # fmt: skip

    def _apres_l_accord(self):
        gestes = []
        if permissions.peut_acter(self.lecteur):
            gestes.append(self.acter())
        if permissions.peut_rouvrir(self.lecteur):
            tombe = "" if self._attend_le_jour_prevu else " ; ".join(self.fiche.manque_pour_acter)
            gestes.append(
                self._verbe(
                    "rouvrir_controle", "Rouvrir le contrôle…", "arrow-back-up", RouvrirForm,
                    initial={"raison": capfirst(tombe) + "." if tombe else ""},
                )
            )  # fmt: skip
        return gestes

    @property
    def _attend_le_jour_prevu(self):
        """Rien n’est tombé : l’âge, l’adhésion… conviennent le jour prévu, pas encore aujourd’hui."""
        prevue = self.p.entree_prevue_le
        a_venir = prevue is not None and prevue > timezone.localdate()
        return (
            a_venir
            and bool(self.fiche.manque_pour_acter)
            and not self.fiche.eligibilite.manque_pour_accorder(self.p.adhesion_motif)
        )

    # Les gestes

    def transmettre(self):
        ou = "au contrôle" if self.p.suite_de_l_instruction == S.A_CONTROLER else "à la responsable"
        return self._verbe("transmettre", f"Transmettre {ou}", "send", manques=self._manques(self.fiche.manque))

    def rendez_vous(self):
        url = reverse("entretiens:rendez_vous", args=[self.p.participant_id])
        return Geste("rendez_vous", "Donner un rendez-vous", "calendar-plus", url, lien=True)

    def entretien(self):
        if self.p.entretien_ouvert:
            url = reverse("entretiens:detail", args=[self.p.entretien_ouvert])
            return Geste("entretien", "Reprendre l’entretien", "writing", url, lien=True)
        url = reverse("entretiens:nouveau", args=[self.p.participant_id]) + "?genre=premier_entretien"
        return Geste("entretien", "Tenir le premier entretien", "writing", url, lien=True)

    def accorder(self):
        eligibilite = self.fiche.eligibilite
        a_confirmer = eligibilite.adhesion_a_confirmer
        manques = eligibilite.manque_pour_accorder("à dire" if a_confirmer else "")
        return self._verbe(
            "accorder",
            "Accorder",
            "circle-check",
            AccordForm if a_confirmer and not manques else None,
            titre="Accorder la demande ?",
            explication=f"L’adhésion de {self.p.participant.lieu} est à confirmer : l’accord demande un motif, et sera revu.",
            manques=self._manques(manques),
        )

    def renvoyer(self):
        return self._verbe("renvoyer", "Renvoyer…", "arrow-back-up", RenvoiForm, lignes=self.fiche.cases.utiles())

    def _refuser(self):
        return self._verbe(
            "refuser", "Refuser…", "circle-x", RefusForm, refus=True, rouge=True, titre="Refuser la demande ?"
        )

    def acter(self):
        manques = self.fiche.manque_pour_acter
        return self._verbe(
            "acter_entree",
            "Acter l’entrée…" if manques else "Acter avec un autre référent…",
            "door-enter",
            None if manques else ActeForm,
            titre="Acter l’entrée ?",
            explication="La personne devient participante aujourd’hui : son parcours s’ouvre en phase 1.",
            manques=self._manques(manques),
            prescription=self.p,
        )

    # Le prochain pas, état par état

    def _pas_orientee(self):
        if self.p.antenne_id is None:
            lieu = self.p.participant.lieu
            return {"texte": f"Aucune antenne ne sert {lieu} : confiez la demande à l’une d’elles.", "geste": None}
        if self.p.parcours_ouvert:
            return self._pas_deja_participante()
        par = f" par {self.p.organisation}" if self.p.organisation_id else ""
        texte = f"Demande orientée{par} {depuis_quand(self.p.orientee_le)} : prenez-la en charge, puis donnez un rendez-vous."
        return {"texte": texte, "geste": self._verbe("prendre_en_charge", "Prendre en charge", "user-check")}

    def _pas_deja_participante(self):
        """Un double, presque toujours : rien n’est à instruire ; le dossier ne s’ouvre que s’il est à l’antenne."""
        texte = f"{self.fiche.deja_connue} Si c’est un double, classez-la sans suite."
        url = reverse("dossier:participant", args=[self.p.participant_id])
        dossier = Geste("dossier", "Ouvrir son dossier", "folder-open", url, lien=True)
        return {"texte": texte, "geste": None if self.p.a_reporter else dossier}

    def _pas_en_instruction(self):
        return self._vers_la_transmission("Tout est là : la demande peut partir.")

    def _pas_a_completer(self):
        attendues, suite = self.fiche.cases.attendues(), self.p.suite_de_l_instruction
        ou = (
            "directement au contrôle, sans repasser par la responsable"
            if suite == S.A_CONTROLER
            else "à la responsable"
        )
        if attendues:
            nombre = compte(len(attendues), "pièce à remplacer/pièces à remplacer")
            return {"texte": f"{nombre} : la demande repartira {ou}.", "geste": self._vers("pieces")}
        return self._vers_la_transmission(f"Tout est là : la demande repartira {ou}.")

    def _pas_transmise(self):
        avis = self.fiche.avis[0].get_sens_display().lower() if self.fiche.avis else "sans avis"
        texte = (
            f"Demande transmise {depuis_quand(self.p.statut_depuis)}, {avis} : validez sa pertinence, ou renvoyez-la."
        )
        return {"texte": texte, "geste": self._verbe("valider_pertinence", "Valider la pertinence", "circle-check")}

    def _pas_a_controler(self):
        nombre = sum(x.piece_id is not None and x.verdict == Verdict.A_CONTROLER for x in self.fiche.cases.utiles())
        reste = compte(nombre, "pièce à voir/pièces à voir") if nombre else "Toutes les pièces sont vues"
        texte = f"{reste}, au contrôle {depuis_quand(self.p.statut_depuis)}."
        return {"texte": texte, "geste": self._lien("controle", "Contrôler les pièces", "clipboard-check")}

    def _pas_accordee(self):
        if self._attend_le_jour_prevu:
            jour = date_longue(self.p.entree_prevue_le)
            return {"texte": f"Accordée pour une entrée {jour} : elle s’acte à partir de ce jour.", "geste": None}
        if self.fiche.manque_pour_acter:
            tombe = " ; ".join(self.fiche.manque_pour_acter)
            return {"texte": f"L’entrée ne peut plus être actée : {tombe}. Rouvrez le contrôle.", "geste": None}
        referent = self.p.referent_propose or self.p.conseiller
        if not self.p.referent_possible:
            return {"texte": f"{referent} n’est plus conseiller : choisissez un autre référent.", "geste": None}
        texte = f"Accordée {depuis_quand(self.p.statut_depuis)} : {referent} sera {accorder_referent(referent)}."
        geste = self._verbe("acter_entree", "Acter l’entrée", "door-enter")
        return {"texte": texte, "geste": replace(geste, form=ActeForm(initial={"autre": False}, prescription=self.p))}

    def _vers_la_transmission(self, tout_est_la):
        cibles = {m.cible for m in self.fiche.manque}
        if "parcours" in cibles:
            return self._pas_deja_participante()
        cible = next((c for c in CIBLES if c in cibles), None)
        if cible is None:
            return {"texte": tout_est_la, "geste": self.transmettre()}
        return {"texte": self._invite(cible), "geste": self._vers(cible)}

    def _invite(self, cible):
        if cible == "entretien":
            if self.p.entretien_ouvert:
                return "Le premier entretien est commencé : terminez l’information complète, puis closez-le."
            if self.p.rendez_vous_le:
                quand = f"{date_longue(self.p.rendez_vous_le)} à {heure(self.p.rendez_vous_le)}"
                return f"Premier entretien {quand}."
            return "Aucun rendez-vous n’est pris pour le premier entretien."
        if cible == "retours":
            return "Répondez au retour, puis transmettez de nouveau."
        return {
            "avis": "Le premier entretien est tenu : écrivez votre avis.",
            "criteres": "Choisissez les critères que la personne remplit.",
            "pieces": compte(sum(m.cible == "pieces" for m in self.fiche.manque), "pièce à joindre/pièces à joindre")
            + ", ou à promettre pour une date.",
        }[cible]

    def _vers(self, cible):
        if cible == "entretien":
            return self.entretien() if self.p.entretien_ouvert or self.p.rendez_vous_le else self.rendez_vous()
        if cible == "criteres":
            return self._lien("criteres", "Choisir les critères", "checklist")
        texte, icone = {
            "avis": ("Écrire l’avis", "message-circle"),
            "pieces": ("Joindre les pièces", "paperclip"),
            "retours": ("Répondre", "message-circle"),
        }[cible]
        return Geste(cible, texte, icone, f"#{cible}", lien=True)

    # La fabrique

    def _lien(self, nom, texte, icone):
        return Geste(nom, texte, icone, reverse(f"prescriptions:{nom}", args=[self.p.pk]), lien=True)

    def _verbe(self, nom, texte, icone, formulaire=None, *, initial=None, titre="", explication="", manques=(),
               refus=False, rouge=False, **options):  # fmt: skip
        form = self.fiche.formulaires.get(nom) or (
            formulaire(initial=initial, auto_id=f"{nom}-%s", **options) if formulaire else None
        )
        titre = titre or texte.rstrip("…") + " ?"
        url = reverse(f"prescriptions:{nom}", args=[self.p.pk], query={"lue": self.p.statut_depuis.isoformat()})
        return Geste(
            nom, texte, icone, url, False, form, titre, explication if form else "", list(manques), refus, rouge
        )

    def _manques(self, manques):
        """Chaque manque avec sa sortie : l’endroit où agir, ou le critère qu’il suffirait de retirer."""
        criteres = reverse("prescriptions:criteres", args=[self.p.pk])
        cibles = {"criteres": criteres, "entretien": "", "": ""}
        return [
            {
                "texte": capfirst(m),
                "url": cibles.get(getattr(m, "cible", ""), f"#{getattr(m, 'cible', '')}"),
                "issue": "retirer ce critère" if getattr(m, "critere", None) else "",
                "issue_url": f"{criteres}?sans={m.critere.code}" if getattr(m, "critere", None) else "",
            }
            for m in manques
        ]


def motifs_du_retour(retour):
    """Les motifs d’un retour, sans « des pièces » quand les cases le disent déjà."""
    return [MotifRetour(m).label for m in retour.motifs if m != MotifRetour.PIECES]
