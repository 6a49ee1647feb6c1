"""Failed sign-ins, counted so that guessing is slow."""

from __future__ import annotations

from django.db import models


class FailedSignIn(models.Model):
    """One wrong password: for which name, from which address, when."""

    name = models.CharField(max_length=150)
    address = models.CharField(max_length=45)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["name", "at"], name="failedsignin_name"),
            models.Index(fields=["address", "at"], name="failedsignin_address"),
        ]

    def __str__(self) -> str:
        return f"{self.name} from {self.address}"
