"""Ce qui mérite un second regard avant d’envoyer une orientation. Un doute se montre une fois ; il n’arrête rien."""

import datetime
from dataclasses import dataclass

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from comptes.models import Role
from journal.actions import consigner, sceau
from journal.models import Acte, Ligne
from parcours.models import Affectation
from participants.models import Participant
from participants.noms import normalise
from participants.recherche import doublons
from plie.templatetags.interface import de, jour_mois
from prescriptions.accords import ACCORD_SIGNE
from prescriptions.listes import MoyenAccord
from prescriptions.models import Prescription
from reglages.lecture import valeur

AILLEURS = (
    "Elle est suivie par une autre antenne : son dossier passera à la vôtre quand vous prendrez la demande en charge."
)
MASQUEE = "Cette personne est déjà suivie par le PLIE. Envoyez quand même : l’antenne fera le lien."
TROP = (
    "Vous avez vérifié {n} personnes en une heure, le plus que l’on puisse. Envoyez sans attendre : "
    "si la personne est connue, l’antenne fera le lien."
)
VERIFICATION = "orientation : déjà connue"  # le motif, au journal
UNE_HEURE = datetime.timedelta(hours=1)
CERTAIN = 90  # sur 100 : même date de naissance et même nom, ou presque
UN_AN = 365  # jours


@dataclass(frozen=True)
class Doute:
    code: str
    texte: str


@dataclass(frozen=True)
class Connue:
    """Une personne qui ressemble à celle que l’on saisit, telle que l’utilisateur a le droit d’en entendre parler."""

    texte: str
    nom: str = ""
    precision: str = ""
    url: str = ""
    ouvrir_url: str = ""
    est_limite: bool = False  # l’utilisateur en a trop vérifié : rien n’est dit, et rien n’est à confirmer


def reconnaitre(utilisateur, form):
    """[Connue] d’après ce que le formulaire a de lisible : vide tant que prénom, nom et date ne sont pas tapés.

    Dans son périmètre, un conseiller lit qui c’est. Hors de là, l’équipe comme le partenaire n’apprend qu’une seule
    phrase, d’une personne certaine, dans la limite d’une heure, et le journal le garde.
    """
    donnees = form.cleaned_data if form.errors is not None and form.is_bound else {}
    if not all(donnees.get(champ) for champ in ("prenom", "nom", "naissance")):
        return []
    trouves = doublons(donnees["prenom"], donnees["nom"], donnees["naissance"], donnees.get("telephone") or "")
    visibles = Participant.objects.visibles_par(utilisateur).filter(pk__in=[p.pk for p, _, _ in trouves])
    cles = set(visibles.values_list("pk", flat=True)) if utilisateur.a_role(Role.CONSEILLER) and trouves else set()
    siennes = _dans_son_perimetre([t for t in trouves if t[0].pk in cles])
    return siennes + _ailleurs(utilisateur, donnees, [t for t in trouves if t[0].pk not in cles])


def _ailleurs(utilisateur, donnees, trouves):
    certains = [p for p, score, raisons in trouves if score >= CERTAIN and "même date de naissance" in raisons]
    if _depasse_la_limite(utilisateur, donnees, certains):
        return [Connue(TROP.format(n=valeur("verifications_par_heure")), est_limite=True)]
    if not certains:
        return []
    deja = (
        Prescription.objects.orientees_par(utilisateur)
        .filter(participant__in=certains)
        .order_by("-orientee_le")
        .first()
    )
    if deja:
        qui = "Vous l’avez" if deja.prescripteur_id == utilisateur.pk else "Votre organisation l’a"
        adresse = reverse("orientations:detail", args=[deja.pk])
        return [Connue(f"{qui} déjà orientée", precision=f"le {jour_mois(deja.orientee_le)}", url=adresse)]
    return [Connue(AILLEURS if utilisateur.a_role(Role.CONSEILLER) else MASQUEE)]


