"""Une file telle que l’écran la montre : ses onglets, ses filtres, ses lignes."""

from django.urls import reverse

from comptes.models import Role
from plie.templatetags.interface import compte, jour_court
from prescriptions import filtres, permissions, suivi
from prescriptions.listes import StatutPrescription
from reglages.lecture import valeur

S = StatutPrescription
ETATS = {
    S.ORIENTEE: "info",
    S.EN_INSTRUCTION: "info",
    S.A_COMPLETER: "attention",
    S.TRANSMISE: "info",
    S.A_CONTROLER: "info",
    S.ACCORDEE: "ok",
    S.ENTREE_ACTEE: "ok",
    S.REFUSEE: "retard",
    S.SANS_SUITE: "neutre",
}
# Ce que l’on dit quand une file est vide : rien à faire, ou quoi faire.
VIDES = {
    S.ORIENTEE: ("Aucune orientation n’attend", "Les nouvelles orientations arrivent ici, dans l’antenne de leur commune."),
    S.EN_INSTRUCTION: ("Aucune demande en instruction", "Prenez en charge une orientation pour commencer."),
    S.A_COMPLETER: ("Rien à compléter", "Ce que la responsable ou les Statistiques renvoient arrive ici."),
    S.TRANSMISE: ("Aucune demande à valider", "Les demandes transmises par les conseillers arrivent ici, dans l’ordre."),
    S.A_CONTROLER: ("Aucun dossier au contrôle", "Une demande arrive ici dès que sa pertinence est validée."),
    S.ACCORDEE: ("Aucune entrée à acter", "Une demande arrive ici dès que les Statistiques l’ont accordée."),
    S.ENTREE_ACTEE: ("Aucune entrée actée", "Les personnes entrées dans le PLIE se retrouvent ici."),
    S.REFUSEE: ("Aucune demande refusée", ""),
    S.SANS_SUITE: ("Aucune demande sans suite", ""),
}  # fmt: skip
NOMS_DES_MENUS = {"antenne": "Antenne", "conseiller": "Conseiller", "organisation": "Orientée par"}


