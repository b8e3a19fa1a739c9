//! The one message that must not pass unchanged: the offer to bind the password to the TLS channel.

/// The server, which sees TLS, offers `SCRAM-SHA-256-PLUS`. The client, which sees none, would take that offer
/// for an attack and give up (libpq does). It is taken out; plain SCRAM is offered beside it.
#[derive(Default)]
pub(super) struct OfferFilter {
    pending: Vec<u8>,
    passed: bool,
}

const BOUND: &[u8] = b"SCRAM-SHA-256-PLUS\0";
const AUTHENTICATION_SASL: [u8; 4] = [0, 0, 0, 10];
/// Messages that may come before the server's word on authentication: notices, and a protocol version.
const EARLIER: &[u8] = b"Nv";

impl OfferFilter {
    /// What of the server's bytes may go to the client now.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        if self.passed {
            return bytes.to_vec();
        }
        self.pending.extend_from_slice(bytes);
        let mut ready = Vec::new();
        while let Some(length) = self.message_length() {
            let message: Vec<u8> = self.pending.drain(..length).collect();
            let last = !EARLIER.contains(&message[0]);
            ready.extend(without_bound_offer(message));
            if last {
                self.passed = true;
                ready.append(&mut self.pending);
                break;
            }
        }
        ready
    }

    /// The length of the first pending message, once it is complete.
    fn message_length(&self) -> Option<usize> {
        let length = self.pending.get(1..5)?.try_into().ok().map(u32::from_be_bytes)?;
        let length = usize::try_from(length).ok()?.checked_add(1)?.max(5);
        (self.pending.len() >= length).then_some(length)
    }
}

fn without_bound_offer(message: Vec<u8>) -> Vec<u8> {
    if message[0] != b'R' || message.get(5..9) != Some(&AUTHENTICATION_SASL) {
        return message;
    }
    let Some(at) = message.windows(BOUND.len()).position(|window| window == BOUND) else { return message };
    let mut shorter = [&message[..at], &message[at + BOUND.len()..]].concat();
    let length = u32::try_from(shorter.len() - 1).unwrap_or(u32::MAX);
    shorter[1..5].copy_from_slice(&length.to_be_bytes());
    shorter
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind], length.to_be_bytes().as_slice(), body].concat()
    }

    #[test]
    fn the_bound_offer_is_taken_out_however_the_bytes_arrive() {
        let offered = message(b'R', b"\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0");
        let wanted = message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0");
        let mut filter = OfferFilter::default();
        let passed: Vec<u8> = offered.iter().flat_map(|byte| filter.pass(&[*byte])).collect();
        assert_eq!(passed, wanted);
        assert_eq!(filter.pass(&offered), offered, "later bytes are nobody's business");
    }

    #[test]
    fn notices_come_first_and_everything_else_passes() {
        let notice = message(b'N', b"note\0");
        let trust = [message(b'R', b"\0\0\0\0"), message(b'Z', b"I")].concat();
        let mut filter = OfferFilter::default();
        assert_eq!(filter.pass(&[notice.clone(), trust.clone()].concat()), [notice, trust].concat());
    }
}
