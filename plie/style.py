"""La page « Composants » : chaque composant et ses variantes, tels que toutes les pages les emploient.

Ouverte en démonstration et dans les tests seulement ; les personnes qui y figurent sont inventées.
"""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone

from plie.templatetags.interface import horloge


class ExempleForm(forms.Form):
    nom = forms.CharField(label="Nom de naissance", max_length=60)
    naissance = forms.DateField(label="Date de naissance", error_messages={"invalid": "Cette date n’existe pas."})
    commune = forms.ChoiceField(
        label="Commune", required=False, choices=[("59271", "Grande-Synthe")], help_text="Décide de l’antenne."
    )
    motif = forms.ChoiceField(
        choices=[("", "Choisir"), ("projet", "Choisir un métier")], error_messages={"required": "Choisissez un motif."}
    )
    attente = forms.ChoiceField(
        label="Ce qu’elle attend",
        choices=[("pied", "Reprendre pied"), ("metier", "Choisir un métier"), ("emploi", "Trouver un emploi")],
        widget=forms.RadioSelect,
        initial="metier",
    )
    langues = forms.MultipleChoiceField(
        choices=[("fr", "Français"), ("en", "Anglais")], widget=forms.CheckboxSelectMultiple, required=False
    )
    accord = forms.BooleanField(label="La personne est d’accord pour que ces réponses soient partagées")
    remarque = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))


HORLOGES = [
    {"nom": "Diagnostic", "jours": 11, "limite": 30, "etat": "info", "detail": "avant le 12 déc."},
    {"nom": "Diagnostic", "jours": 27, "limite": 30, "etat": "attention", "detail": "plus que 3 jours"},
    {"nom": "Contrat", "jours": 31, "limite": 30, "etat": "retard", "detail": "1 jour de retard"},
    {"nom": "Diagnostic", "jours": 12, "limite": 30, "etat": "neutre", "detail": "arrêtée : pièce attendue"},
    {"nom": "Premier entretien", "etat": "ok", "terminee": True, "detail": "tenu à J+18"},
    {"nom": "Contrat", "etat": "retard", "terminee": True, "detail": "signé à J+34"},
]
COMPTEURS = [
    {"nombre": 3, "texte": "RDV à venir aujourd’hui", "url": "#", "icone": "calendar-event"},
    {"nombre": 2, "texte": "synthèses à signer", "url": "#", "etat": "attention", "icone": "signature"},
    {"nombre": 4, "texte": "délais sous 7 jours", "url": "#", "etat": "retard", "icone": "clock-exclamation"},
    {"nombre": 0, "texte": "démarches échues", "url": "#", "icone": "list-check"},
]
PHASES = [
    {"nom": "Mobilisation", "detail": "5 mois", "etat": "fait"},
    {"nom": "Orientation", "detail": "depuis 4 mois", "etat": "courante"},
    {"nom": "Montée en compétence", "detail": "à venir"},
    {"nom": "Emploi", "detail": "à venir"},
]
FRISE = [
    {"nom": "Orientée", "detail": "27 oct.", "etat": "fait"},
    {"nom": "À compléter", "detail": "ce jour", "etat": "courante"},
    {"nom": "Accord"},
]
CRENEAUX = [
    {
        "valeur": "1",
        "texte": "mer. 9 déc., 14:00",
        "jour": "J+27",
        "etat": "ok",
        "precision": "dans le délai",
        "choisi": 1,
    },
    {
        "valeur": "2",
        "texte": "ven. 11 déc., 10:45",
        "jour": "J+29",
        "etat": "attention",
        "precision": "dernier jour ouvré",
    },
    {"valeur": "3", "texte": "mar. 15 déc., 9:00", "jour": "J+33", "etat": "retard", "precision": "hors délai"},
]
PIECES = [
    {"nom": "Carte d’identité", "url": "#", "etat": "ok", "detail": "conforme"},
    {"nom": "Attestation RSA", "url": "#", "icone": "eye", "detail": "à contrôler", "actif": True},
    {"nom": "Avis de situation", "url": "#", "etat": "attention", "detail": "expire le 9 déc."},
    {"nom": "Accord signé", "url": "#", "icone": "circle-dashed", "detail": "à contrôler"},
]
LIGNES = [
    {
        "horloge": {"jours": 28, "limite": 30, "etat": "retard"},
        "nom": "Bruno Haegeman",
        "raison": "Premier entretien, aucun RDV",
        "acte": {"texte": "Auj. 17:00", "url": "#", "icone": "calendar-plus"},
    },
    {
        "icone": "alert-triangle",
        "etat": "attention",
        "nom": "Marie-Bénédicte Vandenbroucke-Hocquinghem de la Motte",
        "precision": "il y a 2 heures",
        "raison": "À compléter : attestation RSA périmée, 1 pièce à joindre",
        "puce": {"texte": "À compléter", "etat": "attention"},
    },
]
FILTRES = {
    "actifs": [{"nom": "Grande-Synthe", "url": "#"}, {"nom": "Phase : Orientation", "url": "#"}],
    "menus": [
        {
            "nom": "Référente",
            "choix": [
                {"nom": "Claire Vandamme", "url": "#", "nombre": 68, "actif": True},
                {"nom": "Samira Duhoux", "url": "#", "nombre": 71},
            ],
        }
    ],
}
MIEN = "Elle hésite entre la cuisine de collectivité, qu’elle connaît, et l’aide à la personne. Nous retenons deux pistes."
SIEN = "Elle hésite entre la cuisine de collectivité et l’aide à la personne. Nous retenons deux pistes, à vérifier."


