"""La demande d’une personne de la démonstration, dans un état donné : cases, pièces, critères, avis, retours."""

import datetime

from dossier.demonstration import fichiers, textes
from dossier.demonstration.hasard import a_heure
from participants.models import Caracteristique, Piece
from prescriptions.listes import CHIFFRES_DU_NUMERO, MotifPiece, MotifRefus, MotifRetour, MotifSansSuite, Verdict
from prescriptions.models import Avis, CritereInvoque, LignePiece, Prescription, Retour

# États après lesquels chaque fait est acquis.
APRES_PRISE = {
    "en_instruction",
    "a_completer",
    "transmise",
    "a_controler",
    "accordee",
    "entree_actee",
    "refusee",
    "sans_suite",
}
APRES_TRANSMISSION = {"a_completer", "transmise", "a_controler", "accordee", "entree_actee", "refusee"}
APRES_PERTINENCE = {"a_completer", "a_controler", "accordee", "entree_actee"}
APRES_ACCORD = {"accordee", "entree_actee"}
LONGUE_DUREE = {"DELD", "DETLD"}
ACCEPTES = {"identite": "Passeport en cours de validité", "domicile": "Quittance ou facture de moins de trois mois"}
DISTINCTES = 300  # au-delà, les pièces partagent le même contenu
JOUR = datetime.timedelta(1)


