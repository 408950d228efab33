"""The words of the field: each is stored in English and shown by its label.

1 The five helices and the map · 2 People · 3 Clusters and products · 4 Agreements · 5 Guidance and answers
6 Meetings and follow-ups · 7 Contributions · 8 The house; those of reminders and mails stand in `mail`.
"""

from flask_babel import lazy_gettext as _l, lazy_pgettext

from pentahelix.vocabulary.mail import (
    MailFault as MailFault,
    MailKind as MailKind,
    MailTopic as MailTopic,
    OutboxState as OutboxState,
    ReminderKind as ReminderKind,
    ReminderState as ReminderState,
)
from pentahelix.vocabulary.word import Word as Word

# ---------------------------------------------------------------------------------------------------------
# 1 The five helices and the map


class Helix(Word):
    INDUSTRY = "industry", _l("Dunia usaha & industri (DUDI)")
    UNIVERSITY = "university", _l("Perguruan tinggi")
    COMMUNITY = "community", _l("Komunitas / UMKM")
    MEDIA = "media", _l("Media")
    GOVERNMENT = "government", _l("Pemerintah")


class Regency(Word):
    """The eight of Banten under their codes of the ministry of home affairs (not those of BPS)."""

    PANDEGLANG = "36.01", _l("Kabupaten Pandeglang")
    LEBAK = "36.02", _l("Kabupaten Lebak")
    TANGERANG = "36.03", _l("Kabupaten Tangerang")
    SERANG = "36.04", _l("Kabupaten Serang")
    KOTA_TANGERANG = "36.71", _l("Kota Tangerang")
    KOTA_CILEGON = "36.72", _l("Kota Cilegon")
    KOTA_SERANG = "36.73", _l("Kota Serang")
    KOTA_TANGERANG_SELATAN = "36.74", _l("Kota Tangerang Selatan")

    @classmethod
    def of(cls, area_code: str | None) -> "Regency | None":
        """The regency that an area code lies in; None outside Banten."""
        return next((regency for regency in cls if area_code and area_code[:5] == regency), None)


# ---------------------------------------------------------------------------------------------------------
# 2 People


class Role(Word):
    ADMIN = "admin", _l("Admin")
    KABID = "kabid", _l("Kabid SMK")
    COORDINATOR = "coordinator", _l("Koordinator klaster")


class Salutation(Word):
    """Never guessed from a name."""

    BAPAK = "bapak", _l("Bapak")
    IBU = "ibu", _l("Ibu")


class Language(Word):
    ID = "id", _l("Bahasa Indonesia")
    EN = "en", _l("English")


class Theme(Word):
    SYSTEM = "system", _l("Ikut perangkat")
    LIGHT = "light", _l("Terang")
    DARK = "dark", _l("Gelap")


class Basis(Word):
    """On what a contact's data is kept (UU 27/2022, article 20); withdrawn is never mailed nor offered."""

    PUBLIC_TASK = "public_task", _l("Tugas publik")
    CONSENT = "consent", _l("Persetujuan")
    CONTRACT = "contract", _l("Kontrak")
    WITHDRAWN = "withdrawn", _l("Persetujuan ditarik")


class ContactFunction(Word):
    DECISION_MAKER = "decision_maker", _l("Pengambil keputusan")
    LIAISON = "liaison", _l("Penghubung")
    SPEAKER = "speaker", _l("Narasumber")
    RESEARCHER = "researcher", _l("Peneliti")
    TECHNICAL = "technical", _l("Teknis")


class Channel(Word):
    TELEPHONE = "telephone", _l("Telepon")
    WHATSAPP = "whatsapp", _l("WhatsApp")
    MAIL = "mail", _l("Surel")
    VISIT = "visit", _l("Kunjungan")


class LastContactKind(Word):
    """What the last contact was: the channels of the log and the four that other records make."""

    MEETING = "meeting", _l("Rapat")
    GUIDANCE = "guidance", _l("Bimbingan teknis")
    ANSWER = "answer", _l("Jawaban undangan")
    CONTRIBUTION = "contribution", _l("Kontribusi")
    TELEPHONE = "telephone", _l("Telepon")
    WHATSAPP = "whatsapp", _l("WhatsApp")
    MAIL = "mail", _l("Surel")
    VISIT = "visit", _l("Kunjungan")


# ---------------------------------------------------------------------------------------------------------
# 3 Clusters and products


class InvolvementRole(Word):
    PARTNER = "partner", _l("Mitra")
    PROSPECT = "prospect", _l("Calon mitra")


class ProductStage(Word):
    RECIPE_TRIAL = "recipe_trial", _l("Uji resep")
    MARKET_TEST = "market_test", _l("Uji pasar")
    PRODUCTION = "production", _l("Produksi")
    DISCONTINUED = "discontinued", _l("Tidak diproduksi lagi")


