"""What searching remembers for itself."""

from search.models.examples import Example
from search.models.measures import Measure
from search.models.saved import Delivery, Match, SavedSearch
from search.models.vocabulary import Lexeme, Term

__all__ = ["Delivery", "Example", "Lexeme", "Match", "Measure", "SavedSearch", "Term"]