def _faits(aujourd_hui):
    return [
        {
            "icone": "writing",
            "etat": "info",
            "titre": "Entretien : préparer la PMSMP",
            "url": "#",
            "le": aujourd_hui - timedelta(days=27),
            "precision": "50 min",
            "extrait": "« Je préfère dehors que derrière une caisse. » Trois démarches, dont deux faites.",
        },
        {
            "icone": "paperclip",
            "etat": "ok",
            "titre": "RQTH conforme",
            "le": aujourd_hui - timedelta(days=62),
            "verrou": True,
        },
    ]


def _lignes_de_table():
    rythmes = (
        ("Abdel Rahmouni", 37, "retard"),
        ("Sabrina Delattre", 27, "attention"),
        ("Émilie Wyckaert", 11, "info"),
    )
    return [[nom, "Orientation", horloge(jours=jours, limite=35, etat=etat), "aucun"] for nom, jours, etat in rythmes]


def style(request):
    if not (settings.DEMONSTRATION or settings.TEST):
        raise Http404
    aujourd_hui = timezone.localdate()
    form = ExempleForm({"nom": "Delattre", "naissance": "31/02/1988", "attente": "metier", "accord": "on"})
    contexte = {
        "aujourd_hui": aujourd_hui,
        "form": form,
        "horloges": HORLOGES,
        "compteurs": COMPTEURS,
        "phases": PHASES,
        "frise": FRISE,
        "creneaux": CRENEAUX,
        "pieces": PIECES,
        "lignes": LIGNES,
        "filtres": FILTRES,
        "faits": _faits(aujourd_hui),
        "colonnes": [
            {"nom": "Personne", "url": "#"},
            {"nom": "Phase", "classe": "second"},
            {"nom": "Rythme", "url": "#", "sens": "descending"},
            {"nom": "Prochain RDV"},
        ],
        "table": _lignes_de_table(),
        "mien": {"auteur": "Vous", "quand": "14:32", "texte": MIEN},
        "sien": {"auteur": "Samira Duhoux", "quand": "14:31", "texte": SIEN},
        "types": [("identite", "Carte d’identité"), ("rsa", "Attestation RSA")],
        "fiche": [("Prochain RDV", "mercredi 9 décembre 2026, dans 16 jours"), ("Référente", "Claire Vandamme")],
        "points": [
            {"texte": "Objectif écrit", "fait": True},
            {"texte": "Diagnostic : « Suivi » est vide", "url": "#", "acte": "Écrire"},
        ],
        "manques": [
            {"texte": "Quittance de loyer, ou date promise"},
            {"texte": "Attestation RSA de moins de 3 mois", "issue": "retirer ce critère", "issue_url": "#"},
        ],
        "parties": [
            {"nom": "Motif", "url": "#", "etat": "ok"},
            {"nom": "Suivi", "url": "#"},
            {"nom": "Synthèse", "url": "#", "actif": True},
        ],
        "acte": {"texte": "Leur proposer un créneau", "url": "#", "icone": "calendar-plus"},
        "acte_avis": {"texte": "Joindre les pièces", "url": "#", "icone": "paperclip"},
        "suivante": {"url": "#", "texte": "Page suivante, 51 à 68"},
        "accords": [("oui", "D’accord"), ("non", "Pas d’accord")],
        "trace": "M60 190c20-110 60-160 70-70s20 60 50-40 20 120 60 50 60-60 40 30 90-120 140-40 60-20 100-60",
    }
    return render(request, "style/style.html", contexte)
