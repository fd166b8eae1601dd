from typing import Any

from django.contrib.auth.forms import AuthenticationForm

from crm.forms.base import style


class LoginForm(AuthenticationForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        style(self)
