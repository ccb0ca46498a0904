//! Where the delivery of a version of the notice to a person stands, and how a copy went to them.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where the delivery of a version of the notice to a person stands.
    DeliveryState, "delivery state" {
        /// To be delivered.
        Queued = 0 "queued",
        /// Sent to an address of theirs, and not come back.
        Sent = 1 "sent",
        /// Opened by them.
        Read = 2 "read",
        /// Come back, or could not be sent.
        Failed = 3 "failed",
        /// Put in the post.
        Posted = 4 "posted",
    }
}

vocabulary! {
    /// How a copy of the notice went to whoever asked for one. A copy binds nobody: the delivery of a version does.
    CopyWay, "way of a copy" {
        /// Handed over, as paper or file.
        Handed = 0 "handed",
        /// Put in the post.
        Posted = 1 "posted",
        /// Sent to an electronic address of theirs.
        Sent = 2 "sent",
    }
}

impl DeliveryState {
    /// Whether the notice period runs.
    #[must_use]
    pub const fn is_delivered(self) -> bool {
        matches!(self, Self::Sent | Self::Read | Self::Posted)
    }

    /// Whether this may be told of a delivery that stands at `before`. What was told already may be told again.
    #[must_use]
    pub const fn may_follow(self, before: Self) -> bool {
        match self {
            Self::Queued => matches!(before, Self::Queued),
            Self::Sent => matches!(before, Self::Queued | Self::Failed | Self::Sent),
            Self::Read => before.is_delivered(),
            Self::Failed => matches!(before, Self::Queued | Self::Sent | Self::Posted | Self::Failed),
            Self::Posted => matches!(before, Self::Queued | Self::Failed | Self::Posted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeliveryState::{self, Failed, Posted, Queued, Read, Sent};

    #[test]
    fn what_came_back_was_not_delivered_and_what_was_read_does_not_come_back() {
        let follows = |state: DeliveryState| {
            DeliveryState::ALL.iter().copied().filter(|next| next.may_follow(state)).collect::<Vec<_>>()
        };
        assert_eq!(follows(Queued), [Queued, Sent, Failed, Posted]);
        assert_eq!(follows(Sent), [Sent, Read, Failed]);
        assert_eq!(follows(Read), [Read]);
        assert_eq!(follows(Failed), [Sent, Failed, Posted]);
        assert_eq!(follows(Posted), [Read, Failed, Posted]);
        assert!(!Failed.is_delivered() && !Queued.is_delivered());
    }
}
