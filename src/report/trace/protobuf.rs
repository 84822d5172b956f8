//! The few parts of the protocol buffers' encoding that a trace needs.
//!
//! Does not know what a field means. Invariant: what is written once is not looked at again.
//! Source: protobuf.dev, "Encoding".

/// A message, field after field.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    bytes: Vec<u8>,
}

/// How a field is encoded: a number of variable length, or so many bytes, or eight.
const VARINT: u64 = 0;
const EIGHT_BYTES: u64 = 1;
const LENGTH: u64 = 2;

impl Message {
    /// With a number in `field`.
    pub(super) fn number(mut self, field: u32, number: u64) -> Self {
        self.tag(field, VARINT);
        self.varint(number);
        self
    }

    /// With a real number in `field`.
    pub(super) fn real(mut self, field: u32, number: f64) -> Self {
        self.tag(field, EIGHT_BYTES);
        self.bytes.extend(number.to_le_bytes());
        self
    }

    /// With a text in `field`.
    pub(super) fn text(self, field: u32, text: &str) -> Self {
        self.block(field, text.as_bytes())
    }

    /// With a message in `field`.
    pub(super) fn message(self, field: u32, inner: &Self) -> Self {
        self.block(field, &inner.bytes)
    }

    /// The bytes of it.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn block(mut self, field: u32, bytes: &[u8]) -> Self {
        self.tag(field, LENGTH);
        self.varint(bytes.len() as u64);
        self.bytes.extend(bytes);
        self
    }

    fn tag(&mut self, field: u32, kind: u64) {
        self.varint((u64::from(field) << 3) | kind);
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the specification.
    #[test]
    fn fields_are_encoded_as_the_specification_shows() {
        assert_eq!(Message::default().number(1, 150).into_bytes(), [0x08, 0x96, 0x01]);
        let text = [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67];
        assert_eq!(Message::default().text(2, "testing").into_bytes(), text);
        let inner = Message::default().number(1, 150);
        assert_eq!(Message::default().message(3, &inner).into_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        assert_eq!(Message::default().number(16, u64::MAX).into_bytes().len(), 12);
    }
}
