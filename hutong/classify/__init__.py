"""The duty-list classifier and its confidence gate. Needs the extra `classify`."""

from hutong.classify.classifier import MODEL, Classifier
from hutong.classify.model import Candidate, Classification, Evidence

__all__ = ["MODEL", "Candidate", "Classification", "Classifier", "Evidence"]