class Demande:
    def __init__(self, atelier, personne, statut, contact, entree=None, premier=None):
        """`contact`, `entree`, `premier` (entretien tenu) : dates ; `personne` : le participant, son rang, son conseiller."""
        self.atelier, self.hasard, self.personne = atelier, atelier.hasard, personne
        self.statut, self.contact = statut, contact
        instruite = max(contact + self.hasard.randint(8, 30) * JOUR, (premier or contact) + 2 * JOUR)
        self.fin = entree or min(instruite, atelier.aujourd_hui)
        # On ne transmet qu’après le premier entretien.
        self.transmise_le = max(contact + (self.fin - contact) / 2, (premier or contact) + JOUR)

    def objets(self):
        """Tout ce qui compose la demande, à créer dans cet ordre."""
        prescription = self._prescription()
        yield prescription
        criteres = self._criteres()
        yield from self._caracteristiques(criteres)
        for code in criteres:
            yield self._dater(
                CritereInvoque(prescription=prescription, critere=self.atelier.criteres[code]), self.contact
            )
        yield from self._cases(prescription, criteres)
        if self.statut in APRES_TRANSMISSION:
            yield self._avis(prescription)
        if self.statut == "a_completer":
            yield self._retour(prescription)

    def _prescription(self):
        p, a = self.personne, self.atelier
        agent = self.hasard.choice(a.decor.prescripteurs) if self.hasard.random() < 0.85 else None
        if p.rang % 12 == 0:
            agent = a.decor.prescripteurs[0]
        prises = self._moment(self.contact + JOUR, 10) if self.statut in APRES_PRISE else None
        prescription = Prescription(
            numero=f"P-{self.contact.year}-{p.rang + 1:0{CHIFFRES_DU_NUMERO}d}",
            participant=p.participant,
            antenne=p.conseiller.son_antenne,
            organisation=agent.son_organisation if agent else None,
            prescripteur=agent,
            statut=self.statut,
            motif=self.hasard.choice(["reprendre_pied", "choisir", "se_former", "emploi"]),
            attente=self.hasard.choice(textes.ATTENTES).format(**textes.du_metier(p.metier)),
            premier_contact_le=self.contact,
            accord_le=self.contact,
            accord_moyen="vive_voix",
            orientee_le=self._moment(self.contact, 9),
            orientee_par=agent or p.conseiller,
            conseiller=p.conseiller if prises else None,
            referent_propose=p.conseiller if prises else None,
            prise_en_charge_le=prises,
            prise_en_charge_par=p.conseiller if prises else None,
        )
        self._faits(prescription)
        return self._dater(prescription, self.contact)

    def _faits(self, prescription):
        p, siege, s = self.personne, self.atelier.decor.siege, self.statut
        milieu, fin = self._moment(self.transmise_le, 14), self._moment(self.fin, 16)
        if s in APRES_TRANSMISSION:
            prescription.transmise_le, prescription.transmise_par = milieu, p.conseiller
            prescription.entree_prevue_le = (
                max(self.fin, self.atelier.aujourd_hui) if s != "entree_actee" else self.fin
            )
        if s in APRES_PERTINENCE:
            prescription.pertinence_validee_le, prescription.pertinence_validee_par = milieu, siege["responsable"]
        if s in APRES_ACCORD:
            prescription.accordee_le, prescription.accordee_par = fin, siege["statistiques"]
        if s == "entree_actee":
            prescription.entree_actee_le, prescription.entree_actee_par = fin, siege["animation"]
        if s == "refusee":
            prescription.refusee_le, prescription.refusee_par = fin, siege["responsable"]
            prescription.motif_refus = self.hasard.choice(MotifRefus.values[:4])
            prescription.dirigee_vers = self.hasard.choice(["France Travail", "Mission locale", "CCAS de la commune"])
        if s == "sans_suite":
            prescription.sans_suite_le, prescription.sans_suite_par = fin, p.conseiller
            prescription.motif_sans_suite = self.hasard.choice(MotifSansSuite.values[:5])
        prescription.statut_depuis = {
            "orientee": prescription.orientee_le,
            "en_instruction": prescription.prise_en_charge_le,
            "transmise": milieu,
        }.get(s, fin)

    def _caracteristiques(self, criteres):
        """Ce que la personne dit d’elle, d’accord avec les critères invoqués."""
        longue, peu_diplome, rsa = bool(LONGUE_DUREE & {*criteres}), "NIVEAU3" in criteres, "RSA" in criteres
        valeurs = {
            "situation": "chomeur_longue_duree" if longue else self.hasard.choice(["chomeur", "inactif"]),
            "niveau": self.hasard.choice(["1", "2", "3", "3"] if peu_diplome else ["3", "4"]),
            "ressources": "rsa" if rsa else self.hasard.choice(["are", "ass", "sans"]),
        }
        for genre, valeur in valeurs.items():
            fait = Caracteristique(participant=self.personne.participant, genre=genre, valeur=valeur, du=self.contact)
            yield self._dater(fait, self.contact)

    def _criteres(self):
        age, poids = (
            self.personne.participant.age(self.contact),
            {"DELD": 4, "DETLD": 3, "RSA": 4, "NIVEAU3": 3, "QPV": 2},
        )
        if age >= 50:
            poids["SENIOR"] = 5
        if age < 26:
            poids["JEUNE"] = 5
        choisis = dict.fromkeys(self.hasard.pese(poids) for _ in range(self.hasard.randint(1, 3)))
        if choisis.keys() >= LONGUE_DUREE:  # 12 à 24 mois, ou plus de 24 : jamais les deux
            del choisis["DELD"]
        return list(choisis)

    def _cases(self, prescription, criteres):
        codes = list(dict.fromkeys(
            ["identite", "domicile", "avis_situation", "accord_signe"] + [self.atelier.preuve[c] for c in criteres]
        ))  # fmt: skip
        fautive = self.hasard.randrange(len(codes))
        for rang, code in enumerate(codes):
            manque = self.statut in ("orientee", "en_instruction") and self.hasard.random() < 0.45
            piece = None if manque else self._piece(code)
            if piece:
                yield piece
            yield self._case(prescription, code, piece, fautive=rang == fautive)

    def _case(self, prescription, code, piece, *, fautive):
        case = LignePiece(prescription=prescription, type=self.atelier.types[code], piece=piece)
        controle = self._moment(self.fin, 15)
        if self.statut in APRES_ACCORD or (self.statut == "a_controler" and self.hasard.random() < 0.4):
            case.verdict, case.points = Verdict.CONFORME, self.atelier.types[code].points
            case.controlee_le, case.controlee_par = controle, self.atelier.decor.siege["statistiques"]
        elif self.statut == "a_completer" and fautive:
            case.verdict, case.motif = Verdict.NON_CONFORME, self.hasard.choice(MotifPiece.values[:4])
            case.accepte_a_la_place = self.hasard.choice(["", ACCEPTES.get(code, "Photo recto et verso, à plat")])
            case.demandee_le = case.controlee_le = controle
            self.demandees = [{"type": code, "motif": case.motif, "accepte": case.accepte_a_la_place}]
            case.controlee_par = self.atelier.decor.siege["statistiques"]
        elif piece is None and self.hasard.random() < 0.5:
            case.promise_pour = self.atelier.aujourd_hui + self.hasard.randint(1, 10) * JOUR
        return self._dater(case, self.contact)

    def _piece(self, code):
        p, type_piece = self.personne, self.atelier.types[code]
        etablie = self.contact - self.hasard.randint(1, 20) * JOUR
        en_photo = code == "identite" and p.rang % 3 == 0
        piece = Piece(
            participant=p.participant,
            type=type_piece,
            nom=f"{code.replace('_', '-')}.{'jpg' if en_photo else 'pdf'}",
            type_mime="image/jpeg" if en_photo else "application/pdf",
            etablie_le=etablie,
            expire_le=self.contact + datetime.timedelta(self.hasard.randint(200, 3000))
            if code == "identite"
            else None,
            deposee_le=self._moment(self.contact, 11),
            deposee_par=p.conseiller,
            **self._fichier(code, type_piece, etablie, en_photo),
        )
        return self._dater(piece, self.contact)

    def _fichier(self, code, type_piece, etablie, en_photo):
        p = self.personne.participant
        extension = "jpg" if en_photo else "pdf"
        if self.personne.rang >= DISTINCTES:
            return self.atelier.fichier_partage(code, type_piece, extension)
        lignes = [f"{p.prenom} {p.nom}", f"Naissance : {p.naissance:%d/%m/%Y}", f"{p.code_postal} {p.commune.nom}",
                  f"Établi le {etablie:%d/%m/%Y}"]  # fmt: skip
        dessiner = fichiers.photo if en_photo else fichiers.pdf
        return fichiers.ranger(f"pieces/demo/{p.numero}-{code}.{extension}", dessiner(type_piece.libelle, lignes))

    def _avis(self, prescription):
        sens, motivation = self.hasard.choice(textes.AVIS)
        moment = self._moment(self.contact + (self.fin - self.contact) / 3, 15)
        return self._dater(
            Avis(
                prescription=prescription,
                sens=sens,
                motivation=motivation.format(**textes.du_metier(self.personne.metier)),
                donne_le=moment,
                donne_par=self.personne.conseiller,
            ),
            moment.date(),
        )

    def _retour(self, prescription):
        retour = Retour(
            prescription=prescription,
            auteur=self.atelier.decor.siege["statistiques"],
            motifs=[MotifRetour.PIECES],
            pieces=self.demandees,
            texte="Une pièce ne peut pas être retenue : voyez la case signalée.",
            le=self._moment(self.fin, 15),
        )
        return self._dater(retour, self.fin)

    def _moment(self, jour, heure):
        return min(a_heure(jour, heure, self.hasard.randrange(60)), self.atelier.maintenant)

    def _dater(self, objet, jour):
        return self.atelier.dater(objet, self._moment(jour, 9))
