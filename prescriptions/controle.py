"""L’écran du contrôle : la pièce, sa liste de points, ce que le dossier prouve, et la file."""

from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.text import capfirst

from participants.models import ajouter_mois
from plie.templatetags.interface import compte, depuis, jour_mois
from prescriptions import matrice
from prescriptions.eligibilite import lire
from prescriptions.forms import AccordForm, RenvoiForm, VerdictForm
from prescriptions.listes import Verdict

NAISSANCE = {"femme": "née le", "homme": "né le"}
IMAGES = ("image/jpeg", "image/png")
ETATS = {
    Verdict.CONFORME: "ok",
    Verdict.NON_CONFORME: "retard",
    Verdict.MANQUANTE: "retard",
    Verdict.A_CONTROLER: "",
}


def criteres_a_prouver(ligne, cases):
    """Les critères qu’il faut dire prouvés ou non par cette pièce.

    Une pièce exigée de tous, ou qui sert à plusieurs critères, peut être conforme sans tout prouver ; l’âge se calcule.
    """
    siens = [c for c in cases.criteres if ligne.type_id in c.cles_types and not c.tient_a_l_age]
    exigee = any(t.pk == ligne.type_id for t in cases.obligatoires)
    return siens if exigee or len(siens) > 1 else []


class Controle:
    """`filtre` : la file d’où l’on vient ; `piece` : la clé de la case demandée ; `formulaires` à remontrer."""

    def __init__(self, prescription, lecteur, filtre, piece=None, formulaires=None):
        self.prescription, self.lecteur, self.filtre = prescription, lecteur, filtre
        self.formulaires = formulaires or {}
        self.cases = lire(prescription)
        self.eligibilite = prescription.eligibilite(cases=self.cases)
        self.lignes = self.cases.utiles()
        self.ligne = self._choisie(piece)

    def _choisie(self, cle):
        demandee = next((x for x in self.lignes if x.pk == cle), None)
        a_voir = next((x for x in self.lignes if x.piece_id and x.verdict == Verdict.A_CONTROLER), None)
        return demandee or a_voir or (self.lignes[0] if self.lignes else None)

    def contexte(self):
        return {
            "prescription": self.prescription,
            "faits": self._faits(),
            "le": self.eligibilite.le,
            "ligne": self.ligne,
            "piece": self.ligne.piece if self.ligne else None,
            "feuilles": self._feuilles(),
            "pieces": self._pieces(),
            "voisines": self._voisines(),
            "form": self._form,
            "points": self._points(),
            "date": self._date(),
            "prouves": self._prouves(),
            "prouve_quoi": self._prouve_quoi(),
            "resultats": self._resultats(),
            "manques": self._manques(),
            "accord_form": self._accord_form(),
            "renvoi_form": self.formulaires.get("renvoyer") or RenvoiForm(lignes=self.lignes, auto_id="renvoyer-%s"),
            "restent": self._restent(),
            "tout_est_vu": not self._a_voir,
            "file": self._file(),
        }

    def _faits(self):
        p, personne = self.prescription, self.prescription.participant
        faits = [
            {"texte": f"demande {p.numero}", "url": p.get_absolute_url()},
            {"texte": f"{NAISSANCE.get(personne.sexe, 'naissance :')} {jour_mois(personne.naissance)}"},
            {"texte": " ".join(x for x in (personne.code_postal, personne.lieu) if x)},
        ]
        if p.entree_prevue_le:
            faits.append({"texte": f"entrée prévue le {jour_mois(p.entree_prevue_le)}", "icone": "gavel"})
        return faits

    def _feuilles(self):
        """Les fichiers de la pièce affichée : un verdict les juge tous."""
        feuilles = self.ligne.piece.feuilles if self.ligne and self.ligne.piece_id else []
        return [{"piece": piece, "est_image": piece.type_mime in IMAGES} for piece in feuilles]

    # La bande des pièces

    def _pieces(self):
        pieces = []
        for ligne in self.lignes:
            case = matrice.etat_de(ligne, self.eligibilite.le, self.prescription.statut)
            a_voir = case.etat == "info"
            pieces.append(
                {
                    "nom": ligne.type.libelle,
                    "url": self._adresse(ligne),
                    "actif": ligne is self.ligne,
                    "icone": ("eye" if ligne is self.ligne else "circle-dashed") if a_voir else "",
                    "etat": "" if a_voir else case.etat,
                    "detail": case.texte.lower()
                    if not case.detail or a_voir
                    else f"{case.texte.lower()} {case.detail}",
                }
            )
        return pieces

    def _voisines(self):
        """Les adresses de la pièce d’avant et de celle d’après."""
        if len(self.lignes) < 2:
            return {}
        rang = self.lignes.index(self.ligne)
        apres, avant = self.lignes[(rang + 1) % len(self.lignes)], self.lignes[rang - 1]
        return {"suivante": self._adresse(apres), "precedente": self._adresse(avant)}

    def _adresse(self, ligne):
        return "?" + urlencode({"piece": ligne.pk} | self._filtres)

    @property
    def _filtres(self):
        return {nom: valeur for nom, valeur in self.filtre.valeurs.items() if nom != "etat"}

    # La liste de points

    @cached_property
    def _form(self):
        if self.ligne is None:
            return None
        if form := self.formulaires.get("verdict"):
            return form
        piece = self.ligne.piece
        initial = {
            "version": self.ligne.version,
            "motif": self.ligne.motif,
            "accepte": self.ligne.accepte_a_la_place,
            "etablie_le": piece and piece.etablie_le,
            "expire_le": piece and piece.expire_le,
        }
        return VerdictForm(ligne=self.ligne, criteres=criteres_a_prouver(self.ligne, self.cases), initial=initial)

    def _points(self):
        """Les points à cocher : [{rang, texte, coche}]."""
        if self.ligne is None:
            return []
        coches = self._form.data.getlist("points") if self._form.is_bound else self.ligne.points
        return [
            {"rang": rang, "texte": point, "coche": point in coches}
            for rang, point in enumerate(self.ligne.type.points, 1)
        ]

    def _date(self):
        """La date à lire sur la pièce : son champ, son rang, et ce qu’elle vaut à l’entrée ; rien sans pièce."""
        if self.ligne is None or not self.ligne.piece_id:
            return None
        mois, le = self.ligne.type.validite_mois, self.eligibilite.le
        limite = self.ligne.piece.valable_jusqu_au()
        return {
            "champ": self._form["etablie_le" if mois else "expire_le"],
            "rang": len(self.ligne.type.points) + 1,
            "mois": mois,
            "entree": le,
            "avis": avis_de_validite(limite, le, mois),
            "au_plus_tot": jour_mois(_au_plus_tot(le, mois)) if mois else "",
        }

    def _prouves(self):
        """Ce que la pièce doit être dite prouver : [{rang, code, texte, coche}]."""
        if self.ligne is None:
            return []
        rang = len(self.ligne.type.points) + (2 if self.ligne.piece_id else 1)
        form, ligne = self._form, self.ligne
        jugee = ligne.verdict == Verdict.CONFORME
        coches = form.data.getlist("prouve") if form.is_bound else None
        return [
            {
                "rang": rang + i,
                "code": critere.code,
                "texte": critere.libelle,
                "coche": critere.code in coches
                if coches is not None
                else jugee and critere.code not in ligne.ne_prouve_pas,
            }
            for i, critere in enumerate(form.criteres)
        ]

    def _prouve_quoi(self):
        """À quoi sert la pièce : le critère, ou la condition d’entrée."""
        if self.ligne is None:
            return ""
        noms = [r.libelle for r in self.eligibilite.resultats if self.ligne.type in r.types]
        return noms[0] if noms else ""

    # Ce que le dossier prouve

    def _resultats(self):
        resultats = []
        for r in self.eligibilite.resultats:
            en_cours = r.ligne is self.ligne and r.preuve == "a_controler"
            case = matrice.ETATS[r.preuve]
            resultats.append(
                {
                    "texte": r.libelle,
                    "icone": "eye" if en_cours else "circle-dashed" if r.preuve == "a_controler" else "",
                    "etat": "" if r.preuve == "a_controler" else case,
                    "fait": r.prouve,
                    "precision": "pièce en cours" if en_cours else r.nom_de_piece if r.prouve else r.explication,
                }
            )
        return resultats

    def _manques(self):
        a_dire = "à dire" if self.eligibilite.adhesion_a_confirmer else ""
        return [{"texte": capfirst(m)} for m in self.eligibilite.manque_pour_accorder(a_dire)]

    def _accord_form(self):
        if not self.eligibilite.adhesion_a_confirmer:
            return None
        return self.formulaires.get("accorder") or AccordForm(auto_id="accorder-%s")

    @property
    def _a_voir(self):
        return sum(x.piece_id is not None and x.verdict == Verdict.A_CONTROLER for x in self.lignes)

    def _restent(self):
        """Ce qui sépare de l’accord, à côté du bouton qui reste gris."""
        manques = [m["texte"] for m in self._manques()]
        if not self._a_voir:
            return " · ".join(manques[:2]) or "Toutes les pièces sont vues"
        return compte(self._a_voir, "pièce reste à voir/pièces restent à voir")

    # La file

    def _file(self):
        """Le rang du dossier, le nombre de dossiers, et le suivant (le premier après le dernier)."""
        p = self.prescription
        avant = Q(statut_depuis__lt=p.statut_depuis) | Q(statut_depuis=p.statut_depuis, pk__lte=p.pk)
        nombres = self.filtre.demandes().order_by().aggregate(total=Count("pk"), rang=Count("pk", filter=avant))
        suivante = self.filtre.suivante(p)
        return {
            "rang": nombres["rang"],
            "total": nombres["total"],
            "depuis": depuis(p.statut_depuis),
            "suivante": suivante,
            "url": reverse("prescriptions:controle", args=[suivante.pk], query=self._filtres) if suivante else "",
        }


def avis_de_validite(limite, le, mois):
    """{etat, texte} : jusqu’à quand la pièce vaut, et si cela couvre l’entrée."""
    if limite is None:
        return (
            {"etat": "attention", "texte": "Date à lire sur la pièce"}
            if mois
            else {"etat": "ok", "texte": "Sans limite"}
        )
    if limite < le:
        return {"etat": "retard", "texte": f"Vaut jusqu’au {jour_mois(limite)}, ne couvre pas l’entrée"}
    return {"etat": "ok", "texte": f"Vaut jusqu’au {jour_mois(limite)}, couvre l’entrée"}


def _au_plus_tot(le, mois):
    return ajouter_mois(le, -mois)