class CellState(Word):
    """A cell of the coverage matrix, in the order of its growing ink."""

    EMPTY = "empty", _l("Kosong")
    PROSPECT = "prospect", _l("Penjajakan")
    BOUND = "bound", _l("Terikat")
    ALIVE = "alive", _l("Aktif")
    AT_RISK = "at_risk", _l("Berisiko")


# ---------------------------------------------------------------------------------------------------------
# 4 Agreements


class AgreementKind(Word):
    MOU = "mou", _l("Nota Kesepahaman")
    PKS = "pks", _l("Perjanjian Kerja Sama (PKS)")
    IA = "ia", _l("Pengaturan Pelaksanaan (IA)")


class AgreementStatus(Word):
    DRAFT = "draft", _l("Draf")
    IN_DISCUSSION = "in_discussion", _l("Pembahasan")
    LEGAL_REVIEW = "legal_review", _l("Telaah hukum")
    AWAITING_SIGNATURE = "awaiting_signature", _l("Menunggu tanda tangan")
    SIGNED = "signed", _l("Ditandatangani")
    COMPLETED = "completed", lazy_pgettext("kerja sama", "Selesai")
    RENEWED = "renewed", _l("Diperpanjang")
    TERMINATED = "terminated", _l("Dihentikan")
    ABANDONED = "abandoned", _l("Dibatalkan")


#: An agreement that has one of these was signed once.
SINCE_SIGNED = (
    AgreementStatus.SIGNED,
    AgreementStatus.COMPLETED,
    AgreementStatus.RENEWED,
    AgreementStatus.TERMINATED,
)


class PartySide(Word):
    FIRST = "first", _l("Pihak Kesatu")
    SECOND = "second", _l("Pihak Kedua")


class ObligationStatus(Word):
    NOT_STARTED = "not_started", _l("Belum")
    PARTIAL = "partial", _l("Sebagian")
    FULFILLED = "fulfilled", _l("Terpenuhi")


class DocumentKind(Word):
    DRAFT = "draft", _l("Naskah")
    SIGNED = "signed", _l("Naskah bertanda tangan")
    ADDENDUM = "addendum", _l("Adendum")
    AUTHORITY = "authority", _l("Surat kuasa")
    EVIDENCE = "evidence", _l("Bukti dukung")
    MATERIAL = "material", _l("Bahan")
    OTHER = "other", _l("Lainnya")


# ---------------------------------------------------------------------------------------------------------
# 5 Guidance and answers


class GuidanceKind(Word):
    TECHNICAL = "technical", _l("Bimbingan teknis")
    MENTORING = "mentoring", _l("Pendampingan")
    WORKSHOP = "workshop", _l("Lokakarya")
    GUEST_TEACHING = "guest_teaching", _l("Guru tamu")


class GuidanceStatus(Word):
    PLANNED = "planned", _l("Direncanakan")
    HELD = "held", _l("Terlaksana")
    CANCELLED = "cancelled", _l("Dibatalkan")


class InvitationRole(Word):
    SPEAKER = "speaker", _l("Narasumber")
    PARTICIPANT = "participant", _l("Peserta")


class Answer(Word):
    NONE = "none", lazy_pgettext("jawaban", "Belum")
    ATTENDING = "attending", _l("Hadir")
    DECLINED = "declined", _l("Tidak")
    PROPOSED = "proposed", _l("Usul waktu")
    REPRESENTED = "represented", _l("Diwakili")


# ---------------------------------------------------------------------------------------------------------
# 6 Meetings and follow-ups


class MeetingKind(Word):
    COORDINATION = "coordination", _l("Koordinasi")
    EXPLORATION = "exploration", _l("Penjajakan")
    DRAFTING = "drafting", _l("Pembahasan naskah")
    SIGNING = "signing", _l("Penandatanganan")
    EVALUATION = "evaluation", _l("Evaluasi")
    PRESENTATION = "presentation", _l("Pemaparan")
    DECISION = "decision", _l("Pengambilan keputusan")
    OTHER = "other", _l("Lainnya")


class MeetingMode(Word):
    """Of meetings and of guidance sessions."""

    IN_PERSON = "in_person", _l("Luring")
    ONLINE = "online", _l("Daring")
    HYBRID = "hybrid", _l("Campuran")


class MeetingStatus(Word):
    PLANNED = "planned", _l("Direncanakan")
    HELD = "held", _l("Terlaksana")
    CANCELLED = "cancelled", _l("Dibatalkan")