class File:
    """`filtre` : ce que l’adresse demande ; `parametres` : l’adresse elle-même, pour la page."""

    def __init__(self, filtre, parametres):
        self.filtre, self.lecteur = filtre, filtre.utilisateur
        self.page = filtre.page(parametres)
        self.comptes = filtres.comptes(filtre)
        self.choix = filtres.choix(filtre)

    def contexte(self):
        vue = self.filtre.vue
        return {
            "vue": vue,
            "filtre": self.filtre,
            "vues": self._vues(),
            "actifs": self._actifs(),
            "menus": self._menus(),
            "etendue": self._etendue(),
            "lignes": self._lignes(),
            "vide": self._vide(),
            "page": self.page,
            "suivante": {"url": self.page.suivante, "texte": "Page suivante"} if self.page.suivante else None,
            "precedente": {"url": self.page.precedente, "texte": "Page précédente"} if self.page.precedente else None,
            "peut_acter": vue.statuts == (S.ACCORDEE,) and permissions.peut_acter(self.lecteur),
            "actes": self._actes(),
            "note": f"Premier entretien : {valeur('delai_premier_entretien')} jours au plus après le premier contact."
            if self.page.demandes
            else "",
        }

    def _actes(self):
        exporter = {
            "texte": "Exporter",
            "url": reverse("prescriptions:export") + self.filtre.url(),
            "icone": "download",
        }
        if not self.lecteur.a_role(Role.CONSEILLER):
            return [exporter]
        nouvelle = {"texte": "Ouvrir une demande", "url": reverse("prescriptions:nouvelle"), "icone": "plus"}
        return [exporter, nouvelle | {"genre": "principal"}]

    def _vues(self):
        return [
            {
                "nom": vue.nom,
                "url": self.filtre.url(etat=vue.code),
                "icone": vue.icone,
                "actif": vue == self.filtre.vue,
                "detail": None if vue.recentes_d_abord else self.comptes.get(vue.code, 0),
            }
            for vue in self.filtre.vues
        ]

    def _actifs(self):
        actifs = []
        for genre, nom in NOMS_DES_MENUS.items():
            if cle := getattr(self.filtre, genre):
                libelle = dict(self.choix[genre]).get(cle, "autre")
                actifs.append({"nom": f"{nom} : {libelle}", "url": self.filtre.url(**{genre: None})})
        if self.filtre.adhesion:
            actifs.append({"nom": "Adhésion à revoir", "url": self.filtre.url(adhesion=None)})
        if self.filtre.texte:
            actifs.append({"nom": f"« {self.filtre.texte} »", "url": self.filtre.url(texte=None)})
        return actifs

    def _menus(self):
        menus = [
            {
                "nom": nom,
                "choix": [
                    {
                        "nom": libelle,
                        "url": self.filtre.url(**{genre: str(cle)}),
                        "nombre": "",
                        "actif": cle == getattr(self.filtre, genre),
                    }
                    for cle, libelle in self.choix[genre]
                ],
            }
            for genre, nom in NOMS_DES_MENUS.items()
            if len(self.choix[genre]) > 1
        ]
        if permissions.peut_controler(self.lecteur) and self.filtre.vue.statuts in ((S.ACCORDEE,), (S.ENTREE_ACTEE,)):
            a_revoir = {
                "nom": "À revoir",
                "url": self.filtre.url(adhesion="a_revoir"),
                "nombre": "",
                "actif": self.filtre.adhesion,
            }
            menus.append({"nom": "Adhésion de la commune", "choix": [a_revoir]})
        return menus

    def _etendue(self):
        page = self.page
        if not page.demandes:
            return ""
        if page.debut == 1 and not page.suivante:
            return compte(len(page.demandes), "demande")
        etendue = f"{page.debut} à {page.fin}"
        if self.filtre.est_restreint or self.filtre.vue.recentes_d_abord:
            return etendue
        return f"{etendue} sur {self.comptes.get(self.filtre.vue.code, 0)}"

    def _lignes(self):
        mesures = suivi.horloges_de(self.page.demandes)
        lignes = []
        for p in self.page.demandes:
            au_tour = permissions.est_son_tour(self.lecteur, p)
            lignes.append(
                {
                    "cle": p.pk,
                    "nom": p.participant.nom_complet,
                    "age": f"{p.participant.age()} ans",
                    "numero": p.numero,
                    "url": self._ouvrir(p),
                    "etat": {"texte": p.get_statut_display(), "etat": ETATS[p.statut]},
                    "tour": "À vous" if au_tour else suivi.tour_court(p),
                    "a_vous": au_tour,
                    "depuis": suivi.depuis_quand(p.statut_depuis) if not p.est_finie else jour_court(p.statut_depuis),
                    "horloge": suivi.horloge(mesures.get(p.pk)),
                    "commune": p.participant.lieu,
                    "organisation": p.organisation or "",
                    "conseiller": p.conseiller or "",
                }
            )
        return lignes

    def _ouvrir(self, p):
        """Les Statistiques ouvrent le contrôle d’un dossier à contrôler ; les autres, la fiche."""
        if p.statut == S.A_CONTROLER and permissions.peut_controler(self.lecteur):
            return reverse("prescriptions:controle", args=[p.pk]) + self.filtre.url()
        return p.get_absolute_url()

    def _vide(self):
        if self.page.demandes:
            return None
        if self.filtre.est_restreint:
            acte = {"texte": "Retirer les filtres", "url": f"?etat={self.filtre.vue.code}", "icone": "x"}
            return {"icone": "filter", "titre": "Aucune demande avec ces filtres", "texte": "", "acte": acte}
        if len(self.filtre.vue.statuts) > 1:
            titre, texte = "Rien n’attend de vous", "Ce qui vous revient arrive ici, le plus ancien d’abord."
        else:
            titre, texte = VIDES[self.filtre.vue.statuts[0]]
        return {"icone": self.filtre.vue.icone, "titre": titre, "texte": texte, "acte": None}
