"""La fiche d’une demande, telle que son lecteur a le droit de la voir : tout ce que montre l’écran, calculé une fois."""

from functools import cached_property

from django.db.models import prefetch_related_objects
from django.urls import reverse

from comptes import brouillons
from comptes.jetons import nouveau_jeton
from comptes.models import ROLES_DU_SIEGE
from participants.models import Caracteristique
from plie.templatetags.interface import compte, date_longue, de, jour_court, telephone
from prescriptions import matrice, permissions, suivi
from prescriptions.eligibilite import lire
from prescriptions.forms import AvisForm, MessageForm, PremierContactForm
from prescriptions.gestes import Gestes, motifs_du_retour
from prescriptions.listes import FINIES, INSTRUCTION, MotifPiece, Verdict
from prescriptions.listes import StatutPrescription as S
from prescriptions.orientations import ACCORDS
from prescriptions.reprise import deja_connue
from reglages.lecture import valeur

ECRAN_AVIS, ECRAN_ENTREE = "avis-demande", "entree-demande"  # les écrans de brouillon
ETAT_AVIS = {"favorable": "ok", "reserve": "attention", "defavorable": "retard"}


class Fiche:
    """`prescription` vient de `avec_dossier().avec_decisions().avec_rencontres()`, ses avis et retours préchargés.

    `formulaires` : {verbe: formulaire lié} d’un envoi refusé, à remontrer avec ses erreurs.
    """

    def __init__(self, prescription, lecteur, formulaires=None):
        self.prescription, self.lecteur, self.formulaires = prescription, lecteur, formulaires or {}
        self.cases = lire(prescription)
        self.eligibilite = prescription.eligibilite(cases=self.cases)
        self.avis = list(prescription.avis.all())
        self.instruit = permissions.peut_instruire(lecteur, prescription)
        # Le dossier est encore à une autre antenne : la demande seule se lit.
        self.attend_le_dossier = bool(prescription.a_reporter) and not lecteur.a_role(*ROLES_DU_SIEGE)
        self.voit_le_sensible = permissions.peut_voir_le_sensible(lecteur)
        self._a_un_brouillon = False
        self.mesure = suivi.horloges_de([prescription]).get(prescription.pk)

    @cached_property
    def entretien_tenu(self):
        """Hors de l’horloge (personne déjà en parcours au premier contact), la règle se lit sur les entretiens."""
        return bool(self.mesure.fin if self.mesure else self.prescription.premier_entretien_tenu())

    @cached_property
    def deja_connue(self):
        p = self.prescription
        en_parcours = p.parcours_ouvert and not p.est_finie
        return deja_connue(p.participant, ailleurs=bool(p.a_reporter), en_parcours=en_parcours)

    @cached_property
    def manque(self):
        p = self.prescription
        return p.manque_pour_transmettre(
            self.cases, entretien_tenu=self.entretien_tenu, parcours_ouvert=p.parcours_ouvert
        )

    @cached_property
    def manque_pour_acter(self):
        return self.prescription.manque_pour_acter(cases=self.cases, parcours_ouvert=self.prescription.parcours_ouvert)

    def contexte(self):
        gestes, p = Gestes(self), self.prescription
        pas, liste, avis_form = gestes.pas(), gestes.liste(), self._avis_form()
        contact_form = self._contact_form()
        message_form = self.formulaires.get("message") or (MessageForm() if self._peut_repondre else None)
        return {
            "prescription": p,
            "actes": self._actes(),
            "faits": self._faits(),
            "horloges": [h] if (h := self._horloge()) else [],
            "etapes": suivi.etapes(p),
            "tour": suivi.tour(p, self.lecteur, pas),
            "matrice": matrice.composer(p, self.eligibilite, self.cases, voit_le_sensible=self.voit_le_sensible),
            "chemin": self.eligibilite.le_plus_simple() if self.instruit and p.statut in INSTRUCTION else None,
            "le": self.eligibilite.le,
            "pieces": self._pieces(),
            "types": self._types(),
            "peut_joindre": self.peut_joindre,
            "jeton": nouveau_jeton(),
            "echanges": self._avis_et_decisions(),
            "avis_form": avis_form,
            "avis_ouvert": self._avis_ouvert(pas),
            "orientation": self._orientation(),
            "contact_form": contact_form,
            "gestes": [g for g in liste if not pas or not pas["geste"] or g.code != pas["geste"].code or g.form],
            "ensuite": suivi.aux_autres(p, self.eligibilite, self.lecteur),
            "retours": self._retours(),
            "message_form": message_form,
            "non_enregistre": self._non_enregistre([g.form for g in liste] + [avis_form, message_form, contact_form]),
        }

    def _non_enregistre(self, montres):
        """Ce qui a été tapé dans un formulaire que la demande, entre-temps passée ailleurs, ne montre plus."""
        caches = [form for form in self.formulaires.values() if form not in montres]
        return [
            valeur
            for form in caches
            for champ in form.visible_fields()
            if isinstance(valeur := form.cleaned_data.get(champ.name), str) and " " in valeur
        ]

    @property
    def peut_joindre(self):
        return self.instruit and self.prescription.statut not in {S.ACCORDEE, *FINIES}

    @property
    def _peut_repondre(self):
        return self.instruit and not self.prescription.est_finie and bool(self.prescription.retours.all())

    def _actes(self):
        """Tant que le dossier est à une autre antenne, il ne s’ouvre pas d’ici."""
        url = reverse("dossier:participant", args=[self.prescription.participant_id])
        dossier = [] if self.attend_le_dossier else [{"texte": "Dossier", "url": url, "icone": "folder-open"}]
        return [*dossier, {"texte": "Imprimer", "url": "?imprimer", "icone": "printer"}]

    def _faits(self):
        p, personne = self.prescription, self.prescription.participant
        faits = [
            {"texte": f"demande {p.numero}"},
            {"texte": f"{personne.age()} ans, {personne.lieu}"},
        ]
        if personne.telephone and not self.attend_le_dossier:
            faits.append(
                {"texte": telephone(personne.telephone), "url": f"tel:{personne.telephone}", "icone": "phone"}
            )
        if p.organisation_id:
            faits.append({"texte": f"orientation : {p.organisation}"})
        if self.mesure and self.mesure.fin:
            faits.append({"texte": f"premier entretien tenu le {jour_court(self.mesure.fin)}"})
        return faits

    def _horloge(self):
        horloge = suivi.horloge(self.mesure, self.prescription.rendez_vous_le)
        return horloge and {"nom": "Premier entretien"} | horloge

    def _pieces(self):
        """Une ligne par pièce : où elle en est, et ce qu’on peut en faire."""
        attendues = {x.pk for x in self.cases.attendues()}
        avec_suites = [x.piece for x in self.cases.lignes if x.piece_id and x.piece.nombre_de_fichiers > 1]
        prefetch_related_objects(avec_suites, "suites")
        lignes = []
        for ligne in self.cases.utiles():
            cache = ligne.type.sensible and not self.voit_le_sensible
            lisible = not (cache or self.attend_le_dossier)
            case = matrice.etat_de(ligne, self.eligibilite.le, self.prescription.statut)
            ouverte = self.peut_joindre and (
                ligne.verdict != Verdict.CONFORME or self.prescription.statut in INSTRUCTION
            )
            lignes.append(
                {
                    "ligne": ligne,
                    "nom": matrice.CONFIDENTIEL if cache else ligne.type.libelle,
                    "piece": ligne.piece if lisible else None,
                    "suites": ligne.piece.feuilles[1:] if lisible and ligne.piece else [],
                    "case": case if not cache else matrice.Case(case.etat, case.texte),
                    "attendue": ligne.pk in attendues,
                    "accepte": "" if cache else ligne.accepte_a_la_place,
                    "ouverte": ouverte,
                    "jeton": nouveau_jeton() if ouverte else "",
                    "a_fournir": ouverte and (ligne.pk in attendues or not ligne.piece_id),
                }
            )
        return lignes

    def _types(self):
        """Ce que peut être un fichier que l’on dépose : [(clé de case, nom)], ce qui manque d’abord."""
        if not self.peut_joindre:
            return []
        utiles, a_fournir = {t.pk for t in self.cases.types_utiles()}, {x.pk for x in self.cases.attendues()}
        lignes = [
            x for x in self.cases.lignes
            if (x.type_id in utiles or x.est_entamee)
            and (x.verdict != Verdict.CONFORME or self.prescription.statut in INSTRUCTION)
        ]  # fmt: skip
        lignes.sort(key=lambda x: (x.pk not in a_fournir and x.piece_id is not None, x.type.ordre))
        return [(str(x.pk), x.type.libelle) for x in lignes]

    def _avis_et_decisions(self):
        p = self.prescription
        echanges = [
            {
                "auteur": a.donne_par,
                "puce": a.get_sens_display(),
                "etat": ETAT_AVIS[a.sens],
                "le": a.donne_le,
                "texte": a.motivation,
            }
            for a in reversed(self.avis)
        ]
        for prefixe, texte, etat in (
            ("pertinence_validee", "Pertinence validée", "ok"),
            ("accordee", "Accord donné", "ok"),
            ("entree_actee", "Entrée actée", "ok"),
            ("refusee", "Refus", "retard"),
            ("sans_suite", "Sans suite", "neutre"),
        ):
            if le := getattr(p, f"{prefixe}_le"):
                auteur = getattr(p, f"{prefixe}_par")
                motif = {"accordee": p.adhesion_motif}.get(prefixe, "")
                echanges.append({"auteur": auteur, "puce": texte, "etat": etat, "le": le, "texte": motif})
        return sorted(echanges, key=lambda e: e["le"])

    def _avis_form(self):
        if not self.instruit or self.prescription.statut not in INSTRUCTION:
            return None
        if "avis" in self.formulaires:
            return self.formulaires["avis"]
        dernier = self.avis[0] if self.avis else None
        initial = {"dernier": dernier.pk, "version": dernier.version} if dernier else {}
        if dernier and dernier.donne_par_id == self.lecteur.pk and self._encore_le_sien(dernier):
            initial |= {"sens": dernier.sens, "motivation": dernier.motivation}
        if brouillon := brouillons.retrouver(self.lecteur, ECRAN_AVIS, self.prescription.pk):
            self._a_un_brouillon = True
            # Le brouillon répond à l’avis lu en le commençant : s’il a changé depuis, l’envoi le dira.
            initial = brouillon.contenu | {"version": brouillon.version_lue}
        return AvisForm(initial=initial, auto_id="avis-%s")

    def _contact_form(self):
        if not self.instruit:
            return None
        lu = self.prescription.premier_contact_le
        initial = {"lu": lu.isoformat(), "le": lu}
        return self.formulaires.get("premier_contact") or PremierContactForm(initial=initial, auto_id="contact-%s")

    def _avis_ouvert(self, pas):
        """Le formulaire d’avis se déplie quand c’est le prochain pas, ou qu’il y a de quoi le finir."""
        attendu = bool(pas and pas["geste"] and pas["geste"].code in ("avis", "retours"))
        return attendu or not self.avis or "avis" in self.formulaires or self._a_un_brouillon

    def _encore_le_sien(self, avis):
        return not self.prescription.transmise_le or avis.donne_le > self.prescription.transmise_le

    def _orientation(self):
        p, personne = self.prescription, self.prescription.participant
        par = p.prescripteur or p.orientee_par
        qui = ", ".join(str(x) for x in (par, p.organisation) if x)
        phone = p.organisation.telephone if p.organisation_id else ""
        dits = p.a_reporter.get("situation", {}).items()
        declares = [Caracteristique(genre=genre, valeur=dit) for genre, dit in dits]
        connus = declares if self.attend_le_dossier else reversed(personne.caracteristiques.all())
        faits = {c.get_genre_display().capitalize(): c.libelle for c in connus}
        return [
            ("Déjà connue", self.deja_connue),
            ("Premier contact", date_longue(p.premier_contact_le)),
            ("Par", f"{qui}, {telephone(phone)}" if phone else qui),
            ("Motif", p.get_motif_display()),
            ("Ce qu’elle attend", p.attente),
            ("Accord", f"{ACCORDS[p.accord_moyen]}, le {jour_court(p.accord_le)}"),
            *faits.items(),
            ("Entrée prévue", date_longue(p.entree_prevue_le)),
            (self._titre_du_referent(), self._referent()),
        ]

    def _titre_du_referent(self):
        referent = self.prescription.referent_propose or self.prescription.conseiller
        return "Référente proposée" if suivi.accorder_referent(referent) == "référente" else "Référent proposé"

    def _referent(self):
        p = self.prescription
        referent = p.referent_propose or p.conseiller
        if referent is None:
            return ""
        raison = p.referent_motif or (f"antenne {de(p.antenne.nom)}" if p.antenne_id else "")
        suivies = f"{compte(p.file_active or 0, 'personne')} pour {valeur('file_active_cible')}"
        return f"{referent} : " + ", ".join(x for x in (raison, suivies) if x)

    def _retours(self):
        """Du plus récent au plus ancien, chacun avec les pièces qu’il a demandées, fournies depuis ou non."""
        return [
            {
                "auteur": "Vous" if retour.auteur_id == self.lecteur.pk else retour.auteur,
                "moi": retour.auteur_id == self.lecteur.pk,
                "le": retour.le,
                "motifs": motifs_du_retour(retour),
                "texte": retour.texte,
                "pieces": self._demandees(retour),
            }
            for retour in self.prescription.retours.all()
        ]

    def _demandees(self, retour):
        lignes, demandees = {x.type.code: x for x in self.cases.lignes}, []
        for piece in retour.pieces:
            ligne = lignes.get(piece["type"])
            if ligne and (self.voit_le_sensible or not ligne.type.sensible):
                encore = ligne.demandee_le is not None and ligne.demandee_le <= retour.le
                demandees.append(
                    {
                        "nom": ligne.type.libelle,
                        "motif": MotifPiece(piece["motif"]).label,
                        "accepte": piece["accepte"],
                        "reponse": ligne.reponse if encore else "",
                        "fournie": ligne.demandee_le is None,
                    }
                )
        return demandees