class FollowUpStatus(Word):
    NOT_STARTED = "not_started", _l("Belum mulai")
    IN_PROGRESS = "in_progress", _l("Dalam proses")
    DONE = "done", _l("Selesai")
    CANCELLED = "cancelled", _l("Dibatalkan")


#: A follow-up that still waits has one of these.
OPEN_FOLLOW_UPS = (FollowUpStatus.NOT_STARTED, FollowUpStatus.IN_PROGRESS)


class Priority(Word):
    HIGH = "high", _l("Tinggi")
    MEDIUM = "medium", _l("Sedang")
    LOW = "low", _l("Rendah")


class FollowUpSource(Word):
    MEETING = "meeting", _l("Rapat")
    GUIDANCE = "guidance", _l("Bimbingan teknis")
    AGREEMENT = "agreement", _l("Kerja sama")
    CONTRIBUTION = "contribution", _l("Kontribusi")
    CELL = "cell", _l("Cakupan")
    NONE = "none", _l("Tanpa sumber")


# ---------------------------------------------------------------------------------------------------------
# 7 Contributions


class ContributionKind(Word):
    """Link and match 8+i (the first nine), then what partners of a teaching factory give besides."""

    CURRICULUM = "curriculum", _l("Penyelarasan kurikulum")
    PROJECT_LEARNING = "project_learning", _l("Pembelajaran berbasis proyek")
    GUEST_TEACHER = "guest_teacher", _l("Guru tamu")
    INTERNSHIP = "internship", _l("Praktik kerja lapangan (PKL)")
    CERTIFICATION = "certification", _l("Sertifikasi kompetensi")
    TEACHER_TRAINING = "teacher_training", _l("Pelatihan guru")
    APPLIED_RESEARCH = "applied_research", _l("Riset terapan")
    RECRUITMENT = "recruitment", _l("Penyerapan lulusan")
    OTHER = "other", _l("Lainnya (beasiswa, ikatan dinas)")
    INDUSTRY_INSTRUCTOR = "industry_instructor", _l("Instruktur industri")
    MARKET_ACCESS = "market_access", _l("Akses pasar")
    PRODUCT_DESIGN = "product_design", _l("Desain produk")
    PROMOTION = "promotion", _l("Promosi")
    EQUIPMENT = "equipment", _l("Sarana prasarana")
    RAW_MATERIALS = "raw_materials", _l("Bahan baku")
    INTERNSHIP_PLACE = "internship_place", _l("Tempat PKL")
    POLICY_NETWORK = "policy_network", _l("Kebijakan dan jejaring")


class ContributionForm(Word):
    """Three totals, never added up into one."""

    IN_KIND = "in_kind", _l("Natura")
    CASH = "cash", _l("Tunai")
    SALE = "sale", _l("Penjualan")


class ContributionStage(Word):
    PROPOSED = "proposed", _l("Diusulkan")
    AGREED = "agreed", _l("Disepakati")
    IN_PROGRESS = "in_progress", _l("Berjalan")
    DELIVERED = "delivered", _l("Diserahkan")
    ADOPTED = "adopted", _l("Dipakai")
    DROPPED = "dropped", lazy_pgettext("kontribusi", "Batal")


#: What counts in the totals has one of these; its day is known.
GIVEN_CONTRIBUTIONS = (ContributionStage.DELIVERED, ContributionStage.ADOPTED)


# ---------------------------------------------------------------------------------------------------------
# 8 The house


class TokenPurpose(Word):
    INVITATION = "invitation", _l("Undangan")
    SIGN_IN = "sign_in", _l("Masuk")
    PASSWORD = "password", _l("Kata sandi")
    FEED = "feed", _l("Kalender")
    UNSUBSCRIBE = "unsubscribe", _l("Berhenti menerima surel")


class AttemptKind(Word):
    SIGN_IN = "sign_in", _l("Masuk")
    RESET = "reset", _l("Kata sandi baru")
    LINK = "link", _l("Tautan pribadi")


class ActorKind(Word):
    USER = "user", _l("Pengguna")
    CONTACT = "contact", _l("Narahubung")
    LINK = "link", _l("Tautan pribadi")
    SCHEDULER = "scheduler", _l("Penjadwal")
    COMMAND = "command", _l("Perintah operator")
    VISITOR = "visitor", _l("Pengunjung")


class AuditAction(Word):
    CREATED = "created", _l("Dibuat")
    CHANGED = "changed", _l("Diubah")
    ARCHIVED = "archived", _l("Diarsipkan")
    RESTORED = "restored", _l("Dipulihkan")
    REMOVED = "removed", _l("Dihapus")


class HolidayEffect(Word):
    ADDED = "added", _l("Ditambahkan sebagai hari libur")
    REMOVED = "removed", _l("Dijadikan hari kerja")
