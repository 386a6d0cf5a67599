"""The pre-check of an item before it is sent: what would come back from a reviewer is said first."""

from chuangwen.dossier.precheck.finding import CODES, Finding
from chuangwen.dossier.precheck.gather import check_item, difference, documents_as_json, documents_of

__all__ = ["CODES", "Finding", "check_item", "difference", "documents_as_json", "documents_of"]
