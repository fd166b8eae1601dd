"""`manage.py createsuperuser`, by which a new installation gets its first administrator."""

import pytest
from django.core.management import call_command

from crm.models import Role, User


@pytest.mark.django_db
def test_createsuperuser_makes_an_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery staple")
    call_command(
        "createsuperuser", username="boss", email="boss@company.example", interactive=False, verbosity=0
    )
    boss = User.objects.get(username="boss")
    assert boss.role == Role.ADMINISTRATOR
    assert boss.can("administer")
    assert boss.check_password("correct horse battery staple")
