"""Scoring models: list, versions, the editor and its preview."""

from django.urls import path

from segmentation.views import drafts, models, pairs

urlpatterns = [
    path("models/", models.model_list, name="model-list"),
    path("models/<int:pk>/", models.model_detail, name="model-detail"),
    path("models/<int:pk>/compare/", models.version_compare, name="version-compare"),
    path("models/<int:pk>/draft/", models.draft_start, name="draft-start"),
    path("models/<int:pk>/retire/", models.model_retire, name="model-retire"),
    path("models/versions/<int:pk>/", models.version_detail, name="version-detail"),
    path("models/versions/<int:pk>/roll-back/", models.version_roll_back, name="version-roll-back"),
    path("models/drafts/<int:pk>/", drafts.draft_edit, name="draft-edit"),
    path("models/drafts/<int:pk>/pairs/", pairs.draft_pairs, name="draft-pairs"),
    path("models/drafts/<int:pk>/preview/", drafts.draft_preview, name="draft-preview"),
    path("models/drafts/<int:pk>/movers.<slug:kind>", drafts.draft_movers, name="draft-movers"),
    path("models/drafts/<int:pk>/publish/", drafts.draft_publish, name="draft-publish"),
    path("models/drafts/<int:pk>/rebase/", drafts.draft_rebase, name="draft-rebase"),
    path("models/drafts/<int:pk>/discard/", drafts.draft_discard, name="draft-discard"),
]
