"""The pages of segmentation, by part."""

from segmentation.modelling import urls as modelling
from segmentation.urls import base, checking, equity, movement, segments, value

app_name = "segmentation"
urlpatterns = [
    *base.urlpatterns,
    *modelling.urlpatterns,
    *checking.urlpatterns,
    *value.urlpatterns,
    *equity.urlpatterns,
    *segments.urlpatterns,
    *movement.urlpatterns,
]
