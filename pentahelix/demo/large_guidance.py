"""Guidance sessions with whoever is invited, their answers and their links."""

from collections.abc import Iterable, Iterator
from datetime import time, timedelta
from uuid import UUID

from pentahelix import clock
from pentahelix.demo.drawing import Drawing, Row
from pentahelix.vocabulary import Answer, GuidanceKind, GuidanceStatus, InvitationRole, TokenPurpose

#: To the next session of a cluster.
INVITED = 30


class GuidanceDrawing(Drawing):
    def _sessions(self, number: int) -> Iterator[tuple[Row, list[int]]]:
        """With whom is invited: the next session of each cluster in turn, then those of the past."""
        for guidance_id in range(1, max(number, 1) + 1):
            cluster_id = (guidance_id - 1) % self.size.clusters + 1
            is_next = guidance_id <= self.size.clusters
            day = self._ago(-13, -3) if is_next else self._ago(10, 700)
            starts_at = clock.at(day, time(13), "Asia/Jakarta")
            invited = [
                seat for partner in self.partners_of[cluster_id] for seat in self.affiliations_of[partner]
            ]
            yield (
                {
                    "id": guidance_id,
                    "cluster_id": cluster_id,
                    "organiser_user_id": cluster_id,
                    "uid": UUID(bytes=self.random.randbytes(16)),
                    "sequence": 0,
                    "topic": f"Bimbingan {self._word(3)} {guidance_id}",
                    "kind": self.random.choice(list(GuidanceKind)),
                    "mode": "in_person",
                    "place": "Aula",
                    "starts_at": starts_at,
                    "ends_at": starts_at + timedelta(hours=2),
                    "status": GuidanceStatus.PLANNED if is_next else GuidanceStatus.HELD,
                    "capacity": 40,
                    "version": 1,
                },
                invited[:INVITED],
            )

    def _invitations(self, sessions: Iterable[tuple[Row, list[int]]]) -> Iterator[Row]:
        answers = list(Answer)
        number = 0
        for guidance, invited in sessions:
            for affiliation_id in invited:
                number += 1
                answer = answers[number % len(answers)]
                starts_at = guidance["starts_at"]
                other_day = starts_at + timedelta(days=1) if answer == Answer.PROPOSED else None
                yield {
                    "id": number,
                    "guidance_id": guidance["id"],
                    "affiliation_id": affiliation_id,
                    "role": InvitationRole.PARTICIPANT,
                    "invited_at": starts_at - timedelta(days=20),
                    "mailed_sequence": 0,
                    "answer": answer,
                    "answered_at": None if answer == Answer.NONE else starts_at - timedelta(days=15),
                    "proposed_starts_at": other_day,
                    "delegate_name": self._person() if answer == Answer.REPRESENTED else None,
                    "attended": answer == Answer.ATTENDING if starts_at < clock.now() else None,
                    "version": 1,
                }

    def _answers(self, invitations: Iterable[Row]) -> Iterator[Row]:
        given = ("answer", "answered_at", "proposed_starts_at", "delegate_name")
        for invitation in invitations:
            if invitation["answer"] != Answer.NONE:
                row = {name: invitation[name] for name in given}
                yield row | {"invitation_id": invitation["id"], "sequence": 0}

    def _links(self, invitations: Iterable[Row]) -> Iterator[Row]:
        """As many as there would be; nobody knows what opens them."""
        for invitation in invitations:
            yield {
                "purpose": TokenPurpose.INVITATION,
                "object_id": invitation["id"],
                "digest": self._digest(),
                "made_at": invitation["invited_at"],
            }