def _depasse_la_limite(utilisateur, donnees, certains):
    """Consigne la vérification, puis compte les personnes vérifiées dans l’heure : vrai s’il y en a trop.

    Écrire avant de compter : des essais simultanés se voient tous. La même personne ne compte qu’une fois ; le journal
    n’en garde qu’une empreinte, et celle du dossier s’il existe.
    """
    identite = f"{normalise(donnees['prenom'] + ' ' + donnees['nom'])} {donnees['naissance']}"
    connu = certains[0].pk if certains else None
    consigner(Acte.RECHERCHE, par=utilisateur, participant_id=connu, motif=VERIFICATION, empreinte=sceau(identite))
    faites = Ligne.objects.filter(
        auteur=utilisateur, acte=Acte.RECHERCHE, motif=VERIFICATION, le__gte=timezone.now() - UNE_HEURE
    )
    if faites.aggregate(n=Count("empreinte", distinct=True))["n"] <= valeur("verifications_par_heure"):
        return False
    consigner(Acte.REFUS, par=utilisateur, motif=f"{VERIFICATION} : trop de personnes en une heure")
    return True


def _dans_son_perimetre(trouves):
    trouves = trouves[:5]
    affectations = Affectation.objects.filter(participant__in=[p.pk for p, _, _ in trouves], au=None)
    referents = {a.participant_id: a.conseiller for a in affectations.select_related("conseiller")} if trouves else {}
    connues = []
    for participant, _, raisons in trouves:
        referent = referents.get(participant.pk)
        qui = f"référent : {referent}" if referent else "sans référent"
        connues.append(
            Connue(
                ", ".join(raisons),
                nom=participant.nom_complet,
                precision=f"dossier {participant.numero}, né(e) le {participant.naissance:%d/%m/%Y}, {qui}",
                url=reverse("dossier:participant", args=[participant.pk]),
                ouvrir_url=f"{reverse('prescriptions:nouvelle')}?participant={participant.pk}",
            )
        )
    return connues


def doutes(form, pieces, connues):
    """[Doute] d’un formulaire valide."""
    donnees, commune, aujourd_hui = form.cleaned_data, form.commune_choisie, timezone.localdate()
    trouves = []
    if connues and not connues[0].est_limite:
        trouves.append(Doute("connue", connues[0].texte))
    if commune is None or commune.est_adherente(aujourd_hui) is False:
        trouves.append(Doute("hors_territoire", "Elle habite hors du territoire du PLIE."))
    elif donnees["code_postal"] not in form.codes_postaux(commune):
        trouves.append(Doute("code_postal", f"Le code postal {donnees['code_postal']} n’est pas celui {de(commune)}."))
    if not (donnees["telephone"] or donnees["email"]):
        trouves.append(Doute("injoignable", "Sans téléphone ni e-mail, l’antenne ne pourra pas l’appeler."))
    if donnees["accord_le"] < donnees["premier_contact_le"]:
        trouves.append(Doute("accord_avant", "Son accord est daté d’avant le premier contact."))
    if (aujourd_hui - donnees["premier_contact_le"]).days > UN_AN:
        trouves.append(Doute("contact_ancien", "Le premier contact date de plus d’un an."))
    types = {ligne.type for ligne in pieces.lignes}
    if donnees["accord_moyen"] == MoyenAccord.PAPIER and ACCORD_SIGNE not in types:
        trouves.append(Doute("papier", "Le papier signé n’est pas parmi les fichiers : il sera demandé."))
    age = form.age(aujourd_hui)
    trouves += [
        Doute(f"age_{c.code}", f"À {age} ans, « {c.libelle} » ne convient pas.")
        for c in form.criteres_crus()
        if not c.convient_a_l_age(age)
    ]
    return trouves


def a_montrer(trouves, vus):
    """Les doutes que la page n’a pas encore montrés. `vus` : codes que le formulaire porte."""
    return [doute for doute in trouves if doute.code not in vus]
