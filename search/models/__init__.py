"""What searching remembers for itself."""

from search.models.examples import Example
from search.models.measures import Measure
from search.models.saved import Delivery, Match, SavedSearch
from search.models.vocabulary import Term

__all__ = ["Delivery", "Example", "Match", "Measure", "SavedSearch", "Term"]
