from prescriptions.models.depots import Depot
from prescriptions.models.echanges import Avis, Retour
from prescriptions.models.eligibilite import Critere, CritereInvoque, LignePiece
from prescriptions.models.prescription import Prescription

__all__ = ["Avis", "Critere", "CritereInvoque", "Depot", "LignePiece", "Prescription", "Retour"]
