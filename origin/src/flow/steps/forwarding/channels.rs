//! What the page at FORWARDING shows of channels and of the proof.

use shared::{
    forwarding::{ChannelState, Confirmation, ForwardingChannel},
    proof::{FoundAccounts, Proof},
    status::CodeAnswerer,
};

use crate::{codes::open_confirmation, flow::Services, store::code_channels::CodeChannelRow};

/// A channel of this kind, as its row says that it stands.
pub(super) fn channel(
    services: &Services,
    kind: CodeAnswerer,
    row: Option<&CodeChannelRow>,
) -> ForwardingChannel {
    ForwardingChannel {
        kind,
        state: row.map(|row| match row.proven_at {
            Some(_) => ChannelState::Proven,
            None => ChannelState::Waiting,
        }),
        address: row.and_then(|row| services.inbound.address_of(row)),
        confirmation: row.and_then(|row| confirmation(services, row)),
    }
}

/// How far the proof is, without the counts that the page does not show: it is not drawn anew for them.
pub(super) fn shown_of(proof: Proof) -> Proof {
    match proof {
        Proof::Collecting { by_code, .. } => Proof::Collecting {
            accounts: FoundAccounts::default(),
            bills: 0,
            expected: 0,
            by_code,
        },
        other => other,
    }
}

/// What a mail provider sent to the channel's address to confirm the forwarding.
fn confirmation(services: &Services, row: &CodeChannelRow) -> Option<Confirmation> {
    let sealed = row.confirmation.as_deref()?;
    let sent = open_confirmation(&services.vault, (row.company, row.id), sealed)?;
    let domain = sent.from.rsplit('@').next().unwrap_or_default();
    let is_of = |signer: &String| {
        let before = domain.strip_suffix(signer.as_str());
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    Some(Confirmation {
        is_authentic: sent.signed_by.iter().any(is_of),
        from: sent.from,
        code: sent.code,
        link: sent.link,
        is_confirmed: sent.was_answered,
    })
}
