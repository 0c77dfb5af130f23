//! The closed sets of the field: states, tiers, roles, kinds. Spelled the same everywhere.

use super::closed_set::closed_set;

closed_set! {
    /// Life of a session. `closed` is after the dispositions are complete; it is final.
    SessionState { Draft = "draft", Scheduled = "scheduled", Live = "live", Paused = "paused", Ended = "ended", Closed = "closed" }
}
closed_set! {
    /// What kind of meeting a session is.
    SessionKind { Consultation = "consultation", Interview = "interview", Lecture = "lecture", Deliberation = "deliberation" }
}
closed_set! {
    /// How well a person is known. Ordered: a later tier may do what an earlier one may.
    Tier { Guest = "guest", Verified = "verified", Member = "member", Staff = "staff" }
}
closed_set! {
    /// Numbered streams of a session.
    Channel {
        /// Everybody.
        Public = "public",
        /// Staff of the hall.
        Backstage = "backstage",
    }
}
closed_set! {
    /// What a netizen can write.
    PostKind { Comment = "comment", Question = "question" }
}
closed_set! {
    /// Where something written stands. Only `published` may ever be seen by the public.
    PostState { Held = "held", Published = "published", Declined = "declined", Retracted = "retracted", Withdrawn = "withdrawn" }
}
closed_set! {
    /// When a post becomes public, per channel of posts (comments, questions).
    ModerationMode {
        /// Published at once, a moderator may take it back.
        PublishFirst = "publish_first",
        /// Every post waits for a moderator.
        HoldFirst = "hold_first",
        /// Only what screening finds suspicious waits.
        HoldSuspicious = "hold_suspicious",
    }
}
closed_set! {
    /// What became of a question. A question without one keeps the session from closing.
    Disposition {
        AnsweredLive = "answered_live", AnsweredInWriting = "answered_in_writing", Merged = "merged",
        Assigned = "assigned", Declined = "declined", Withdrawn = "withdrawn",
    }
}
closed_set! {
    /// Rights behind the stage, granted per hall.
    Role {
        Administrator = "administrator", Host = "host", Moderator = "moderator",
        DepartmentOfficer = "department_officer", Secretary = "secretary", Auditor = "auditor",
    }
}
closed_set! {
    /// How an answer was given.
    AnswerKind { Live = "live", Written = "written" }
}
closed_set! {
    /// What an answer is: a commitment needs owner and date, a refusal needs its basis, a transfer needs the department.
    AnswerType { Explanation = "explanation", Commitment = "commitment", Refusal = "refusal", Transfer = "transfer" }
}
closed_set! {
    /// Restriction of a person: muted cannot write until the end; banned cannot write in the hall. Reading is never taken away.
    SanctionKind { Mute = "mute", Ban = "ban" }
}
closed_set! {
    /// Whom a sanction reaches: the person; also who comes with the same device; also guests from the same network.
    SanctionReach { Person = "person", Device = "device", Network = "network" }
}
closed_set! {
    /// What a moderator does to posts. `stand` is the outcome of an appeal that leaves the post where it is; nobody chooses it at the queue.
    Verdict { Approve = "approve", Decline = "decline", Retract = "retract", Restore = "restore", Stand = "stand" }
}
closed_set! {
    /// Where a suggestion came from.
    SuggestionSource { Question = "question", Comment = "comment", Venue = "venue" }
}
closed_set! {
    /// Orders of a list of questions.
    /// `not_yet_heard` is by supports per minute on air, see `domain/fair.rs`; only what waits is in it.
    QuestionSort { Support = "support", Newest = "newest", Answered = "answered", NotYetHeard = "not_yet_heard" }
}
closed_set! {
    /// Lines of the public tally; every raised item is in exactly one.
    Bucket {
        AnsweredLive = "answered_live", AnsweredInWriting = "answered_in_writing", Assigned = "assigned",
        Merged = "merged", Declined = "declined", Withdrawn = "withdrawn", Open = "open",
    }
}
