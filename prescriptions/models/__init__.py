from prescriptions.models.echanges import Avis, Retour
from prescriptions.models.eligibilite import Critere, CritereInvoque, LignePiece
from prescriptions.models.prescription import Prescription

__all__ = ["Avis", "Critere", "CritereInvoque", "LignePiece", "Prescription", "Retour"]
