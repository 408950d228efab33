"""The words of reminders and mails."""

from flask_babel import lazy_gettext as _l

from pentahelix.vocabulary.word import Word


class ReminderKind(Word):
    AGREEMENT_ENDS = "agreement_ends", _l("Kerja sama berakhir")
    GUIDANCE = "guidance", _l("Bimbingan teknis")
    NO_ANSWER = "no_answer", _l("Undangan belum dijawab")
    FOLLOW_UP_LATE = "follow_up_late", _l("Tindak lanjut terlambat")
    ESCALATION = "escalation", _l("Eskalasi kepada Kabid")
    PARTNER_SILENT = "partner_silent", _l("Mitra mulai dingin")
    OBLIGATION = "obligation", _l("Kewajiban jatuh tempo")
    QUIET_DAYS = "quiet_days", _l("Tenang pada akhir pekan dan hari libur")


class ReminderState(Word):
    CARRIED = "carried", _l("Disampaikan")
    SKIPPED = "skipped", _l("Dilewati")
    OBSOLETE = "obsolete", _l("Tidak berlaku lagi")


class MailKind(Word):
    """What a mail is; each has its templates in `mail/`."""

    INVITATION = "invitation", _l("Undangan bimbingan teknis")
    TIME_CHANGED = "time_changed", _l("Perubahan waktu")
    PLACE_CHANGED = "place_changed", _l("Perubahan tempat")
    TIME_KEPT = "time_kept", _l("Jadwal tetap")
    CANCELLED = "cancelled", _l("Pembatalan")
    UNINVITED = "uninvited", _l("Undangan ditarik")
    NUDGE = "nudge", _l("Pengingat dari koordinator")
    NO_ANSWER = "no_answer", _l("Pengingat undangan yang belum dijawab")
    GUIDANCE_REMINDER = "guidance_reminder", _l("Pengingat bimbingan teknis")
    DELEGATE = "delegate", _l("Salinan untuk yang mewakili")
    PROPOSAL = "proposal", _l("Usulan waktu")
    LATE_ANSWER = "late_answer", _l("Jawaban menjelang acara")
    ASSIGNED = "assigned", _l("Penugasan tindak lanjut")
    AGREEMENT = "agreement", _l("Keputusan kerja sama")
    DIGEST = "digest", _l("Ringkasan pagi")
    MINUTES = "minutes", _l("Notula rapat")
    ACCOUNT = "account", _l("Undangan pengguna")
    PASSWORD = "password", _l("Kata sandi baru")
    SIGN_IN = "sign_in", _l("Tautan masuk")


class MailTopic(Word):
    """What one may ask not to be mailed; invitations, changes and accounts always are."""

    DIGEST = "digest", _l("Ringkasan pagi")
    REMINDERS = "reminders", _l("Pengingat")


class MailFault(Word):
    """Why a try did not end with a mail that arrived."""

    ADDRESS = "address", _l("Alamat ditolak")
    SERVER_REFUSES = "server_refuses", _l("Server surel menolak kiriman kita")
    NOT_NOW = "not_now", _l("Server surel belum dapat menerima")
    UNKNOWN = "unknown", _l("Terputus sebelum ada kepastian")
    GAVE_UP = "gave_up", _l("Sudah terlalu lama dicoba")


class OutboxState(Word):
    """`unknown`: broken after the final dot, so the mail may or may not have arrived."""

    QUEUED = "queued", _l("Menunggu")
    SENDING = "sending", _l("Sedang dikirim")
    UNKNOWN = "unknown", _l("Belum pasti")
    SENT = "sent", _l("Terkirim")
    KEPT = "kept", _l("Disimpan di kotak contoh")
    REFUSED = "refused", _l("Ditolak")
    PARKED = "parked", _l("Tertahan")
    OBSOLETE = "obsolete", _l("Tidak berlaku lagi")
