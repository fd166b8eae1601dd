"""Tasks, notices, comments, attachments, the timeline."""

from __future__ import annotations

from django.urls import URLPattern, path

from crm.views import attachments, comments, notices, tasks, timeline

urlpatterns: list[URLPattern] = [
    path("attachments/", attachments.upload, name="attachment-upload"),
    path("attachments/<int:pk>/", attachments.show, name="attachment"),
    path("attachments/<int:pk>/thumbnail/", attachments.thumbnail, name="attachment-thumbnail"),
    path("attachments/<int:pk>/delete/", attachments.delete, name="attachment-delete"),
    path("accounts/<int:pk>/files/", attachments.account_files, name="account-files"),
    path("tasks/", tasks.task_list, name="task-list"),
    path("tasks/export/", tasks.export, name="task-export"),
    path("tasks/new/", tasks.create, name="task-create"),
    path("tasks/assignees/", tasks.assignees, name="task-assignees"),
    path("tasks/<int:pk>/", tasks.edit, name="task-edit"),
    path("tasks/<int:pk>/done/", tasks.done, name="task-done"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/bell/", notices.bell, name="notice-bell"),
    path("notices/read/", notices.read_all, name="notice-read-all"),
    path("notices/mail/", notices.mail_setting, name="notice-mail"),
    path("notices/<int:pk>/", notices.open_notice, name="notice-open"),
    path("notices/<int:pk>/read/", notices.read, name="notice-read"),
    path("accounts/<int:pk>/comments/", comments.thread, name="account-comments"),
    path("accounts/<int:pk>/colleagues/", comments.colleagues, name="account-colleagues"),
    path("comments/<int:pk>/edit/", comments.edit, name="comment-edit"),
    path("comments/<int:pk>/delete/", comments.delete, name="comment-delete"),
    path("accounts/<int:pk>/timeline/", timeline.timeline, name="account-timeline"),
]
