"""The pages of lifecycle, by part."""

from lifecycle.urls import base, value

app_name = "lifecycle"
urlpatterns = [*base.urlpatterns, *value.urlpatterns]
