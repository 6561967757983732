"""Les synthèses figées de la démonstration, avec leurs signatures : la plupart signées, quelques-unes qui attendent."""

from documents.models import Document, GenreDocument, RoleSignataire, Signature, StatutSignature
from entretiens import contenu
from entretiens.models import Synthese

# Part de chaque issue, pour cent synthèses.
ISSUES = {StatutSignature.SIGNE: 80, StatutSignature.A_SIGNER: 13, StatutSignature.REFUS: 7}


def synthese(atelier, personne, entretien, demarches, rang):
    """Document, synthèse et deux signatures de `entretien` (clos) ; `rang` : le combientième entretien."""
    moment = entretien.clos_le
    document = Document(
        participant=personne.participant,
        genre=GenreDocument.SYNTHESE,
        code="".join(atelier.hasard.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=10)),
        contenu=contenu.synthese(entretien, revues=[], demarches=demarches, rang=rang),
        fige_le=moment,
        fige_par=personne.conseiller,
    )
    yield atelier.dater(document, moment)
    yield atelier.dater(Synthese(entretien=entretien, document=document), moment)
    issue = atelier.hasard.pese(ISSUES)
    for role, nom, compte in (
        (RoleSignataire.PERSONNE, contenu.nom_poli(personne.participant), None),
        (RoleSignataire.CONSEILLER, contenu.nom_poli(personne.conseiller), personne.conseiller),
    ):
        signature = Signature(document=document, role=role, nom=nom, utilisateur=compte)
        statut = StatutSignature.SIGNE if issue == StatutSignature.REFUS and compte else issue
        if statut != StatutSignature.A_SIGNER:
            signature.statut, signature.signee_le, signature.signee_par = statut, moment, personne.conseiller
        if statut == StatutSignature.SIGNE:
            signature.accord, signature.trace = True, _trace(atelier.hasard)
        if statut == StatutSignature.REFUS:
            signature.motif_refus = "a_distance"
        yield atelier.dater(signature, moment)


def _trace(hasard):
    """Un paraphe inventé : quelques courbes dans le cadre du pad, 600 sur 260."""
    x, morceaux = 90, [f"M90 {hasard.randint(105, 165)}"]
    while x < 480:
        pas, haut, bas = hasard.randint(42, 78), hasard.randint(30, 90), hasard.randint(150, 206)
        morceaux.append(f"C{x + pas // 3} {haut} {x + pas // 2} {bas} {x + pas} {hasard.randint(108, 162)}")
        x += pas
    return (
        "".join(morceaux)
        + f"M100 {hasard.randint(200, 216)}Q300 {hasard.randint(176, 198)} 520 {hasard.randint(190, 210)}"
    )
